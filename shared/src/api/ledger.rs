//! The books in sums, for everybody: what the faucet owes, and what there is to pay it with.

use serde::{Deserialize, Serialize};

use crate::amount::{Amount, Asset};
use crate::payout::RailKind;
use crate::round::Hash;
use crate::time::Timestamp;

/// The books in sums, and what the treasury holds on each chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct LedgerView {
    /// The fingerprint of the faucet.
    pub faucet: Hash,
    /// The books of each asset, by rising codes.
    pub assets: Vec<AssetBooks>,
    /// When the books were added up. All sums are of one moment.
    pub read_at_ms: Timestamp,
    /// What each rail has to pay with, by rising ids.
    pub rails: Vec<RailTreasury>,
    /// The server's clock.
    pub server_time_ms: Timestamp,
}

/// The books of an asset: the balances of all its accounts, added up by who holds them. `players`, `pending`, `campaigns`,
/// `treasury`, `fees` and `operating` together are `supply`; with `world`, which has minus that, everything is zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AssetBooks {
    /// The asset.
    pub asset: Asset,
    /// What came from outside and has not gone back: what was funded, less what was returned and what was paid out. It is
    /// minus the balance of `world`.
    pub supply: Amount,
    /// What players may spend.
    pub players: Amount,
    /// What players asked to be paid, and is neither paid nor back yet.
    pub pending: Amount,
    /// What is left of the campaigns' budgets.
    pub campaigns: Amount,
    /// What funds campaigns and is in none.
    pub treasury: Amount,
    /// What players paid for their payouts.
    pub fees: Amount,
    /// What is there to pay chains for executing payouts, whether it is set aside for some that are under way or not.
    pub operating: Amount,
}

/// What a rail has to pay with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RailTreasury {
    /// The rail's id.
    pub rail: String,
    /// What it settles on.
    pub kind: RailKind,
    /// What the chain said last. `null` where the rail is on no chain, such as the sandbox, and where the chain has not
    /// answered since the server started.
    pub on_chain: Option<OnChain>,
}

/// What a treasury holds on a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct OnChain {
    /// The treasury's address there: anybody can look for themselves.
    pub address: String,
    /// How much it holds of each asset that the rail pays, in ledger units rounded down, by rising codes.
    pub holdings: Vec<Holding>,
    /// When it was read: it is asked every minute, and where that fails this is what was read before.
    pub read_at_ms: Timestamp,
}

/// How much there is of an asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Holding {
    /// The asset.
    pub asset: Asset,
    /// How much.
    pub amount: Amount,
}
