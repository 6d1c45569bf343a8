//! What every rail can do.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::payout::{BatchId, RailKind};
use dripline_shared::time::Timestamp;

use crate::payout::{Evidence, Trial};
use crate::store::record::{BatchFacts, BatchRecord, Candidate, RailRecord, WithdrawalRecord};

/// A chain or a service that settles payouts.
///
/// It never touches the ledger. Its methods may wait for others, so they are called on threads where that hurts nobody;
/// each may be called again after any failure, and after the process was killed at any moment. `now` is when they are
/// called.
pub trait Rail: Debug + Send + Sync {
    /// What it settles on.
    fn kind(&self) -> RailKind;

    /// Whether a text is an address that it can pay to. Otherwise: what was expected.
    fn check_address(&self, address: &str) -> Result<(), String>;

    /// Whether somebody who is paid an asset at this address has no account of it yet, so that the treasury has to open one.
    /// Asked where that costs something.
    fn needs_account(&self, _asset: &str, _address: &str) -> Result<bool, RailError> {
        Ok(false)
    }

    /// Whether an address is the faucet's own, to which nothing is paid.
    fn is_own(&self, address: &str) -> bool;

    /// The most withdrawals of a batch.
    fn batch_max(&self) -> usize;

    /// How much of it goes on at the same time.
    fn pace(&self) -> Pace {
        Pace { batches_max: 16, calls_max: 1 }
    }

    /// How many of these batches, which are under way, take no place of [`Pace::batches_max`]: whoever pays them has them, and
    /// takes time. The rail says how many it bears at most.
    fn parked(&self, _batches: &[BatchId]) -> usize {
        0
    }

    /// Whether what it signs has nonces: then one is signed and kept before the next one is signed.
    fn has_nonces(&self) -> bool {
        false
    }

    /// Checks that nothing keeps from being executed what has this nonce, the lowest that the store knows to be used or used next.
    /// Where one below it is used by nothing, whatever was signed waits for ever.
    fn check_lowest_nonce(&self, _lowest: u64) -> Result<(), RailError> {
        Ok(())
    }

    /// Signs something that settles the batch, none of whose candidates can be executed any more. Nothing is sent. `rail` is
    /// how the rail stands: one that knows nonces signs with its next one, and where it has none yet, with the chain's.
    fn sign(&self, batch: &BatchFacts, rail: &RailRecord, now: Timestamp) -> Result<Signed, RailError>;

    /// At which height the chain's final blocks have everything, or never will, that was signed before now. Rails whose nonces
    /// tell what was signed, and those on no chain, need not wait for it.
    fn horizon(&self) -> Result<Option<u64>, RailError> {
        Ok(None)
    }

    /// What the treasury's account was in, finally, since this transaction. Before anything is signed it is examined whether the
    /// store knows all that the treasury has signed. Rails whose nonces tell that, and those on no chain, have nothing to
    /// examine.
    fn history(&self, _since: Option<&str>) -> Result<History, RailError> {
        Ok(History::default())
    }

    /// Whether the treasury has signed a transaction of its [history](Self::history).
    fn is_signed_by_treasury(&self, _transaction: &str) -> Result<bool, RailError> {
        Ok(false)
    }

    /// Signs something that takes the place of what was sent and is not executed, where it is time for that: with the same
    /// nonce, so that at most one of them is. Of a batch that is cancelled it settles nothing.
    fn replace(&self, _batch: &BatchFacts, _now: Timestamp) -> Result<Option<Signed>, RailError> {
        Ok(None)
    }

    /// Sends a candidate that was kept. That it arrived is not said: [`verdict`](Self::verdict) finds out.
    fn send(&self, batch: &BatchRecord, candidate: &Candidate, now: Timestamp) -> Result<(), RailError>;

    /// What became of a batch, by all that was ever signed for it.
    fn verdict(&self, batch: &BatchFacts, now: Timestamp) -> Result<Verdict, RailError>;

    /// What the chain was paid for executing what was signed for a batch, in ledger units of its coin, rounded up. Asked once
    /// [`verdict`](Self::verdict) has found an end.
    fn cost(&self, _batch: &BatchFacts) -> Result<Amount, RailError> {
        Ok(Amount::ZERO)
    }

    /// What the treasury holds, finally. `None` where there is no chain to look at.
    fn holdings(&self) -> Result<Option<Holdings>, RailError> {
        Ok(None)
    }

    /// The treasury's address, where there is one. Asks nobody.
    fn treasury_address(&self) -> Option<String> {
        None
    }

    /// What the chain says of whether a transaction has paid a withdrawal, for an operator who says that it has.
    fn evidence(&self, _withdrawal: &WithdrawalRecord, _transaction: &str) -> Result<Evidence, RailError> {
        Ok(Evidence::Silent)
    }

    /// Tries the payout of a batch without effect: nothing is kept, and nothing that could be executed is sent. `None` where
    /// nothing leaves the faucet's books, so that there is nothing to try.
    fn try_out(&self, _batch: &BatchFacts) -> Result<Option<Trial>, RailError> {
        Ok(None)
    }
}

/// How much of a rail goes on at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How many batches may be under way, those not counted that are [parked](Rail::parked); at least 1.
    pub batches_max: usize,
    /// How many of its methods may be called at the same time, for different batches; at least 1.
    pub calls_max: usize,
}

/// Something that a rail has signed, and that is not sent before it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Its id, unique on this rail: a signature, the hash of a transaction.
    pub id: Arc<str>,
    /// What is kept and sent.
    pub bytes: Vec<u8>,
    /// As in [`Candidate`].
    pub nonce: Option<u64>,
    /// What executing it costs at most, in ledger units of the chain's coin, rounded up.
    pub cost: Amount,
}

/// What a treasury's account was in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// The transactions, the oldest first.
    pub transactions: Vec<Arc<str>>,
    /// The height up to which all of them are among these, where the rail has a [horizon](Rail::horizon).
    pub height: Option<u64>,
}

/// What a treasury holds on its chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holdings {
    /// Its address, as the rail writes it.
    pub address: String,
    /// How much it holds of each asset that the rail pays, and of the coin that the chain is paid in where that is none of them,
    /// by the asset's code, in ledger units rounded down.
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
    /// Finally, something was executed that was signed to cancel the batch, and no other candidate can be executed.
    Cancelled,
    /// It cannot be told. The money stays where it is, and the operator has to know.
    Unknown {
        /// What stands against telling, for the operator.
        why: String,
    },
    /// The chain shows what the store does not: somebody else has used the treasury's key, say, or the store is older than
    /// the chain. Nothing more may be signed until the operator has looked.
    Halt {
        /// What was found, for the operator.
        why: String,
    },
}

/// Why a rail could not do what it was asked to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RailError {
    /// Trying again later is safe, and may help.
    #[error("{0}")]
    Later(String),
    /// The treasury has too little for the batch and what it costs. Nothing was signed; as soon as there is more, trying again
    /// helps.
    #[error("{0}")]
    Short(String),
    /// As [`Verdict::Halt`].
    #[error("{0}")]
    Halt(String),
    /// What was to be signed would fail, though the treasury has all that it needs. Nothing was signed, so that nothing can
    /// be executed either: as [`Verdict::Failed`].
    #[error("{reason}")]
    Refused {
        /// Why, for a player.
        reason: Arc<str>,
    },
}
