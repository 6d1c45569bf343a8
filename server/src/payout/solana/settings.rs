//! What an operator says about a rail of Solana.

use std::collections::BTreeMap;

use dripline_shared::amount::Amount;

#[cfg(doc)]
use crate::payout::ENDPOINTS_MAX;
use crate::payout::KeySource;

/// The most that a compute unit may cost, in millionths of a lamport. Whatever it costs, a transaction pays at most
/// 0.005 SOL for its priority.
pub const PRIORITY_FEE_MAX: u64 = 10_000_000;
/// The most decimals that an SPL token may have here: with more, a coin does not fit the chain's 64 bits.
pub const CHAIN_DECIMALS_MAX: u8 = 18;
/// How many decimals SOL has: its unit is the lamport.
pub const SOL_DECIMALS: u8 = 9;
/// What a rail of Solana is opened with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SolanaSettings {
    /// The addresses of JSON-RPC servers, the preferred one first, at most [`ENDPOINTS_MAX`]: `http` or `https` addresses,
    /// or `env:NAME` for one that stands in a variable of the environment.
    ///
    /// They should be of different operators. With two or more, a payout is dead only where two agree; with one, every
    /// block that could hold it is read.
    pub endpoints: Vec<String>,
    /// The genesis hash of the chain, in base58: an endpoint of another chain is not believed.
    pub genesis_hash: String,
    /// Where the treasury's secret key is.
    pub key: KeySource,
    /// What a compute unit's priority is worth, in millionths of a lamport, at most [`PRIORITY_FEE_MAX`].
    pub priority_fee_micro_lamports: u64,
    /// The code of the coin that transactions and rent are paid in, under which the ledger counts what that costs.
    pub coin: String,
    /// What it pays, by the asset's code.
    pub assets: BTreeMap<String, SolanaAsset>,
}

/// What an asset of the ledger is on the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SolanaAsset {
    /// The mint of the SPL token, in base58; `None` is SOL.
    pub mint: Option<String>,
    /// How many decimals it has on the chain, at least as many as in the ledger; SOL has [`SOL_DECIMALS`].
    pub chain_decimals: u8,
    /// What a withdrawal of it costs besides where the recipient has no token account: what the rent is worth that the treasury
    /// pays for one. In ledger units of the asset; nothing of SOL.
    pub account_fee: Amount,
}
