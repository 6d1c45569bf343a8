//! What lies dormant, in every store.

use std::sync::Arc;

use dripline_server::store::{Answer, Command, DormantPage, DormantQuery, Horizon};
use dripline_shared::amount::Amount;
use dripline_shared::catalog::Catalog;
use dripline_shared::time::{DAY_MS, HOUR_MS, Timestamp};
use dripline_shared::wallet::Wallet;

use crate::bench::{
    Bench, Make, START, in_force, pay_dormant, round_of, segment, set_pause, settle, suite, wallet_of,
};

suite! {
    a_few_accounts_are_looked_at_at_a_time_and_each_sleeper_is_found_in_its_turn,
    one_sleep_is_one_withdrawal_however_often_it_is_found,
    a_paused_rail_pays_no_sleeper,
    what_a_wallet_signed_or_got_from_a_guest_keeps_it_awake_also_once_nothing_else_is_left_of_it,
}

const AFTER_MS: u64 = 60 * DAY_MS;

/// A store in which these wallets have won a level each and set the address of their number, where balances lie dormant
/// after a while.
fn bench(make: Make<'_>, wallets: &[u8]) -> Bench {
    let mut in_force = in_force(Catalog::first_run());
    for asset in Arc::get_mut(&mut in_force).unwrap().rails.values_mut().flat_map(|it| it.assets.values_mut())
    {
        asset.dormant_after_ms = Some(AFTER_MS);
    }
    let mut bench = make(&in_force);
    for wallet in wallets {
        let (round, later) = (round_of(*wallet, 1, START), START.plus(10_000));
        let open = bench.open(*wallet, 1, 0, START);
        let play = [open, segment(round, 0, None, later), segment(round, 1, Some(10), later)];
        bench.apply(&play);
        bench.one(settle(round, *wallet, later)).unwrap();
        let address = bench.set_address(*wallet, 1, *wallet, START);
        bench.one(address).unwrap();
    }
    bench
}

fn query(active_before: Timestamp, accounts_max: u64, found_max: u32) -> DormantQuery {
    DormantQuery {
        rail: "sandbox".into(),
        asset: "DRIP".into(),
        threshold: Amount::from_units(100),
        active_before,
        after: 0,
        accounts_max,
        found_max,
    }
}

/// All that is found, page by page.
fn found(bench: &mut Bench, mut query: DormantQuery) -> Vec<(Wallet, String)> {
    let mut found = Vec::new();
    loop {
        let DormantPage { found: more, next } = bench.reader.dormant(&query).unwrap();
        found.extend(more.into_iter().map(|(wallet, address)| (wallet, address.to_string())));
        let Some(next) = next else { break };
        assert!(next > query.after, "it goes on");
        query.after = next;
    }
    found.sort_by(|(_, one), (_, other)| one.cmp(other));
    found
}

fn a_few_accounts_are_looked_at_at_a_time_and_each_sleeper_is_found_in_its_turn(make: Make<'_>) {
    let mut bench = bench(make, &[1, 2, 3, 4, 5]);
    let expected: Vec<(Wallet, String)> =
        (1..6).map(|wallet| (wallet_of(wallet), format!("address-{wallet}"))).collect();
    let later = START.plus(AFTER_MS);
    for (accounts_max, found_max) in [(1, 1), (2, 100), (3, 2), (1_000, 1), (1_000, 2), (1_000, 100)] {
        assert_eq!(found(&mut bench, query(later, accounts_max, found_max)), expected);
    }
    assert_eq!(found(&mut bench, query(START, 1_000, 100)), []);
    let rich = DormantQuery { threshold: Amount::MAX, ..query(later, 1_000, 100) };
    assert_eq!(found(&mut bench, rich), []);
    for unknown in [
        DormantQuery { rail: "elsewhere".into(), ..query(later, 1_000, 100) },
        DormantQuery { asset: "RAIN".into(), ..query(later, 1_000, 100) },
    ] {
        assert_eq!(found(&mut bench, unknown), []);
    }
}

fn one_sleep_is_one_withdrawal_however_often_it_is_found(make: Make<'_>) {
    let mut bench = bench(make, &[1]);
    let last_act = START.plus(10_000);
    let early = pay_dormant(1, 1, 1, last_act.plus(AFTER_MS - 1));
    assert_eq!(bench.one(early), Ok(Answer::NotDormant));
    let late = last_act.plus(AFTER_MS + DAY_MS);
    assert_eq!(bench.one(pay_dormant(1, 1, 9, late)), Ok(Answer::NotDormant), "to another address");
    let twice = [pay_dormant(1, 1, 1, late), pay_dormant(1, 2, 1, late)];
    let answers = bench.apply(&twice);
    let Ok(Answer::Requested { withdrawal, new: true }) = &answers[0] else { panic!("{answers:?}") };
    assert!(withdrawal.is_dormant());
    assert_eq!(answers[1], Ok(Answer::NotDormant));
    assert_eq!(bench.one(pay_dormant(1, 3, 1, late.plus(10 * AFTER_MS))), Ok(Answer::NotDormant));
    let history = bench.reader.history(wallet_of(1), None, 10).unwrap().entries;
    assert_eq!(history.iter().map(|entry| entry.kind.as_str()).collect::<Vec<_>>(), ["dormant", "drip"]);
    assert_eq!(bench.reader.withdrawals(wallet_of(1), None, 10).unwrap().len(), 1);
}

fn a_paused_rail_pays_no_sleeper(make: Make<'_>) {
    let mut bench = bench(make, &[1]);
    let late = START.plus(2 * AFTER_MS);
    bench.one(set_pause(Some("to be tested"), late)).unwrap();
    assert_eq!(bench.one(pay_dormant(1, 1, 1, late)), Ok(Answer::NotDormant));
    bench.one(set_pause(None, late)).unwrap();
    assert!(matches!(bench.one(pay_dormant(1, 1, 1, late)), Ok(Answer::Requested { new: true, .. })));
}

/// Has the store forget what is past its time at `now`.
fn sweep(bench: &mut Bench, now: Timestamp) {
    let (transcripts_before, prefixes_before) = (Timestamp(0), Timestamp(0));
    let horizon = Horizon { now, transcripts_before, prefixes_before, waiting_max: 50_000 };
    while bench.store.sweep(horizon).unwrap() {}
}

fn what_a_wallet_signed_or_got_from_a_guest_keeps_it_awake_also_once_nothing_else_is_left_of_it(
    make: Make<'_>,
) {
    type Act = fn(&Bench, Timestamp) -> Command;
    let acts: [(u8, &str, Option<Act>, Act); 5] = [
        (1, "lets a key play", None, |bench, now| bench.delegate(1, 10, true, now)),
        (2, "lets it no longer", Some(|bench, now| bench.delegate(2, 10, false, now)), |bench, now| {
            bench.revoke_delegation(2, 10, now)
        }),
        // What the guest has moves once the wallet has let it play for as long as an address waits.
        (3, "gets what a guest has", Some(|bench, now| bench.delegate(3, 4, false, now)), |bench, now| {
            bench.move_balance(4, 3, 11, now)
        }),
        (5, "issues a key", None, |bench, now| bench.issue_read_key(5, 10, true, now)),
        (6, "revokes a key", Some(|bench, now| bench.issue_read_key(6, 10, false, now)), |bench, now| {
            bench.revoke_read_key(6, 10, now)
        }),
    ];
    let mut bench = bench(make, &[1, 2, 3, 4, 5, 6]);
    let at = START.plus(AFTER_MS);
    for (wallet, name, first, act) in acts {
        if let Some(first) = first {
            let first = first(&bench, at.minus(2 * HOUR_MS));
            bench.one(first).unwrap();
        }
        let act = act(&bench, at.minus(1));
        bench.one(act).unwrap();
        assert_eq!(bench.one(pay_dormant(wallet, 1, wallet, at)), Ok(Answer::NotDormant), "{name}");
    }
    sweep(&mut bench, at.plus(AFTER_MS - DAY_MS));
    for wallet in 1..7 {
        assert_eq!(bench.reader.delegations(wallet_of(wallet)).unwrap(), []);
        assert_eq!(bench.reader.read_keys(wallet_of(wallet)).unwrap(), []);
    }
    for (wallet, name, _, _) in acts {
        let early = pay_dormant(wallet, 2, wallet, at.plus(AFTER_MS - 2));
        assert_eq!(bench.one(early), Ok(Answer::NotDormant), "{name}");
        let late = pay_dormant(wallet, 3, wallet, at.plus(AFTER_MS - 1));
        assert!(matches!(bench.one(late), Ok(Answer::Requested { new: true, .. })), "{name}");
    }
}
