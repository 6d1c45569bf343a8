//! Withdrawals and batches in every store.

use std::sync::Arc;

use dripline_server::ledger::HolderRow;
use dripline_server::refusal::Refusal;
use dripline_server::store::command::{Ending, Known, SetPause};
use dripline_server::store::record::{BatchFacts, Stage};
use dripline_server::store::{Answer, Command, WithdrawalFacts};
use dripline_shared::amount::Amount;
use dripline_shared::api::{AssetMoney, Direction};
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::limit::MoneyLimit;
use dripline_shared::payout::{BatchId, WithdrawalId, WithdrawalState};
use dripline_shared::time::{HOUR_MS, MINUTE_MS, Timestamp};

use crate::bench::{
    Bench, FEE, Make, START, batch_of, cancel_batch, coin, end_batch, end_for, failed, halt, in_force,
    keep_candidate, keep_with_nonce, keep_with_reserve, make_batch, round_of, segment, set_pause, settle,
    settled, suite, wallet_of, withdrawal_of,
};

suite! {
    a_withdrawal_moves_its_amount_from_the_balance_to_pending,
    the_same_request_is_one_withdrawal_and_another_one_under_its_id_is_refused,
    what_may_not_be_withdrawn_is_refused_and_moves_nothing,
    two_withdrawals_of_one_batch_of_changes_share_one_balance,
    a_batch_takes_what_waits_longest_and_others_move_up,
    a_settled_batch_pays_everybody_once,
    a_candidate_is_kept_once_and_only_while_none_is_alive,
    an_expired_batch_is_signed_anew,
    one_with_the_same_nonce_takes_the_place_of_a_candidate_that_is_alive,
    what_is_signed_anew_has_the_next_nonce_of_its_rail,
    a_cancelled_batch_is_not_signed_anew_and_gives_all_of_its_money_back,
    what_was_sent_before_a_batch_was_cancelled_may_still_pay_it,
    a_cancelled_batch_that_failed_is_not_tried_again,
    a_paused_rail_makes_no_batch_until_it_runs_again,
    too_many_failures_in_a_row_pause_a_rail,
    a_rail_that_is_halted_keeps_its_first_reason_and_notes_of_which_batch_it_was,
    a_server_that_has_lost_the_lease_halts_nothing,
    what_executing_a_batch_may_cost_is_set_aside_and_what_it_did_cost_is_booked,
    what_costs_more_than_was_set_aside_is_booked_with_more_funding,
    a_ceiling_lets_so_much_out_at_once_and_the_rest_as_time_passes,
    what_was_requested_before_a_ceiling_was_lowered_passes_alone_and_holds_the_others_up_for_a_while,
    a_candidate_is_not_kept_while_the_rail_is_paused,
    a_failed_batch_is_divided_until_the_bad_one_is_alone_and_gets_its_money_back,
}

fn units(units: u32) -> Amount {
    Amount::from_units(units)
}

/// A store in which these wallets have won a level each, and have set the address of their number. Gives what each has.
pub(crate) fn rich(make: Make<'_>, wallets: &[u8]) -> (Bench, Amount) {
    let mut bench = make(&in_force(Catalog::first_run()));
    let mut balance = Amount::ZERO;
    for wallet in wallets {
        let round = round_of(*wallet, 1, START);
        let open = bench.open(*wallet, 1, 0, START);
        let later = START.plus(10_000);
        let play = [open, segment(round, 0, None, later), segment(round, 1, Some(10), later)];
        bench.apply(&play);
        let Ok(Answer::Settled { receipt, .. }) = bench.one(settle(round, *wallet, later)) else { panic!() };
        balance = receipt.balance;
        let address = bench.set_address(*wallet, 1, *wallet, START);
        bench.one(address).unwrap();
    }
    (bench, balance)
}

pub(crate) fn money(bench: &mut Bench, wallet: u8) -> AssetMoney {
    bench.reader.wallet(wallet_of(wallet)).unwrap().money["DRIP"]
}

pub(crate) fn found(bench: &mut Bench, id: WithdrawalId) -> WithdrawalFacts {
    bench.reader.withdrawal(id).unwrap().unwrap()
}

pub(crate) fn code(answer: Result<Answer, Refusal>) -> Code {
    answer.unwrap_err().code()
}

fn batches(bench: &mut Bench) -> Vec<BatchFacts> {
    bench.reader.batches("sandbox").unwrap()
}

fn a_withdrawal_moves_its_amount_from_the_balance_to_pending(make: Make<'_>) {
    let (mut bench, balance) = rich(make, &[1]);
    let request = bench.withdraw(1, 1, 1_000, 1, START.plus(20_000));
    let Ok(Answer::Requested { withdrawal, new: true }) = bench.one(request) else { panic!() };
    assert_eq!((withdrawal.amount, withdrawal.fee, withdrawal.arrives()), (units(1_000), FEE, units(993)));
    assert_eq!(
        found(&mut bench, withdrawal.id),
        WithdrawalFacts { record: *withdrawal.clone(), ahead: Some(0) }
    );
    let left = balance.checked_sub(units(1_000)).unwrap();
    assert_eq!(money(&mut bench, 1), AssetMoney { balance: left, pending: units(1_000), paid: Amount::ZERO });
    let history = bench.reader.history(wallet_of(1), None, 10).unwrap().entries;
    let entry = &history[0];
    assert_eq!(
        (entry.kind.as_str(), entry.direction, entry.amount),
        ("withdrawal", Direction::Out, units(1_000))
    );
    assert_eq!((entry.balance, entry.withdrawal, entry.round), (left, Some(withdrawal.id), None));
    assert_eq!((history[1].direction, history[1].balance), (Direction::In, balance));
}

fn the_same_request_is_one_withdrawal_and_another_one_under_its_id_is_refused(make: Make<'_>) {
    let (mut bench, balance) = rich(make, &[1]);
    let now = START.plus(20_000);
    let request = bench.withdraw(1, 1, 1_000, 1, now);
    let answers = bench.apply(&[request.clone(), request.clone()]);
    let Ok(Answer::Requested { withdrawal, new: true }) = &answers[0] else { panic!() };
    let repeated = Ok(Answer::Requested { withdrawal: withdrawal.clone(), new: false });
    assert_eq!(answers[1], repeated);
    assert_eq!(bench.one(request), repeated);
    let other = bench.withdraw(1, 1, 1_001, 1, now);
    assert_eq!(code(bench.one(other)), Code::ClientIdReused);
    assert_eq!(money(&mut bench, 1).balance, balance.checked_sub(units(1_000)).unwrap());
}

fn what_may_not_be_withdrawn_is_refused_and_moves_nothing(make: Make<'_>) {
    let (mut bench, balance) = rich(make, &[1, 2]);
    let before = money(&mut bench, 1);
    let now = START.plus(20_000);
    let all = u32::try_from(balance.units()).unwrap();
    let with = |bench: &Bench, change: &dyn Fn(&mut dripline_server::store::command::Withdraw)| {
        let mut command = bench.withdraw(1, 9, 1_000, 1, now);
        if let Command::Withdraw(withdraw) = &mut command {
            change(withdraw);
        }
        command
    };
    for (command, expected) in [
        (bench.withdraw(1, 1, 0, 1, now), Code::BelowThreshold),
        (bench.withdraw(1, 1, 99, 1, now), Code::BelowThreshold),
        (bench.withdraw(1, 1, all + 1, 1, now), Code::BalanceTooLow),
        (bench.withdraw(1, 1, 1_000, 2, now), Code::AddressDiffers),
        (bench.withdraw(3, 1, 1_000, 3, now), Code::AddressNotSet),
        (with(&bench, &|it| it.request.fee_max = units(6)), Code::FeeAboveMaximum),
        (with(&bench, &|it| "moon".clone_into(&mut it.request.rail)), Code::UnknownRail),
        (with(&bench, &|it| "RAIN".clone_into(&mut it.request.asset)), Code::UnknownAsset),
        (with(&bench, &|it| it.request.amount = Amount::MAX), Code::AboveMaximum),
        (with(&bench, &|it| it.now = now.plus(5 * MINUTE_MS + 1)), Code::StatementTooOld),
        (with(&bench, &|it| it.now = now.minus(5 * MINUTE_MS + 1)), Code::StatementFromFuture),
    ] {
        assert_eq!(code(bench.one(command)), expected);
        assert_eq!(money(&mut bench, 1), before);
    }
    assert_eq!(bench.reader.withdrawals(wallet_of(1), None, 10).unwrap(), []);
    let whole = bench.withdraw(1, 1, all, 1, now);
    bench.one(whole).unwrap();
    assert_eq!(money(&mut bench, 1).balance, Amount::ZERO);
}

fn two_withdrawals_of_one_batch_of_changes_share_one_balance(make: Make<'_>) {
    let (mut bench, balance) = rich(make, &[1]);
    let now = START.plus(20_000);
    let most = u32::try_from(balance.units()).unwrap() - 50;
    let both = [bench.withdraw(1, 1, most, 1, now), bench.withdraw(1, 2, most, 1, now)];
    let answers = bench.apply(&both);
    assert!(matches!(answers[0], Ok(Answer::Requested { new: true, .. })));
    assert_eq!(answers[1].as_ref().unwrap_err().code(), Code::BalanceTooLow);
    assert_eq!((money(&mut bench, 1).balance, money(&mut bench, 1).pending), (units(50), units(most)));
}

/// Three withdrawals of three wallets, requested one after the other.
fn three(make: Make<'_>) -> (Bench, [WithdrawalId; 3], Timestamp) {
    let (mut bench, _) = rich(make, &[1, 2, 3]);
    let ids = [1, 2, 3].map(|wallet: u8| {
        let now = START.plus(20_000 + u64::from(wallet));
        let request = bench.withdraw(wallet, 1, 1_000, wallet, now);
        bench.one(request).unwrap();
        withdrawal_of(wallet, 1, now)
    });
    (bench, ids, START.plus(30_000))
}

fn states(bench: &mut Bench, ids: &[WithdrawalId]) -> Vec<(WithdrawalState, Option<u64>)> {
    ids.iter().map(|id| found(bench, *id)).map(|facts| (facts.record.stage.state(), facts.ahead)).collect()
}

fn a_batch_takes_what_waits_longest_and_others_move_up(make: Make<'_>) {
    use WithdrawalState::{Queued, Sending};
    let (mut bench, ids, now) = three(make);
    assert_eq!(states(&mut bench, &ids), [(Queued, Some(0)), (Queued, Some(1)), (Queued, Some(2))]);
    let Ok(Answer::Batched { batch: Some(batch) }) = bench.one(make_batch(1, 2, now)) else { panic!() };
    assert_eq!((batch.id, &batch.withdrawals[..]), (batch_of(1, now), &ids[..2]));
    assert_eq!(states(&mut bench, &ids), [(Sending, None), (Sending, None), (Queued, Some(0))]);
    let stored = batches(&mut bench);
    assert_eq!((stored.len(), &stored[0].record), (1, &batch));
    assert_eq!(stored[0].withdrawals.iter().map(|it| it.id).collect::<Vec<_>>(), &ids[..2]);
    // Two at once, in one batch of changes: the second finds nothing.
    let answers = bench.apply(&[make_batch(2, 2, now), make_batch(3, 2, now)]);
    assert!(
        matches!(&answers[0], Ok(Answer::Batched { batch: Some(batch) }) if batch.withdrawals == ids[2..])
    );
    assert_eq!(answers[1], Ok(Answer::Batched { batch: None }));
}

/// All three in one batch. Gives its id.
fn batched(bench: &mut Bench, now: Timestamp) -> BatchId {
    let Ok(Answer::Batched { batch: Some(batch) }) = bench.one(make_batch(1, 10, now)) else { panic!() };
    batch.id
}

fn a_settled_batch_pays_everybody_once(make: Make<'_>) {
    let (mut bench, ids, now) = three(make);
    let before = money(&mut bench, 1);
    let batch = batched(&mut bench, now);
    bench.one(keep_candidate(batch, "one", now)).unwrap();
    let end = end_batch(batch, settled("transaction"), now);
    assert_eq!(bench.one(end.clone()), Ok(Answer::BatchEnded { new: true }));
    assert_eq!(bench.one(end), Ok(Answer::BatchEnded { new: false }));
    let late_failure = end_batch(batch, failed(2, 3, now), now);
    assert_eq!(bench.one(late_failure), Ok(Answer::BatchEnded { new: false }));
    for (wallet, id) in (1..).zip(ids) {
        let after = money(&mut bench, wallet);
        assert_eq!(after, AssetMoney { pending: Amount::ZERO, paid: units(1_000), ..before });
        let stage = Stage::Paid { at: now, batch, transaction: "transaction".into() };
        assert_eq!(found(&mut bench, id).record.stage, stage);
    }
    assert_eq!(batches(&mut bench), []);
}

fn a_candidate_is_kept_once_and_only_while_none_is_alive(make: Make<'_>) {
    let (mut bench, _, now) = three(make);
    let batch = batched(&mut bench, now);
    let kept = |new| Ok(Answer::Kept { new });
    assert_eq!(bench.one(keep_candidate(batch, "one", now)), kept(true));
    assert_eq!(bench.one(keep_candidate(batch, "one", now)), kept(false));
    assert_eq!(bench.one(keep_candidate(batch, "two", now)), kept(false));
    bench.one(end_batch(batch, settled("one"), now)).unwrap();
    assert_eq!(bench.one(keep_candidate(batch, "three", now)), kept(false));
    assert_eq!(code(bench.one(keep_candidate(batch_of(9, now), "x", now))), Code::Internal);
}

fn an_expired_batch_is_signed_anew(make: Make<'_>) {
    let (mut bench, ids, now) = three(make);
    let batch = batched(&mut bench, now);
    bench.one(keep_candidate(batch, "one", now)).unwrap();
    bench.one(end_batch(batch, Ending::Expired, now)).unwrap();
    assert_eq!(states(&mut bench, &ids[..1]), [(WithdrawalState::Sending, None)]);
    assert_eq!(bench.one(keep_candidate(batch, "one", now)), Ok(Answer::Kept { new: false }));
    assert_eq!(bench.one(keep_candidate(batch, "two", now)), Ok(Answer::Kept { new: true }));
    let candidates = batches(&mut bench).remove(0).record.candidates;
    let seen: Vec<(&str, bool)> = candidates.iter().map(|it| (&*it.id, it.is_dead)).collect();
    assert_eq!(seen, [("one", true), ("two", false)]);
}

fn one_with_the_same_nonce_takes_the_place_of_a_candidate_that_is_alive(make: Make<'_>) {
    let (mut bench, _, now) = three(make);
    let batch = batched(&mut bench, now);
    let mut kept = |candidate, nonce| {
        let Ok(Answer::Kept { new }) = bench.one(keep_with_nonce(batch, candidate, nonce, now)) else {
            panic!()
        };
        new
    };
    assert!(kept("one", Some(7)));
    assert!(!kept("without a nonce", None));
    assert!(!kept("another nonce", Some(8)));
    assert!(kept("two", Some(7)));
    assert!(!kept("two", Some(7)));
    let candidates = batches(&mut bench).remove(0).record.candidates;
    let seen: Vec<(&str, Option<u64>)> = candidates.iter().map(|it| (&*it.id, it.nonce)).collect();
    assert_eq!(seen, [("one", Some(7)), ("two", Some(7))]);
    assert_eq!(bench.reader.rails().unwrap()[0].next_nonce, Some(8));
}

fn what_is_signed_anew_has_the_next_nonce_of_its_rail(make: Make<'_>) {
    let (mut bench, _, now) = three(make);
    let batch = batched(&mut bench, now);
    bench.one(keep_with_nonce(batch, "one", Some(7), now)).unwrap();
    bench.one(end_batch(batch, Ending::Expired, now)).unwrap();
    for (candidate, nonce, new) in [("again", 7, false), ("too far", 9, false), ("next", 8, true)] {
        let answer = bench.one(keep_with_nonce(batch, candidate, Some(nonce), now));
        assert_eq!(answer, Ok(Answer::Kept { new }), "{candidate}");
    }
    bench.one(set_pause(Some("to be looked at"), now)).unwrap();
    bench.one(set_pause(None, now)).unwrap();
    assert_eq!(bench.reader.rails().unwrap()[0].next_nonce, Some(9));
    // Whoever has looked at the chain may say another one.
    let resumed = SetPause {
        now,
        rail: "sandbox".into(),
        why: None,
        known: Known { next_nonce: Some(12), examined: Some("seen".into()) },
    };
    bench.one(Command::SetPause(resumed)).unwrap();
    let rail = bench.reader.rails().unwrap().remove(0);
    assert_eq!((rail.next_nonce, rail.examined.as_deref()), (Some(12), Some("seen")));
    bench.one(end_batch(batch, Ending::Expired, now)).unwrap();
    let answer = bench.one(keep_with_nonce(batch, "as was said", Some(12), now));
    assert_eq!(answer, Ok(Answer::Kept { new: true }));
}

fn a_rail_that_is_halted_keeps_its_first_reason_and_notes_of_which_batch_it_was(make: Make<'_>) {
    let (mut bench, _, now) = three(make);
    let batch = batched(&mut bench, now);
    let paused = |bench: &mut Bench| {
        let pause = bench.reader.rails().unwrap().remove(0).pause;
        pause.map(|pause| (pause.at, pause.why.to_string()))
    };
    bench.one(set_pause(Some("to be looked at"), now)).unwrap();
    bench.one(halt(None, "a stranger", 0, now.plus(1))).unwrap();
    // What has to be looked into stands above what somebody wanted.
    assert_eq!(paused(&mut bench), Some((now.plus(1), "recovery: a stranger".to_owned())));
    assert_eq!(batches(&mut bench)[0].record.halted_at, None);
    for later in [2, 3] {
        bench.one(halt(Some(batch), "another one", 0, now.plus(later))).unwrap();
    }
    assert_eq!(paused(&mut bench), Some((now.plus(1), "recovery: a stranger".to_owned())));
    assert_eq!(batches(&mut bench)[0].record.halted_at, Some(now.plus(2)));
    bench.one(cancel_batch(batch, now.plus(4))).unwrap();
    let record = batches(&mut bench).remove(0).record;
    assert_eq!((record.halted_at, record.cancelled_at), (Some(now.plus(2)), Some(now.plus(4))));
}

fn a_server_that_has_lost_the_lease_halts_nothing(make: Make<'_>) {
    let (mut bench, _, now) = three(make);
    let batch = batched(&mut bench, now);
    bench.one(halt(Some(batch), "what another one did", 1, now)).unwrap();
    assert!(!is_paused(&mut bench));
    assert_eq!(batches(&mut bench)[0].record.halted_at, None);
}

/// What the account of the coin has that all holders of one kind have.
fn held(bench: &mut Bench, holder: HolderRow) -> i64 {
    let sums = bench.reader.account_sums().unwrap();
    sums.iter().filter(|sum| sum.asset == coin() && sum.holder == holder).map(|sum| sum.balance).sum()
}

/// What there is of the coin: in the world, to pay with, and set aside.
fn coins(bench: &mut Bench) -> [i64; 3] {
    [HolderRow::World, HolderRow::Operating, HolderRow::Reserved].map(|holder| held(bench, holder))
}

fn what_executing_a_batch_may_cost_is_set_aside_and_what_it_did_cost_is_booked(make: Make<'_>) {
    let (mut bench, ids, now) = three(make);
    bench.store.learn_assets(&[coin()]).unwrap();
    let batch = batched(&mut bench, now);
    bench.one(keep_with_reserve(batch, "one", Some(7), 100, now)).unwrap();
    assert_eq!(coins(&mut bench), [-100, 0, 100]);
    assert_eq!(batches(&mut bench)[0].record.reserve.as_ref().unwrap().amount, units(100));
    // What takes its place may cost more, and one that may cost less sets nothing free: any of them may be executed.
    bench.one(keep_with_reserve(batch, "dearer", Some(7), 130, now)).unwrap();
    bench.one(keep_with_reserve(batch, "cheaper", Some(7), 20, now)).unwrap();
    assert_eq!(coins(&mut bench), [-130, 0, 130]);
    // It was executed, and moved nothing.
    bench.one(end_for(batch, Ending::Expired, 90, now)).unwrap();
    assert_eq!(coins(&mut bench), [-40, 40, 0]);
    assert_eq!(batches(&mut bench)[0].record.reserve, None);
    bench.one(keep_with_reserve(batch, "two", Some(8), 50, now)).unwrap();
    assert_eq!(coins(&mut bench), [-50, 0, 50], "what was left over comes first");
    bench.one(end_for(batch, settled("transaction"), 45, now)).unwrap();
    assert_eq!(coins(&mut bench), [-5, 5, 0]);
    assert_eq!(states(&mut bench, &ids[..1])[0].0, WithdrawalState::Paid);
    // One that has ended costs nothing more.
    bench.one(end_for(batch, settled("transaction"), 45, now)).unwrap();
    assert_eq!(coins(&mut bench), [-5, 5, 0]);
}

fn what_costs_more_than_was_set_aside_is_booked_with_more_funding(make: Make<'_>) {
    let (mut bench, _, now) = three(make);
    bench.store.learn_assets(&[coin()]).unwrap();
    let batch = batched(&mut bench, now);
    for (candidate, told) in [("one", 250), ("two", u32::MAX)] {
        bench.one(keep_with_reserve(batch, candidate, None, 100, now)).unwrap();
        bench.one(end_for(batch, Ending::Expired, told, now)).unwrap();
        assert_eq!(
            coins(&mut bench),
            [0, 0, 0],
            "what was missing came from the world, and all of it is gone"
        );
    }
}

fn a_cancelled_batch_is_not_signed_anew_and_gives_all_of_its_money_back(make: Make<'_>) {
    let (mut bench, ids, now) = three(make);
    let batch = batched(&mut bench, now);
    let before = money(&mut bench, 1);
    bench.one(keep_with_nonce(batch, "one", Some(7), now)).unwrap();
    let cancelling = |open| Ok(Answer::Cancelling { open });
    assert_eq!(bench.one(cancel_batch(batch, now)), cancelling(true));
    assert_eq!(bench.one(cancel_batch(batch, now.plus(1))), cancelling(true));
    assert_eq!(batches(&mut bench)[0].record.cancelled_at, Some(now.plus(1)), "as of the last time");
    // What excludes its payment may still be sent.
    assert_eq!(bench.one(keep_with_nonce(batch, "cancel", Some(7), now)), Ok(Answer::Kept { new: true }));
    bench.one(end_batch(batch, Ending::Expired, now)).unwrap();
    assert_eq!(bench.one(keep_with_nonce(batch, "two", Some(8), now)), Ok(Answer::Kept { new: false }));
    bench.one(end_batch(batch, Ending::Cancelled, now)).unwrap();
    assert_eq!(states(&mut bench, &ids[..1]), [(WithdrawalState::Returned, None)]);
    let after = money(&mut bench, 1);
    assert_eq!(
        after.balance.units() - before.balance.units(),
        before.pending.units() - after.pending.units()
    );
    assert_eq!(bench.one(cancel_batch(batch, now)), cancelling(false));
    assert_eq!(bench.one(cancel_batch(batch_of(9, now), now)), cancelling(false));
}

fn what_was_sent_before_a_batch_was_cancelled_may_still_pay_it(make: Make<'_>) {
    let (mut bench, ids, now) = three(make);
    let batch = batched(&mut bench, now);
    bench.one(keep_candidate(batch, "one", now)).unwrap();
    bench.one(cancel_batch(batch, now)).unwrap();
    bench.one(end_batch(batch, settled("one"), now)).unwrap();
    assert_eq!(states(&mut bench, &ids[..1]), [(WithdrawalState::Paid, None)]);
}

fn a_cancelled_batch_that_failed_is_not_tried_again(make: Make<'_>) {
    let (mut bench, ids, now) = three(make);
    let batch = batched(&mut bench, now);
    let before = money(&mut bench, 1);
    bench.one(keep_candidate(batch, "one", now)).unwrap();
    bench.one(cancel_batch(batch, now)).unwrap();
    bench.one(end_batch(batch, failed(8, 9, now), now)).unwrap();
    assert_eq!(states(&mut bench, &ids[..1]), [(WithdrawalState::Returned, None)]);
    assert!(batches(&mut bench).is_empty());
    let after = money(&mut bench, 1);
    assert_eq!(
        after.balance.units() - before.balance.units(),
        before.pending.units() - after.pending.units()
    );
}

fn what_was_requested_before_a_ceiling_was_lowered_passes_alone_and_holds_the_others_up_for_a_while(
    make: Make<'_>,
) {
    let mut in_force = in_force(Catalog::first_run());
    let (mut bench, _) = rich(&|_| make(&in_force), &[1]);
    let now = START.plus(20_000);
    for client in 1..=2 {
        let request = bench.withdraw(1, client, 1_000, 1, now.plus(client.into()));
        bench.one(request).unwrap();
    }
    drop(std::mem::replace(&mut bench.in_force, crate::bench::in_force(Catalog::first_run())));
    let hour = MoneyLimit { ceiling: units(2_000), window_ms: HOUR_MS };
    for rail in Arc::get_mut(&mut in_force).unwrap().rails.values_mut() {
        rail.assets.values_mut().for_each(|asset| asset.outflow = Some(hour));
    }
    bench.in_force = in_force;
    let mut taken = |number: u8, at: Timestamp| match bench.one(make_batch(number, 10, at)) {
        Ok(Answer::Batched { batch }) => batch.map_or(0, |batch| batch.withdrawals.len()),
        other => panic!("{other:?}"),
    };
    assert_eq!((taken(1, now.plus(10)), taken(2, now.plus(20))), (1, 0));
    // 993 units drain at 1,500 an hour.
    assert_eq!((taken(3, now.plus(39 * MINUTE_MS)), taken(4, now.plus(40 * MINUTE_MS))), (0, 1));
}

fn a_candidate_is_not_kept_while_the_rail_is_paused(make: Make<'_>) {
    let (mut bench, _, now) = three(make);
    let batch = batched(&mut bench, now);
    bench.one(set_pause(Some("to be looked at"), now)).unwrap();
    assert_eq!(bench.one(keep_candidate(batch, "one", now)), Ok(Answer::Kept { new: false }));
    bench.one(set_pause(None, now)).unwrap();
    assert_eq!(bench.one(keep_candidate(batch, "one", now)), Ok(Answer::Kept { new: true }));
}

fn a_failed_batch_is_divided_until_the_bad_one_is_alone_and_gets_its_money_back(make: Make<'_>) {
    use WithdrawalState::{Paid, Returned};
    let (mut bench, ids, now) = three(make);
    let before = money(&mut bench, 2);
    let batch = batched(&mut bench, now);
    bench.one(keep_candidate(batch, "one", now)).unwrap();
    bench.one(end_batch(batch, failed(2, 3, now), now)).unwrap();
    let parts: Vec<Vec<WithdrawalId>> =
        batches(&mut bench).into_iter().map(|batch| batch.record.withdrawals).collect();
    assert_eq!(parts, [vec![ids[0]], vec![ids[1], ids[2]]]);
    bench.one(end_batch(batch_of(2, now), settled("first"), now)).unwrap();
    bench.one(end_batch(batch_of(3, now), failed(4, 5, now), now)).unwrap();
    bench.one(end_batch(batch_of(5, now), settled("third"), now)).unwrap();
    // Alone, it is tried once more.
    bench.one(end_batch(batch_of(4, now), failed(6, 7, now), now)).unwrap();
    let again = batches(&mut bench);
    assert_eq!(
        (again.len(), again[0].record.id, &again[0].record.withdrawals[..]),
        (1, batch_of(6, now), &ids[1..2])
    );
    bench.one(end_batch(batch_of(6, now), failed(8, 9, now), now)).unwrap();
    assert_eq!(batches(&mut bench), []);
    assert_eq!(states(&mut bench, &ids), [(Paid, None), (Returned, None), (Paid, None)]);
    let after = money(&mut bench, 2);
    let back = before.balance.checked_add(units(993)).unwrap();
    assert_eq!(after, AssetMoney { balance: back, pending: Amount::ZERO, paid: Amount::ZERO });
    let newest = bench.reader.history(wallet_of(2), None, 1).unwrap().entries.remove(0);
    assert_eq!((newest.kind.as_str(), newest.direction, newest.balance), ("returned", Direction::In, back));
}

fn is_paused(bench: &mut Bench) -> bool {
    bench.reader.rails().unwrap().iter().any(|rail| rail.pause.is_some())
}

fn a_paused_rail_makes_no_batch_until_it_runs_again(make: Make<'_>) {
    let (mut bench, ids, now) = three(make);
    let Ok(Answer::RailSet(rail)) = bench.one(set_pause(Some("the treasury is low"), now)) else { panic!() };
    let pause = rail.pause.clone().unwrap();
    assert_eq!((pause.at, &*pause.why), (now, "the treasury is low"));
    assert_eq!(bench.reader.rails().unwrap(), [rail]);
    assert_eq!(bench.one(make_batch(1, 10, now)), Ok(Answer::Batched { batch: None }));
    assert_eq!(states(&mut bench, &ids[..1]), [(WithdrawalState::Queued, Some(0))]);
    bench.one(set_pause(None, now)).unwrap();
    assert!(!is_paused(&mut bench));
    assert!(matches!(bench.one(make_batch(1, 10, now)), Ok(Answer::Batched { batch: Some(_) })));
}

fn too_many_failures_in_a_row_pause_a_rail(make: Make<'_>) {
    let (mut bench, _, now) = three(make);
    let batch = batched(&mut bench, now);
    // One that is settled begins the count anew.
    bench.one(end_batch(batch, failed(2, 3, now), now)).unwrap();
    bench.one(end_batch(batch_of(2, now), settled("first"), now)).unwrap();
    assert_eq!(bench.reader.rails().unwrap(), []);
    bench.one(end_batch(batch_of(3, now), failed(4, 5, now), now)).unwrap();
    for (number, next) in [(4, 6), (5, 8), (6, 10)] {
        assert!(!is_paused(&mut bench));
        bench.one(end_batch(batch_of(number, now), failed(next, next + 1, now), now)).unwrap();
    }
    assert!(!is_paused(&mut bench), "three in a row, for one of several does not count");
    bench.one(end_batch(batch_of(8, now), failed(20, 21, now), now)).unwrap();
    assert!(is_paused(&mut bench), "four in a row");
    bench.one(set_pause(None, now)).unwrap();
    assert_eq!(bench.reader.rails().unwrap(), []);
}

fn a_ceiling_lets_so_much_out_at_once_and_the_rest_as_time_passes(make: Make<'_>) {
    let mut in_force = in_force(Catalog::first_run());
    let hour = MoneyLimit { ceiling: units(8_000), window_ms: HOUR_MS };
    for rail in Arc::get_mut(&mut in_force).unwrap().rails.values_mut() {
        rail.assets.values_mut().for_each(|asset| asset.outflow = Some(hour));
    }
    let (mut bench, _) = rich(&|_| make(&in_force), &[1]);
    let now = START.plus(20_000);
    let above = bench.withdraw(1, 9, 2_001, 1, now);
    assert_eq!(code(bench.one(above)), Code::AboveMaximum);
    // 993 arrive of each: two fit through the burst of 2,000.
    for client in 1..=5 {
        let request = bench.withdraw(1, client, 1_000, 1, now.plus(client.into()));
        bench.one(request).unwrap();
    }
    let mut taken = |number: u8, at: Timestamp| match bench.one(make_batch(number, 10, at)) {
        Ok(Answer::Batched { batch }) => batch.map_or(0, |batch| batch.withdrawals.len()),
        other => panic!("{other:?}"),
    };
    let now = now.plus(10);
    assert_eq!((taken(1, now), taken(2, now)), (2, 0));
    // Three quarters of the ceiling drain in an hour: 979 units in some ten minutes.
    assert_eq!((taken(3, now.plus(9 * MINUTE_MS)), taken(4, now.plus(10 * MINUTE_MS))), (0, 1));
    assert_eq!(taken(5, now.plus(2 * HOUR_MS)), 2);
}
