//! What every rail can do.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::payout::RailKind;

use crate::store::record::{BatchFacts, BatchRecord};

/// A chain or a service that settles payouts.
///
/// It never touches the ledger. Its methods may wait for others, so they are called on threads where that hurts nobody;
/// each may be called again after any failure, and after the process was killed at any moment.
pub trait Rail: Debug + Send + Sync {
    /// What it settles on.
    fn kind(&self) -> RailKind;

    /// Whether a text is an address that it can pay to. Otherwise: what was expected.
    fn check_address(&self, address: &str) -> Result<(), String>;

    /// Whether an address is the faucet's own, to which nothing is paid.
    fn is_own(&self, address: &str) -> bool;

    /// The most withdrawals of a batch.
    fn batch_max(&self) -> usize;

    /// Signs something that settles the batch: an id, unique on this rail, and the bytes. Nothing is sent.
    fn sign(&self, batch: &BatchFacts) -> Result<(Arc<str>, Vec<u8>), RailError>;

    /// Sends a candidate that was kept. That it arrived is not said: [`verdict`](Self::verdict) finds out.
    fn send(&self, batch: &BatchRecord, candidate: &str, bytes: &[u8]) -> Result<(), RailError>;

    /// What became of a batch, by all that was ever signed for it.
    fn verdict(&self, batch: &BatchRecord) -> Result<Verdict, RailError>;

    /// What the treasury holds, finally. `None` where there is no chain to look at.
    fn holdings(&self) -> Result<Option<Holdings>, RailError> {
        Ok(None)
    }
}

/// What a treasury holds on its chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holdings {
    /// Its address, as the rail writes it.
    pub address: String,
    /// How much it holds of each asset that the rail pays, by the asset's code, in ledger units rounded down.
    pub amounts: BTreeMap<Arc<str>, Amount>,
}

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A candidate may still be executed, or was and is not final yet.
    Alive,
    /// It is settled, finally.
    Settled {
        /// By this transaction, as the rail writes it.
        transaction: Arc<str>,
    },
    /// No candidate was executed, and none ever can be.
    Expired,
    /// A candidate was executed and failed, finally, and no other one can be executed.
    Failed {
        /// Why, for a player.
        reason: Arc<str>,
    },
    /// It cannot be told. The money stays where it is, and the operator has to know.
    Unknown {
        /// What stands against telling, for the operator.
        why: String,
    },
}

/// Why a rail could not do what it was asked to: trying again later is safe.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RailError(pub String);
