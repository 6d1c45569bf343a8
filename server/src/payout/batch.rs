//! Batches: what is taken into one, what is kept before it is sent, and what follows from what became of it. Pure.

use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::error::Code;
use dripline_shared::limit::{Bucket, MoneyLimit};
use dripline_shared::payout::BatchId;
use dripline_shared::time::Timestamp;

use crate::check;
use crate::in_force::InForce;
use crate::ledger::{Holder, Kind};
use crate::payout::ledger::take;
use crate::payout::{cost, lease, pause};
use crate::refusal::Refusal;
use crate::store::command::{Answer, CancelBatch, EndBatch, Ending, KeepCandidate, MakeBatch};
use crate::store::record::{
    BatchRecord, Candidate, Pause, RailRecord, SharedBucket, Stage, WithdrawalRecord,
};
use crate::store::working::{Effect, Moves, WorkingSet};

/// How often a withdrawal may fail alone before its money goes back.
const FAILURES_MAX: u32 = 2;
/// The most characters of a reason that is kept for a player.
const REASON_CHARS_MAX: usize = 200;

/// Decides to take what waits of an asset into a batch: as many as fit, the oldest first, up to the first that the ceiling
/// on its outflow does not let pass yet. Nothing while the rail is stopped or paused, or does not pay this asset (any more):
/// then what was requested waits. Nor for a server that has lost the rail's lease.
pub(crate) fn make(in_force: &InForce, set: &WorkingSet, command: &MakeBatch) -> (Answer, Vec<Effect>) {
    let nothing = || (Answer::Batched { batch: None }, Vec::new());
    let Ok((_, rules)) = in_force.rail_asset(&command.rail, &command.asset) else { return nothing() };
    if !may_send(in_force, set, &command.rail) || !lease::is_current(set, &command.rail, command.epoch) {
        return nothing();
    }
    let name = SharedBucket::Rail(Arc::clone(&command.rail), Arc::clone(&command.asset));
    let mut bucket = set.bucket(&name);
    let waiting = set.queue(&command.rail).filter(|next| next.asset == command.asset);
    let passes = |next: &&WithdrawalRecord| {
        let after =
            rules.outflow.map_or(Some(bucket), |limit| passed(&limit, bucket, next.arrives(), command.now));
        after.map(|after| bucket = after).is_some()
    };
    let taken: Vec<&WithdrawalRecord> = waiting.take(command.most.max(1)).take_while(passes).collect();
    if taken.is_empty() {
        return nothing();
    }
    let (batch, mut effects) = batch_of(command.id, command.now, &taken, 0);
    if rules.outflow.is_some() {
        effects.push(Effect::Bucket(name, bucket));
    }
    (Answer::Batched { batch: Some(batch) }, effects)
}

/// Whether anything new may be signed for a rail: it is neither stopped nor paused.
fn may_send(in_force: &InForce, set: &WorkingSet, rail: &Arc<str>) -> bool {
    pause::signs(&set.rail(rail)) && check::rail::is_running(&in_force.stopped, rail)
}

/// The bucket after this has passed; `None` where it does not pass yet. What is more than the ceiling lets out at once was
/// requested before the operator lowered it: it passes alone, through an empty bucket, and holds everything up for as long
/// as it takes to drain.
fn passed(limit: &MoneyLimit, bucket: Bucket, amount: Amount, now: Timestamp) -> Option<Bucket> {
    match check::outflow::take("rail", limit, bucket, amount, now) {
        Ok(after) => Some(after),
        Err(_) if amount > limit.burst() => {
            let drained = limit.drained(bucket, now);
            drained.level.is_zero().then_some(Bucket { level: amount, ..drained })
        }
        Err(_) => None,
    }
}

/// A batch of these, which are of one rail and one asset, and each of which failed alone so often more.
fn batch_of(
    id: BatchId,
    now: Timestamp,
    withdrawals: &[&WithdrawalRecord],
    failures: u32,
) -> (BatchRecord, Vec<Effect>) {
    let first = withdrawals.first();
    let batch = BatchRecord::new(
        id,
        first.map_or_else(|| "".into(), |first| Arc::clone(&first.rail)),
        first.map_or_else(|| "".into(), |first| Arc::clone(&first.asset)),
        now,
        withdrawals.iter().map(|withdrawal| withdrawal.id).collect(),
    );
    let mut effects: Vec<Effect> = withdrawals
        .iter()
        .map(|withdrawal| {
            Effect::Withdrawal(WithdrawalRecord {
                stage: Stage::Batched(id),
                failures: withdrawal.failures.saturating_add(failures),
                ..(*withdrawal).clone()
            })
        })
        .collect();
    effects.push(Effect::Batch(batch.clone()));
    (batch, effects)
}

/// Decides to keep a candidate. Nothing is kept of a batch that has ended, nor while the rail is stopped or paused, nor for a
/// server that has lost the rail's lease: what is not kept is not sent. A pause because the treasury has too little does not
/// keep from taking the place of what was sent.
///
/// While a candidate may still be executed, only one with the same nonce is kept, which it excludes. One that begins anew,
/// of a batch that is not cancelled, has the rail's next nonce where the rail knows any.
pub(crate) fn keep(
    in_force: &InForce,
    set: &WorkingSet,
    command: &KeepCandidate,
) -> Result<(Answer, Vec<Effect>), Refusal> {
    let batch = set.batch(command.batch).ok_or(Code::Internal)?;
    let (rail, nonce) = (set.rail(&batch.rail), command.candidate.nonce);
    let mut alive = batch.alive().peekable();
    let begins = alive.peek().is_none();
    let is_exclusive = if begins {
        batch.cancelled_at.is_none()
            && (nonce.is_none() || rail.next_nonce.is_none_or(|next| nonce == Some(next)))
    } else {
        nonce.is_some() && alive.all(|candidate| candidate.nonce == nonce)
    };
    let is_open = batch.ended_at.is_none();
    let is_new = batch.candidates.iter().all(|candidate| candidate.id != command.candidate.id);
    let is_let = if begins { pause::signs(&rail) } else { pause::goes_on(&rail) };
    let may_be_sent = is_let
        && check::rail::is_running(&in_force.stopped, &batch.rail)
        && lease::is_current(set, &batch.rail, command.epoch);
    if !is_open || !is_new || !is_exclusive || !may_be_sent {
        return Ok((Answer::Kept { new: false }, Vec::new()));
    }
    let mut batch = batch.clone();
    let mut moves = Moves::new(set, command.candidate.stored_at);
    if let Some(reserve) = &command.reserve {
        cost::reserve(&mut moves, &mut batch, reserve)?;
    }
    batch.candidates.push(command.candidate.clone());
    let mut effects = vec![Effect::Batch(batch)];
    effects.extend(moves.into_effects());
    if let Some(nonce) = nonce.filter(|_| begins) {
        effects.push(Effect::Rail(RailRecord { next_nonce: Some(nonce.saturating_add(1)), ..rail }));
    }
    Ok((Answer::Kept { new: true }, effects))
}

/// Decides to cancel a batch: nothing else is signed for it but what excludes its payment, and where that is final, or
/// nothing can be executed any more, its money goes back. What was sent may be faster. Whoever says it again says it as of
/// then.
pub(crate) fn cancel(set: &WorkingSet, command: CancelBatch) -> (Answer, Vec<Effect>) {
    let open = set.batch(command.batch).filter(|batch| batch.ended_at.is_none());
    let wanted = open
        .filter(|batch| batch.cancelled_at < Some(command.now))
        .map(|batch| Effect::Batch(BatchRecord { cancelled_at: Some(command.now), ..batch.clone() }));
    (Answer::Cancelling { open: open.is_some() }, wanted.into_iter().collect())
}

/// Decides what follows from what became of a batch. One that has ended stays as it is, and so does every one for a server
/// that has lost the rail's lease: another one may have signed something since.
pub(crate) fn end(
    in_force: &InForce,
    set: &WorkingSet,
    command: &EndBatch,
) -> Result<(Answer, Vec<Effect>), Refusal> {
    let batch = set.batch(command.batch).ok_or(Code::Internal)?;
    if batch.ended_at.is_some() || !lease::is_current(set, &batch.rail, command.epoch) {
        return Ok((Answer::BatchEnded { new: false }, Vec::new()));
    }
    let withdrawals: Vec<&WithdrawalRecord> = batch
        .withdrawals
        .iter()
        .map(|id| set.withdrawal(*id))
        .collect::<Option<_>>()
        .ok_or(Code::Internal)?;
    let mut moves = Moves::new(set, command.now);
    let mut paid_for = batch.clone();
    cost::book(&mut moves, &mut paid_for, command.cost)?;
    let (batch, moves, now) = (&paid_for, &mut moves, command.now);
    let mut effects = match &command.ending {
        Ending::Settled { transaction } => settled(moves, batch, &withdrawals, now, transaction)?,
        Ending::Expired => vec![Effect::Batch(all_dead(batch))],
        // Whatever was cancelled is not tried again.
        Ending::Failed { .. } if batch.cancelled_at.is_some() => cancelled(moves, batch, &withdrawals, now)?,
        Ending::Failed { reason, parts, .. } => {
            failed(moves, batch, &withdrawals, now, (&told(reason), *parts))?
        }
        Ending::Cancelled => cancelled(moves, batch, &withdrawals, now)?,
    };
    effects.extend(std::mem::replace(moves, Moves::new(set, now)).into_effects());
    effects.extend(counted(in_force, set, batch, command).map(Effect::Rail));
    let new = !matches!(command.ending, Ending::Expired);
    Ok((Answer::BatchEnded { new }, effects))
}

/// The rail after this ending, where that changes it: too many failures in a row pause it, since something may be wrong with
/// all of it.
fn counted(
    in_force: &InForce,
    set: &WorkingSet,
    batch: &BatchRecord,
    command: &EndBatch,
) -> Option<RailRecord> {
    let rail = set.rail(&batch.rail);
    match &command.ending {
        Ending::Expired | Ending::Cancelled | Ending::Failed { counts: false, .. } => None,
        Ending::Settled { .. } => (rail.failures > 0).then_some(RailRecord { failures: 0, ..rail }),
        // Of a batch of many, one bad recipient is to be found first.
        Ending::Failed { counts: true, .. } if batch.withdrawals.len() > 1 => None,
        Ending::Failed { counts: true, .. } => {
            let failures = rail.failures.saturating_add(1);
            let most = in_force.rails.get(&batch.rail).map_or(u32::MAX, |rules| rules.failures_max);
            // The reasons are in the log: a recipient may have written them, and everybody sees this.
            let why = || format!("{failures} payouts in a row failed");
            let too_many = failures >= most && pause::goes_on(&rail);
            let pause = if too_many {
                Some(Pause { at: command.now, why: why().into() })
            } else {
                rail.pause.clone()
            };
            Some(RailRecord { failures, pause, ..rail })
        }
    }
}

/// A reason as it is stored: a chain, or a contract on it, has written it, and may have written anything.
fn told(reason: &str) -> Arc<str> {
    let told = reason.chars().map(|char| if char.is_control() { ' ' } else { char });
    told.take(REASON_CHARS_MAX).collect::<String>().into()
}

/// Everybody was paid: what arrived is the world's, the fees are the faucet's.
fn settled(
    moves: &mut Moves<'_>,
    batch: &BatchRecord,
    withdrawals: &[&WithdrawalRecord],
    now: Timestamp,
    transaction: &Arc<str>,
) -> Result<Vec<Effect>, Refusal> {
    let mut effects = Vec::new();
    for withdrawal in withdrawals {
        leave_pending(moves, withdrawal, Kind::Payout, Holder::World)?;
        let stage = Stage::Paid { at: now, batch: batch.id, transaction: Arc::clone(transaction) };
        effects.push(Effect::Withdrawal(WithdrawalRecord { stage, ..(*withdrawal).clone() }));
    }
    effects.push(Effect::Batch(BatchRecord { ended_at: Some(now), ..batch.clone() }));
    Ok(effects)
}

/// Moves what a withdrawal pays out of its pending account to `gainer`, and its fee to the fees.
pub(super) fn leave_pending(
    moves: &mut Moves<'_>,
    withdrawal: &WithdrawalRecord,
    kind: Kind,
    gainer: Holder,
) -> Result<(), Refusal> {
    let pending = || Holder::Pending(withdrawal.wallet);
    // What is pending was put there when it was requested: there cannot be less.
    take(moves, withdrawal, kind, (pending(), gainer), withdrawal.arrives()).map_err(|_| Code::Internal)?;
    take(moves, withdrawal, Kind::Fee, (pending(), Holder::Fees), withdrawal.fee)
        .map_err(|_| Code::Internal.into())
}

/// Nobody was paid. What was not alone is divided, so that one bad recipient does not fail the others; what failed alone
/// is tried once more, and then its money goes back, less the fee.
fn failed(
    moves: &mut Moves<'_>,
    batch: &BatchRecord,
    withdrawals: &[&WithdrawalRecord],
    now: Timestamp,
    (reason, parts): (&Arc<str>, [BatchId; 2]),
) -> Result<Vec<Effect>, Refusal> {
    let mut effects = vec![Effect::Batch(BatchRecord { ended_at: Some(now), ..all_dead(batch) })];
    let [first, second] = parts;
    match withdrawals {
        [alone] if alone.failures.saturating_add(1) >= FAILURES_MAX => {
            let player = Holder::Player(alone.wallet);
            leave_pending(moves, alone, Kind::Returned, player)?;
            effects.push(Effect::Withdrawal(WithdrawalRecord {
                stage: Stage::Returned { at: now, reason: Arc::clone(reason) },
                failures: alone.failures.saturating_add(1),
                ..(*alone).clone()
            }));
        }
        [_] => effects.extend(batch_of(first, now, withdrawals, 1).1),
        _ => {
            let (one, other) = withdrawals.split_at(withdrawals.len() / 2);
            effects.extend(batch_of(first, now, one, 0).1);
            effects.extend(batch_of(second, now, other, 0).1);
        }
    }
    Ok(effects)
}

/// Nobody was paid, and nobody will be: the money goes back whole, for no player asked for this.
fn cancelled(
    moves: &mut Moves<'_>,
    batch: &BatchRecord,
    withdrawals: &[&WithdrawalRecord],
    now: Timestamp,
) -> Result<Vec<Effect>, Refusal> {
    let mut effects = vec![Effect::Batch(BatchRecord { ended_at: Some(now), ..all_dead(batch) })];
    for withdrawal in withdrawals {
        let holders = (Holder::Pending(withdrawal.wallet), Holder::Player(withdrawal.wallet));
        take(moves, withdrawal, Kind::Returned, holders, withdrawal.amount).map_err(|_| Code::Internal)?;
        let stage = Stage::Cancelled { at: now, reason: None };
        effects.push(Effect::Withdrawal(WithdrawalRecord { stage, ..(*withdrawal).clone() }));
    }
    Ok(effects)
}

pub(super) fn all_dead(batch: &BatchRecord) -> BatchRecord {
    let dead = |candidate: &Candidate| Candidate { is_dead: true, ..candidate.clone() };
    BatchRecord { candidates: batch.candidates.iter().map(dead).collect(), ..batch.clone() }
}
