//! The operations of the store, with everything that their decision needs from outside, and their answers.
//!
//! Whatever is costly or needs no facts (signatures, replays, shapes) was done before a command is made. Each carries
//! the moment at which its request arrived.

use dripline_shared::api::{OpenRequest, OutcomeView, Reason, Receipt};
use dripline_shared::round::{Hash, RoundId, Seed};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::{Signature, Wallet};

use crate::store::record::RoundRecord;

/// One operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Opens a round.
    Open(Box<Open>),
    /// Stores a segment.
    Segment(Box<PutSegment>),
    /// Closes a round without a claim.
    End(End),
    /// Settles the claim of a round that was replayed.
    Settle(Box<Settle>),
    /// Gives the attempt of a round back, whose rules have changed.
    GiveBack(GiveBack),
}

/// Opens a round. That its statement is for this faucet, and its signature, have been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// When the request arrived.
    pub now: Timestamp,
    /// The id that the round gets.
    pub round: RoundId,
    /// The request.
    pub request: OpenRequest,
    /// The hash of its statement: what "the same request" is judged by.
    pub statement: Hash,
    /// The network prefix of the client.
    pub prefix: String,
}

/// Stores a segment. The token has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutSegment {
    /// When the request arrived.
    pub now: Timestamp,
    /// The round.
    pub round: RoundId,
    /// The number of the segment, from 0.
    pub number: u32,
    /// The length of the final segment; `None` where another one follows.
    pub end: Option<u32>,
    /// The encoded inputs.
    pub bytes: Vec<u8>,
}

/// Closes a round without a claim. The token has been checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// When the request arrived.
    pub now: Timestamp,
    /// The round.
    pub round: RoundId,
}

/// Settles a claim. Signature and transcript have been checked; the round is looked at again, because it may have
/// changed since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settle {
    /// When the request arrived.
    pub now: Timestamp,
    /// The round.
    pub round: RoundId,
    /// Whose round it is.
    pub wallet: Wallet,
    /// The claim's signature.
    pub signature: Signature,
    /// What the replay gave: a win.
    pub outcome: OutcomeView,
    /// The last running hash, which the signature is over.
    pub transcript_hash: Hash,
    /// The whole play, encoded for keeping.
    pub transcript: Vec<u8>,
    /// The network prefix of the client.
    pub prefix: String,
}

/// Gives an attempt back. The claim's signature has been checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GiveBack {
    /// When the request arrived.
    pub now: Timestamp,
    /// The round.
    pub round: RoundId,
    /// Whose round it is.
    pub wallet: Wallet,
}

/// The answer to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// To [`Command::Open`].
    Opened {
        /// The round, new or of the first time that this request came.
        round: RoundRecord,
        /// Whether it is new.
        new: bool,
        /// Whether another one was closed for it.
        abandoned: bool,
        /// What a claim would be told now.
        limits: Vec<Reason>,
    },
    /// To [`Command::Segment`].
    Stored {
        /// Whether it is new.
        new: bool,
        /// The seed of the segment after the next.
        seed: Option<Seed>,
    },
    /// To [`Command::End`].
    Ended {
        /// Whether this command closed it.
        new: bool,
    },
    /// To [`Command::Settle`].
    Settled {
        /// The receipt, new or as it was stored.
        receipt: Receipt,
        /// Whether it is new.
        new: bool,
    },
    /// To [`Command::GiveBack`].
    GivenBack,
}
