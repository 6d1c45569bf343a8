//! What a rail of kind `evm` needs besides what every rail has.

use dripline_shared::amount::Amount;
use serde::Deserialize;

use super::{Rail, RailAsset};
use crate::config::section::Check;
use crate::payout::evm::{
    self, CHAIN_DECIMALS_MAX, DEPTH_MAX, EvmAsset, EvmSettings, FEE_PER_GAS_MAX, Finality, NATIVE_DECIMALS,
    REPLACE_AFTER_MS,
};

/// How many decimals a gwei has: its unit is the wei.
const GWEI_DECIMALS: u8 = 9;
/// After how long something is replaced where nothing is said: some ten blocks of Ethereum.
const REPLACE_AFTER_DEFAULT_MS: u64 = 120_000;

/// From when on a block counts as final: the word `finalized`, or how many blocks have to lie above it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum Confirmations {
    Word(String),
    Depth(u64),
}

impl Confirmations {
    fn finality(&self) -> Option<Finality> {
        match self {
            Self::Word(word) => (word == "finalized").then_some(Finality::Finalized),
            Self::Depth(blocks) => (1..=DEPTH_MAX).contains(blocks).then_some(Finality::Depth(*blocks)),
        }
    }
}

/// Gwei as wei, where it is a decimal number within what may be set.
fn wei(gwei: &str) -> Option<u64> {
    let wei = Amount::from_decimal(gwei, GWEI_DECIMALS).ok()?;
    u64::try_from(wei.units()).ok().filter(|wei| *wei <= FEE_PER_GAS_MAX)
}

/// What the chain's coin is called in the ledger where nothing else is said: each chain has one of its own.
fn coin_of(chain_id: u64) -> String {
    /// The chain id of Ethereum.
    const ETHEREUM: u64 = 1;
    /// Of an id, so many digits fit a code.
    const SHOWN: u64 = 1_000_000_000;
    if chain_id == ETHEREUM { "ETH".to_owned() } else { format!("GAS{}", chain_id % SHOWN) }
}

impl Rail {
    /// Everything that such a chain needs, and of the right form.
    pub(super) fn validate_evm(&self, id: &str, check: &mut Check<'_>) {
        self.validate_chain(id, check);
        check.within(self.chain_id.unwrap_or(0), 1..=u64::MAX, &format!("{id}.chain_id"));
        check.holds(
            self.confirmations.as_ref().is_none_or(|it| it.finality().is_some()),
            &format!("{id}.confirmations"),
            format!("\"finalized\", or a number of blocks from 1 to {DEPTH_MAX}"),
        );
        let is_fee = |gwei: &String| wei(gwei).is_some();
        check.holds(
            self.max_fee_per_gas_gwei.as_ref().is_some_and(|gwei| wei(gwei).is_some_and(|wei| wei > 0)),
            &format!("{id}.max_fee_per_gas_gwei"),
            "a decimal number in quotes, above 0 and at most \"1000\"",
        );
        check.holds(
            self.max_priority_fee_gwei.as_ref().is_none_or(is_fee),
            &format!("{id}.max_priority_fee_gwei"),
            "a decimal number in quotes, at most \"1000\"",
        );
        let replace_after_ms = self.replace_after_ms.unwrap_or(REPLACE_AFTER_DEFAULT_MS);
        check.within(replace_after_ms, REPLACE_AFTER_MS, &format!("{id}.replace_after_ms"));
        let contract = |text: &Option<String>, setting: &str, check: &mut Check<'_>| {
            let wrong = text.as_deref().and_then(|text| evm::check_contract(text).err());
            check.holds(wrong.is_none(), setting, wrong.unwrap_or_default());
        };
        contract(&self.disperse, &format!("{id}.disperse"), check);
        for (code, asset) in &self.assets {
            contract(&asset.token, &format!("{id}.assets.{code}.token"), check);
            let decimals = format!("{id}.assets.{code}.chain_decimals");
            if asset.token.is_some() {
                // Without any it is out of range, too.
                check.within(asset.chain_decimals.unwrap_or(u8::MAX), 0..=CHAIN_DECIMALS_MAX, &decimals);
            } else {
                let are_right = asset.chain_decimals.is_none_or(|decimals| decimals == NATIVE_DECIMALS);
                check.holds(
                    are_right,
                    &decimals,
                    format!("{NATIVE_DECIMALS}: without a token it is the chain's own coin"),
                );
            }
        }
    }

    /// What such a chain is opened with.
    pub(super) fn evm(&self) -> EvmSettings {
        let asset = |(code, asset): (&String, &RailAsset)| {
            let chain_decimals = asset.chain_decimals.unwrap_or(NATIVE_DECIMALS);
            (code.clone(), EvmAsset { token: asset.token.clone(), chain_decimals })
        };
        EvmSettings {
            endpoints: self.endpoints.clone().unwrap_or_default(),
            chain_id: self.chain_id.unwrap_or_default(),
            needs_ownership: self.needs_ownership.unwrap_or(false),
            key: self.key(),
            finality: self
                .confirmations
                .as_ref()
                .and_then(Confirmations::finality)
                .unwrap_or(Finality::Finalized),
            max_fee_per_gas: self.max_fee_per_gas_gwei.as_deref().and_then(wei).unwrap_or_default(),
            priority_fee_per_gas: self.max_priority_fee_gwei.as_deref().and_then(wei),
            replace_after_ms: self.replace_after_ms.unwrap_or(REPLACE_AFTER_DEFAULT_MS),
            disperse: self.disperse.clone(),
            coin: self.coin.clone().unwrap_or_else(|| coin_of(self.chain_id.unwrap_or_default())),
            assets: self.assets.iter().map(asset).collect(),
        }
    }
}
