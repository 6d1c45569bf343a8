//! Paying out: what waits for a rail is taken into batches, signed, kept, sent, and asked after until it has ended.
//!
//! Every step is a change in the store before the next one begins, so that the process may be killed between any two:
//! what is in the store is gone on with. A candidate is kept before it is sent, and only what was kept is sent.
//!
//! Of several servers one at a time pays by a rail: the one that has its lease (`payout::lease`).

use std::sync::Arc;

use dripline_shared::error::Code;
use dripline_shared::payout::BatchId;
use dripline_shared::time::Timestamp;

use crate::check;
use crate::faucet::{Faucet, RailAtWork, unreadable};
use crate::payout::{Rail, RailError, Signed, Verdict, lease};
use crate::refusal::Refusal;
use crate::store::command::{EndBatch, Ending, KeepCandidate, MakeBatch, SetPause, TakeLease};
use crate::store::record::{BatchFacts, Candidate, Pause, RailRecord, ServerId};
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

/// What a payer goes by during a step.
#[derive(Debug)]
struct Turn {
    /// The epoch of the lease under which it began.
    epoch: u64,
    /// How the rail stands; kept up to date.
    record: RailRecord,
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
    /// Another server pays by this rail.
    Elsewhere,
}

impl Faucet {
    /// Whether other servers may be at work on the same store.
    pub fn is_beside_others(&self) -> bool {
        self.inner.server != ServerId::OF_THE_DIRECTORY
    }

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

    /// Takes the rail's lease, or renews it, and gives its epoch; `None` where another server has it.
    async fn lease(&self) -> Result<Option<u64>, Refusal> {
        let now = self.faucet.inner.edge.now();
        self.take_lease(now, lease::until(self.faucet.inner.server, now)).await
    }

    async fn take_lease(&self, now: Timestamp, until: Timestamp) -> Result<Option<u64>, Refusal> {
        let (rail, owner) = (Arc::clone(&self.id), self.faucet.inner.server);
        match self.change(Command::TakeLease(TakeLease { now, rail, owner, until })).await? {
            Answer::Leased { epoch } => Ok(epoch),
            _ => Err(Code::Internal.into()),
        }
    }

    /// Keeps the rail for this server while a step takes long. To be called every few seconds then.
    pub async fn hold(&self) -> Result<(), Refusal> {
        self.lease().await.map(drop)
    }

    /// Leaves the rail to other servers at once, if there may be any. To be called once no more steps are taken.
    pub async fn leave(&self) -> Result<(), Refusal> {
        if !self.faucet.is_beside_others() {
            return Ok(());
        }
        let now = self.faucet.inner.edge.now();
        self.take_lease(now, now).await.map(drop)
    }

    /// Takes every batch that has not ended one step further, and makes a new one of what waits; where another server pays
    /// by the rail, nothing.
    pub async fn step(&self) -> Result<Progress, Refusal> {
        let Some(epoch) = self.lease().await? else { return Ok(Progress::Elsewhere) };
        let id = Arc::clone(&self.id);
        let read = move |reader: &mut BoxedReader| {
            let rails = reader.rails().map_err(unreadable)?;
            let record = rails.into_iter().find(|rail| rail.id == id);
            let record = record.unwrap_or_else(|| RailRecord::new(Arc::clone(&id)));
            Ok::<_, Refusal>((reader.batches(&id).map_err(unreadable)?, record))
        };
        let (batches, record) = self.faucet.inner.readers.run(read).await??;
        let mut turn = Turn { epoch, record };
        let under_way = batches.len();
        let mut progress = if under_way == 0 { Progress::Idle } else { Progress::Waiting };
        // What one batch meets must not hold up the others: the first failure is told once all had their turn.
        let mut failure = None;
        for batch in batches {
            // Without the lease nothing would come of it.
            if self.lease().await? != Some(epoch) {
                return Ok(Progress::Elsewhere);
            }
            match self.advance(batch, &mut turn).await {
                Ok(true) => progress = Progress::Some,
                Ok(false) => {}
                Err(refusal) => failure = failure.or(Some(refusal)),
            }
        }
        if under_way < BATCHES_MAX && self.make_batches(epoch).await? {
            progress = Progress::Some;
        }
        failure.map_or(Ok(progress), Err)
    }

    /// Whether the rail may sign and send: neither paused nor stopped.
    fn may_send(&self, record: &RailRecord) -> bool {
        record.pause.is_none() && check::rail::is_running(&self.faucet.inner.in_force.stopped, &self.id)
    }

    /// Makes a batch of each asset of which anything waits.
    async fn make_batches(&self, epoch: u64) -> Result<bool, Refusal> {
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
                epoch,
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
    async fn advance(&self, batch: BatchFacts, turn: &mut Turn) -> Result<bool, Refusal> {
        let is_dead = |candidate: &Candidate| candidate.is_dead;
        if batch.record.candidates.iter().all(is_dead) {
            return match (batch.record.cancelled_at, self.may_send(&turn.record)) {
                (Some(_), _) => self.end(&batch, Ending::Cancelled, turn.epoch).await,
                (None, true) => self.sign(batch, turn).await,
                (None, false) => Ok(false),
            };
        }
        let asked = batch.clone();
        let ending = match self.ask(turn, move |rail, now| rail.verdict(&asked, now)).await? {
            Verdict::Alive => {
                if self.may_send(&turn.record) {
                    self.send_again(batch, turn).await?;
                }
                return Ok(false);
            }
            Verdict::Unknown { why } => {
                tracing::error!(rail = %self.id, batch = %batch.record.id, why, "cannot tell what became of a payout");
                return Ok(false);
            }
            Verdict::Foreign { why } => {
                self.stop(turn, &why).await?;
                return Ok(false);
            }
            Verdict::Settled { transaction } => Ending::Settled { transaction },
            Verdict::Expired => Ending::Expired,
            Verdict::Cancelled => Ending::Cancelled,
            Verdict::Failed { reason } => {
                let edge = &self.faucet.inner.edge;
                let part = || BatchId::new(edge.now(), edge.random());
                Ending::Failed { reason, parts: [part(), part()] }
            }
        };
        self.end(&batch, ending, turn.epoch).await
    }

    async fn end(&self, batch: &BatchFacts, ending: Ending, epoch: u64) -> Result<bool, Refusal> {
        let now = self.faucet.inner.edge.now();
        self.change(Command::EndBatch(EndBatch { now, batch: batch.record.id, ending, epoch })).await?;
        Ok(true)
    }

    /// Signs a candidate, keeps it, and only then sends it.
    async fn sign(&self, batch: BatchFacts, turn: &mut Turn) -> Result<bool, Refusal> {
        let (asked, stands) = (batch.clone(), turn.record.clone());
        let signed = self.ask(turn, move |rail, now| rail.sign(&asked, &stands, now)).await?;
        let nonce = signed.nonce;
        let Some(candidate) = self.keep(&batch, signed, turn.epoch).await? else { return Ok(false) };
        turn.record.next_nonce = nonce.map_or(turn.record.next_nonce, |nonce| Some(nonce.saturating_add(1)));
        self.ask(turn, move |rail, now| rail.send(&batch.record, &candidate, now)).await?;
        Ok(true)
    }

    /// Sends once more what may still be executed: it may never have been sent, or been lost on the way. Where it is time
    /// for something else in its place, that is kept and sent.
    async fn send_again(&self, batch: BatchFacts, turn: &mut Turn) -> Result<(), Refusal> {
        let asked = batch.clone();
        let replacement = match self.ask(turn, move |rail, now| rail.replace(&asked, now)).await? {
            Some(signed) => self.keep(&batch, signed, turn.epoch).await?,
            None => None,
        };
        let newest = || batch.record.candidates.iter().rev().find(|candidate| !candidate.is_dead).cloned();
        let Some(candidate) = replacement.or_else(newest) else { return Ok(()) };
        self.ask(turn, move |rail, now| rail.send(&batch.record, &candidate, now)).await
    }

    /// Keeps what was signed for a batch. Gives it where it may be sent.
    async fn keep(
        &self,
        batch: &BatchFacts,
        signed: Signed,
        epoch: u64,
    ) -> Result<Option<Candidate>, Refusal> {
        let Signed { id, bytes, nonce } = signed;
        let stored_at = self.faucet.inner.edge.now();
        let candidate = Candidate { id, bytes, nonce, stored_at, is_dead: false };
        let keep = KeepCandidate { batch: batch.record.id, candidate: candidate.clone(), epoch };
        let Answer::Kept { new } = self.change(Command::KeepCandidate(Box::new(keep))).await? else {
            return Err(Code::Internal.into());
        };
        if !new {
            tracing::warn!(rail = %self.id, batch = %batch.record.id, candidate = %candidate.id, "what was signed was not kept");
        }
        Ok(new.then_some(candidate))
    }

    /// Pauses the rail, because what is on the chain is not what is in the store.
    async fn stop(&self, turn: &mut Turn, why: &str) -> Result<(), Refusal> {
        tracing::error!(rail = %self.id, why, "the treasury did what is not in the store");
        let now = self.faucet.inner.edge.now();
        let why: Arc<str> = format!("recovery: {why}").into();
        turn.record.pause = Some(Pause { at: now, why: Arc::clone(&why) });
        let pause = SetPause { now, rail: Arc::clone(&self.id), why: Some(why) };
        self.change(Command::SetPause(pause)).await.map(drop)
    }

    async fn change(&self, command: Command) -> Result<Answer, Refusal> {
        self.faucet.inner.writer.change(command).await
    }

    /// Asks the rail, on a thread where waiting hurts nobody. One that finds that it must not go on is paused.
    async fn ask<T: Send + 'static>(
        &self,
        turn: &mut Turn,
        question: impl FnOnce(&dyn Rail, Timestamp) -> Result<T, RailError> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (rail, now) = (Arc::clone(&self.at_work.rail), self.faucet.inner.edge.now());
        let answer = tokio::task::spawn_blocking(move || question(&*rail, now)).await;
        // Without an answer the rail has panicked, which is in the log.
        match answer.map_err(|_| Code::Internal)? {
            Ok(answer) => Ok(answer),
            Err(RailError::Later(error)) => {
                tracing::warn!(rail = %self.id, error, "a rail did not answer");
                Err(Refusal::new(Code::Internal, error))
            }
            Err(RailError::Foreign(why)) => {
                self.stop(turn, &why).await?;
                Err(Refusal::new(Code::Internal, why))
            }
        }
    }
}
