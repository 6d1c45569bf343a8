//! What an operator says about a rail of an EVM chain.

use std::collections::BTreeMap;

#[cfg(doc)]
use crate::payout::ENDPOINTS_MAX;
use crate::payout::KeySource;

/// How many decimals the native coin of every such chain has: its unit is the wei.
pub const NATIVE_DECIMALS: u8 = 18;
/// The most decimals that a token may have here.
pub const CHAIN_DECIMALS_MAX: u8 = 36;
/// The most that a unit of gas may be set to cost, in wei: a millionth of a coin.
pub const FEE_PER_GAS_MAX: u64 = 1_000_000_000_000;
/// The most blocks that may have to lie above a final one.
pub const DEPTH_MAX: u64 = 100_000;
/// The least and the most time before something is replaced that does not get into a block, in milliseconds.
pub const REPLACE_AFTER_MS: std::ops::RangeInclusive<u64> = 10_000..=86_400_000;

/// What a rail of an EVM chain is opened with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvmSettings {
    /// The addresses of JSON-RPC servers, the preferred one first, at most [`ENDPOINTS_MAX`]: `http` or `https` addresses,
    /// or `env:NAME` for one that stands in a variable of the environment.
    ///
    /// They should be of different operators. With two or more, whatever is final counts only where two agree.
    pub endpoints: Vec<String>,
    /// The chain's id (EIP-155): an endpoint of another chain is not believed.
    pub chain_id: u64,
    /// Whether owners of addresses have to prove that they are theirs.
    pub needs_ownership: bool,
    /// Where the treasury's secret key is.
    pub key: KeySource,
    /// From when on a block counts as final.
    pub finality: Finality,
    /// The most that a unit of gas may cost, in wei, its priority included; at most [`FEE_PER_GAS_MAX`].
    pub max_fee_per_gas: u64,
    /// What a unit of gas pays for its priority at first, in wei; what the node proposes where nothing is said.
    pub priority_fee_per_gas: Option<u64>,
    /// After how long something is replaced that does not get into a block, in milliseconds, within [`REPLACE_AFTER_MS`].
    pub replace_after_ms: u64,
    /// The address of a contract that pays many at once, with the functions of Disperse.app. Without one, each withdrawal
    /// is a transaction of its own.
    pub disperse: Option<String>,
    /// The code of the coin that gas is paid in, under which the ledger counts what that costs.
    pub coin: String,
    /// What it pays, by the asset's code.
    pub assets: BTreeMap<String, EvmAsset>,
}

/// From when on a block counts as final.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finality {
    /// Once the chain itself says so: at or below its block `finalized`.
    Finalized,
    /// Once so many blocks lie above it, for chains that have no such block. A longer reorganisation could take a payout
    /// back that counts as settled.
    Depth(u64),
}

/// What an asset of the ledger is on the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvmAsset {
    /// The address of the ERC-20 token's contract; `None` is the chain's native coin.
    pub token: Option<String>,
    /// How many decimals it has on the chain, at least as many as in the ledger; the native coin has [`NATIVE_DECIMALS`].
    pub chain_decimals: u8,
}
