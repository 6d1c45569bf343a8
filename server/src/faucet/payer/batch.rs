//! One step of one batch: asking what became of it, signing, keeping and sending.

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, PoisonError};

use dripline_shared::amount::Amount;
use dripline_shared::error::Code;
use dripline_shared::payout::BatchId;
use dripline_shared::time::{MINUTE_MS, Timestamp};

use super::{Payer, Turn, is_due};
use crate::payout::{RailError, Signed, Verdict, pause};
use crate::refusal::Refusal;
use crate::store::command::{EndBatch, Ending, Halt, KeepCandidate};
use crate::store::record::{BatchFacts, Candidate, Reserve, Stage};
use crate::store::{Answer, Command};

/// How long after it was sent a candidate is sent again, in milliseconds, while it may still be executed.
const SEND_AGAIN_MS: u64 = 3_000;

/// For how long it is asked what executing something has cost, in milliseconds.
const UNPRICED_MS: u64 = 10 * MINUTE_MS;

impl Payer {
    /// Takes a batch one step further; tells whether anything went on. A rail that is stopped or paused may not send: it is
    /// only asked what became of what was sent before.
    pub(super) async fn advance(&self, batch: BatchFacts, turn: &Turn) -> Result<bool, Refusal> {
        if !has_live_candidate(&batch) {
            let may_sign = self.may_sign(&*turn.record.lock().await, turn, batch.record.id);
            return match (batch.record.cancelled_at, may_sign) {
                (Some(_), _) => self.end(&batch, Ending::Cancelled, turn.epoch).await,
                (None, true) => self.sign(batch, turn).await,
                (None, false) => Ok(false),
            };
        }
        let asked = batch.clone();
        let ending = match self.ask(turn, move |rail, now| rail.verdict(&asked, now)).await? {
            Verdict::Alive => {
                if batch.record.halted_at.is_some() {
                    let (now, rail) = (self.faucet.inner.edge.now(), Arc::clone(&self.id));
                    let halt = Halt { now, rail, batch: Some(batch.record.id), why: None, epoch: turn.epoch };
                    self.change(Command::Halt(halt)).await?;
                }
                let may_send = self.may_send(&*turn.record.lock().await);
                if may_send {
                    self.send_again(batch, turn).await?;
                }
                return Ok(false);
            }
            Verdict::Unknown { why } => {
                turn.unknown.lock().await.push((batch.record.id, why));
                return Ok(false);
            }
            Verdict::Halt { why } => {
                self.halt(turn, Some(batch.record.id), &why).await?;
                return Ok(false);
            }
            Verdict::Settled { transaction } => Ending::Settled { transaction },
            Verdict::Expired => Ending::Expired,
            Verdict::Cancelled => Ending::Cancelled,
            Verdict::Failed { reason } => self.failed(&batch, reason, true),
        };
        self.end(&batch, ending, turn.epoch).await
    }

    fn failed(&self, batch: &BatchFacts, reason: Arc<str>, counts: bool) -> Ending {
        tracing::warn!(rail = %self.id, batch = %batch.record.id, reason = &*reason, "a payout failed");
        let edge = &self.faucet.inner.edge;
        let part = || BatchId::new(edge.now(), edge.random());
        Ending::Failed { reason, counts, parts: [part(), part()] }
    }

    async fn end(&self, batch: &BatchFacts, ending: Ending, epoch: u64) -> Result<bool, Refusal> {
        let cost = self.cost(batch).await?;
        let now = self.faucet.inner.edge.now();
        let end = EndBatch { now, batch: batch.record.id, ending: ending.clone(), cost, epoch };
        if let Answer::BatchEnded { new: true } = self.change(Command::EndBatch(end)).await? {
            self.at_work.counts.ended(&ending, batch.withdrawals.len());
        }
        Ok(true)
    }

    /// What executing a batch has cost. What cannot be found out for long is taken to be all that was set aside: players do not
    /// wait for the books of the faucet.
    async fn cost(&self, batch: &BatchFacts) -> Result<Amount, Refusal> {
        let Some(reserve) = batch.record.reserve.as_ref().filter(|_| has_live_candidate(batch)) else {
            return Ok(Amount::ZERO);
        };
        let (id, asked, now) = (batch.record.id, batch.clone(), self.faucet.inner.edge.now());
        let cost = self.answer(move |rail, _| rail.cost(&asked)).await?;
        let mut unpriced = self.at_work.unpriced.lock().unwrap_or_else(PoisonError::into_inner);
        let error = match cost {
            Ok(cost) => {
                unpriced.remove(&id);
                return Ok(cost);
            }
            Err(error) => error,
        };
        if now.since(*unpriced.entry(id).or_insert(now)) < UNPRICED_MS {
            return Err(Refusal::new(Code::Internal, error.to_string()));
        }
        unpriced.remove(&id);
        tracing::error!(rail = %self.id, batch = %id, %error, "cannot tell what a payout has cost: all that was set aside is booked");
        Ok(reserve.amount)
    }

    /// Signs a candidate, keeps it, and only then sends it. What would fail is not signed, and has failed. Where the treasury has
    /// too little the rail pauses, and runs again where it has enough by now.
    async fn sign(&self, batch: BatchFacts, turn: &Turn) -> Result<bool, Refusal> {
        let id = batch.record.id;
        if let Some(other) = batch.withdrawals.iter().find(|it| it.stage != Stage::Batched(id)) {
            // Whatever has brought that about, nobody is paid twice by it.
            self.halt(
                turn,
                Some(id),
                &format!("withdrawal {} is in batch {id}, and is not said to be", other.id),
            )
            .await?;
            return Ok(false);
        }
        let (asked, stands) = (batch.clone(), turn.record.lock().await.clone());
        let was_short = !pause::signs(&stands);
        let signed = match self.answer(move |rail, now| rail.sign(&asked, &stands, now)).await? {
            Err(RailError::Refused { reason }) => {
                return self.end(&batch, self.failed(&batch, reason, false), turn.epoch).await;
            }
            Err(RailError::Short(missing)) => {
                self.is_short(turn, &missing).await?;
                return Ok(false);
            }
            answer => self.believed(turn, answer).await?,
        };
        if was_short {
            self.is_refilled(turn).await?;
        }
        let nonce = signed.nonce;
        let Some(candidate) = self.keep(&batch, signed, turn.epoch).await? else { return Ok(false) };
        if let Some(nonce) = nonce {
            turn.record.lock().await.next_nonce = Some(nonce.saturating_add(1));
        }
        self.send(batch, candidate, turn).await?;
        Ok(true)
    }

    /// Sends once more what may still be executed, every few seconds: it may never have been sent, or been lost on the way.
    /// Where it is time for something else in its place, that is kept and sent.
    async fn send_again(&self, batch: BatchFacts, turn: &Turn) -> Result<(), Refusal> {
        let asked = batch.clone();
        if let Some(signed) = self.ask(turn, move |rail, now| rail.replace(&asked, now)).await? {
            return match self.keep(&batch, signed, turn.epoch).await? {
                Some(replacement) => self.send(batch, replacement, turn).await,
                None => Ok(()),
            };
        }
        let newest = batch.record.alive().next_back().cloned();
        match newest.filter(|candidate| self.is_sent_again(candidate)) {
            Some(candidate) => self.send(batch, candidate, turn).await,
            None => Ok(()),
        }
    }

    async fn send(&self, batch: BatchFacts, candidate: Candidate, turn: &Turn) -> Result<(), Refusal> {
        let (id, now) = (Arc::clone(&candidate.id), self.faucet.inner.edge.now());
        // Before it is tried: what is not answered may have arrived, and the store must not forget it.
        self.sent().insert(id, now);
        self.ask(turn, move |rail, now| rail.send(&batch.record, &candidate, now)).await
    }

    /// When which candidate was sent last.
    pub(super) fn sent(&self) -> MutexGuard<'_, HashMap<Arc<str>, Timestamp>> {
        self.at_work.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is time to send this candidate, perhaps once more.
    fn is_sent_again(&self, candidate: &Candidate) -> bool {
        is_due(self.sent().get(&candidate.id).copied(), self.faucet.inner.edge.now(), SEND_AGAIN_MS)
    }

    /// Keeps what was signed for a batch. Gives it where it may be sent.
    async fn keep(
        &self,
        batch: &BatchFacts,
        signed: Signed,
        epoch: u64,
    ) -> Result<Option<Candidate>, Refusal> {
        let Signed { id, bytes, nonce, cost } = signed;
        let in_force = self.faucet.inner.in_force();
        let coin = in_force.rails.get(&self.id).and_then(|rules| rules.coin.as_ref());
        let reserve = coin.map(|coin| Reserve { coin: coin.code.as_str().into(), amount: cost });
        let stored_at = self.faucet.inner.edge.now();
        let candidate = Candidate { id, bytes, nonce, stored_at, is_dead: false };
        let keep = KeepCandidate { batch: batch.record.id, candidate: candidate.clone(), reserve, epoch };
        let Answer::Kept { new } = self.change(Command::KeepCandidate(Box::new(keep))).await? else {
            return Err(Code::Internal.into());
        };
        if !new {
            tracing::warn!(rail = %self.id, batch = %batch.record.id, candidate = %candidate.id, "what was signed was not kept");
        }
        Ok(new.then_some(candidate))
    }
}

/// Whether something that was signed for a batch may still be executed.
fn has_live_candidate(batch: &BatchFacts) -> bool {
    batch.record.alive().next().is_some()
}

/// Whether something is to be signed for a batch: nothing that was can be executed any more, and it is to be paid.
pub(super) fn is_to_be_signed(batch: &BatchFacts) -> bool {
    !has_live_candidate(batch) && batch.record.cancelled_at.is_none()
}
