//! Operations about rails, and what an operator says of withdrawals that were paid, or are not to be.

use std::sync::Arc;

use dripline_shared::payout::{BatchId, WithdrawalId};
use dripline_shared::time::Timestamp;

use crate::store::record::WithdrawalRecord;

/// Gives the money of a withdrawal that waits, in no batch, back whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiveBackWithdrawal {
    /// When.
    pub now: Timestamp,
    /// The withdrawal.
    pub withdrawal: WithdrawalId,
    /// Why, for the player.
    pub reason: Arc<str>,
}

/// Records that a withdrawal was paid by a transaction that the store does not have, as after a restore from a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportPayout {
    /// When.
    pub now: Timestamp,
    /// The withdrawal.
    pub withdrawal: WithdrawalId,
    /// The id of the batch that is made of it, and has ended.
    pub batch: BatchId,
    /// The transaction, as the rail writes it.
    pub transaction: Arc<str>,
    /// The nonce that it has by the chain's word, on rails that know nonces: no candidate with this nonce can be executed any
    /// more.
    pub nonce: Option<u64>,
}

/// Records a payout whose withdrawal the store does not have: it was requested after the backup that the store was restored
/// from, and its money is still the player's there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPayout {
    /// The withdrawal as it is to be stored. Its client id is made of the transaction and the address, so that the same payout
    /// is recorded once.
    pub withdrawal: WithdrawalRecord,
    /// The id of the batch that is made of it, and has ended.
    pub batch: BatchId,
    /// The transaction, as the rail writes it.
    pub transaction: Arc<str>,
    /// The nonce that it has by the chain's word, on rails that know nonces.
    pub nonce: Option<u64>,
}

/// Pauses a rail, or lets it run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetPause {
    /// When.
    pub now: Timestamp,
    /// The rail's id.
    pub rail: Arc<str>,
    /// Why it is paused; nothing lets it run.
    pub why: Option<Arc<str>>,
    /// What whoever has looked at the chain says of it.
    pub known: Known,
}

/// What an operator knows of a chain, where the store does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The nonce that the next batch is signed with.
    pub next_nonce: Option<u64>,
    /// The transaction of the treasury up to which it need not be examined.
    pub examined: Option<Arc<str>>,
}

/// Halts a rail until an operator has looked, since its chain does not show what the store says; or says that a batch because of
/// which it was halted is alive after all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Halt {
    /// When.
    pub now: Timestamp,
    /// The rail's id.
    pub rail: Arc<str>,
    /// Of which batch that was found, if it is of one.
    pub batch: Option<BatchId>,
    /// What was found, for the operator; nothing where the batch is alive after all.
    pub why: Option<Arc<str>>,
    /// The epoch of the lease under which it was.
    pub epoch: u64,
}

/// Pauses a rail whose treasury has too little for what is to be paid next, or lets it run once there is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetShort {
    /// When.
    pub now: Timestamp,
    /// The rail's id.
    pub rail: Arc<str>,
    /// What is missing, for the operator; nothing where there is enough.
    pub missing: Option<Arc<str>>,
    /// The epoch of the lease under which that was found.
    pub epoch: u64,
}

/// Notes up to which transaction a treasury was examined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteExamined {
    /// The rail's id.
    pub rail: Arc<str>,
    /// The transaction.
    pub transaction: Arc<str>,
    /// The epoch of the lease under which it was.
    pub epoch: u64,
}
