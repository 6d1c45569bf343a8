//! What a rail of kind `solana` needs besides what every rail has.

use super::{Rail, RailAsset};
use crate::config::section::Check;
use crate::payout::solana::{self, SOL_DECIMALS, SolanaAsset, SolanaSettings};

/// What the chain's coin is called in the ledger where nothing else is said.
const COIN: &str = "SOL";

impl Rail {
    /// Everything that Solana needs, and of the right form.
    pub(super) fn validate_solana(&self, id: &str, check: &mut Check<'_>) {
        self.validate_chain(id, check);
        check.holds(
            self.genesis_hash.as_deref().is_some_and(solana::is_key),
            &format!("{id}.genesis_hash"),
            "the chain's genesis hash in base58, as `solana genesis-hash` prints it",
        );
        let fee = self.priority_fee_micro_lamports.unwrap_or(0);
        check.within(fee, 0..=solana::PRIORITY_FEE_MAX, &format!("{id}.priority_fee_micro_lamports"));
        for (code, asset) in &self.assets {
            let (mint, decimals) =
                (format!("{id}.assets.{code}.mint"), format!("{id}.assets.{code}.chain_decimals"));
            match &asset.mint {
                None => {
                    let are_sols = asset.chain_decimals.is_none_or(|decimals| decimals == SOL_DECIMALS);
                    check.holds(are_sols, &decimals, format!("{SOL_DECIMALS}: without a mint it is SOL"));
                }
                Some(text) => {
                    check.holds(solana::is_key(text), &mint, "the address of a mint, in base58");
                    // Without any it is out of range, too.
                    let given = asset.chain_decimals.unwrap_or(u8::MAX);
                    check.within(given, 0..=solana::CHAIN_DECIMALS_MAX, &decimals);
                }
            }
        }
    }

    /// What Solana is opened with.
    pub(super) fn solana(&self) -> SolanaSettings {
        let asset = |(code, asset): (&String, &RailAsset)| {
            let chain_decimals = asset.chain_decimals.unwrap_or(SOL_DECIMALS);
            (
                code.clone(),
                SolanaAsset {
                    mint: asset.mint.clone(),
                    chain_decimals,
                    account_fee: asset.account_fee.unwrap_or_default(),
                },
            )
        };
        SolanaSettings {
            endpoints: self.endpoints.clone().unwrap_or_default(),
            genesis_hash: self.genesis_hash.clone().unwrap_or_default(),
            key: self.key(),
            priority_fee_micro_lamports: self.priority_fee_micro_lamports.unwrap_or(0),
            coin: self.coin.clone().unwrap_or_else(|| COIN.to_owned()),
            assets: self.assets.iter().map(asset).collect(),
        }
    }
}
