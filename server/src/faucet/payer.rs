//! Paying out: what waits for a rail is taken into batches, signed, kept, sent, and asked after until it has ended.
//!
//! Every step is a change in the store before the next one begins, so that the process may be killed between any two:
//! what is in the store is gone on with. A candidate is kept before it is sent, and only what was kept is sent.
//!
//! Of several servers one at a time pays by a rail: the one that has its lease (`payout::lease`).

use std::collections::HashSet;
use std::sync::{Arc, PoisonError};

use dripline_shared::error::Code;
use dripline_shared::payout::BatchId;
use dripline_shared::time::Timestamp;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use crate::check;
use crate::faucet::{Faucet, RailAtWork, unreadable};
use crate::payout::{Rail, RailError, Signed, Verdict, lease};
use crate::refusal::Refusal;
use crate::store::command::{EndBatch, Ending, KeepCandidate, MakeBatch, NoteExamined, SetPause, TakeLease};
use crate::store::record::{BatchFacts, Candidate, Pause, RailRecord, ServerId};
use crate::store::{Answer, BoxedReader, Command};

/// How long after it was sent a candidate is sent again, in milliseconds, while it may still be executed.
const SEND_AGAIN_MS: u64 = 3_000;

/// How many transactions that the store does not know are looked at in a step: whoever sends the treasury a grain of dust makes
/// one.
const EXAMINED_MAX: usize = 50;

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
    record: Mutex<RailRecord>,
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

    /// Whether the lease of this epoch is still this server's, which renews it. Where there are no others, it is.
    async fn still_has(&self, epoch: u64) -> Result<bool, Refusal> {
        Ok(!self.faucet.is_beside_others() || self.lease().await? == Some(epoch))
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

    /// Takes every batch that has not ended one step further, and makes new ones of what waits; where another server pays by
    /// the rail, nothing.
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
        let under_way = batches.len();
        self.forget_sent(&batches);
        let turn = Arc::new(Turn { epoch, record: Mutex::new(record) });
        let advanced = self.advance_all(batches, &turn).await;
        // Without the lease nothing would come of it.
        if !self.still_has(epoch).await? {
            return Ok(Progress::Elsewhere);
        }
        let made = self.make_batches(under_way, epoch).await?;
        let progress = match (advanced?, made, under_way) {
            (false, false, 0) => Progress::Idle,
            (false, false, _) => Progress::Waiting,
            _ => Progress::Some,
        };
        Ok(progress)
    }

    /// Takes batches one step further; tells whether anything went on. What one batch meets does not hold up the others: the
    /// first failure is told once all had their turn, and how many there were.
    async fn advance_all(&self, batches: Vec<BatchFacts>, turn: &Arc<Turn>) -> Result<bool, Refusal> {
        let at_once = self.at_work.rail.pace().calls_max.max(1);
        let (sent, unsigned): (Vec<_>, Vec<_>) = batches.into_iter().partition(has_live_candidate);
        let (mut goes_on, mut failures) = self.advance_each(sent, at_once, turn).await;
        // What was done behind the store's back must be known before anything is signed.
        let may_sign = unsigned.is_empty() || self.examine(turn).await?;
        let unsigned = if may_sign { unsigned } else { Vec::new() };
        // With nonces one is signed after the other, in the order in which they were made.
        let at_once = if self.at_work.rail.has_nonces() { 1 } else { at_once };
        let (signed, failed_to_sign) = self.advance_each(unsigned, at_once, turn).await;
        goes_on |= signed;
        failures.extend(failed_to_sign);
        let count = failures.len();
        let Some(first) = failures.into_iter().next() else { return Ok(goes_on) };
        let why = first.reasons.first().map_or("", |reason| &*reason.message);
        tracing::warn!(rail = %self.id, batches = count, why, "could not go on with all batches");
        Err(first)
    }

    /// Examines whether the store knows all that the treasury has signed; tells whether it does. Otherwise the rail halts, or
    /// there is more to examine in the next step.
    async fn examine(&self, turn: &Turn) -> Result<bool, Refusal> {
        let (examined, may_send) = {
            let record = turn.record.lock().await;
            (record.examined.clone(), self.may_send(&record))
        };
        if !may_send {
            return Ok(true);
        }
        let since = examined.clone();
        let history = self.ask(turn, move |rail, _| rail.history(since.as_deref())).await?;
        let Some(mut newest) = history.last().cloned() else { return Ok(true) };
        let (id, asked) = (Arc::clone(&self.id), history.clone());
        let read = move |reader: &mut BoxedReader| reader.are_candidates(&id, &asked).map_err(unreadable);
        let known = self.faucet.inner.readers.run(read).await??;
        let mut is_whole = true;
        // What there was before the store's first payout is nobody's business.
        if examined.is_some() || known.contains(&true) {
            let mut unknown: Vec<Arc<str>> =
                history.into_iter().zip(known).filter(|(_, known)| !known).map(|(id, _)| id).collect();
            if unknown.len() > EXAMINED_MAX {
                unknown.truncate(EXAMINED_MAX);
                is_whole = false;
                newest = unknown.last().cloned().unwrap_or(newest);
            }
            let foreign = self.ask(turn, move |rail, _| rail.signed_by_treasury(&unknown)).await?;
            if let Some(first) = foreign.first() {
                let why = format!(
                    "{} transactions that the treasury's key has signed are not in the store, the first one is {first}",
                    foreign.len()
                );
                self.stop(turn, &why).await?;
                is_whole = false;
            }
        }
        // Whoever lets the rail run again has looked at what was found until here.
        turn.record.lock().await.examined = Some(Arc::clone(&newest));
        let note = NoteExamined { rail: Arc::clone(&self.id), transaction: newest, epoch: turn.epoch };
        self.change(Command::NoteExamined(note)).await?;
        Ok(is_whole)
    }

    /// Takes these one step further, so many at a time; tells whether anything went on, and what went wrong.
    async fn advance_each(
        &self,
        batches: Vec<BatchFacts>,
        at_once: usize,
        turn: &Arc<Turn>,
    ) -> (bool, Vec<Refusal>) {
        let (mut goes_on, mut failures) = (false, Vec::new());
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
                None => return (goes_on, failures),
                Some(Ok(Ok(went_on))) => goes_on |= went_on,
                Some(Ok(Err(refusal))) => failures.push(refusal),
                // It has panicked, which is in the log.
                Some(Err(_)) => failures.push(Code::Internal.into()),
            }
        }
    }

    /// Whether the rail may sign and send: neither paused nor stopped.
    fn may_send(&self, record: &RailRecord) -> bool {
        record.pause.is_none() && check::rail::is_running(&self.faucet.inner.in_force.stopped, &self.id)
    }

    /// Makes batches of each asset of which anything waits, until as many are under way as may be.
    async fn make_batches(&self, mut under_way: usize, epoch: u64) -> Result<bool, Refusal> {
        let edge = &self.faucet.inner.edge;
        let Ok((_, rules)) = self.faucet.inner.in_force.rail(&self.id) else { return Ok(false) };
        let before = under_way;
        let mut assets: Vec<&Arc<str>> = rules.assets.keys().collect();
        // By turns, so that a long queue of one asset leaves room for the others.
        while !assets.is_empty() {
            let mut waiting = Vec::new();
            for asset in assets {
                if under_way >= self.at_work.rail.pace().batches_max.max(1) {
                    return Ok(under_way > before);
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
                        under_way = under_way.saturating_add(1);
                        waiting.push(asset);
                    }
                    Answer::Batched { batch: None } => {}
                    _ => return Err(Code::Internal.into()),
                }
            }
            assets = waiting;
        }
        Ok(under_way > before)
    }

    /// Takes a batch one step further; tells whether anything went on. A rail that is stopped or paused may not send: it is
    /// only asked what became of what was sent before.
    async fn advance(&self, batch: BatchFacts, turn: &Turn) -> Result<bool, Refusal> {
        if !has_live_candidate(&batch) {
            let may_send = self.may_send(&*turn.record.lock().await);
            return match (batch.record.cancelled_at, may_send) {
                (Some(_), _) => self.end(&batch, Ending::Cancelled, turn.epoch).await,
                (None, true) => self.sign(batch, turn).await,
                (None, false) => Ok(false),
            };
        }
        let asked = batch.clone();
        let ending = match self.ask(turn, move |rail, now| rail.verdict(&asked, now)).await? {
            Verdict::Alive => {
                let may_send = self.may_send(&*turn.record.lock().await);
                if may_send {
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
            Verdict::Failed { reason } => self.failed(reason),
        };
        self.end(&batch, ending, turn.epoch).await
    }

    fn failed(&self, reason: Arc<str>) -> Ending {
        let edge = &self.faucet.inner.edge;
        let part = || BatchId::new(edge.now(), edge.random());
        Ending::Failed { reason, parts: [part(), part()] }
    }

    async fn end(&self, batch: &BatchFacts, ending: Ending, epoch: u64) -> Result<bool, Refusal> {
        let now = self.faucet.inner.edge.now();
        self.change(Command::EndBatch(EndBatch { now, batch: batch.record.id, ending, epoch })).await?;
        Ok(true)
    }

    /// Signs a candidate, keeps it, and only then sends it. What would fail is not signed, and has failed.
    async fn sign(&self, batch: BatchFacts, turn: &Turn) -> Result<bool, Refusal> {
        let (asked, stands) = (batch.clone(), turn.record.lock().await.clone());
        let signed = match self.answer(move |rail, now| rail.sign(&asked, &stands, now)).await? {
            Err(RailError::Refused { reason }) => {
                return self.end(&batch, self.failed(reason), turn.epoch).await;
            }
            answer => self.believed(turn, answer).await?,
        };
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
        let newest = batch.record.candidates.iter().rev().find(|candidate| !candidate.is_dead).cloned();
        match newest.filter(|candidate| self.is_sent_again(candidate)) {
            Some(candidate) => self.send(batch, candidate, turn).await,
            None => Ok(()),
        }
    }

    async fn send(&self, batch: BatchFacts, candidate: Candidate, turn: &Turn) -> Result<(), Refusal> {
        let (id, now) = (Arc::clone(&candidate.id), self.faucet.inner.edge.now());
        self.ask(turn, move |rail, now| rail.send(&batch.record, &candidate, now)).await?;
        self.at_work.sent.lock().unwrap_or_else(PoisonError::into_inner).insert(id, now);
        Ok(())
    }

    /// Whether it is time to send this candidate, perhaps once more.
    fn is_sent_again(&self, candidate: &Candidate) -> bool {
        let now = self.faucet.inner.edge.now();
        let sent = self.at_work.sent.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was put back must not keep anything from being sent.
        sent.get(&candidate.id).is_none_or(|at| *at > now || now.since(*at) >= SEND_AGAIN_MS)
    }

    /// Forgets when it has sent candidates of batches that have ended.
    fn forget_sent(&self, batches: &[BatchFacts]) {
        let candidates = batches.iter().flat_map(|batch| &batch.record.candidates);
        let open: HashSet<&str> = candidates.map(|candidate| &*candidate.id).collect();
        self.at_work.sent.lock().unwrap_or_else(PoisonError::into_inner).retain(|id, _| open.contains(&**id));
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
    async fn stop(&self, turn: &Turn, why: &str) -> Result<(), Refusal> {
        tracing::error!(rail = %self.id, why, "the treasury did what is not in the store");
        let now = self.faucet.inner.edge.now();
        let why: Arc<str> = format!("recovery: {why}").into();
        turn.record.lock().await.pause = Some(Pause { at: now, why: Arc::clone(&why) });
        let pause = SetPause { now, rail: Arc::clone(&self.id), why: Some(why), next_nonce: None };
        self.change(Command::SetPause(pause)).await.map(drop)
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
            Err(error @ (RailError::Later(_) | RailError::Refused { .. })) => {
                Err(Refusal::new(Code::Internal, error.to_string()))
            }
            Err(RailError::Foreign(why)) => {
                self.stop(turn, &why).await?;
                Err(Refusal::new(Code::Internal, why))
            }
        }
    }
}

/// Whether something that was signed for a batch may still be executed.
fn has_live_candidate(batch: &BatchFacts) -> bool {
    batch.record.candidates.iter().any(|candidate| !candidate.is_dead)
}
