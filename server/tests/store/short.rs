//! A treasury that has too little, in every store: what pauses its rail for that, what ends that pause, and what goes on.

use dripline_server::store::Answer;
use dripline_server::store::command::{Correction, Ending};
use dripline_server::store::record::RailRecord;
use dripline_shared::payout::{BatchId, WithdrawalId};
use dripline_shared::time::Timestamp;

use crate::bench::{
    Bench, Make, START, end_batch, give_back_withdrawal, halt, import_payout, keep_with_nonce, make_batch,
    set_pause, set_short, suite, withdrawal_of,
};
use crate::payouts::rich;

suite! {
    a_treasury_that_has_too_little_pauses_its_rail_and_ends_no_other_pause,
    a_server_that_has_lost_the_lease_neither_pauses_a_rail_nor_lets_it_run,
    what_was_sent_is_replaced_and_nothing_new_is_made_or_kept_while_a_treasury_has_too_little,
    what_may_be_paid_once_there_is_more_is_not_corrected,
}

/// Why a rail is paused whose treasury has too little.
const SHORT: &str = "treasury low: it has 1 and needs 2";

/// Two withdrawals that wait.
fn two(make: Make<'_>) -> (Bench, [WithdrawalId; 2], Timestamp) {
    let (mut bench, _) = rich(make, &[1, 2]);
    let ids = [1, 2].map(|wallet: u8| {
        let now = START.plus(20_000 + u64::from(wallet));
        let request = bench.withdraw(wallet, 1, 1_000, wallet, now);
        bench.one(request).unwrap();
        withdrawal_of(wallet, 1, now)
    });
    (bench, ids, START.plus(30_000))
}

fn rail(bench: &mut Bench) -> RailRecord {
    bench.reader.rails().unwrap().remove(0)
}

fn paused(bench: &mut Bench) -> Option<(Timestamp, String)> {
    bench
        .reader
        .rails()
        .unwrap()
        .into_iter()
        .find_map(|rail| rail.pause)
        .map(|it| (it.at, it.why.to_string()))
}

/// The oldest that waits, in a batch.
fn batched(bench: &mut Bench, first: u8, now: Timestamp) -> BatchId {
    let Ok(Answer::Batched { batch: Some(batch) }) = bench.one(make_batch(first, 1, now)) else { panic!() };
    batch.id
}

fn kept(bench: &mut Bench, batch: BatchId, candidate: &str, nonce: u64, now: Timestamp) -> bool {
    let Ok(Answer::Kept { new }) = bench.one(keep_with_nonce(batch, candidate, Some(nonce), now)) else {
        panic!("another answer")
    };
    new
}

fn a_treasury_that_has_too_little_pauses_its_rail_and_ends_no_other_pause(make: Make<'_>) {
    let (mut bench, _, now) = two(make);
    let set =
        |bench: &mut Bench, is_short, after| bench.one(set_short(is_short, 0, now.plus(after))).unwrap();
    set(&mut bench, false, 0);
    assert_eq!(paused(&mut bench), None);
    let Answer::RailSet(answered) = set(&mut bench, true, 1) else { panic!("another answer") };
    assert_eq!(answered, rail(&mut bench));
    assert_eq!(paused(&mut bench), Some((now.plus(1), SHORT.to_owned())));
    // For as long as that is so, nothing changes.
    set(&mut bench, true, 2);
    assert_eq!(rail(&mut bench), answered);
    set(&mut bench, false, 3);
    assert_eq!(paused(&mut bench), None);

    // What somebody has to look into, and what an operator wanted, takes its place and stays.
    for pause in [set_pause(Some("to be looked at"), now), halt(None, "a stranger", 0, now)] {
        set(&mut bench, true, 4);
        bench.one(pause).unwrap();
        let before = paused(&mut bench).unwrap();
        assert_ne!(before.1, SHORT);
        set(&mut bench, true, 5);
        set(&mut bench, false, 6);
        assert_eq!(paused(&mut bench), Some(before));
        bench.one(set_pause(None, now)).unwrap();
    }
}

fn a_server_that_has_lost_the_lease_neither_pauses_a_rail_nor_lets_it_run(make: Make<'_>) {
    let (mut bench, _, now) = two(make);
    bench.one(set_short(true, 1, now)).unwrap();
    assert_eq!(paused(&mut bench), None);
    bench.one(set_short(true, 0, now)).unwrap();
    bench.one(set_short(false, 1, now)).unwrap();
    assert_eq!(paused(&mut bench), Some((now, SHORT.to_owned())));
}

fn what_was_sent_is_replaced_and_nothing_new_is_made_or_kept_while_a_treasury_has_too_little(make: Make<'_>) {
    let (mut bench, _, now) = two(make);
    let batch = batched(&mut bench, 1, now);
    assert!(kept(&mut bench, batch, "one", 7, now));
    bench.one(set_short(true, 0, now)).unwrap();
    assert_eq!(bench.one(make_batch(2, 1, now)), Ok(Answer::Batched { batch: None }));
    assert!(kept(&mut bench, batch, "dearer", 7, now), "it excludes what was sent");
    bench.one(end_batch(batch, Ending::Expired, now)).unwrap();
    assert!(!kept(&mut bench, batch, "anew", 8, now));
    bench.one(set_short(false, 0, now)).unwrap();
    assert!(kept(&mut bench, batch, "anew", 8, now));
    // An operator's pause keeps from that, too.
    bench.one(set_pause(Some("to be looked at"), now)).unwrap();
    assert!(!kept(&mut bench, batch, "dearer still", 8, now));
}

fn what_may_be_paid_once_there_is_more_is_not_corrected(make: Make<'_>) {
    let (mut bench, [one, _], now) = two(make);
    bench.one(set_short(true, 0, now)).unwrap();
    let runs = Ok(Answer::Corrected(Correction::RailRuns { rail: "sandbox".into() }));
    assert_eq!(bench.one(give_back_withdrawal(one, now)), runs);
    assert_eq!(bench.one(import_payout(one, 7, "transaction", now)), runs);
    bench.one(set_pause(Some("to be looked at"), now)).unwrap();
    assert_eq!(bench.one(give_back_withdrawal(one, now)), Ok(Answer::Corrected(Correction::Done)));
}
