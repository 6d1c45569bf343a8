//! What an operator says of one withdrawal that no rail pays: that its money goes back, or that it was paid by a transaction
//! that the store does not have, because it was restored from a backup. Pure.
//!
//! Both only while its rail is paused: whoever looks at a chain takes minutes, and a rail that runs might have paid by then.

use std::sync::Arc;

use dripline_shared::error::Code;
use dripline_shared::payout::WithdrawalId;

use crate::ledger::{Holder, Kind};
use crate::payout::batch::{all_dead, leave_pending};
use crate::payout::ledger::take;
use crate::refusal::Refusal;
use crate::store::command::{Answer, Correction, GiveBackWithdrawal, ImportPayout};
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
    if set.rail(&withdrawal.rail).pause.is_none() {
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
/// A batch that it is in is taken apart, if nothing that was kept of it can be executed any more: because it is dead, or because
/// the transaction has its nonce. The others that were in it wait again, in their old places.
pub(crate) fn import(set: &WorkingSet, command: &ImportPayout) -> Decided {
    let is_so = |stage: &Stage| matches!(stage, Stage::Paid { transaction, .. } if *transaction == command.transaction);
    let withdrawal = match open(set, command.withdrawal, is_so) {
        Ok(withdrawal) => withdrawal,
        Err(correction) => return Ok(unchanged(correction)),
    };
    let mut effects = Vec::new();
    if let Stage::Batched(id) = withdrawal.stage {
        let batch = set.batch(id).ok_or(Code::Internal)?;
        let is_excluded = |candidate: &Candidate| {
            candidate.nonce.is_some()
                && candidate.nonce == command.nonce
                && candidate.id != command.transaction
        };
        if !batch.alive().all(is_excluded) {
            return Ok(unchanged(Correction::MayBePaid { batch: id }));
        }
        effects.push(Effect::Batch(BatchRecord { ended_at: Some(command.now), ..all_dead(batch) }));
        for other in batch.withdrawals.iter().filter(|other| **other != withdrawal.id) {
            let other = set.withdrawal(*other).ok_or(Code::Internal)?;
            effects.push(Effect::Withdrawal(WithdrawalRecord { stage: Stage::Queued, ..other.clone() }));
        }
    }
    let mut moves = Moves::new(set, command.now);
    leave_pending(&mut moves, withdrawal, Kind::Payout, Holder::World)?;
    effects.extend(moves.into_effects());
    let (at, batch, transaction) = (command.now, command.batch, Arc::clone(&command.transaction));
    let stage = Stage::Paid { at, batch, transaction: Arc::clone(&transaction) };
    effects.push(Effect::Withdrawal(WithdrawalRecord { stage, ..withdrawal.clone() }));
    let candidate = Candidate {
        id: transaction,
        bytes: Vec::new(),
        nonce: command.nonce,
        stored_at: command.now,
        is_dead: false,
    };
    effects.push(Effect::Batch(BatchRecord {
        id: command.batch,
        rail: Arc::clone(&withdrawal.rail),
        asset: Arc::clone(&withdrawal.asset),
        made_at: command.now,
        ended_at: Some(command.now),
        cancelled_at: None,
        withdrawals: vec![withdrawal.id],
        candidates: vec![candidate],
    }));
    Ok((Answer::Corrected(Correction::Done), effects))
}
