//! `[work]`: threads and queues. What waits beyond a queue's end is answered 503 at once.

use std::num::NonZero;
use std::thread::available_parallelism;

use dripline_shared::time::DAY_MS;
use serde::Deserialize;

use super::section::{Check, Section};
use crate::faucet::Settings;

/// Threads and queues.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Work {
    /// How many threads verify signatures and replay rounds; as many as there are cores where it is not set.
    pub prove_threads: Option<usize>,
    /// How many requests may wait for them.
    pub prove_queue: usize,
    /// How many changes may wait for the writer.
    pub write_queue: usize,
    /// The most changes in one transaction.
    pub write_batch: usize,
    /// How many connections read the store.
    pub readers: usize,
    /// How many days transcripts of claimed rounds are kept.
    pub transcript_keep_days: u32,
}

impl Default for Work {
    fn default() -> Self {
        Self {
            prove_threads: None,
            prove_queue: 1_024,
            write_queue: 4_096,
            write_batch: 256,
            readers: 2,
            transcript_keep_days: 90,
        }
    }
}

impl Section for Work {
    const NAME: &'static str = "work";

    fn validate(&self, check: &mut Check<'_>) {
        check.within(self.prove_threads.unwrap_or(1), 1..=1_024, "prove_threads");
        check.within(self.prove_queue, 1..=1_000_000, "prove_queue");
        check.within(self.write_queue, 1..=1_000_000, "write_queue");
        check.within(self.write_batch, 1..=100_000, "write_batch");
        check.within(self.readers, 1..=256, "readers");
        check.within(self.transcript_keep_days, 1..=36_500, "transcript_keep_days");
    }
}

impl Work {
    /// Writes these into what a faucet is started with.
    pub fn apply(&self, settings: &mut Settings) {
        let cores = available_parallelism().map_or(1, NonZero::get);
        settings.prove_threads = self.prove_threads.unwrap_or(cores);
        settings.prove_queue = self.prove_queue;
        settings.write_queue = self.write_queue;
        settings.write_batch = self.write_batch;
        settings.readers = self.readers;
        settings.transcript_keep_ms = u64::from(self.transcript_keep_days).saturating_mul(DAY_MS);
    }
}
