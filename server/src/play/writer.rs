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
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use crate::play::decide::decide;
use crate::play::figures::Counters;
use crate::play::pool::overloaded;
use crate::play::rules::Rules;
use crate::refusal::Refusal;
use crate::store::{Answer, Command, Horizon, StorageError, Store};

type Reply<T> = oneshot::Sender<Result<T, Refusal>>;

enum Job {
    Change(Command, Reply<Answer>),
    Sweep(Horizon, Reply<bool>),
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
        rules: Arc<Rules>,
        counters: Arc<Counters>,
        waiting_max: usize,
        batch_max: usize,
    ) -> std::io::Result<(Self, WriterThread)> {
        let (sender, receiver) = mpsc::channel(waiting_max.max(1));
        let thread = Thread { store, rules, counters };
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
        self.send(|reply| Job::Change(command, reply)).await
    }

    /// Has a bounded number of old rows deleted; tells whether there are more.
    pub(crate) async fn sweep(&self, horizon: Horizon) -> Result<bool, Refusal> {
        self.send(|reply| Job::Sweep(horizon, reply)).await
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
    rules: Arc<Rules>,
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
            Job::Ping(reply) => {
                let done = self.store.apply(&[], &mut |_, _| Err(Code::Internal.into()));
                let _ = reply.send(done.map(drop).map_err(|error| self.note(&error)));
            }
        }
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
        let rules = &self.rules;
        let answers = self.store.apply(commands, &mut |set, command| decide(rules, set, command))?;
        self.counters.batch(&answers);
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
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process;
    use std::sync::Mutex;

    use dripline_shared::catalog::Catalog;
    use dripline_shared::round::RoundId;
    use dripline_shared::time::Timestamp;

    use super::*;
    use crate::edge::Edge;
    use crate::keys::Keys;
    use crate::store::command::End;
    use crate::store::{Adoption, Answers, Decide};

    /// The signal of `abort`.
    const SIGABRT: i32 = 6;

    /// A store that does what it is told to, and remembers the sizes of the batches that it was given.
    #[derive(Debug, Clone, Default)]
    struct Faulty {
        /// What happens to the next batches; after that, they are taken.
        faults: Arc<Mutex<Vec<StorageError>>>,
        /// The round that the storage never takes.
        poison: Option<RoundId>,
        /// Whether there is a mistake in it.
        panics: bool,
        sizes: Arc<Mutex<Vec<usize>>>,
    }

    impl Store for Faulty {
        fn adopted(&mut self) -> Result<Option<Catalog>, StorageError> {
            Ok(None)
        }

        fn adopt(&mut self, _: &Adoption<'_>) -> Result<(), StorageError> {
            Ok(())
        }

        fn apply(&mut self, batch: &[Command], _: &mut Decide<'_>) -> Result<Answers, StorageError> {
            assert!(!self.panics, "a mistake");
            self.sizes.lock().unwrap().push(batch.len());
            let poisoned =
                |command: &Command| matches!(command, Command::End(end) if Some(end.round) == self.poison);
            if batch.iter().any(poisoned) {
                return Err(StorageError::RolledBack("poison".to_owned()));
            }
            match self.faults.lock().unwrap().pop() {
                Some(fault) => Err(fault),
                None => Ok(batch.iter().map(|_| Ok(Answer::GivenBack)).collect()),
            }
        }

        fn sweep(&mut self, _: Horizon) -> Result<bool, StorageError> {
            Err(StorageError::RolledBack("no sweep".to_owned()))
        }

        fn tidy(&mut self) -> Result<(), StorageError> {
            Ok(())
        }

        fn close(self: Box<Self>) -> Result<(), StorageError> {
            Ok(())
        }
    }

    fn thread(store: &Faulty) -> Thread {
        let edge = Edge::new(|| Timestamp(0), |bytes| bytes.fill(1));
        let rules = Rules::new(Catalog::first_run(), Keys::generate(&edge), Vec::new(), [].into());
        let (store, counters) = (Box::new(store.clone()), Arc::new(Counters::default()));
        Thread { store, rules: Arc::new(rules), counters }
    }

    fn ends(rounds: impl IntoIterator<Item = u8>) -> Vec<Command> {
        rounds
            .into_iter()
            .map(|round| Command::End(End { now: Timestamp(0), round: RoundId([round; 16]) }))
            .collect()
    }

    fn codes(answers: &[Result<Answer, Refusal>]) -> Vec<Option<Code>> {
        answers.iter().map(|answer| answer.as_ref().err().map(Refusal::code)).collect()
    }

    #[test]
    fn a_batch_that_was_rolled_back_is_tried_one_by_one_and_only_the_culprit_fails() {
        let store = Faulty { poison: Some(RoundId([2; 16])), ..Faulty::default() };
        let mut thread = thread(&store);
        let answers = thread.apply(&ends([1, 2, 3]));
        assert_eq!(codes(&answers), [None, Some(Code::StorageUnavailable), None]);
        assert_eq!(*store.sizes.lock().unwrap(), [3, 1, 1, 1]);
        assert_eq!(thread.counters.figures(0, 0).storage_errors, 2);
    }

    #[test]
    fn a_passing_fault_costs_nobody_an_answer() {
        let store = Faulty::default();
        store.faults.lock().unwrap().push(StorageError::RolledBack("once".to_owned()));
        assert_eq!(codes(&thread(&store).apply(&ends([1, 2]))), [None, None]);
        assert_eq!(*store.sizes.lock().unwrap(), [2, 1, 1]);
    }

    #[test]
    fn while_another_process_holds_the_store_a_batch_waits_once() {
        let store = Faulty::default();
        store.faults.lock().unwrap().push(StorageError::Held("busy".to_owned()));
        let answers = thread(&store).apply(&ends([1, 2, 3]));
        assert_eq!(codes(&answers), [Some(Code::StorageUnavailable); 3]);
        let waits: Vec<_> =
            answers.iter().map(|answer| answer.as_ref().unwrap_err().retry_after_ms).collect();
        assert_eq!(waits, [Some(1_000); 3]);
        assert_eq!(*store.sizes.lock().unwrap(), [3]);
    }

    #[test]
    fn after_a_failed_commit_nothing_is_tried_again() {
        let store = Faulty::default();
        store.faults.lock().unwrap().push(StorageError::CommitFailed("unknown".to_owned()));
        let answers = thread(&store).apply(&ends([1, 2]));
        assert_eq!(codes(&answers), [Some(Code::StorageUnavailable); 2]);
        assert!(answers.iter().flatten().next().is_none());
        assert_eq!(*store.sizes.lock().unwrap(), [2]);
    }

    /// Has a writer make one change of `store` in a process of its own, which must end at once and give no answer.
    ///
    /// `test` is the calling test, which this runs again there, alone.
    fn ends_the_process(test: &str, store: &Faulty) {
        const ALONE: &str = "TEST_OF_THE_WRITER_ALONE";
        if std::env::var_os(ALONE).is_some() {
            let parts = thread(store);
            let (writer, _thread) = Writer::start(parts.store, parts.rules, parts.counters, 1, 1).unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let answer = runtime.block_on(writer.change(ends([1]).remove(0)));
            panic!("the process goes on and answers {answer:?}");
        }
        let name = format!("{}::{test}", module_path!().split_once("::").unwrap().1);
        let output = process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &name, "--nocapture"])
            .env(ALONE, "1")
            .output()
            .unwrap();
        assert_eq!(output.status.signal(), Some(SIGABRT), "{output:?}");
    }

    #[test]
    fn a_failed_sync_ends_the_process() {
        let store = Faulty::default();
        store.faults.lock().unwrap().push(StorageError::SyncFailed("a broken disk".to_owned()));
        ends_the_process("a_failed_sync_ends_the_process", &store);
    }

    #[test]
    fn a_panic_on_the_writers_thread_ends_the_process() {
        let store = Faulty { panics: true, ..Faulty::default() };
        ends_the_process("a_panic_on_the_writers_thread_ends_the_process", &store);
    }

    #[tokio::test]
    async fn what_waits_is_taken_together_and_done_before_the_end() {
        let store = Faulty::default();
        let parts = thread(&store);
        let (writer, thread) = Writer::start(parts.store, parts.rules, parts.counters, 100, 100).unwrap();
        let writer = Arc::new(writer);
        let changes: Vec<_> = ends(0..50)
            .into_iter()
            .map(|command| {
                let writer = Arc::clone(&writer);
                tokio::spawn(async move { writer.change(command).await })
            })
            .collect();
        for change in changes {
            change.await.unwrap().unwrap();
        }
        assert_eq!(
            writer
                .sweep(Horizon {
                    now: Timestamp(0),
                    transcripts_before: Timestamp(0),
                    prefixes_before: Timestamp(0)
                })
                .await
                .unwrap_err()
                .code(),
            Code::StorageUnavailable
        );
        writer.ping().await.unwrap();
        writer.close().await;
        assert_eq!(writer.ping().await.unwrap_err().code(), Code::ShuttingDown);
        tokio::task::spawn_blocking(move || thread.join()).await.unwrap();
        // The ping was a batch of none.
        assert_eq!(store.sizes.lock().unwrap().iter().sum::<usize>(), 50);
    }
}
