//! What an operator says of one withdrawal, in every store: its money goes back, or it was paid by a transaction that the
//! store does not have.

use dripline_server::store::command::{Correction, Ending};
use dripline_server::store::record::Stage;
use dripline_server::store::{Answer, Command};
use dripline_shared::amount::Amount;
use dripline_shared::payout::{BatchId, WithdrawalId};
use dripline_shared::time::Timestamp;

use crate::bench::{
    Bench, Make, START, batch_of, end_batch, give_back_withdrawal, halt, import_payout, import_with_nonce,
    keep_candidate, keep_with_nonce, make_batch, record_payout, set_pause, settled, suite, wallet_of,
    withdrawal_of,
};
use crate::payouts::{found, money, rich};

suite! {
    what_waits_is_told_page_by_page_the_oldest_first,
    a_withdrawal_that_waits_is_given_back_whole_with_the_reason,
    what_was_paid_by_a_transaction_that_the_store_does_not_have_is_imported,
    one_transaction_pays_several_withdrawals,
    nothing_is_corrected_while_the_rail_runs,
    what_is_in_a_batch_is_given_back_by_its_batch_alone,
    what_may_still_be_executed_is_not_imported,
    a_dead_batch_is_taken_apart_when_one_of_it_is_imported,
    a_batch_is_taken_apart_when_its_nonce_was_used_by_what_is_imported,
    what_has_halted_the_rail_is_recorded_as_paid_by_its_own_transaction_once_somebody_has_looked,
    what_has_ended_stays_as_it_is,
    a_payout_whose_withdrawal_is_not_there_is_recorded_once_out_of_the_balance,
}

/// Two withdrawals, of wallets 1 and 2, that wait for a rail that is paused.
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

fn paused(bench: &mut Bench, now: Timestamp) {
    bench.one(set_pause(Some("recovery"), now)).unwrap();
}

fn corrected(bench: &mut Bench, command: Command) -> Correction {
    let Ok(Answer::Corrected(correction)) = bench.one(command) else { panic!("another answer") };
    correction
}

fn stage(bench: &mut Bench, id: WithdrawalId) -> Stage {
    found(bench, id).record.stage
}

fn what_waits_is_told_page_by_page_the_oldest_first(make: Make<'_>) {
    let (mut bench, [one, other], now) = two(make);
    let mut ids = |after, limit| -> Vec<WithdrawalId> {
        bench.reader.waiting("sandbox", after, limit).unwrap().iter().map(|it| it.id).collect()
    };
    assert_eq!(ids(None, 10), [one, other]);
    assert_eq!(ids(None, 1), [one]);
    assert_eq!(ids(Some(one), 10), [other]);
    assert_eq!(ids(Some(other), 10), []);
    assert_eq!(bench.reader.waiting("elsewhere", None, 10).unwrap(), []);
    bench.one(make_batch(1, 1, now)).unwrap();
    let left = bench.reader.waiting("sandbox", None, 10).unwrap();
    let record = found(&mut bench, other).record;
    assert_eq!(left, [record]);
    let assets = bench.reader.assets().unwrap();
    assert_eq!(assets, std::slice::from_ref(&bench.in_force.catalog.asset));
}

fn a_withdrawal_that_waits_is_given_back_whole_with_the_reason(make: Make<'_>) {
    let (mut bench, [one, other], now) = two(make);
    let before = money(&mut bench, 1);
    paused(&mut bench, now);
    let give = give_back_withdrawal(one, now);
    assert_eq!(corrected(&mut bench, give.clone()), Correction::Done);
    let after = money(&mut bench, 1);
    assert_eq!(after.pending, Amount::ZERO);
    assert_eq!(after.balance, before.balance.checked_add(Amount::from_units(1_000)).unwrap());
    assert_eq!(
        stage(&mut bench, one),
        Stage::Cancelled { at: now, reason: Some("the rail is closed".into()) }
    );
    assert_eq!(found(&mut bench, other).ahead, Some(0));
    // Once more, and in one breath with another one.
    let answers = bench.apply(&[give, give_back_withdrawal(other, now)]);
    let both = [Correction::WasSo, Correction::Done].map(|it| Ok(Answer::Corrected(it)));
    assert_eq!(answers, both);
    assert_eq!(money(&mut bench, 1), after);
    assert_eq!(bench.reader.queues().unwrap(), []);
}

fn what_was_paid_by_a_transaction_that_the_store_does_not_have_is_imported(make: Make<'_>) {
    let (mut bench, [one, other], now) = two(make);
    let before = money(&mut bench, 1);
    paused(&mut bench, now);
    let import = import_payout(one, 7, "transaction", now);
    assert_eq!(corrected(&mut bench, import.clone()), Correction::Done);
    let after = money(&mut bench, 1);
    assert_eq!((after.balance, after.pending), (before.balance, Amount::ZERO));
    assert_eq!(after.paid, Amount::from_units(1_000));
    let paid = Stage::Paid { at: now, batch: batch_of(7, now), transaction: "transaction".into() };
    assert_eq!(stage(&mut bench, one), paid);
    let known = bench.reader.are_candidates("sandbox", &["transaction".into()]).unwrap();
    assert_eq!(known, [true], "a rail that examines its treasury knows it");
    assert_eq!(bench.reader.batches("sandbox").unwrap(), [], "there is nothing to ask about");
    assert_eq!(corrected(&mut bench, import_payout(one, 8, "transaction", now)), Correction::WasSo);
    let elsewise = corrected(&mut bench, import_payout(one, 8, "another", now));
    assert_eq!(elsewise, Correction::Ended { stage: paid });
    assert_eq!(money(&mut bench, 1), after);
    assert_eq!(found(&mut bench, other).ahead, Some(0));
}

fn one_transaction_pays_several_withdrawals(make: Make<'_>) {
    let (mut bench, [one, other], now) = two(make);
    paused(&mut bench, now);
    let answers = bench.apply(&[import_payout(one, 7, "same", now), import_payout(other, 8, "same", now)]);
    assert_eq!(answers, [Ok(Answer::Corrected(Correction::Done)), Ok(Answer::Corrected(Correction::Done))]);
    for wallet in [1, 2] {
        assert_eq!(money(&mut bench, wallet).paid, Amount::from_units(1_000));
    }
}

fn nothing_is_corrected_while_the_rail_runs(make: Make<'_>) {
    let (mut bench, [one, _], now) = two(make);
    let before = money(&mut bench, 1);
    let runs = Correction::RailRuns { rail: "sandbox".into() };
    assert_eq!(corrected(&mut bench, give_back_withdrawal(one, now)), runs);
    assert_eq!(corrected(&mut bench, import_payout(one, 7, "transaction", now)), runs);
    assert_eq!((money(&mut bench, 1), stage(&mut bench, one)), (before, Stage::Queued));
    let nobody = withdrawal_of(9, 9, now);
    assert_eq!(corrected(&mut bench, give_back_withdrawal(nobody, now)), Correction::Unknown);
    assert_eq!(corrected(&mut bench, import_payout(nobody, 7, "transaction", now)), Correction::Unknown);
}

/// Both in one batch.
fn batched(bench: &mut Bench, now: Timestamp) -> BatchId {
    let Ok(Answer::Batched { batch: Some(batch) }) = bench.one(make_batch(1, 10, now)) else { panic!() };
    batch.id
}

fn what_is_in_a_batch_is_given_back_by_its_batch_alone(make: Make<'_>) {
    let (mut bench, [one, _], now) = two(make);
    let batch = batched(&mut bench, now);
    paused(&mut bench, now);
    assert_eq!(corrected(&mut bench, give_back_withdrawal(one, now)), Correction::Batched { batch });
    assert_eq!(stage(&mut bench, one), Stage::Batched(batch));
}

fn what_may_still_be_executed_is_not_imported(make: Make<'_>) {
    let (mut bench, [one, other], now) = two(make);
    let Ok(Answer::Batched { batch: Some(first) }) = bench.one(make_batch(1, 1, now)) else { panic!() };
    let Ok(Answer::Batched { batch: Some(second) }) = bench.one(make_batch(2, 1, now)) else { panic!() };
    bench.one(keep_candidate(first.id, "sent", now)).unwrap();
    bench.one(keep_with_nonce(second.id, "sent with a nonce", Some(3), now)).unwrap();
    paused(&mut bench, now);
    for (withdrawal, batch, transaction, nonce) in [
        (one, first.id, "transaction", None),
        (one, first.id, "transaction", Some(3)),
        (one, first.id, "sent", None),
        (other, second.id, "transaction", None),
        (other, second.id, "transaction", Some(4)),
        // What was sent is for the rail to settle.
        (other, second.id, "sent with a nonce", Some(3)),
    ] {
        let import = import_with_nonce(withdrawal, 7, transaction, nonce, now);
        assert_eq!(corrected(&mut bench, import), Correction::MayBePaid { batch });
        assert_eq!(stage(&mut bench, withdrawal), Stage::Batched(batch));
    }
}

fn a_dead_batch_is_taken_apart_when_one_of_it_is_imported(make: Make<'_>) {
    let (mut bench, [one, other], now) = two(make);
    let batch = batched(&mut bench, now);
    bench.one(keep_candidate(batch, "sent", now)).unwrap();
    bench.one(end_batch(batch, Ending::Expired, now)).unwrap();
    paused(&mut bench, now);
    assert_eq!(corrected(&mut bench, import_payout(one, 7, "transaction", now)), Correction::Done);
    assert_eq!(bench.reader.batches("sandbox").unwrap(), []);
    assert_eq!((stage(&mut bench, other), found(&mut bench, other).ahead), (Stage::Queued, Some(0)));
    assert!(matches!(stage(&mut bench, one), Stage::Paid { .. }));
    // A server that was at it comes too late.
    assert_eq!(bench.one(end_batch(batch, settled("sent"), now)), Ok(Answer::BatchEnded { new: false }));
    assert_eq!(bench.one(keep_candidate(batch, "late", now)), Ok(Answer::Kept { new: false }));
    // The other one is paid as if it had never been in it.
    bench.one(set_pause(None, now)).unwrap();
    let Ok(Answer::Batched { batch: Some(batch) }) = bench.one(make_batch(2, 10, now)) else { panic!() };
    assert_eq!(batch.withdrawals, [other]);
    bench.one(end_batch(batch.id, settled("later"), now)).unwrap();
    for wallet in [1, 2] {
        let money = money(&mut bench, wallet);
        assert_eq!((money.paid, money.pending), (Amount::from_units(1_000), Amount::ZERO));
    }
}

fn a_batch_is_taken_apart_when_its_nonce_was_used_by_what_is_imported(make: Make<'_>) {
    let (mut bench, [one, other], now) = two(make);
    let batch = batched(&mut bench, now);
    bench.one(keep_with_nonce(batch, "sent", Some(3), now)).unwrap();
    paused(&mut bench, now);
    let answers = bench.apply(&[
        import_with_nonce(one, 7, "replacement", Some(3), now),
        import_with_nonce(other, 8, "replacement", Some(3), now),
    ]);
    assert_eq!(answers, [Ok(Answer::Corrected(Correction::Done)), Ok(Answer::Corrected(Correction::Done))]);
    assert_eq!(bench.reader.batches("sandbox").unwrap(), []);
    assert_eq!(bench.reader.queues().unwrap(), []);
}

fn what_has_halted_the_rail_is_recorded_as_paid_by_its_own_transaction_once_somebody_has_looked(
    make: Make<'_>,
) {
    let (mut bench, [one, other], now) = two(make);
    let batch = batched(&mut bench, now);
    bench.one(keep_with_nonce(batch, "sent", Some(3), now)).unwrap();
    paused(&mut bench, now);
    let own = |withdrawal, number| import_with_nonce(withdrawal, number, "sent", Some(3), now);
    assert_eq!(corrected(&mut bench, own(one, 7)), Correction::MayBePaid { batch });
    bench.one(halt(Some(batch), "it tells of nothing", 0, now)).unwrap();
    assert_eq!(corrected(&mut bench, own(one, 7)), Correction::Done);
    // The others of it wait again, while the rail is halted.
    assert_eq!(bench.reader.batches("sandbox").unwrap(), []);
    assert_eq!(corrected(&mut bench, own(other, 8)), Correction::Done);
    assert_eq!(bench.reader.queues().unwrap(), []);
}

fn what_has_ended_stays_as_it_is(make: Make<'_>) {
    let (mut bench, [one, other], now) = two(make);
    let batch = batched(&mut bench, now);
    bench.one(end_batch(batch, settled("transaction"), now)).unwrap();
    let paid = Stage::Paid { at: now, batch, transaction: "transaction".into() };
    let ended = Correction::Ended { stage: paid };
    assert_eq!(corrected(&mut bench, give_back_withdrawal(one, now)), ended);
    assert_eq!(corrected(&mut bench, import_payout(other, 7, "another", now)), ended);
    assert_eq!(corrected(&mut bench, import_payout(other, 7, "transaction", now)), Correction::WasSo);
}

fn a_payout_whose_withdrawal_is_not_there_is_recorded_once_out_of_the_balance(make: Make<'_>) {
    let (mut bench, [one, _], now) = two(make);
    let before = money(&mut bench, 1);
    let record = record_payout(1, 200, 500, now);
    let runs = Correction::RailRuns { rail: "sandbox".into() };
    assert_eq!(corrected(&mut bench, record.clone()), runs);
    paused(&mut bench, now);
    let all = u32::try_from(before.balance.units()).unwrap();
    let too_much = corrected(&mut bench, record_payout(1, 201, all + 1, now));
    assert_eq!(too_much, Correction::TooLittle { balance: before.balance });
    assert_eq!(corrected(&mut bench, record_payout(9, 202, 500, now)), Correction::Unknown);
    assert_eq!(money(&mut bench, 1), before, "nothing has changed");
    let answers = bench.apply(&[record.clone(), record]);
    assert_eq!(answers, [Correction::Done, Correction::WasSo].map(|it| Ok(Answer::Corrected(it))));
    let after = money(&mut bench, 1);
    assert_eq!(after.balance, before.balance.checked_sub(Amount::from_units(500)).unwrap());
    assert_eq!((after.pending, after.paid), (before.pending, Amount::from_units(500)));
    let recorded = found(&mut bench, withdrawal_of(1, 200, now)).record;
    assert_eq!(
        recorded.stage,
        Stage::Paid { at: now, batch: batch_of(200, now), transaction: "recorded-200".into() }
    );
    assert_eq!(bench.reader.are_candidates("sandbox", &["recorded-200".into()]).unwrap(), [true]);
    assert_eq!(stage(&mut bench, one), Stage::Queued, "what waits goes on waiting");
    assert_eq!(bench.reader.wallets_at("sandbox", "address-1").unwrap(), [wallet_of(1)]);
    assert_eq!(bench.reader.wallets_at("sandbox", "address-9").unwrap(), []);
    assert_eq!(bench.reader.wallets_at("elsewhere", "address-1").unwrap(), []);
}
