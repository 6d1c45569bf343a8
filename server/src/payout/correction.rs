//! What an operator says of one withdrawal that no rail pays: that its money goes back, or that it was paid by a transaction
//! that the store does not have, because it was restored from a backup. Pure.
//!
//! Both only while its rail is paused: whoever looks at a chain takes minutes, and a rail that runs might have paid by then, and
//! so might one that runs again by itself once its treasury has enough.

use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::error::Code;
use dripline_shared::payout::{BatchId, WithdrawalId};
use dripline_shared::time::Timestamp;

use crate::ledger::{Account, Holder, Kind};
use crate::payout::batch::{all_dead, leave_pending};
use crate::payout::ledger::take;
use crate::payout::{cost, pause, review};
use crate::refusal::Refusal;
use crate::store::command::{Answer, Correction, GiveBackWithdrawal, ImportPayout, RecordPayout};
use crate::store::record::{BatchRecord, Candidate, Stage, WithdrawalRecord};
use crate::store::working::{Effect, Moves, WorkingSet};

/// What is answered, and what follows.
type Decided = Result<(Answer, Vec<Effect>), Refusal>;

fn unchanged(correction: Correction) -> (Answer, Vec<Effect>) {
    (Answer::Corrected(correction), Vec::new())
}

/// The withdrawal, if it has not ended and its rail is paused; otherwise what is answered. `is_so` tells whether it has ended
/// as it is wanted to.
fn open(
    set: &WorkingSet,
    id: WithdrawalId,
    is_so: impl FnOnce(&Stage) -> bool,
) -> Result<&WithdrawalRecord, Correction> {
    let withdrawal = set.withdrawal(id).ok_or(Correction::Unknown)?;
    let stage = &withdrawal.stage;
    if is_so(stage) {
        return Err(Correction::WasSo);
    }
    if stage.state().is_final() {
        return Err(Correction::Ended { stage: stage.clone() });
    }
    // What waits for an operator is paid by no rail meanwhile.
    let is_in_line = !matches!(stage, Stage::Held | Stage::Unapproved);
    if is_in_line && pause::goes_on(&set.rail(&withdrawal.rail)) {
        return Err(Correction::RailRuns { rail: Arc::clone(&withdrawal.rail) });
    }
    Ok(withdrawal)
}

/// Decides to give the money of a withdrawal that waits back, whole: no player asked for this. One that is in a batch stays
/// there: its batch can be cancelled.
pub(crate) fn give_back(set: &WorkingSet, command: &GiveBackWithdrawal) -> Decided {
    let is_so = |stage: &Stage| matches!(stage, Stage::Cancelled { .. });
    let withdrawal = match open(set, command.withdrawal, is_so) {
        Ok(withdrawal) => withdrawal,
        Err(correction) => return Ok(unchanged(correction)),
    };
    if let Stage::Batched(batch) = withdrawal.stage {
        return Ok(unchanged(Correction::Batched { batch }));
    }
    let mut moves = Moves::new(set, command.now);
    let holders = (Holder::Pending(withdrawal.wallet), Holder::Player(withdrawal.wallet));
    take(&mut moves, withdrawal, Kind::Returned, holders, withdrawal.amount).map_err(|_| Code::Internal)?;
    let stage = Stage::Cancelled { at: command.now, reason: Some(Arc::clone(&command.reason)) };
    let effects = moves.into_effects();
    let effects = effects.chain([Effect::Withdrawal(WithdrawalRecord { stage, ..withdrawal.clone() })]);
    Ok((Answer::Corrected(Correction::Done), effects.collect()))
}

/// Decides to record that a withdrawal was paid by a transaction that the store does not have: as if a batch of it alone had
/// been settled by that. The transaction is a candidate of that batch, so that a rail that examines its treasury knows it.
///
/// A batch that it is in is taken apart, if nothing that was kept of it can be executed any more: because it is dead, because
/// the transaction has its nonce, or because the transaction is one of it, of which the chain has told so little that the rail
/// was halted. The others that were in it wait again, in their old places.
pub(crate) fn import(set: &WorkingSet, command: &ImportPayout) -> Decided {
    let is_so = |stage: &Stage| matches!(stage, Stage::Paid { transaction, .. } if *transaction == command.transaction);
    let withdrawal = match open(set, command.withdrawal, is_so) {
        Ok(withdrawal) => withdrawal,
        Err(correction) => return Ok(unchanged(correction)),
    };
    let (mut effects, mut moves) = (Vec::new(), Moves::new(set, command.now));
    if let Stage::Batched(id) = withdrawal.stage {
        let batch = set.batch(id).ok_or(Code::Internal)?;
        let is_excluded = |candidate: &Candidate| {
            candidate.nonce.is_some()
                && candidate.nonce == command.nonce
                && candidate.id != command.transaction
        };
        // Of what has halted the rail somebody has looked what it did: at most one of a nonce is ever executed.
        let is_of_batch = batch.halted_at.is_some() && batch.alive().any(|it| it.id == command.transaction);
        if !is_of_batch && !batch.alive().all(is_excluded) {
            return Ok(unchanged(Correction::MayBePaid { batch: id }));
        }
        let mut ended = BatchRecord { ended_at: Some(command.now), ..all_dead(batch) };
        // What was executed in its place is not the store's, and so is what that has cost.
        cost::book(&mut moves, &mut ended, Amount::ZERO)?;
        effects.push(Effect::Batch(ended));
        for other in batch.withdrawals.iter().filter(|other| **other != withdrawal.id) {
            let other = set.withdrawal(*other).ok_or(Code::Internal)?;
            let stage = review::waiting_again(set, other.wallet);
            effects.push(Effect::Withdrawal(WithdrawalRecord { stage, ..other.clone() }));
        }
    }
    leave_pending(&mut moves, withdrawal, Kind::Payout, Holder::World)?;
    effects.extend(moves.into_effects());
    effects.extend(paid(withdrawal, command.now, command.batch, &command.transaction, command.nonce));
    Ok((Answer::Corrected(Correction::Done), effects))
}

/// Decides to record a payout whose withdrawal the store does not have: as if it had been requested and paid now. Its money has
/// to be there: what the player has earned since the backup, too, is not in the store.
pub(crate) fn record(set: &WorkingSet, command: &RecordPayout) -> Decided {
    let RecordPayout { withdrawal, batch, transaction, nonce } = command;
    let now = withdrawal.requested_at;
    if set.withdrawal_of_client(withdrawal.wallet, withdrawal.client_id).is_some() {
        return Ok(unchanged(Correction::WasSo));
    }
    if pause::goes_on(&set.rail(&withdrawal.rail)) {
        return Ok(unchanged(Correction::RailRuns { rail: Arc::clone(&withdrawal.rail) }));
    }
    if set.wallet(withdrawal.wallet).is_none() {
        return Ok(unchanged(Correction::Unknown));
    }
    let (player, pending) = (Holder::Player(withdrawal.wallet), Holder::Pending(withdrawal.wallet));
    let balance = set.balance(&Account::new(&withdrawal.asset, player.clone())).amount();
    let mut moves = Moves::new(set, now);
    if take(&mut moves, withdrawal, Kind::Withdrawal, (player, pending), withdrawal.amount).is_err() {
        return Ok(unchanged(Correction::TooLittle { balance }));
    }
    leave_pending(&mut moves, withdrawal, Kind::Payout, Holder::World)?;
    let effects = moves.into_effects().chain(paid(withdrawal, now, *batch, transaction, *nonce));
    Ok((Answer::Corrected(Correction::Done), effects.collect()))
}

/// That a withdrawal was paid by a transaction, in a batch of its own.
fn paid(
    withdrawal: &WithdrawalRecord,
    at: Timestamp,
    batch: BatchId,
    transaction: &Arc<str>,
    nonce: Option<u64>,
) -> [Effect; 2] {
    let stage = Stage::Paid { at, batch, transaction: Arc::clone(transaction) };
    let candidate =
        Candidate { id: Arc::clone(transaction), bytes: Vec::new(), nonce, stored_at: at, is_dead: false };
    let batch = BatchRecord {
        ended_at: Some(at),
        candidates: vec![candidate],
        ..BatchRecord::new(
            batch,
            Arc::clone(&withdrawal.rail),
            Arc::clone(&withdrawal.asset),
            at,
            vec![withdrawal.id],
        )
    };
    [Effect::Withdrawal(WithdrawalRecord { stage, ..withdrawal.clone() }), Effect::Batch(batch)]
}
