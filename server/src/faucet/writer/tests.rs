//! The writer, on a store that fails as it is told to.

use std::os::unix::process::ExitStatusExt;
use std::process;
use std::sync::Mutex;

use dripline_shared::amount::Asset;
use dripline_shared::catalog::Catalog;
use dripline_shared::round::RoundId;
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;

use super::*;
use crate::edge::Edge;
use crate::keys::Keys;
use crate::store::command::End;
use crate::store::{Adoption, Answers, BoxedReader, Decide, Sequence};

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

    fn reader(&self) -> Result<BoxedReader, StorageError> {
        Err(StorageError::RolledBack("no readers".to_owned()))
    }

    fn assets(&mut self) -> Result<Vec<Asset>, StorageError> {
        Ok(Vec::new())
    }

    fn learn_assets(&mut self, _: &[Asset]) -> Result<(), StorageError> {
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

    fn sequence(&mut self, _: &Sequence<'_>) -> Result<bool, StorageError> {
        Ok(false)
    }

    fn sweep(&mut self, _: Horizon) -> Result<bool, StorageError> {
        Err(StorageError::RolledBack("no sweep".to_owned()))
    }

    fn deliver(&mut self, _: &DeliveryStep) -> Result<Vec<DeliveryRecord>, StorageError> {
        Ok(Vec::new())
    }

    fn forget_plays(&mut self, _: Wallet) -> Result<u64, StorageError> {
        Ok(0)
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
    let in_force = InForce::new(Catalog::first_run(), Keys::generate(&edge), Vec::new(), [].into());
    let (store, counters) = (Box::new(store.clone()), Arc::new(Counters::default()));
    Thread { store, live: Arc::new(Live::new(in_force)), counters }
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
    let waits: Vec<_> = answers.iter().map(|answer| answer.as_ref().unwrap_err().retry_after_ms).collect();
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
        let (writer, thread) = Writer::start(parts.store, parts.live, parts.counters, 1, 1).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let answer = runtime.block_on(writer.change(ends([1]).remove(0)));
        assert!(answer.is_err(), "{answer:?}");
        // Whoever waits is let go when the thread unwinds, which may be a moment before the end.
        thread.join();
        panic!("the process goes on without the thread");
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
    let (writer, thread) = Writer::start(parts.store, parts.live, parts.counters, 100, 100).unwrap();
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
                prefixes_before: Timestamp(0),
                waiting_max: 0,
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
