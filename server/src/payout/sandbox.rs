//! The sandbox: a rail that settles at once and leads nowhere. The money leaves the players' accounts for the world's, as
//! a real payout's would, and nothing else happens. It is what a first run has, and is called a sandbox wherever it is
//! seen.

use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::payout::{RailKind, is_address};
use dripline_shared::time::Timestamp;

use crate::payout::{Rail, RailError, Signed, Verdict};
use crate::store::record::{BatchFacts, BatchRecord, Candidate, RailRecord};

/// How many withdrawals the sandbox settles together.
const BATCH_MAX: usize = 100;

/// See the module.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sandbox;

impl Rail for Sandbox {
    fn kind(&self) -> RailKind {
        RailKind::Sandbox
    }

    fn check_address(&self, address: &str) -> Result<(), String> {
        if is_address(address) { Ok(()) } else { Err("1 to 128 visible ASCII characters".to_owned()) }
    }

    fn is_own(&self, _address: &str) -> bool {
        false
    }

    fn batch_max(&self) -> usize {
        BATCH_MAX
    }

    fn sign(&self, batch: &BatchFacts, _rail: &RailRecord, _now: Timestamp) -> Result<Signed, RailError> {
        Ok(Signed {
            id: format!("sandbox-{}", batch.record.id).into(),
            bytes: Vec::new(),
            nonce: None,
            cost: Amount::ZERO,
        })
    }

    fn send(&self, _batch: &BatchRecord, _candidate: &Candidate, _now: Timestamp) -> Result<(), RailError> {
        Ok(())
    }

    fn verdict(&self, batch: &BatchFacts, _now: Timestamp) -> Result<Verdict, RailError> {
        Ok(batch.record.candidates.first().map_or(Verdict::Expired, |candidate| Verdict::Settled {
            transaction: Arc::clone(&candidate.id),
        }))
    }
}
