//! What a rail of kind `solana` needs besides what every rail has.

use std::collections::BTreeSet;

use super::{Rail, RailAsset};
use crate::config::section::Check;
use crate::payout::KeySource;
use crate::payout::rpc::{ENDPOINTS_MAX, host_of, is_endpoint};
use crate::payout::solana::{self, SOL_DECIMALS, SolanaAsset, SolanaSettings};

impl Rail {
    /// Everything that Solana needs, and of the right form.
    pub(super) fn validate_solana(&self, id: &str, check: &mut Check<'_>) {
        let endpoints = self.endpoints.as_deref().unwrap_or_default();
        let setting = format!("{id}.endpoints");
        check.within(endpoints.len(), 1..=ENDPOINTS_MAX, &setting);
        check.holds(
            endpoints.iter().all(|endpoint| is_endpoint(endpoint)),
            &setting,
            "addresses such as \"https://rpc.example\", or \"env:NAME\" for one in a variable of the environment",
        );
        // By their hosts: two paths of one server are one witness.
        let hosts: BTreeSet<String> =
            endpoints.iter().map(|endpoint| host_of(endpoint).to_ascii_lowercase()).collect();
        let are_different = hosts.len() == endpoints.len();
        check.holds(are_different, &setting, "different servers: two that are one confirm nothing");
        check.holds(
            self.genesis_hash.as_deref().is_some_and(solana::is_key),
            &format!("{id}.genesis_hash"),
            "the chain's genesis hash in base58, as `solana genesis-hash` prints it",
        );
        check.holds(
            self.key_file.is_some() != self.key_env.is_some(),
            &format!("{id}.{}", if self.key_file.is_some() { "key_env" } else { "key_file" }),
            "either key_file or key_env, which say where the treasury's secret key is",
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

    /// What it settles on. Of settings that are not valid nothing is used.
    pub(super) fn solana(&self) -> SolanaSettings {
        let asset = |(code, asset): (&String, &RailAsset)| {
            let chain_decimals = asset.chain_decimals.unwrap_or(SOL_DECIMALS);
            (code.clone(), SolanaAsset { mint: asset.mint.clone(), chain_decimals })
        };
        let key = match (&self.key_file, &self.key_env) {
            (Some(path), _) => KeySource::File(path.clone()),
            (None, name) => KeySource::Variable(name.clone().unwrap_or_default()),
        };
        SolanaSettings {
            endpoints: self.endpoints.clone().unwrap_or_default(),
            genesis_hash: self.genesis_hash.clone().unwrap_or_default(),
            key,
            priority_fee_micro_lamports: self.priority_fee_micro_lamports.unwrap_or(0),
            assets: self.assets.iter().map(asset).collect(),
        }
    }
}
