//! Leases of rails in every store: one server at a time pays, and what another one still wants comes to nothing.

use dripline_server::payout::lease::LEASE_MS;
use dripline_server::store::record::{Lease, ServerId};
use dripline_server::store::{Answer, Command};
use dripline_shared::amount::Amount;
use dripline_shared::catalog::Catalog;
use dripline_shared::limit::MoneyLimit;
use dripline_shared::payout::WithdrawalState;
use dripline_shared::time::{HOUR_MS, Timestamp};

use crate::bench::{
    Bench, Make, START, batch_of, end_batch, failed, in_force, keep_candidate, make_batch, round_of, settle,
    settled, suite, take_lease, under, withdrawal_of,
};

suite! {
    a_lease_is_one_servers_until_it_runs_out_and_is_in_the_store,
    whoever_has_the_directory_takes_the_lease_of_the_process_before_it_at_once,
    what_a_server_wants_that_has_lost_the_lease_comes_to_nothing,
    a_rail_that_is_paused_or_fails_keeps_its_lease,
}

fn take(bench: &mut Bench, server: u8, now: Timestamp) -> Option<u64> {
    let Ok(Answer::Leased { epoch }) = bench.one(take_lease(server, now)) else { panic!("another answer") };
    epoch
}

fn lease(bench: &mut Bench) -> Option<Lease> {
    bench.reader.rails().unwrap().into_iter().find_map(|rail| rail.lease)
}

fn a_lease_is_one_servers_until_it_runs_out_and_is_in_the_store(make: Make<'_>) {
    let mut bench = make(&in_force(Catalog::first_run()));
    assert_eq!(lease(&mut bench), None);
    assert_eq!(take(&mut bench, 1, START), Some(1));
    let first = Lease { owner: ServerId([1; 16]), epoch: 1, until: START.plus(LEASE_MS) };
    assert_eq!(lease(&mut bench), Some(first));
    let later = START.plus(LEASE_MS);
    assert_eq!(take(&mut bench, 2, later.minus(1)), None);
    let takes = [2, 1, 3].map(|server| take_lease(server, later));
    let epochs = [Some(2), None, None].map(|epoch| Ok(Answer::Leased { epoch }));
    assert_eq!(bench.apply(&takes), epochs);
    let second = Lease { owner: ServerId([2; 16]), epoch: 2, until: later.plus(LEASE_MS) };
    assert_eq!(lease(&mut bench), Some(second));
    let queues = bench.reader.queues().unwrap();
    assert_eq!(queues, [], "nothing waits for it");
}

fn whoever_has_the_directory_takes_the_lease_of_the_process_before_it_at_once(make: Make<'_>) {
    let mut bench = make(&in_force(Catalog::first_run()));
    let Command::TakeLease(mut take) = take_lease(0, START) else { panic!() };
    assert_eq!(take.owner, ServerId::OF_THE_DIRECTORY);
    // As it is taken for good: see `payout::lease`.
    take.until = Timestamp(253_402_300_799_999);
    let take = Command::TakeLease(take);
    assert_eq!(bench.one(take.clone()), Ok(Answer::Leased { epoch: Some(1) }));
    let before = lease(&mut bench);
    assert_eq!(before.map(|lease| lease.until), Some(Timestamp(253_402_300_799_999)));
    assert_eq!(bench.one(take), Ok(Answer::Leased { epoch: Some(1) }));
    assert_eq!(lease(&mut bench), before);
}

/// A withdrawal that waits, and the time then.
fn waiting(make: Make<'_>) -> (Bench, Timestamp) {
    let mut catalog = Catalog::first_run();
    catalog.limits.outflow = MoneyLimit { ceiling: Amount::from_units(1_000_000_000), window_ms: HOUR_MS };
    let mut bench = make(&in_force(catalog));
    let now = START.plus(10_000);
    let mut earn = vec![bench.open(1, 1, 0, START)];
    let round = round_of(1, 1, START);
    earn.extend([0, 1].map(|number| crate::bench::segment(round, number, (number == 1).then_some(10), now)));
    earn.extend([
        settle(round, 1, now),
        bench.set_address(1, 1, 1, now),
        bench.withdraw(1, 1, 1_000, 1, now),
    ]);
    let answers = bench.apply(&earn);
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    (bench, now)
}

fn what_a_server_wants_that_has_lost_the_lease_comes_to_nothing(new: Make<'_>) {
    let (mut bench, now) = waiting(new);
    let not_made = Ok(Answer::Batched { batch: None });
    assert_eq!(bench.one(under(1, make_batch(1, 5, now))), not_made, "before there is any");
    assert_eq!(take(&mut bench, 1, now), Some(1));
    assert_eq!(bench.one(make_batch(1, 5, now)), not_made, "with none");
    assert_eq!(bench.one(under(2, make_batch(1, 5, now))), not_made, "before its time");
    let made = bench.one(under(1, make_batch(1, 5, now)));
    assert!(matches!(made, Ok(Answer::Batched { batch: Some(_) })), "{made:?}");
    let batch = batch_of(1, now);

    let later = now.plus(LEASE_MS);
    // The lease goes over in the same transaction as what the server before it still wants.
    let kept = [
        take_lease(2, later),
        under(1, keep_candidate(batch, "of-the-first", later)),
        under(2, keep_candidate(batch, "of-the-second", later)),
    ];
    let answers = bench.apply(&kept);
    assert_eq!(answers[1..], [Ok(Answer::Kept { new: false }), Ok(Answer::Kept { new: true })]);
    for ending in [settled("of-the-first"), failed(2, 3, later)] {
        let ended = bench.one(under(1, end_batch(batch, ending, later)));
        assert_eq!(ended, Ok(Answer::BatchEnded { new: false }));
    }
    let open = bench.reader.batches("sandbox").unwrap();
    let names: Vec<&str> = open[0].record.candidates.iter().map(|candidate| &*candidate.id).collect();
    assert_eq!((open.len(), &names[..]), (1, &["of-the-second"][..]));
    assert!(!open[0].record.candidates[0].is_dead);

    let ended = bench.one(under(2, end_batch(batch, settled("of-the-second"), later)));
    assert_eq!(ended, Ok(Answer::BatchEnded { new: true }));
    let paid = bench.reader.withdrawal(withdrawal_of(1, 1, now)).unwrap().unwrap();
    assert_eq!(paid.record.stage.state(), WithdrawalState::Paid);
}

fn a_rail_that_is_paused_or_fails_keeps_its_lease(make: Make<'_>) {
    let (mut bench, now) = waiting(make);
    bench.one(take_lease(1, now)).unwrap();
    let before = lease(&mut bench);
    assert!(before.is_some());
    bench.one(crate::bench::set_pause(Some("to be looked at"), now)).unwrap();
    assert_eq!(lease(&mut bench), before);
    bench.one(crate::bench::set_pause(None, now)).unwrap();
    bench.one(under(1, make_batch(1, 5, now))).unwrap();
    bench.one(under(1, end_batch(batch_of(1, now), failed(2, 3, now), now))).unwrap();
    assert_eq!(lease(&mut bench), before);
    assert_eq!(bench.reader.rails().unwrap()[0].failures, 1);
}
