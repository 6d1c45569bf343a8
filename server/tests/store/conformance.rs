//! The suite that every store passes.

use dripline_server::refusal::Refusal;
use dripline_server::store::command::{Change, MakeVouchers};
use dripline_server::store::record::{SharedBucket, SiteDayKey, SiteTally};
use dripline_server::store::working::Effect;
use dripline_server::store::{Adoption, Answer, Command, Horizon, StorageError, WalletFacts};
use dripline_server::voucher::issue_id;
use dripline_shared::amount::{Amount, Asset};
use dripline_shared::campaign::{Audience, CLAIMS_AFTER_MS, Campaign};
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::game::Pace;
use dripline_shared::round::{Hash, RoundId};
use dripline_shared::time::{DAY_MS, HOUR_MS, Timestamp};

use crate::bench::{
    Bench, Directory, Make, START, end, in_force, operate, round_of, segment, settle, suite, wallet_of,
};

suite! {
    what_was_never_stored_is_not_there,
    an_opened_round_is_there_with_everything_that_was_said,
    later_commands_of_a_batch_see_the_effects_of_earlier_ones,
    a_refused_command_leaves_the_others_of_its_batch_alone,
    a_round_goes_from_its_opening_to_its_receipt_in_one_batch,
    a_receipt_is_there_for_the_same_claim_later_and_in_the_same_batch,
    every_drip_is_in_the_history_with_its_balance,
    segments_are_kept_in_order_with_their_hashes,
    an_adopted_catalog_funds_its_campaigns_once,
    a_campaign_with_dates_is_funded_at_its_start_and_returns_what_is_left_once,
    vouchers_are_there_with_whoever_used_them_and_are_counted,
    what_comes_of_sites_is_added_up_by_days_and_assets,
    an_asset_keeps_its_decimals,
    the_catalog_in_force_is_the_one_that_was_adopted_last,
    a_store_belongs_to_one_faucet,
    a_sweep_takes_unclaimed_rounds_whose_time_is_over_and_nothing_else,
    a_round_ends_at_one_moment_for_its_segments_and_at_one_for_claim_and_sweep,
    a_claim_that_was_decided_on_before_a_sweep_is_refused_after_it,
    the_plays_of_a_wallets_claimed_rounds_are_forgotten_and_nothing_else,
}

/// What a wallet holds of the asset of a first run.
fn balance(wallet: &WalletFacts) -> Amount {
    wallet.money.get("DRIP").copied().unwrap_or_default().balance
}

fn bench(make: Make<'_>) -> Bench {
    make(&in_force(Catalog::first_run()))
}

/// The first level of a clocked game: its segments may be empty.
fn clocked(bench: &Bench) -> usize {
    bench.in_force.catalog.levels.iter().position(|level| level.play.pace() == Pace::Clocked).unwrap()
}

fn what_was_never_stored_is_not_there(make: Make<'_>) {
    let mut bench = bench(make);
    let round = RoundId([1; 16]);
    assert_eq!(bench.reader.round(round).unwrap(), None);
    assert_eq!(bench.reader.segments(round).unwrap(), []);
    let wallet = bench.reader.wallet(wallet_of(1)).unwrap();
    assert_eq!((balance(&wallet), wallet.record.drips, wallet.open_round), (Amount::ZERO, 0, None));
    assert!(wallet.progress.is_empty());
    assert!(bench.reader.history(wallet_of(1), None, 10).unwrap().entries.is_empty());
    assert_eq!(bench.reader.rounds_open(START).unwrap(), 0);
    let unknown = |answer: Result<Answer, Refusal>| answer.unwrap_err().code();
    assert_eq!(unknown(bench.one(segment(round, 0, None, START))), Code::RoundUnknown);
    assert_eq!(unknown(bench.one(end(round, START))), Code::RoundUnknown);
    let settle = settle(round, 1, START);
    assert_eq!(unknown(bench.one(settle)), Code::RoundUnknown);
}

fn an_opened_round_is_there_with_everything_that_was_said(make: Make<'_>) {
    let mut bench = bench(make);
    let command = bench.open(1, 1, 0, START);
    let Ok(Answer::Opened { round, new: true, .. }) = bench.one(command.clone()) else { panic!() };
    assert_eq!(bench.reader.round(round.id).unwrap().unwrap().record, round);
    let wallet = bench.reader.wallet(wallet_of(1)).unwrap();
    assert_eq!(wallet.open_round.unwrap().0, round);
    assert_eq!(bench.reader.rounds_open(START).unwrap(), 1);
    let Ok(Answer::Opened { round: again, new: false, .. }) = bench.one(command) else { panic!() };
    assert_eq!(again, round);
}

fn later_commands_of_a_batch_see_the_effects_of_earlier_ones(make: Make<'_>) {
    let mut bench = bench(make);
    let batch = [bench.open(1, 1, 0, START), bench.open(1, 2, 0, START), bench.open(1, 1, 0, START)];
    let answers = bench.apply(&batch);
    assert!(matches!(answers[0], Ok(Answer::Opened { new: true, .. })));
    assert_eq!(answers[1].as_ref().unwrap_err().code(), Code::RoundOpen);
    assert!(matches!(answers[2], Ok(Answer::Opened { new: false, .. })));
}

fn a_refused_command_leaves_the_others_of_its_batch_alone(make: Make<'_>) {
    let mut bench = bench(make);
    let batch = [bench.open(1, 1, 0, START), end(RoundId([9; 16]), START), bench.open(2, 1, 0, START)];
    let answers = bench.apply(&batch);
    assert_eq!(answers[1].as_ref().unwrap_err().code(), Code::RoundUnknown);
    for wallet in [1, 2] {
        assert!(bench.reader.round(round_of(wallet, 1, START)).unwrap().is_some());
    }
}

/// Opens, plays and settles a round, as one batch. Gives the round and the batch.
fn whole_round(bench: &Bench, wallet: u8, client: u8, now: Timestamp) -> (RoundId, Vec<Command>) {
    let level = clocked(bench);
    let open = bench.open(wallet, client, level, now);
    let round = round_of(wallet, client, now);
    let later = now.plus(10_000);
    let settle = settle(round, wallet, later);
    (round, vec![open, segment(round, 0, None, later), segment(round, 1, Some(10), later), settle])
}

fn a_round_goes_from_its_opening_to_its_receipt_in_one_batch(make: Make<'_>) {
    let mut bench = bench(make);
    let (round, batch) = whole_round(&bench, 1, 1, START);
    let answers = bench.apply(&batch);
    let Ok(Answer::Settled { receipt, new: true }) = &answers[3] else { panic!("{answers:?}") };
    let facts = bench.reader.round(round).unwrap().unwrap();
    assert_eq!(facts.claim.unwrap().receipt, *receipt);
    let wallet = bench.reader.wallet(wallet_of(1)).unwrap();
    assert_eq!((balance(&wallet), wallet.record.drips, wallet.open_round), (receipt.amount, 1, None));
    assert_eq!(wallet.progress[&receipt.level].clears, 1);
    assert_eq!(bench.reader.rounds_open(START).unwrap(), 0);
}

fn a_receipt_is_there_for_the_same_claim_later_and_in_the_same_batch(make: Make<'_>) {
    let mut bench = bench(make);
    let (_, mut batch) = whole_round(&bench, 1, 1, START);
    let settle = batch.last().unwrap().clone();
    batch.push(settle.clone());
    let answers = bench.apply(&batch);
    let Ok(Answer::Settled { receipt, .. }) = &answers[3] else { panic!("{answers:?}") };
    let repeated = Ok(Answer::Settled { receipt: receipt.clone(), new: false });
    assert_eq!(answers[4], repeated);
    assert_eq!(bench.one(settle), repeated);
    assert_eq!(bench.reader.wallet(wallet_of(1)).unwrap().record.drips, 1);
}

fn every_drip_is_in_the_history_with_its_balance(make: Make<'_>) {
    let mut bench = bench(make);
    let mut receipts = Vec::new();
    for client in 1..=3 {
        for wallet in 1..=2 {
            let now = START.plus(u64::from(client) * HOUR_MS);
            let (_, batch) = whole_round(&bench, wallet, client, now);
            let Ok(Answer::Settled { receipt, .. }) = bench.apply(&batch).remove(3) else { panic!() };
            receipts.push(receipt);
        }
    }
    let page = bench.reader.history(wallet_of(1), None, 2).unwrap();
    let rest = bench.reader.history(wallet_of(1), page.next_before, 2).unwrap();
    assert_eq!((page.entries.len(), rest.entries.len(), rest.next_before), (2, 1, None));
    let mine = receipts.iter().rev().filter(|receipt| receipt.wallet == wallet_of(1));
    for (entry, receipt) in page.entries.iter().chain(&rest.entries).zip(mine) {
        assert_eq!((entry.amount, entry.balance), (receipt.amount, receipt.balance));
        // Ten cents a coin: a tenth of as many millionths.
        let worth = entry.worth.as_ref().unwrap();
        assert_eq!(
            (worth.currency.code.as_str(), worth.amount.units()),
            ("EUR", receipt.amount.units() / 10)
        );
        assert_eq!((entry.round, entry.at_ms), (Some(receipt.round), receipt.claimed_at_ms));
        assert_eq!((entry.level.as_deref(), entry.kind.as_str()), (Some(receipt.level.as_str()), "drip"));
    }
}

fn segments_are_kept_in_order_with_their_hashes(make: Make<'_>) {
    let mut bench = bench(make);
    let (round, batch) = whole_round(&bench, 1, 1, START);
    bench.apply(&batch[..3]);
    let segments = bench.reader.segments(round).unwrap();
    let numbers: Vec<(u32, bool)> = segments.iter().map(|stored| (stored.number, stored.last)).collect();
    assert_eq!(numbers, [(0, false), (1, true)]);
    let (record, tail) = bench.reader.wallet(wallet_of(1)).unwrap().open_round.unwrap();
    assert_eq!((tail.segments, tail.finished, tail.hash), (2, true, Some(segments[1].hash)));
    assert_ne!(segments[0].hash, record.start_hash());
}

fn an_adopted_catalog_funds_its_campaigns_once(make: Make<'_>) {
    let mut bench = bench(make);
    let mut adopt = |catalog: &Catalog| {
        let adoption = Adoption { catalog, faucet: bench.in_force.faucet, now: START };
        bench.store.adopt(&adoption).unwrap();
        bench.reader.wallet(wallet_of(1)).unwrap().campaigns[&("DRIP".into(), "default".into())]
    };
    let mut catalog = Catalog::first_run();
    assert_eq!(adopt(&catalog), catalog.campaigns[0].budget);
    catalog.campaigns[0].budget = Amount::from_units(50_000);
    assert_eq!(adopt(&catalog), Amount::from_units(50_000));
    catalog.campaigns[0].budget = Amount::from_units(100);
    assert_eq!(adopt(&catalog), Amount::from_units(100));
    catalog.campaigns[0].budget = Amount::MAX;
    assert_eq!(adopt(&catalog), Amount::MAX);
}

fn a_campaign_with_dates_is_funded_at_its_start_and_returns_what_is_left_once(make: Make<'_>) {
    let mut catalog = Catalog::first_run();
    let end = START.plus(DAY_MS);
    let budget = Amount::from_units(9_000_000);
    let mut summer = Campaign { id: "summer".to_owned(), budget, ..catalog.campaigns[0].clone() };
    (summer.starts_ms, summer.ends_ms, summer.newcomers) = (Some(START), Some(end), Some(6_000));
    catalog.campaigns.push(summer);
    let mut bench = make(&in_force(catalog.clone()));
    let key = ("DRIP".into(), "summer".into());
    // What it was given, and what it has left of that.
    let standing = |bench: &mut Bench| {
        let (funded, left) = (bench.reader.funded().unwrap(), bench.reader.shared().unwrap().campaigns);
        [funded, left].map(|amounts| amounts.get(&key).copied().unwrap_or(Amount::ZERO).units())
    };
    let adopt = |bench: &mut Bench, catalog: &Catalog, now| {
        bench.store.adopt(&Adoption { catalog, faucet: bench.in_force.faucet, now }).unwrap();
        standing(bench)
    };
    adopt(&mut bench, &catalog, START.minus(1));
    let default = bench.reader.funded().unwrap()[&("DRIP".into(), "default".into())];
    assert_eq!(default, catalog.campaigns[0].budget);
    assert_eq!(adopt(&mut bench, &catalog, START), [9_000_000; 2]);

    let mut open = bench.open(1, 1, clocked(&bench), START);
    if let Command::Open(open) = &mut open {
        "summer".clone_into(&mut open.request.campaign);
    }
    let round = round_of(1, 1, START);
    let answers = bench.apply(&[open, settle(round, 1, START)]);
    let Ok(Answer::Settled { receipt, .. }) = &answers[1] else { panic!("{answers:?}") };
    let paid = receipt.amount.units();
    let share = bench.reader.shared().unwrap().buckets[&SharedBucket::CampaignNewcomers("summer".into())];
    assert_eq!((share.level, share.at), (receipt.amount, START));

    // A lower budget takes nothing back while it is locked, and neither does its end.
    catalog.campaigns[1].budget = Amount::from_units(5_000_000);
    let claimed = end.plus(CLAIMS_AFTER_MS);
    for now in [START.plus(1), end, claimed] {
        assert_eq!(adopt(&mut bench, &catalog, now), [9_000_000, 9_000_000 - paid]);
    }
    for _ in 0..2 {
        assert_eq!(adopt(&mut bench, &catalog, claimed.plus(1)), [paid, 0]);
    }
}

fn vouchers_are_there_with_whoever_used_them_and_are_counted(make: Make<'_>) {
    let mut catalog = Catalog::first_run();
    let spring =
        Campaign { id: "spring".to_owned(), audience: Audience::Vouchers, ..catalog.campaigns[0].clone() };
    catalog.campaigns.push(spring);
    let mut bench = make(&in_force(catalog));
    let hash = |number: u8| Hash([number; 32]);
    let issue = |numbers: [u8; 2], expires| {
        let hashes = numbers.map(hash).into();
        operate(
            Change::MakeVouchers(MakeVouchers {
                campaign: "spring".into(),
                asked: hash(numbers[0]),
                hashes,
                expires,
            }),
            START,
        )
    };
    assert_eq!(bench.reader.vouchers_used().unwrap(), []);
    for (numbers, expires) in [([1, 2], None), ([3, 4], Some(START.plus(HOUR_MS)))] {
        assert!(bench.one(issue(numbers, expires)).is_ok());
    }
    let open = |bench: &Bench, wallet, client, voucher| {
        let mut command = bench.open(wallet, client, 0, START.plus(1));
        if let Command::Open(open) = &mut command {
            "spring".clone_into(&mut open.request.campaign);
            open.voucher = Some(hash(voucher));
        }
        command
    };
    // In one batch the second finds what the first one has done; and so does whoever comes later.
    let batch = [open(&bench, 1, 1, 1), open(&bench, 2, 1, 1), open(&bench, 3, 1, 3), open(&bench, 4, 1, 9)];
    let codes = |answers: Vec<Result<Answer, Refusal>>| -> Vec<Option<Code>> {
        answers.iter().map(|answer| answer.as_ref().err().map(Refusal::code)).collect()
    };
    let expected = [None, Some(Code::VoucherUsed), None, Some(Code::VoucherUnknown)];
    assert_eq!(codes(bench.apply(&batch)), expected);
    let later = [open(&bench, 5, 1, 1), open(&bench, 5, 2, 2)];
    assert_eq!(codes(bench.apply(&later)), [Some(Code::VoucherUsed), None]);
    let found = [1, 2, 4, 9].map(|number| {
        let voucher = bench.reader.voucher(hash(number)).unwrap();
        voucher.map(|voucher| (voucher.hash, voucher.issue, voucher.used.map(|(wallet, _)| wallet)))
    });
    let spring = |number, issue, wallet: Option<u8>| {
        Some((hash(number), issue_id("spring", issue), wallet.map(wallet_of)))
    };
    assert_eq!(found, [spring(1, 1, Some(1)), spring(2, 1, Some(5)), spring(4, 2, None), None]);
    let used = bench.reader.vouchers_used().unwrap();
    assert_eq!(used, [(issue_id("spring", 1), 2), (issue_id("spring", 2), 1)]);
    let revoke = Change::RevokeVouchers { campaign: "spring".into(), number: 2 };
    assert!(bench.one(operate(revoke, START.plus(1))).is_ok());
    let revoked = open(&bench, 6, 1, 4);
    assert_eq!(codes(vec![bench.one(revoked)]), [Some(Code::VoucherUnknown)]);
}

fn what_comes_of_sites_is_added_up_by_days_and_assets(make: Make<'_>) {
    let mut bench = bench(make);
    let key = |site: &str, day, asset: &str| SiteDayKey { site: site.into(), day, asset: asset.into() };
    let cleared = |units: u32| SiteTally::cleared(Amount::from_units(units));
    let mut add = |effects: &[(SiteDayKey, SiteTally)]| {
        let effects: Vec<Effect> =
            effects.iter().cloned().map(|(key, more)| Effect::SiteDay(key, more)).collect();
        let command = operate(Change::ForgetNotes { wallet: wallet_of(1) }, START);
        let answers = bench.store.apply(&[command], &mut |set, _| {
            set.apply(effects.clone());
            Ok(Answer::Operated)
        });
        assert_eq!(answers.unwrap(), [Ok(Answer::Operated)]);
    };
    // Twice in one batch, and once more in another one.
    add(&[
        (key("shop", 20_000, "DRIP"), SiteTally::OPENED),
        (key("shop", 20_000, "DRIP"), SiteTally::OPENED),
        (key("shop", 20_000, "DRIP"), cleared(700)),
        (key("shop", 20_002, "DRIP"), cleared(0)),
        (key("other", 20_000, "DRIP"), SiteTally::OPENED),
        (key("shop", 20_000, "GOLD"), cleared(5)),
    ]);
    add(&[(key("shop", 20_000, "DRIP"), cleared(300)), (key("shop", 19_999, "DRIP"), SiteTally::OPENED)]);
    let mut read = |site: &str, asset: &str, from| bench.reader.site_days(site, asset, from).unwrap();
    let first = SiteTally { opened: 2, cleared: 2, drips: 2, amount: Amount::from_units(1_000) };
    let unpaid = SiteTally { opened: 0, cleared: 1, drips: 0, amount: Amount::ZERO };
    let days = [(20_002, unpaid), (20_000, first), (19_999, SiteTally::OPENED)];
    assert_eq!(read("shop", "DRIP", 0), days);
    assert_eq!(read("shop", "DRIP", 20_000), days[..2]);
    assert_eq!(read("shop", "DRIP", 20_003), []);
    assert_eq!(read("shop", "GOLD", 0), [(20_000, cleared(5))]);
    assert_eq!(read("other", "DRIP", 0), [(20_000, SiteTally::OPENED)]);
    assert_eq!(read("unheard-of", "DRIP", 0), []);
}

fn an_asset_keeps_its_decimals(make: Make<'_>) {
    let mut bench = bench(make);
    let mut catalog = Catalog::first_run();
    let mut adopt = |catalog: &Catalog| {
        let adoption = Adoption { catalog, faucet: bench.in_force.faucet, now: START };
        bench.store.adopt(&adoption)
    };
    catalog.asset.decimals = 5;
    let refused = adopt(&catalog);
    assert!(
        matches!(&refused, Err(StorageError::AssetChanged { code, stored: 6, wanted: 5 }) if code == "DRIP"),
        "{refused:?}"
    );
    "RAIN".clone_into(&mut catalog.asset.code);
    adopt(&catalog).unwrap();
    // A coin that nothing but chains is paid in is learned once, and keeps its decimals as well.
    let learned =
        [Asset { code: "COIN".to_owned(), decimals: 9 }, Asset { code: "RAIN".to_owned(), decimals: 5 }];
    for _ in 0..2 {
        bench.store.learn_assets(&learned).unwrap();
    }
    let other = Asset { code: "COIN".to_owned(), decimals: 8 };
    assert!(matches!(
        bench.store.learn_assets(&[other]),
        Err(StorageError::AssetChanged { stored: 9, wanted: 8, .. })
    ));
    let codes =
        |assets: Vec<Asset>| assets.into_iter().map(|asset| (asset.code, asset.decimals)).collect::<Vec<_>>();
    let mut known = codes(bench.store.assets().unwrap());
    known.sort();
    assert_eq!(known, [("COIN".to_owned(), 9), ("DRIP".to_owned(), 6), ("RAIN".to_owned(), 5)]);
    let campaigns = bench.reader.wallet(wallet_of(1)).unwrap().campaigns;
    let budget = |code: &str| campaigns[&(code.into(), "default".into())];
    assert_eq!(campaigns.len(), 2, "campaigns have nothing of a coin that no catalog pays");
    assert_eq!((budget("DRIP"), budget("RAIN")), (catalog.campaigns[0].budget, catalog.campaigns[0].budget));
}

fn the_catalog_in_force_is_the_one_that_was_adopted_last(make: Make<'_>) {
    let mut bench = bench(make);
    let first = Catalog::first_run();
    let mut second = first.clone();
    second.limits.newcomer_ms += 1;
    assert_eq!(bench.store.adopted().unwrap(), Some(first.clone()));
    // Going back to an older one counts as much as going on to a new one.
    for catalog in [&second, &first, &second] {
        let adoption = Adoption { catalog, faucet: bench.in_force.faucet, now: START };
        bench.store.adopt(&adoption).unwrap();
        assert_eq!(bench.store.adopted().unwrap().as_ref(), Some(catalog));
    }
}

fn a_store_belongs_to_one_faucet(make: Make<'_>) {
    let mut bench = bench(make);
    let catalog = Catalog::first_run();
    let adoption = Adoption { catalog: &catalog, faucet: Hash([1; 32]), now: START };
    assert!(matches!(bench.store.adopt(&adoption), Err(StorageError::OtherFaucet)));
}

fn a_sweep_takes_unclaimed_rounds_whose_time_is_over_and_nothing_else(make: Make<'_>) {
    let mut bench = bench(make);
    let (claimed, batch) = whole_round(&bench, 1, 1, START);
    bench.apply(&batch);
    let (unclaimed, batch) = whole_round(&bench, 2, 1, START);
    bench.apply(&batch[..3]);
    let ended = bench.open(3, 1, 0, START);
    bench.apply(&[ended, end(round_of(3, 1, START), START)]);
    let until = bench.reader.round(unclaimed).unwrap().unwrap().record.claim_until;
    sweep(&mut bench, until);
    assert!(bench.reader.round(unclaimed).unwrap().is_some());
    sweep(&mut bench, until.plus(30 * HOUR_MS));
    assert!(bench.reader.round(unclaimed).unwrap().is_none());
    assert!(bench.reader.round(round_of(3, 1, START)).unwrap().is_none());
    assert!(bench.reader.round(claimed).unwrap().unwrap().claim.is_some());
    assert_eq!(bench.reader.wallet(wallet_of(2)).unwrap().open_round, None);
    // Its client id is free again; an old request cannot come back, because statements are of five minutes.
    let later = until.plus(31 * HOUR_MS);
    let again = bench.open(2, 1, 0, later);
    assert!(matches!(bench.one(again), Ok(Answer::Opened { new: true, .. })));
}

fn sweep(bench: &mut Bench, now: Timestamp) {
    let horizon =
        Horizon { now, transcripts_before: Timestamp(0), prefixes_before: Timestamp(0), waiting_max: 50_000 };
    while bench.store.sweep(horizon).unwrap() {}
}

fn a_round_ends_at_one_moment_for_its_segments_and_at_one_for_claim_and_sweep(make: Make<'_>) {
    let mut bench = bench(make);
    let level = clocked(&bench);
    for (wallet, late) in [(1, 0), (2, 1)] {
        let open = bench.open(wallet, 1, level, START);
        bench.one(open).unwrap();
        let round = round_of(wallet, 1, START);
        let record = bench.reader.round(round).unwrap().unwrap().record;
        let timing = bench.in_force.levels[record.level.id().unwrap()].timing;
        let last = timing.segments_max() - 1;
        for number in 0..last {
            let (earliest, _) = timing.arrival(START, (number + 1) * timing.segment_length);
            bench.one(segment(round, number, None, earliest)).unwrap();
        }
        // The final segment, in the last moment of the round and in the one after it.
        let length = Some(timing.length_max - timing.start_of(last));
        let answer = bench.one(segment(round, last, length, record.expires_at.plus(late)));
        assert_eq!(answer.err().map(|refusal| refusal.code()), (late > 0).then_some(Code::RoundExpired));
        if late == 0 {
            let until = record.claim_until;
            let too_late = bench.one(settle(round, wallet, until.plus(1)));
            assert_eq!(too_late.unwrap_err().code(), Code::RoundExpired);
            sweep(&mut bench, until);
            let just_in_time = bench.one(settle(round, wallet, until));
            assert!(matches!(just_in_time, Ok(Answer::Settled { new: true, .. })));
            sweep(&mut bench, until.plus(1));
            assert!(bench.reader.round(round).unwrap().unwrap().claim.is_some());
        }
    }
}

fn a_claim_that_was_decided_on_before_a_sweep_is_refused_after_it(make: Make<'_>) {
    let mut bench = bench(make);
    let (round, batch) = whole_round(&bench, 1, 1, START);
    bench.apply(&batch[..3]);
    let until = bench.reader.round(round).unwrap().unwrap().record.claim_until;
    // It arrived in time and was proven, and then the sweep was faster.
    let settle = settle(round, 1, until);
    sweep(&mut bench, until.plus(1));
    assert_eq!(bench.one(settle).unwrap_err().code(), Code::RoundUnknown);
    let wallet = bench.reader.wallet(wallet_of(1)).unwrap();
    assert_eq!((balance(&wallet), wallet.record.drips), (Amount::ZERO, 0));
}

#[test]
fn what_sqlite_has_committed_is_there_when_it_is_opened_again() {
    let directory = Directory::new();
    let in_force = in_force(Catalog::first_run());
    let mut bench = Bench::sqlite(&in_force, &directory);
    let (round, batch) = whole_round(&bench, 1, 1, START);
    bench.apply(&batch);
    let (facts, wallet) = (bench.reader.round(round).unwrap(), bench.reader.wallet(wallet_of(1)).unwrap());
    drop(bench);
    let mut bench = Bench::sqlite(&in_force, &directory);
    assert_eq!(bench.reader.round(round).unwrap(), facts);
    assert_eq!(bench.reader.wallet(wallet_of(1)).unwrap(), wallet);
}

fn the_plays_of_a_wallets_claimed_rounds_are_forgotten_and_nothing_else(make: Make<'_>) {
    let mut bench = bench(make);
    let (claimed, batch) = whole_round(&bench, 1, 1, START);
    bench.apply(&batch);
    let (others, batch) = whole_round(&bench, 2, 1, START);
    bench.apply(&batch);
    let later = START.plus(HOUR_MS);
    let (open, batch) = whole_round(&bench, 1, 2, later);
    bench.apply(&batch[..3]);
    let facts = |bench: &mut Bench| {
        let rounds = [claimed, others, open].map(|round| bench.reader.round(round).unwrap().unwrap());
        (rounds, [1, 2].map(|wallet| bench.reader.wallet(wallet_of(wallet)).unwrap()))
    };
    let before = facts(&mut bench);
    assert!(before.0[0].claim.is_some() && before.0[1].claim.is_some() && before.0[2].claim.is_none());
    let lengths =
        |bench: &mut Bench| [claimed, others, open].map(|round| bench.reader.segments(round).unwrap().len());
    assert_eq!(lengths(&mut bench), [2, 2, 2]);
    assert_eq!(bench.store.forget_plays(wallet_of(3)).unwrap(), 0, "it was never seen");
    assert_eq!(bench.store.forget_plays(wallet_of(1)).unwrap(), 1);
    assert_eq!(lengths(&mut bench), [0, 2, 2]);
    assert_eq!(facts(&mut bench), before);
    assert_eq!(bench.store.forget_plays(wallet_of(1)).unwrap(), 0);
}
