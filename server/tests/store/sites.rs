//! Rounds on pages of sites: what is stored of them, that those for which nobody pays move no money, and that each is verified once.

use std::sync::Arc;

use dripline_server::in_force::InForce;
use dripline_server::store::command::Verify;
use dripline_server::store::record::VerificationRecord;
use dripline_server::store::{Answer, Command, Horizon};
use dripline_shared::amount::Amount;
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::game::Pace;
use dripline_shared::round::{Hash, RoundId};
use dripline_shared::site::{NO_CAMPAIGN, Site, SiteLook, SiteMode};
use dripline_shared::time::{DAY_MS, Timestamp};

use crate::bench::{Bench, Make, START, in_force, round_of, segment, settle, suite, wallet_of};

suite! {
    a_round_keeps_its_site_and_what_nobody_pays_for_moves_no_money,
    a_round_is_verified_once_and_the_same_request_is_answered_again,
    a_round_that_was_not_claimed_is_not_verified,
    a_sweep_takes_claims_that_earn_nothing_once_they_are_as_old_as_plays_that_go_and_none_that_was_paid,
}

fn bench(make: Make<'_>) -> Bench {
    let site = Site {
        id: "gate".to_owned(),
        name: "Gate".to_owned(),
        mode: SiteMode::Live,
        origins: vec!["https://shop.example".to_owned()],
        campaign: None,
        levels: None,
        look: SiteLook::default(),
    };
    let in_force = Arc::into_inner(in_force(Catalog::first_run())).unwrap();
    make(&Arc::new(InForce::with_sites(in_force, [site])))
}

/// An opening on a page of the site.
fn open(bench: &Bench, wallet: u8) -> Command {
    let clocked = bench.in_force.catalog.levels.iter().position(|level| level.play.pace() == Pace::Clocked);
    let Command::Open(mut open) = bench.open(wallet, 1, clocked.unwrap(), START) else {
        panic!("an opening")
    };
    open.request.site = Some("gate".to_owned());
    NO_CAMPAIGN.clone_into(&mut open.request.campaign);
    Command::Open(open)
}

/// Opens, plays and claims.
fn cleared(bench: &mut Bench, wallet: u8) -> RoundId {
    let (round, later) = (round_of(wallet, 1, START), START.plus(10_000));
    let batch = [
        open(bench, wallet),
        segment(round, 0, None, later),
        segment(round, 1, Some(10), later),
        settle(round, wallet, later),
    ];
    let answers = bench.apply(&batch);
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    round
}

fn verify(round: RoundId, request: Option<u8>, now: Timestamp) -> Command {
    let expires_at = START.plus(310_000);
    Command::Verify(Box::new(Verify {
        now,
        round,
        expires_at,
        request: request.map(|byte| Hash([byte; 32])),
    }))
}

fn a_round_keeps_its_site_and_what_nobody_pays_for_moves_no_money(make: Make<'_>) {
    let mut bench = bench(make);
    let Ok(Answer::Opened { round, .. }) = bench.one(open(&bench, 1)) else { panic!() };
    let stored = bench.reader.round(round.id).unwrap().unwrap().record;
    assert_eq!(
        (stored.site.as_deref(), &*stored.campaign, stored.verified),
        (Some("gate"), NO_CAMPAIGN, None)
    );
    assert_eq!(stored, round);

    let sums = bench.reader.account_sums().unwrap();
    let round = cleared(&mut bench, 2);
    let facts = bench.reader.round(round).unwrap().unwrap();
    let receipt = facts.claim.unwrap().receipt;
    assert_eq!((receipt.amount, receipt.log), (Amount::ZERO, None));
    assert!(bench.in_force.keys.is_signed(&receipt));
    assert_eq!(bench.reader.account_sums().unwrap(), sums);
    let wallet = bench.reader.wallet(wallet_of(2)).unwrap();
    assert_eq!((wallet.record.drips, wallet.record.open_round), (0, None));
    assert!(wallet.progress.is_empty() && wallet.money.values().all(|money| money.balance.is_zero()));
    assert!(bench.reader.history(wallet_of(2), None, 10).unwrap().entries.is_empty());
}

fn a_round_is_verified_once_and_the_same_request_is_answered_again(make: Make<'_>) {
    let mut bench = bench(make);
    let (one, other) = (cleared(&mut bench, 1), cleared(&mut bench, 2));
    let (now, late) = (START.plus(20_000), START.plus(310_001));
    let code = |answer: Result<Answer, dripline_server::refusal::Refusal>| answer.unwrap_err().code();
    // In one batch, the later one sees the earlier one.
    let answers =
        bench.apply(&[verify(one, Some(7), now), verify(one, None, now), verify(one, Some(7), now)]);
    assert_eq!(answers[0], Ok(Answer::Verified { new: true }));
    assert_eq!(answers[1].as_ref().unwrap_err().code(), Code::TokenSpent);
    assert_eq!(answers[2], Ok(Answer::Verified { new: false }));
    let verified = Some(VerificationRecord { at: now, request: Some(Hash([7; 32])) });
    assert_eq!(bench.reader.round(one).unwrap().unwrap().record.verified, verified);
    assert_eq!(bench.one(verify(one, Some(7), late)), Ok(Answer::Verified { new: false }));
    assert_eq!(code(bench.one(verify(one, Some(8), late))), Code::TokenSpent);

    assert_eq!(code(bench.one(verify(other, None, late))), Code::TokenExpired);
    assert_eq!(bench.one(verify(other, None, now)), Ok(Answer::Verified { new: true }));
    assert_eq!(code(bench.one(verify(other, None, now))), Code::TokenSpent);
    let verified = Some(VerificationRecord { at: now, request: None });
    assert_eq!(bench.reader.round(other).unwrap().unwrap().record.verified, verified);
}

fn a_round_that_was_not_claimed_is_not_verified(make: Make<'_>) {
    let mut bench = bench(make);
    let Ok(Answer::Opened { round, .. }) = bench.one(open(&bench, 1)) else { panic!() };
    for round in [round.id, RoundId([9; 16])] {
        assert_eq!(bench.one(verify(round, None, START)).unwrap_err().code(), Code::TokenUnknown);
    }
    assert_eq!(bench.reader.round(round.id).unwrap().unwrap().record.verified, None);
}

fn a_sweep_takes_claims_that_earn_nothing_once_they_are_as_old_as_plays_that_go_and_none_that_was_paid(
    make: Make<'_>,
) {
    let mut bench = bench(make);
    let round = cleared(&mut bench, 1);
    let paid = round_of(2, 1, START);
    let clocked = bench.in_force.catalog.levels.iter().position(|level| level.play.pace() == Pace::Clocked);
    let later = START.plus(10_000);
    let batch = [
        bench.open(2, 1, clocked.unwrap(), START),
        segment(paid, 0, None, later),
        segment(paid, 1, Some(10), later),
        settle(paid, 2, later),
    ];
    assert!(bench.apply(&batch).iter().all(Result::is_ok));
    assert!(bench.one(verify(round, Some(1), later)).is_ok());
    let until = bench.reader.round(round).unwrap().unwrap().record.claim_until;
    let sweep = |bench: &mut Bench, now: Timestamp, transcripts_before: Timestamp| {
        let horizon =
            Horizon { now, transcripts_before, prefixes_before: Timestamp(0), waiting_max: u64::MAX };
        while bench.store.sweep(horizon).unwrap() {}
    };
    // Neither where plays are kept for longer, nor within a day after it could be claimed.
    let late = until.plus(30 * DAY_MS);
    sweep(&mut bench, late, until);
    sweep(&mut bench, until.plus(DAY_MS), late);
    let facts = bench.reader.round(round).unwrap().unwrap();
    assert!(facts.claim.is_some() && facts.record.verified.is_some());
    assert!(matches!(bench.one(verify(round, Some(1), late)), Ok(Answer::Verified { new: false })));

    let sums = bench.reader.account_sums().unwrap();
    sweep(&mut bench, late, until.plus(1));
    assert!(bench.reader.round(round).unwrap().is_none());
    assert!(bench.reader.segments(round).unwrap().is_empty());
    assert!(bench.reader.round(paid).unwrap().unwrap().claim.is_some());
    assert_eq!(bench.reader.account_sums().unwrap(), sums);
    // A token of it is none any more, and its client id is free again.
    let refusal = bench.one(verify(round, Some(1), late)).unwrap_err();
    assert_eq!(refusal.code(), Code::TokenUnknown);
    assert!(matches!(bench.one(open(&bench, 1)), Ok(Answer::Opened { new: true, .. })));
}
