//! Counters and gauges of a faucet at work.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use dripline_shared::error::Code;

use crate::refusal::Refusal;
use crate::store::{Answer, Command};

/// Counts since the start, and how things stand, for `/metrics`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    /// Rounds opened (repeats of a request not counted).
    pub rounds_opened: u64,
    /// Rounds neither closed nor past their time: as counted by the last sweep, and changed since.
    pub rounds_open: u64,
    /// Segments stored.
    pub segments: u64,
    /// Rounds played to their end, whether or not the goal was met: whose final segment was stored.
    pub rounds_finished: u64,
    /// Claims accepted.
    pub claims: u64,
    /// Ledger units dripped.
    pub drips_units: u64,
    /// Refusals, by code.
    pub refusals: BTreeMap<Code, u64>,
    /// Changes that wait for the writer.
    pub write_queue: u64,
    /// Requests that wait for a proving thread or are on one.
    pub prove_queue: u64,
    /// Transactions committed.
    pub batches: u64,
    /// Changes in these transactions.
    pub batched: u64,
    /// The largest transaction, in changes.
    pub batch_max: u64,
    /// Storage errors, each after its batch was rolled back.
    pub storage_errors: u64,
}

/// The counters behind [`Figures`].
#[derive(Debug, Default)]
pub(crate) struct Counters {
    opened: AtomicU64,
    open: AtomicU64,
    segments: AtomicU64,
    finished: AtomicU64,
    claims: AtomicU64,
    drips_units: AtomicU64,
    refusals: Mutex<BTreeMap<Code, u64>>,
    batches: AtomicU64,
    batched: AtomicU64,
    batch_max: AtomicU64,
    storage_errors: AtomicU64,
}

fn count(counter: &AtomicU64, by: u64) {
    counter.fetch_add(by, Ordering::Relaxed);
}

impl Counters {
    /// A batch of these commands was committed, and answered so, in their order.
    pub(crate) fn batch(&self, commands: &[Command], answers: &[Result<Answer, Refusal>]) {
        let size = u64::try_from(answers.len()).unwrap_or(u64::MAX);
        count(&self.batches, 1);
        count(&self.batched, size);
        self.batch_max.fetch_max(size, Ordering::Relaxed);
        for (command, answer) in commands.iter().zip(answers) {
            if let Ok(answer) = answer {
                self.answer(command, answer);
            }
        }
    }

    fn answer(&self, command: &Command, answer: &Answer) {
        match answer {
            Answer::Opened { new: true, abandoned, .. } => {
                count(&self.opened, 1);
                count(&self.open, 1);
                if *abandoned {
                    self.close_one();
                }
            }
            Answer::Stored { new: true, .. } => {
                count(&self.segments, 1);
                if matches!(command, Command::Segment(segment) if segment.end.is_some()) {
                    count(&self.finished, 1);
                }
            }
            Answer::Ended { new: true } => self.close_one(),
            Answer::Settled { new: true, receipt } => {
                count(&self.claims, 1);
                count(&self.drips_units, receipt.amount.units().unsigned_abs());
                self.close_one();
            }
            _ => {}
        }
    }

    fn close_one(&self) {
        let less = |open: u64| Some(open.saturating_sub(1));
        // The closure always gives a value, so this cannot fail.
        let _ = self.open.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    /// So many rounds are open.
    pub(crate) fn set_open(&self, rounds: u64) {
        self.open.store(rounds, Ordering::Relaxed);
    }

    /// The storage failed.
    pub(crate) fn storage_error(&self) {
        count(&self.storage_errors, 1);
    }

    /// A request was refused.
    pub(crate) fn refusal(&self, code: Code) {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = refusals.entry(code).or_default();
        *counted = counted.saturating_add(1);
    }

    /// The figures, with these depths of the queues.
    pub(crate) fn figures(&self, write_queue: usize, prove_queue: usize) -> Figures {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Figures {
            rounds_opened: read(&self.opened),
            rounds_open: read(&self.open),
            segments: read(&self.segments),
            rounds_finished: read(&self.finished),
            claims: read(&self.claims),
            drips_units: read(&self.drips_units),
            refusals: self.refusals.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            write_queue: u64::try_from(write_queue).unwrap_or(u64::MAX),
            prove_queue: u64::try_from(prove_queue).unwrap_or(u64::MAX),
            batches: read(&self.batches),
            batched: read(&self.batched),
            batch_max: read(&self.batch_max),
            storage_errors: read(&self.storage_errors),
        }
    }
}
