//! How money leaves a faucet: what a withdrawal is called, how it stands, and what settles it.

use serde::{Deserialize, Serialize};

use crate::hex::hex_newtype;
use crate::time::Timestamp;

hex_newtype!(
    /// A withdrawal's id: 48 bits of milliseconds since the epoch, then 80 random bits, so that ids sort by time.
    WithdrawalId,
    16
);
hex_newtype!(
    /// The id of a batch of withdrawals that are settled together, made as a [`WithdrawalId`] is.
    BatchId,
    16
);

/// The longest address of any rail, in bytes.
pub const ADDRESS_MAX: usize = 128;
/// The most withdrawals before another one that are counted: whoever looks makes the store count them. So many stand for as many
/// or more.
pub const AHEAD_MAX: usize = 1_000;

impl WithdrawalId {
    /// An id for a withdrawal that is requested at `now`.
    pub fn new(now: Timestamp, random: [u8; 10]) -> Self {
        Self(now.sortable_id(random))
    }
}

impl BatchId {
    /// An id for a batch that is made at `now`.
    pub fn new(now: Timestamp, random: [u8; 10]) -> Self {
        Self(now.sortable_id(random))
    }
}

/// Whether a text can stand in a statement as an address: 1 to [`ADDRESS_MAX`] visible ASCII characters. Whether it is
/// an address of a rail is for the rail to say.
pub fn is_address(text: &str) -> bool {
    (1..=ADDRESS_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What settles payouts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RailKind {
    /// An EVM chain: its native coin, or an ERC-20 token.
    Evm,
    /// Nothing leaves the faucet's books: for trying it out.
    Sandbox,
    /// Solana: SOL, or a token of the SPL token program.
    Solana,
    /// A webhook: the operator's own system pays.
    Webhook,
}

impl RailKind {
    /// All kinds.
    pub const ALL: &'static [Self] = &[Self::Evm, Self::Sandbox, Self::Solana, Self::Webhook];

    /// As on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Evm => "evm",
            Self::Sandbox => "sandbox",
            Self::Solana => "solana",
            Self::Webhook => "webhook",
        }
    }
}

crate::json::json_word!(RailKind, Self::Sandbox);

/// How a withdrawal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WithdrawalState {
    /// It waits for its turn.
    Queued,
    /// It waits for the operator to look at it.
    Review,
    /// It is in a batch that is being settled.
    Sending,
    /// It was paid, finally.
    Paid,
    /// It could not be paid, finally, and the money is back.
    Returned,
}

impl WithdrawalState {
    /// All states.
    pub const ALL: &'static [Self] = &[Self::Queued, Self::Review, Self::Sending, Self::Paid, Self::Returned];

    /// As on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Review => "review",
            Self::Sending => "sending",
            Self::Paid => "paid",
            Self::Returned => "returned",
        }
    }

    /// Whether it will never stand otherwise.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Paid | Self::Returned)
    }
}

crate::json::json_word!(WithdrawalState, Self::Queued);
