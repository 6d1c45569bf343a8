//! Paying out: what waits for a rail is taken into batches, signed, kept, sent, and asked after until it has ended.
//!
//! Every step is a change in the store before the next one begins, so that the process may be killed between any two:
//! what is in the store is gone on with. A candidate is kept before it is sent, and only what was kept is sent.

use std::sync::Arc;

use dripline_shared::error::Code;
use dripline_shared::payout::BatchId;
use dripline_shared::time::Timestamp;

use crate::check;
use crate::faucet::{Faucet, RailAtWork, unreadable};
use crate::payout::{Rail, RailError, Signed, Verdict};
use crate::refusal::Refusal;
use crate::store::command::{EndBatch, Ending, KeepCandidate, MakeBatch, SetPause};
use crate::store::record::{BatchFacts, Candidate, Pause, RailRecord};
use crate::store::{Answer, BoxedReader, Command};

/// How many batches of a rail may be under way.
const BATCHES_MAX: usize = 16;

/// Pays out by one rail.
#[derive(Debug, Clone)]
pub struct Payer {
    faucet: Faucet,
    id: Arc<str>,
    at_work: RailAtWork,
}

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Something went on: there may be more to do at once.
    Some,
    /// Nothing goes on but by waiting for the rail.
    Waiting,
    /// There is nothing to pay.
    Idle,
}

impl Faucet {
    /// One for each rail.
    pub fn payers(&self) -> Vec<Payer> {
        let payer = |(id, at_work): (&Arc<str>, &RailAtWork)| Payer {
            faucet: self.clone(),
            id: Arc::clone(id),
            at_work: at_work.clone(),
        };
        self.inner.rails.iter().map(payer).collect()
    }
}

impl Payer {
    /// The rail's id.
    pub fn rail(&self) -> &str {
        &self.id
    }

    /// Completes when something was requested since it completed last.
    pub async fn wanted(&self) {
        self.at_work.wanted.notified().await;
    }

    /// Takes every batch that has not ended one step further, and makes a new one of what waits.
    pub async fn step(&self) -> Result<Progress, Refusal> {
        let id = Arc::clone(&self.id);
        let read = move |reader: &mut BoxedReader| {
            let rails = reader.rails().map_err(unreadable)?;
            let record = rails.into_iter().find(|rail| rail.id == id);
            let record = record.unwrap_or_else(|| RailRecord::new(Arc::clone(&id)));
            Ok::<_, Refusal>((reader.batches(&id).map_err(unreadable)?, record))
        };
        let (batches, mut record) = self.faucet.inner.readers.run(read).await??;
        let under_way = batches.len();
        let mut progress = if under_way == 0 { Progress::Idle } else { Progress::Waiting };
        // What one batch meets must not hold up the others: the first failure is told once all had their turn.
        let mut failure = None;
        for batch in batches {
            match self.advance(batch, &mut record).await {
                Ok(true) => progress = Progress::Some,
                Ok(false) => {}
                Err(refusal) => failure = failure.or(Some(refusal)),
            }
        }
        if under_way < BATCHES_MAX && self.make_batches().await? {
            progress = Progress::Some;
        }
        failure.map_or(Ok(progress), Err)
    }

    /// Whether the rail may sign and send: neither paused nor stopped.
    fn may_send(&self, record: &RailRecord) -> bool {
        record.pause.is_none() && check::rail::is_running(&self.faucet.inner.in_force.stopped, &self.id)
    }

    /// Makes a batch of each asset of which anything waits.
    async fn make_batches(&self) -> Result<bool, Refusal> {
        let edge = &self.faucet.inner.edge;
        let Ok((_, rules)) = self.faucet.inner.in_force.rail(&self.id) else { return Ok(false) };
        let mut has_made = false;
        for asset in rules.assets.keys() {
            let now = edge.now();
            let make = MakeBatch {
                now,
                rail: Arc::clone(&self.id),
                asset: Arc::clone(asset),
                id: BatchId::new(now, edge.random()),
                most: self.at_work.rail.batch_max(),
            };
            match self.change(Command::MakeBatch(make)).await? {
                Answer::Batched { batch } => has_made |= batch.is_some(),
                _ => return Err(Code::Internal.into()),
            }
        }
        Ok(has_made)
    }

    /// Takes a batch one step further; tells whether anything went on. A rail that is stopped or paused may not send: it is
    /// only asked what became of what was sent before. `record` is how the rail stands, and is kept up to date.
    async fn advance(&self, batch: BatchFacts, record: &mut RailRecord) -> Result<bool, Refusal> {
        let is_dead = |candidate: &Candidate| candidate.is_dead;
        if batch.record.candidates.iter().all(is_dead) {
            return match (batch.record.cancelled_at, self.may_send(record)) {
                (Some(_), _) => self.end(&batch, Ending::Cancelled).await,
                (None, true) => self.sign(batch, record).await,
                (None, false) => Ok(false),
            };
        }
        let asked = batch.clone();
        let ending = match self.ask(record, move |rail, now| rail.verdict(&asked, now)).await? {
            Verdict::Alive => {
                if self.may_send(record) {
                    self.send_again(batch, record).await?;
                }
                return Ok(false);
            }
            Verdict::Unknown { why } => {
                tracing::error!(rail = %self.id, batch = %batch.record.id, why, "cannot tell what became of a payout");
                return Ok(false);
            }
            Verdict::Foreign { why } => {
                self.stop(record, &why).await?;
                return Ok(false);
            }
            Verdict::Settled { transaction } => Ending::Settled { transaction },
            Verdict::Expired => Ending::Expired,
            Verdict::Cancelled => Ending::Cancelled,
            Verdict::Failed { reason } => self.failed(reason),
        };
        self.end(&batch, ending).await
    }

    fn failed(&self, reason: Arc<str>) -> Ending {
        let edge = &self.faucet.inner.edge;
        let part = || BatchId::new(edge.now(), edge.random());
        Ending::Failed { reason, parts: [part(), part()] }
    }

    async fn end(&self, batch: &BatchFacts, ending: Ending) -> Result<bool, Refusal> {
        let now = self.faucet.inner.edge.now();
        self.change(Command::EndBatch(EndBatch { now, batch: batch.record.id, ending })).await?;
        Ok(true)
    }

    /// Signs a candidate, keeps it, and only then sends it. What would fail is not signed, and has failed.
    async fn sign(&self, batch: BatchFacts, record: &mut RailRecord) -> Result<bool, Refusal> {
        let (asked, stands) = (batch.clone(), record.clone());
        let answer = self.answer(move |rail, now| rail.sign(&asked, &stands, now)).await?;
        let signed = match answer {
            Err(RailError::Refused { reason }) => return self.end(&batch, self.failed(reason)).await,
            answer => self.taken(record, answer).await?,
        };
        let nonce = signed.nonce;
        let Some(candidate) = self.keep(&batch, signed).await? else { return Ok(false) };
        record.next_nonce = nonce.map_or(record.next_nonce, |nonce| Some(nonce.saturating_add(1)));
        self.ask(record, move |rail, now| rail.send(&batch.record, &candidate, now)).await?;
        Ok(true)
    }

    /// Sends once more what may still be executed: it may never have been sent, or been lost on the way. Where it is time
    /// for something else in its place, that is kept and sent.
    async fn send_again(&self, batch: BatchFacts, record: &mut RailRecord) -> Result<(), Refusal> {
        let asked = batch.clone();
        let replacement = match self.ask(record, move |rail, now| rail.replace(&asked, now)).await? {
            Some(signed) => self.keep(&batch, signed).await?,
            None => None,
        };
        let newest = || batch.record.candidates.iter().rev().find(|candidate| !candidate.is_dead).cloned();
        let Some(candidate) = replacement.or_else(newest) else { return Ok(()) };
        self.ask(record, move |rail, now| rail.send(&batch.record, &candidate, now)).await
    }

    /// Keeps what was signed for a batch. Gives it where it may be sent.
    async fn keep(&self, batch: &BatchFacts, signed: Signed) -> Result<Option<Candidate>, Refusal> {
        let Signed { id, bytes, nonce } = signed;
        let stored_at = self.faucet.inner.edge.now();
        let candidate = Candidate { id, bytes, nonce, stored_at, is_dead: false };
        let keep = KeepCandidate { batch: batch.record.id, candidate: candidate.clone() };
        let Answer::Kept { new } = self.change(Command::KeepCandidate(Box::new(keep))).await? else {
            return Err(Code::Internal.into());
        };
        if !new {
            tracing::warn!(rail = %self.id, batch = %batch.record.id, candidate = %candidate.id, "what was signed was not kept");
        }
        Ok(new.then_some(candidate))
    }

    /// Pauses the rail, because what is on the chain is not what is in the store.
    async fn stop(&self, record: &mut RailRecord, why: &str) -> Result<(), Refusal> {
        tracing::error!(rail = %self.id, why, "the treasury did what is not in the store");
        let now = self.faucet.inner.edge.now();
        let why: Arc<str> = format!("recovery: {why}").into();
        record.pause = Some(Pause { at: now, why: Arc::clone(&why) });
        let pause = SetPause { now, rail: Arc::clone(&self.id), why: Some(why), next_nonce: None };
        self.change(Command::SetPause(pause)).await.map(drop)
    }

    async fn change(&self, command: Command) -> Result<Answer, Refusal> {
        self.faucet.inner.writer.change(command).await
    }

    /// Asks the rail, on a thread where waiting hurts nobody. One that finds that it must not go on is paused.
    async fn ask<T: Send + 'static>(
        &self,
        record: &mut RailRecord,
        question: impl FnOnce(&dyn Rail, Timestamp) -> Result<T, RailError> + Send + 'static,
    ) -> Result<T, Refusal> {
        let answer = self.answer(question).await?;
        self.taken(record, answer).await
    }

    async fn answer<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn Rail, Timestamp) -> Result<T, RailError> + Send + 'static,
    ) -> Result<Result<T, RailError>, Refusal> {
        let (rail, now) = (Arc::clone(&self.at_work.rail), self.faucet.inner.edge.now());
        // Without an answer the rail has panicked, which is in the log.
        Ok(tokio::task::spawn_blocking(move || question(&*rail, now)).await.map_err(|_| Code::Internal)?)
    }

    /// What was answered, once it is told why there is nothing.
    async fn taken<T>(&self, record: &mut RailRecord, answer: Result<T, RailError>) -> Result<T, Refusal> {
        match answer {
            Ok(answer) => Ok(answer),
            Err(error @ (RailError::Later(_) | RailError::Refused { .. })) => {
                let error = error.to_string();
                tracing::warn!(rail = %self.id, error, "a rail did not answer");
                Err(Refusal::new(Code::Internal, error))
            }
            Err(RailError::Foreign(why)) => {
                self.stop(record, &why).await?;
                Err(Refusal::new(Code::Internal, why))
            }
        }
    }
}
