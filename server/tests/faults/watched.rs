//! A rail that is told when a payout is at which step, and ends the process there where that was arranged.
//!
//! To end the process is to have the rail fail, this time and from then on, and to start the faucet anew on the same data:
//! the store is then as it would be had the process been killed at that moment, because a step that the rail fails writes
//! nothing. What a kill does to the store itself is tested with real processes (`tests/tests/kill.rs`).

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dripline_server::payout::{History, Pace, Rail, RailError, Signed, Verdict};
use dripline_server::store::record::{BatchFacts, BatchRecord, Candidate, RailRecord};
use dripline_shared::amount::Amount;
use dripline_shared::payout::RailKind;
use dripline_shared::time::Timestamp;

use crate::fault::{Fault, Step};
use crate::line::Line;

/// See the module.
#[derive(Clone)]
pub(crate) struct Watched {
    pub(crate) rail: Arc<dyn Rail>,
    pub(crate) line: Line,
    /// Has a fault befall the chain.
    pub(crate) befall: Arc<dyn Fn(Fault) + Send + Sync>,
    /// How often it could not be told what became of a batch.
    pub(crate) unknown: Arc<AtomicU64>,
}

impl fmt::Debug for Watched {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rail.fmt(formatter)
    }
}

impl Watched {
    fn take<T>(&self, step: Step, work: impl FnOnce() -> Result<T, RailError>) -> Result<T, RailError> {
        self.line.at(step);
        if self.line.is_killed() || self.line.strikes((step, Fault::KilledBefore)) {
            return self.killed();
        }
        let result = work()?;
        if self.line.strikes((step, Fault::KilledAfter)) {
            return self.killed();
        }
        Ok(result)
    }

    /// Has a fault befall the chain where that was arranged; tells whether it was.
    fn befall(&self, step: Step, fault: Fault) -> bool {
        let strikes = self.line.strikes((step, fault));
        if strikes {
            (self.befall)(fault);
        }
        strikes
    }

    fn killed<T>(&self) -> Result<T, RailError> {
        self.line.set_killed(true);
        Err(RailError::Later("the process has ended".to_owned()))
    }
}

impl Rail for Watched {
    fn kind(&self) -> RailKind {
        self.rail.kind()
    }

    fn check_address(&self, address: &str) -> Result<(), String> {
        self.rail.check_address(address)
    }

    fn is_own(&self, address: &str) -> bool {
        self.rail.is_own(address)
    }

    fn batch_max(&self) -> usize {
        self.rail.batch_max()
    }

    fn pace(&self) -> Pace {
        // One after the other, so that it is known which step a request belongs to.
        Pace { calls_max: 1, ..self.rail.pace() }
    }

    fn has_nonces(&self) -> bool {
        self.rail.has_nonces()
    }

    fn check_lowest_nonce(&self, lowest: u64) -> Result<(), RailError> {
        self.rail.check_lowest_nonce(lowest)
    }

    fn cost(&self, batch: &BatchFacts) -> Result<Amount, RailError> {
        self.rail.cost(batch)
    }

    fn horizon(&self) -> Result<Option<u64>, RailError> {
        self.rail.horizon()
    }

    fn history(&self, since: Option<&str>) -> Result<History, RailError> {
        self.take(Step::Sign, || self.rail.history(since))
    }

    fn is_signed_by_treasury(&self, transaction: &str) -> Result<bool, RailError> {
        self.take(Step::Sign, || self.rail.is_signed_by_treasury(transaction))
    }

    fn sign(&self, batch: &BatchFacts, rail: &RailRecord, now: Timestamp) -> Result<Signed, RailError> {
        self.take(Step::Sign, || {
            let signed = self.rail.sign(batch, rail, now)?;
            self.befall(Step::Sign, Fault::Expired);
            Ok(signed)
        })
    }

    fn replace(&self, batch: &BatchFacts, now: Timestamp) -> Result<Option<Signed>, RailError> {
        self.take(Step::Sign, || self.rail.replace(batch, now))
    }

    fn send(&self, batch: &BatchRecord, candidate: &Candidate, now: Timestamp) -> Result<(), RailError> {
        self.take(Step::Send, || {
            if self.befall(Step::Send, Fault::Expired) {
                return Ok(());
            }
            self.befall(Step::Send, Fault::Stuck);
            self.rail.send(batch, candidate, now)
        })
    }

    fn verdict(&self, batch: &BatchFacts, now: Timestamp) -> Result<Verdict, RailError> {
        let verdict = self.take(Step::Ask, || {
            self.befall(Step::Ask, Fault::Reorganised);
            self.rail.verdict(batch, now)
        })?;
        if matches!(verdict, Verdict::Unknown { .. }) {
            self.unknown.fetch_add(1, Ordering::SeqCst);
        }
        Ok(verdict)
    }
}
