//! Paying out: what waits for a rail is taken into batches, signed, kept, sent, and asked after until it has ended.
//!
//! Every step is a change in the store before the next one begins, so that the process may be killed between any two:
//! what is in the store is gone on with. A candidate is kept before it is sent, and only what was kept is sent.

use std::sync::Arc;

use dripline_shared::error::Code;
use dripline_shared::payout::BatchId;

use crate::check;
use crate::faucet::{Faucet, RailAtWork, unreadable};
use crate::payout::{Rail, RailError, Verdict};
use crate::refusal::Refusal;
use crate::store::command::{EndBatch, Ending, KeepCandidate, MakeBatch};
use crate::store::record::{BatchFacts, Candidate};
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
            let is_paused = rails.iter().any(|rail| rail.id == id && rail.pause.is_some());
            Ok::<_, Refusal>((reader.batches(&id).map_err(unreadable)?, is_paused))
        };
        let (batches, is_paused) = self.faucet.inner.readers.run(read).await??;
        let may_send = !is_paused && check::rail::is_running(&self.faucet.inner.in_force.stopped, &self.id);
        let under_way = batches.len();
        let mut progress = if under_way == 0 { Progress::Idle } else { Progress::Waiting };
        // What one batch meets must not hold up the others: the first failure is told once all had their turn.
        let mut failure = None;
        for batch in batches {
            match self.advance(batch, may_send).await {
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
    /// only asked what became of what was sent before.
    async fn advance(&self, batch: BatchFacts, may_send: bool) -> Result<bool, Refusal> {
        let Some(alive) = batch.record.candidates.iter().find(|candidate| !candidate.is_dead).cloned() else {
            return if may_send { self.sign(batch).await } else { Ok(false) };
        };
        let record = batch.record.clone();
        let verdict = self.ask(move |rail| rail.verdict(&record)).await?;
        let now = self.faucet.inner.edge.now();
        let ending = match verdict {
            Verdict::Alive => {
                if may_send {
                    // It may never have been sent, or been lost on the way.
                    self.ask(move |rail| rail.send(&batch.record, &alive.id, &alive.bytes)).await?;
                }
                return Ok(false);
            }
            Verdict::Unknown { why } => {
                tracing::error!(rail = %self.id, batch = %batch.record.id, why, "cannot tell what became of a payout");
                return Ok(false);
            }
            Verdict::Settled { transaction } => Ending::Settled { transaction },
            Verdict::Expired => Ending::Expired,
            Verdict::Failed { reason } => {
                let part = || BatchId::new(now, self.faucet.inner.edge.random());
                Ending::Failed { reason, parts: [part(), part()] }
            }
        };
        self.change(Command::EndBatch(EndBatch { now, batch: batch.record.id, ending })).await?;
        Ok(true)
    }

    /// Signs a candidate, keeps it, and only then sends it.
    async fn sign(&self, batch: BatchFacts) -> Result<bool, Refusal> {
        let record = batch.record.clone();
        let (id, bytes) = self.ask(move |rail| rail.sign(&batch)).await?;
        let stored_at = self.faucet.inner.edge.now();
        let candidate = Candidate { id: Arc::clone(&id), bytes: bytes.clone(), stored_at, is_dead: false };
        let keep = KeepCandidate { batch: record.id, candidate };
        let Answer::Kept { new } = self.change(Command::KeepCandidate(Box::new(keep))).await? else {
            return Err(Code::Internal.into());
        };
        if new {
            self.ask(move |rail| rail.send(&record, &id, &bytes)).await?;
        } else {
            tracing::warn!(rail = %self.id, batch = %record.id, candidate = %id, "what was signed was not kept");
        }
        Ok(new)
    }

    async fn change(&self, command: Command) -> Result<Answer, Refusal> {
        self.faucet.inner.writer.change(command).await
    }

    /// Asks the rail, on a thread where waiting hurts nobody.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn Rail) -> Result<T, RailError> + Send + 'static,
    ) -> Result<T, Refusal> {
        let rail = Arc::clone(&self.at_work.rail);
        let answer = tokio::task::spawn_blocking(move || question(&*rail)).await;
        // Without an answer the rail has panicked, which is in the log.
        answer.map_err(|_| Code::Internal)?.map_err(|RailError(error)| {
            tracing::warn!(rail = %self.id, error, "a rail did not answer");
            Refusal::new(Code::Internal, error)
        })
    }
}
