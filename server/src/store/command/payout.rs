//! Operations by which withdrawals are requested and paid.

use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::api::{AddressRequest, WithdrawalRequest};
use dripline_shared::payout::{BatchId, WithdrawalId};
use dripline_shared::round::Hash;
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;

use crate::store::record::{Candidate, Reserve, ServerId};

/// Sets a payout address. That its statement is for this faucet, and its signature, have been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAddress {
    /// When the request arrived.
    pub now: Timestamp,
    /// The request.
    pub request: AddressRequest,
    /// The hash of its statement: what "the same request" is judged by.
    pub statement: Hash,
}

/// Requests a payout. That its statement is for this faucet, and its signature, have been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdraw {
    /// When the request arrived.
    pub now: Timestamp,
    /// The id that the withdrawal gets.
    pub id: WithdrawalId,
    /// The request.
    pub request: WithdrawalRequest,
    /// The hash of its statement.
    pub statement: Hash,
    /// Whether the recipient has no account of the asset yet, where that was asked and answered.
    pub needs_account: Option<bool>,
}

/// Withdraws what a wallet has, if it lies dormant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayDormant {
    /// When.
    pub now: Timestamp,
    /// The id that the withdrawal gets.
    pub id: WithdrawalId,
    /// Whose.
    pub wallet: Wallet,
    /// By this rail.
    pub rail: Arc<str>,
    /// The code of the asset.
    pub asset: Arc<str>,
    /// To this address, which the rail can pay to, if it is the one that is set.
    pub address: Arc<str>,
}

/// Takes the lease of a rail for a server, or renews it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakeLease {
    /// When.
    pub now: Timestamp,
    /// The rail's id.
    pub rail: Arc<str>,
    /// The server.
    pub owner: ServerId,
    /// Until when; `now` gives it back.
    pub until: Timestamp,
}

/// Takes the withdrawals of an asset that wait longest into a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MakeBatch {
    /// When.
    pub now: Timestamp,
    /// The rail's id.
    pub rail: Arc<str>,
    /// The code of the asset.
    pub asset: Arc<str>,
    /// The id that the batch gets.
    pub id: BatchId,
    /// How many it takes at most.
    pub most: usize,
    /// The epoch of the rail's lease that this is wanted under.
    pub epoch: u64,
}

/// Keeps a candidate of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeepCandidate {
    /// The batch.
    pub batch: BatchId,
    /// The candidate. It is stored as alive, and now.
    pub candidate: Candidate,
    /// What executing it may cost at most: it is set aside. Nothing where nobody is to be paid for that.
    pub reserve: Option<Reserve>,
    /// The epoch of the rail's lease that it was signed under.
    pub epoch: u64,
}

/// Says what became of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndBatch {
    /// When.
    pub now: Timestamp,
    /// The batch.
    pub batch: BatchId,
    /// What became of it.
    pub ending: Ending,
    /// What the chain was paid for executing what was signed for it, in ledger units of the coin that was set aside.
    pub cost: Amount,
    /// The epoch of the rail's lease that it was found out under.
    pub epoch: u64,
}

/// What became of a batch, finally.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// It is settled.
    Settled {
        /// By this transaction, as the rail writes it.
        transaction: Arc<str>,
    },
    /// No candidate of it was executed, and none ever can be: it may be signed anew.
    Expired,
    /// It was executed and failed: nobody was paid.
    Failed {
        /// Why, for the player of a withdrawal that failed alone.
        reason: Arc<str>,
        /// Whether something may be wrong with all of the rail: too many of these in a row, of one withdrawal each, pause it.
        /// Otherwise it was found that the recipients alone cannot be paid.
        counts: bool,
        /// The ids of the batches that it is divided into.
        parts: [BatchId; 2],
    },
    /// It was cancelled, and no candidate of it was executed, and none ever can be: the money goes back.
    Cancelled,
}

/// Wants a batch not to be paid any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CancelBatch {
    /// When.
    pub now: Timestamp,
    /// The batch.
    pub batch: BatchId,
}
