//! The grouping writer: changes queue to one thread, which takes what waits, has it decided and committed as one
//! transaction, and then answers each.
//!
//! It waits for nothing: under little load a batch is one change, under much load it grows by itself. After a storage
//! error everything is rolled back and each change of the batch is tried alone once, so that one that cannot be stored
//! does not take others with it; unless another process held the store, for which each would have to wait again. After
//! a failed commit the outcome is unknown, and the clients' ids make trying again safe. After a failed sync the process
//! ends, and after a panic as well: without this thread a server would answer, and store nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use dripline_shared::error::Code;
use dripline_shared::log::TreeHead;
use dripline_shared::time::Timestamp;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tracing::Instrument;

use crate::faucet::decide::decide;
use crate::faucet::figures::Counters;
use crate::faucet::live::Live;
use crate::faucet::pool::overloaded;
use crate::in_force::InForce;
use crate::refusal::Refusal;
use crate::store::{
    Adoption, Answer, Command, DeliveryRecord, DeliveryStep, Horizon, Sequence, StorageError, Store,
};
use crate::telemetry::TRACES;

/// How many transfers are appended to the log in one transaction, so that no change waits long.
const LEAVES_AT_ONCE: usize = 500;

type Reply<T> = oneshot::Sender<Result<T, Refusal>>;

enum Job {
    Change(Command, Reply<Answer>),
    Sweep(Horizon, Reply<bool>),
    Sequence(Timestamp, Reply<bool>),
    Deliver(DeliveryStep, Reply<Vec<DeliveryRecord>>),
    TakeIntoForce(Arc<InForce>, Timestamp, Reply<()>),
    Fund(Timestamp, Reply<()>),
    Ping(Reply<()>),
    Close,
}

/// The queue to the writer's thread. When it is closed or dropped, the thread finishes what waits, and ends.
#[derive(Debug)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Job>,
    closing: AtomicBool,
}

/// The writer's thread, to be waited for.
#[derive(Debug)]
pub(crate) struct WriterThread(thread::JoinHandle<()>);

impl WriterThread {
    /// Waits until it has ended. Blocks.
    pub(crate) fn join(self) {
        // It cannot have panicked: that would have ended the process.
        let _ = self.0.join();
    }
}

impl Writer {
    /// Starts the thread. At most `waiting_max` changes wait; at most `batch_max` are one transaction.
    pub(crate) fn start(
        store: Box<dyn Store>,
        live: Arc<Live>,
        counters: Arc<Counters>,
        waiting_max: usize,
        batch_max: usize,
    ) -> std::io::Result<(Self, WriterThread)> {
        let (sender, receiver) = mpsc::channel(waiting_max.max(1));
        let thread = Thread { store, live, counters };
        let handle = thread::Builder::new().name("writer".to_owned()).spawn(move || {
            let run = AssertUnwindSafe(|| thread.run(receiver, batch_max.max(1)));
            if catch_unwind(run).is_err() {
                tracing::error!("the writer's thread panicked");
                std::process::abort();
            }
        })?;
        Ok((Self { jobs: sender, closing: AtomicBool::new(false) }, WriterThread(handle)))
    }

    /// Has a command decided and stored. The answer comes after the commit.
    pub(crate) async fn change(&self, command: Command) -> Result<Answer, Refusal> {
        // From when it is asked for until it is stored: in between it waits for the transaction that it is in.
        let trace = tracing::info_span!(target: TRACES, "change");
        self.send(|reply| Job::Change(command, reply)).instrument(trace).await
    }

    /// Has a bounded number of old rows deleted; tells whether there are more.
    pub(crate) async fn sweep(&self, horizon: Horizon) -> Result<bool, Refusal> {
        self.send(|reply| Job::Sweep(horizon, reply)).await
    }

    /// Has transfers appended to the log; tells whether there are more.
    pub(crate) async fn sequence(&self, now: Timestamp) -> Result<bool, Refusal> {
        self.send(|reply| Job::Sequence(now, reply)).await
    }

    /// Has noted what came of messages to webhooks, and those taken that are to be sent now.
    pub(crate) async fn deliver(&self, step: DeliveryStep) -> Result<Vec<DeliveryRecord>, Refusal> {
        self.send(|reply| Job::Deliver(step, reply)).await
    }

    /// Takes another catalog into force, between two batches. It was validated.
    pub(crate) async fn take_into_force(&self, next: Arc<InForce>, now: Timestamp) -> Result<(), Refusal> {
        self.send(|reply| Job::TakeIntoForce(next, now, reply)).await
    }

    /// Brings the budgets of what is in force to what they are to be at this moment.
    pub(crate) async fn fund(&self, now: Timestamp) -> Result<(), Refusal> {
        self.send(|reply| Job::Fund(now, reply)).await
    }

    /// Waits for an empty transaction: that the thread is there and the storage works.
    pub(crate) async fn ping(&self) -> Result<(), Refusal> {
        self.send(Job::Ping).await
    }

    /// From now on everything is refused; what waits is still done, and then the thread ends.
    pub(crate) async fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
        // Where the thread has ended already there is nothing to close.
        let _ = self.jobs.send(Job::Close).await;
    }

    /// How many changes wait.
    pub(crate) fn depth(&self) -> usize {
        self.jobs.max_capacity().saturating_sub(self.jobs.capacity())
    }

    async fn send<T>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Result<T, Refusal> {
        if self.closing.load(Ordering::Relaxed) {
            return Err(Code::ShuttingDown.into());
        }
        let (reply, answer) = oneshot::channel();
        self.jobs.try_send(job(reply)).map_err(|error| match error {
            TrySendError::Full(_) => overloaded(),
            TrySendError::Closed(_) => Code::StorageUnavailable.into(),
        })?;
        answer.await.map_err(|_| Refusal::from(Code::StorageUnavailable))?
    }
}

/// What the thread works with.
struct Thread {
    store: Box<dyn Store>,
    live: Arc<Live>,
    counters: Arc<Counters>,
}

impl Thread {
    fn run(mut self, mut jobs: mpsc::Receiver<Job>, batch_max: usize) {
        let mut waiting = Vec::with_capacity(batch_max);
        while jobs.blocking_recv_many(&mut waiting, batch_max) > 0 {
            let (mut commands, mut replies) = (Vec::with_capacity(waiting.len()), Vec::new());
            let mut others = Vec::new();
            for job in waiting.drain(..) {
                match job {
                    Job::Change(command, reply) => {
                        commands.push(command);
                        replies.push(reply);
                    }
                    other => others.push(other),
                }
            }
            if !commands.is_empty() {
                let answers = self.apply(&commands);
                for (reply, answer) in replies.into_iter().zip(answers) {
                    // Whoever has gone will ask again, and get the same answer.
                    let _ = reply.send(answer);
                }
            }
            for job in others {
                match job {
                    Job::Close => jobs.close(),
                    job => self.other(job),
                }
            }
            if let Err(error) = self.store.tidy() {
                self.note(&error);
            }
        }
        if let Err(error) = self.store.close() {
            tracing::error!(%error, "closing the store failed");
        }
    }

    fn other(&mut self, job: Job) {
        match job {
            Job::Change(..) | Job::Close => {}
            Job::Sweep(horizon, reply) => {
                let swept = self.store.sweep(horizon).map_err(|error| self.note(&error));
                let _ = reply.send(swept);
            }
            Job::Sequence(now, reply) => {
                let sequenced = self.sequence(now).map_err(|error| self.note(&error));
                let _ = reply.send(sequenced);
            }
            Job::Deliver(step, reply) => {
                let taken = self.store.deliver(&step).map_err(|error| self.note(&error));
                let _ = reply.send(taken);
            }
            Job::TakeIntoForce(next, now, reply) => {
                let adoption = Adoption { catalog: &next.catalog, faucet: next.faucet, now };
                // Where only what is stopped changes, there is nothing for the store to do.
                let is_same = next.publication == self.live.get().publication;
                let adopted = if is_same { Ok(()) } else { self.store.adopt(&adoption) };
                let adopted = adopted.map_err(|error| self.note(&error));
                let _ = reply.send(adopted.map(|()| self.live.set(next)));
            }
            Job::Fund(now, reply) => {
                let in_force = self.live.get();
                let adoption = Adoption { catalog: &in_force.catalog, faucet: in_force.faucet, now };
                let _ = reply.send(self.store.adopt(&adoption).map_err(|error| self.note(&error)));
            }
            Job::Ping(reply) => {
                let done = self.store.apply(&[], &mut |_, _| Err(Code::Internal.into()));
                let _ = reply.send(done.map(drop).map_err(|error| self.note(&error)));
            }
        }
    }

    fn sequence(&mut self, now: Timestamp) -> Result<bool, StorageError> {
        let in_force = self.live.get();
        let keys = &in_force.keys;
        let sign = |head: TreeHead| keys.sign_head(head);
        self.store.sequence(&Sequence { faucet: in_force.faucet, now, most: LEAVES_AT_ONCE, sign: &sign })
    }

    /// Applies a batch: as one, and where the storage does not take it, each command alone.
    fn apply(&mut self, commands: &[Command]) -> Vec<Result<Answer, Refusal>> {
        match self.apply_as_one(commands) {
            Ok(answers) => answers,
            Err(error @ StorageError::RolledBack(_)) => {
                self.note(&error);
                commands.iter().map(|command| self.apply_alone(command)).collect()
            }
            Err(error) => {
                let refusal = self.note(&error);
                commands.iter().map(|_| Err(refusal.clone())).collect()
            }
        }
    }

    fn apply_alone(&mut self, command: &Command) -> Result<Answer, Refusal> {
        match self.apply_as_one(std::slice::from_ref(command)) {
            Ok(mut answers) => answers.pop().unwrap_or_else(|| Err(Code::Internal.into())),
            Err(error) => Err(self.note(&error)),
        }
    }

    fn apply_as_one(&mut self, commands: &[Command]) -> Result<Vec<Result<Answer, Refusal>>, StorageError> {
        let changes = commands.len();
        let _trace = tracing::info_span!(target: TRACES, parent: None, "batch", changes).entered();
        let in_force = self.live.get();
        let answers = self.store.apply(commands, &mut |set, command| decide(&in_force, set, command))?;
        self.counters.batch(commands, &answers);
        Ok(answers)
    }

    /// Logs a storage error and makes the refusal of it; after a failed sync, ends the process.
    fn note(&self, error: &StorageError) -> Refusal {
        tracing::error!(%error, "the storage failed");
        self.counters.storage_error();
        if matches!(error, StorageError::SyncFailed(_)) {
            std::process::abort();
        }
        Refusal { retry_after_ms: Some(1_000), ..Refusal::from(Code::StorageUnavailable) }
    }
}

#[cfg(test)]
mod tests;
