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
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tracing::Instrument;
use tracing::field::Empty;

use crate::check;
use crate::faucet::{Faucet, RailAtWork, unreadable};
use crate::payout::{Rail, RailError, pause};
use crate::refusal::Refusal;
use crate::store::command::{Halt, MakeBatch};
use crate::store::record::{BatchFacts, RailRecord, ServerId};
use crate::store::{Answer, BoxedReader, Command};
use crate::telemetry::TRACES;

mod batch;
mod begin;
mod examine;
mod lease;
mod short;
mod trouble;

use batch::is_to_be_signed;
pub(in crate::faucet) use begin::Began;
pub(in crate::faucet) use short::Tried;
pub(in crate::faucet) use trouble::Told;

/// Pays out by one rail.
#[derive(Debug, Clone)]
pub struct Payer {
    faucet: Faucet,
    id: Arc<str>,
    at_work: Arc<RailAtWork>,
}

/// What a payer goes by during a step.
#[derive(Debug)]
struct Turn {
    /// The epoch of the lease under which it began.
    epoch: u64,
    /// How the rail stands; kept up to date.
    record: Mutex<RailRecord>,
    /// Of a treasury that had too little: the batch by which it is tried whether it has enough.
    tried: Option<BatchId>,
    /// Of which batches it cannot be told what became of them, and why.
    unknown: Mutex<Vec<(BatchId, String)>>,
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
        let payer = |(id, at_work): (&Arc<str>, &Arc<RailAtWork>)| Payer {
            faucet: self.clone(),
            id: Arc::clone(id),
            at_work: Arc::clone(at_work),
        };
        self.inner.rails.iter().map(payer).collect()
    }
}

/// Whether it is time again for what was done `at` that moment, and is done every so many milliseconds. A clock that was put back
/// keeps nothing from being done.
fn is_due(at: Option<Timestamp>, now: Timestamp, every_ms: u64) -> bool {
    at.is_none_or(|at| at > now || now.since(at) >= every_ms)
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

    /// Takes every batch that has not ended one step further, and makes new ones of what waits; where another server pays by
    /// the rail, nothing. What goes wrong is told to the operator.
    pub async fn step(&self) -> Result<Progress, Refusal> {
        let mut failures = Vec::new();
        let trace = tracing::info_span!(
            target: TRACES,
            parent: None,
            "payout step",
            dripline.rail = &*self.id,
            dripline.progress = Empty,
            error.type = Empty,
        );
        let taken = self.take_step(&mut failures).instrument(trace.clone()).await;
        if let Ok(progress) = &taken {
            trace.record("dripline.progress", tracing::field::debug(progress));
        }
        let failed = failures.len().saturating_add(usize::from(taken.is_err()));
        self.at_work.counts.failed(failed);
        let first = failures.first().or(taken.as_ref().err());
        if let Some(first) = first {
            trace.record("error.type", first.code().as_str());
            self.tell_failed(failures.len(), first);
        }
        match failures.into_iter().next() {
            Some(first) => Err(first),
            None => taken,
        }
    }

    /// As [`step`](Self::step). What one batch meets does not hold up the others: that is among the failures.
    async fn take_step(&self, failures: &mut Vec<Refusal>) -> Result<Progress, Refusal> {
        let Some(epoch) = self.lease().await? else {
            self.at_work.counts.set_unknown(0);
            return Ok(Progress::Elsewhere);
        };
        let id = Arc::clone(&self.id);
        let read = move |reader: &mut BoxedReader| {
            let rails = reader.rails().map_err(unreadable)?;
            let record = rails.into_iter().find(|rail| rail.id == id);
            let record = record.unwrap_or_else(|| RailRecord::new(Arc::clone(&id)));
            Ok::<_, Refusal>((reader.batches(&id).map_err(unreadable)?, record))
        };
        let (batches, record) = self.faucet.inner.readers.run(read).await??;
        let under_way = batches.len();
        let ids: Vec<BatchId> = batches.iter().map(|batch| batch.record.id).collect();
        let tried = self.to_try(&record, &batches);
        let turn = Arc::new(Turn { epoch, record: Mutex::new(record), tried, unknown: Mutex::default() });
        self.forget_sent(&batches, &turn).await?;
        let advanced = self.advance_all(batches, &turn, failures).await;
        self.tell_unknown(&turn.unknown.lock().await);
        self.at_work.counts.set_unknown(turn.unknown.lock().await.len());
        // Without the lease nothing would come of it.
        if !self.still_has(epoch).await? {
            return Ok(Progress::Elsewhere);
        }
        let places_taken = under_way.saturating_sub(self.at_work.rail.parked(&ids));
        let made = self.make_batches(places_taken, epoch).await?;
        let progress = match (advanced, made, under_way) {
            (false, false, 0) => Progress::Idle,
            (false, false, _) => Progress::Waiting,
            _ => Progress::Some,
        };
        Ok(progress)
    }

    /// Takes batches one step further; tells whether anything went on.
    async fn advance_all(
        &self,
        batches: Vec<BatchFacts>,
        turn: &Arc<Turn>,
        failures: &mut Vec<Refusal>,
    ) -> bool {
        let at_once = self.at_work.rail.pace().calls_max.max(1);
        let has_begun = self.begin(turn).await;
        let has_gap = if batches.is_empty() { Ok(()) } else { self.check_nonces(turn, &batches).await };
        let (unsigned, others): (Vec<_>, Vec<_>) = batches.into_iter().partition(is_to_be_signed);
        let unsigned = match self.within_means(unsigned, turn).await {
            Ok(unsigned) => unsigned,
            Err(refusal) => {
                failures.push(refusal);
                Vec::new()
            }
        };
        let mut goes_on = self.advance_each(others, at_once, turn, failures).await;
        // What was done behind the store's back must be known before anything is signed.
        let may_sign = match has_begun {
            _ if unsigned.is_empty() => {
                self.examine_idly(turn).await;
                Ok(false)
            }
            Ok(()) if has_gap.is_ok() => self.examine(turn).await,
            Ok(()) => Ok(false),
            Err(refusal) => Err(refusal),
        };
        failures.extend(has_gap.err());
        let unsigned = if matches!(may_sign, Ok(true)) { unsigned } else { Vec::new() };
        failures.extend(may_sign.err());
        // With nonces one is signed after the other, in the order in which they were made.
        let at_once = if self.at_work.rail.has_nonces() { 1 } else { at_once };
        goes_on |= self.advance_each(unsigned, at_once, turn, failures).await;
        goes_on
    }

    /// Takes these one step further, so many at a time; tells whether anything went on.
    async fn advance_each(
        &self,
        batches: Vec<BatchFacts>,
        at_once: usize,
        turn: &Arc<Turn>,
        failures: &mut Vec<Refusal>,
    ) -> bool {
        let mut goes_on = false;
        let mut batches = batches.into_iter();
        let mut steps = JoinSet::new();
        loop {
            while steps.len() < at_once
                && let Some(batch) = batches.next()
            {
                let (payer, turn) = (self.clone(), Arc::clone(turn));
                steps.spawn(async move {
                    // Without the lease nothing would come of it.
                    Ok(payer.still_has(turn.epoch).await? && payer.advance(batch, &turn).await?)
                });
            }
            match steps.join_next().await {
                None => return goes_on,
                Some(Ok(Ok(went_on))) => goes_on |= went_on,
                Some(Ok(Err(refusal))) => failures.push(refusal),
                // It has panicked, which is in the log.
                Some(Err(_)) => failures.push(Code::Internal.into()),
            }
        }
    }

    /// Whether the rail may go on with what was signed before: neither stopped nor paused, unless for its treasury alone.
    fn may_send(&self, record: &RailRecord) -> bool {
        pause::goes_on(record) && check::rail::is_running(&self.faucet.inner.in_force().stopped, &self.id)
    }

    /// Whether the rail may sign something new for this batch.
    fn may_sign(&self, record: &RailRecord, turn: &Turn, batch: BatchId) -> bool {
        self.may_send(record) && (pause::signs(record) || turn.tried == Some(batch))
    }

    /// Makes batches of each asset of which anything waits, until as many places are taken as there are.
    async fn make_batches(&self, mut places_taken: usize, epoch: u64) -> Result<bool, Refusal> {
        let edge = &self.faucet.inner.edge;
        let in_force = self.faucet.inner.in_force();
        let Ok((_, rules)) = in_force.rail(&self.id) else { return Ok(false) };
        let before = places_taken;
        let mut assets: Vec<&Arc<str>> = rules.assets.keys().collect();
        // By turns, so that a long queue of one asset leaves room for the others.
        while !assets.is_empty() {
            let mut waiting = Vec::new();
            for asset in assets {
                if places_taken >= self.at_work.rail.pace().batches_max.max(1) {
                    return Ok(places_taken > before);
                }
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
                    Answer::Batched { batch: Some(_) } => {
                        places_taken = places_taken.saturating_add(1);
                        waiting.push(asset);
                    }
                    Answer::Batched { batch: None } => {}
                    _ => return Err(Code::Internal.into()),
                }
            }
            assets = waiting;
        }
        Ok(places_taken > before)
    }

    /// Halts the rail, because the chain shows what the store does not; it was found of this batch, if of one.
    async fn halt(&self, turn: &Turn, batch: Option<BatchId>, why: &str) -> Result<(), Refusal> {
        tracing::error!(rail = %self.id, why, "the chain shows what the store does not: the rail is halted");
        let now = self.faucet.inner.edge.now();
        let halt = Halt { now, rail: Arc::clone(&self.id), batch, why: Some(why.into()), epoch: turn.epoch };
        let Answer::RailSet(rail) = self.change(Command::Halt(halt)).await? else {
            return Err(Code::Internal.into());
        };
        *turn.record.lock().await = rail;
        Ok(())
    }

    async fn change(&self, command: Command) -> Result<Answer, Refusal> {
        self.faucet.inner.writer.change(command).await
    }

    /// Asks the rail, and believes its answer.
    async fn ask<T: Send + 'static>(
        &self,
        turn: &Turn,
        question: impl FnOnce(&dyn Rail, Timestamp) -> Result<T, RailError> + Send + 'static,
    ) -> Result<T, Refusal> {
        let answer = self.answer(question).await?;
        self.believed(turn, answer).await
    }

    /// Asks the rail, on a thread where waiting hurts nobody.
    async fn answer<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn Rail, Timestamp) -> Result<T, RailError> + Send + 'static,
    ) -> Result<Result<T, RailError>, Refusal> {
        let (rail, now) = (Arc::clone(&self.at_work.rail), self.faucet.inner.edge.now());
        // Without an answer the rail has panicked, which is in the log.
        Ok(tokio::task::spawn_blocking(move || question(&*rail, now)).await.map_err(|_| Code::Internal)?)
    }

    /// What a rail answered. One that finds that it must not go on is paused.
    async fn believed<T>(&self, turn: &Turn, answer: Result<T, RailError>) -> Result<T, Refusal> {
        match answer {
            Ok(answer) => Ok(answer),
            Err(error @ (RailError::Later(_) | RailError::Short(_) | RailError::Refused { .. })) => {
                Err(Refusal::new(Code::Internal, error.to_string()))
            }
            Err(RailError::Halt(why)) => {
                self.halt(turn, None, &why).await?;
                Err(Refusal::new(Code::Internal, why))
            }
        }
    }
}
