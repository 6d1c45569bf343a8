//! Operations about rounds: opening, playing, claiming.

use dripline_shared::api::{OpenRequest, OutcomeView};
use dripline_shared::round::{Hash, RoundId};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::{Signature, Wallet};

use crate::price::Price;

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
    /// The hash of the code of the voucher that the request names.
    pub voucher: Option<Hash>,
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
    /// The key that plays it for the wallet, if it is not the wallet itself.
    pub delegate: Option<Wallet>,
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
    /// What a coin costs then, if that is known.
    pub price: Option<Price>,
}

/// Verifies a round. That the token is one, and that the secret is its site's, have been checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verify {
    /// When the request arrived.
    pub now: Timestamp,
    /// The round.
    pub round: RoundId,
    /// Until when it can be verified first.
    pub expires_at: Timestamp,
    /// The hash of a request that is answered again.
    pub request: Option<Hash>,
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
