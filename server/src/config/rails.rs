//! `[rails.<id>]`: how players are paid. Without any there is the sandbox alone, in which nothing is really paid.

use std::collections::BTreeMap;
use std::path::PathBuf;

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::catalog::is_id;
use dripline_shared::limit::{MoneyLimit, WINDOW_MAX_MS};
use dripline_shared::payout::RailKind;
use dripline_shared::time::DAY_MS;
use serde::Deserialize;

use super::section::{Check, Section};
use crate::payout::DORMANT_AFTER_MS;
use crate::payout::{AssetSettings, FAILURES_MAX, RailDriver, RailSettings};

mod chain;
mod evm;
mod solana;
mod webhook;

/// The rails, by their ids.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(transparent)]
pub struct Rails(BTreeMap<String, Rail>);

/// A rail. What a kind does not need is not given.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rail {
    /// What it settles on.
    kind: RailKind,
    /// How long an address that took the place of another one is not paid to.
    #[serde(default = "a_day")]
    address_wait_ms: u64,
    /// After how many failed batches it pauses itself.
    #[serde(default = "failures_max")]
    failures_max: u32,
    /// What it pays, by the asset's code.
    assets: BTreeMap<String, RailAsset>,
    /// The JSON-RPC servers of the chain.
    endpoints: Option<Vec<String>>,
    /// Which chain it is, of Solana.
    genesis_hash: Option<String>,
    /// Which chain it is, of those with an EVM.
    chain_id: Option<u64>,
    /// Whether owners of addresses have to prove that they are theirs.
    needs_ownership: Option<bool>,
    /// The file of the treasury's secret key.
    key_file: Option<PathBuf>,
    /// The variable of the environment that holds the treasury's secret key.
    key_env: Option<String>,
    /// What a compute unit's priority is worth.
    priority_fee_micro_lamports: Option<u64>,
    /// From when on a block counts as final.
    confirmations: Option<evm::Confirmations>,
    /// The most that a unit of gas may cost.
    max_fee_per_gas_gwei: Option<String>,
    /// What a unit of gas pays for its priority at first.
    max_priority_fee_gwei: Option<String>,
    /// After how long something is replaced that does not get into a block.
    replace_after_ms: Option<u64>,
    /// The contract that pays many at once.
    disperse: Option<String>,
    /// What the coin is called in the ledger that the chain is paid in.
    coin: Option<String>,
    /// Where a webhook's messages are sent to.
    url: Option<String>,
    /// The file of the secrets that messages are signed with.
    secret_file: Option<PathBuf>,
    /// The variable of the environment that holds the secrets that messages are signed with.
    secret_env: Option<String>,
    /// How long an answer to a message may take.
    timeout_ms: Option<u64>,
    /// After how long without an end a message is an error in the log.
    alert_after_ms: Option<u64>,
    /// The most withdrawals of a message.
    batch_max: Option<usize>,
    /// What the whole of an address matches.
    address_pattern: Option<String>,
    /// What a player is told to enter.
    address_hint: Option<String>,
}

/// An asset on a rail.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct RailAsset {
    /// The least that can be withdrawn, in ledger units.
    threshold: Amount,
    /// What a withdrawal costs, in ledger units.
    #[serde(default)]
    fee: Amount,
    /// What a withdrawal costs besides where the recipient has no account of it yet, in ledger units.
    account_fee: Option<Amount>,
    /// What may be paid in any window.
    #[serde(default)]
    outflow: Option<MoneyLimit>,
    /// After how long without any act of its owner a balance is paid.
    dormant_after_ms: Option<u64>,
    /// Withdrawals above this wait for an operator's approval, in ledger units.
    approve_above: Option<Amount>,
    /// The token's mint, on Solana; without one it is the chain's own coin.
    mint: Option<String>,
    /// The token's contract, on a chain with an EVM; without one it is the chain's own coin.
    token: Option<String>,
    /// How many decimals it has on the chain.
    chain_decimals: Option<u8>,
}

const fn a_day() -> u64 {
    DAY_MS
}

const fn failures_max() -> u32 {
    FAILURES_MAX
}

impl Section for Rails {
    const NAME: &'static str = "rails";

    fn validate(&self, check: &mut Check<'_>) {
        for (id, rail) in &self.0 {
            check.holds(is_id(id), id, "an id of 1 to 32 lower-case letters, digits and '-'");
            check.within(rail.address_wait_ms, 0..=WINDOW_MAX_MS, &format!("{id}.address_wait_ms"));
            check.within(rail.failures_max, 1..=1_000_000, &format!("{id}.failures_max"));
            check.holds(!rail.assets.is_empty(), &format!("{id}.assets"), "at least one asset");
            for (code, asset) in &rail.assets {
                asset.validate(check, &format!("{id}.assets.{code}"));
            }
            let is_code = |code: &String| Asset { code: code.clone(), decimals: 0 }.is_valid();
            let expected = "a code of 2 to 12 upper-case letters and digits";
            check.holds(rail.coin.as_ref().is_none_or(is_code), &format!("{id}.coin"), expected);
            rail.validate_kind(id, check);
            let mistakes = check.count();
            match rail.kind {
                RailKind::Evm => rail.validate_evm(id, check),
                RailKind::Sandbox => {}
                RailKind::Solana => rail.validate_solana(id, check),
                RailKind::Webhook => rail.validate_webhook(id, check),
            }
            // Of settings that are wrong themselves nothing is read.
            if check.with_secrets() && check.count() == mistakes {
                for (setting, why) in rail.driver().check_secrets() {
                    check.holds(
                        false,
                        &format!("{id}.{setting}"),
                        format!("what it names to be there and right: {why}"),
                    );
                }
            }
        }
    }
}

impl RailAsset {
    fn validate(&self, check: &mut Check<'_>, place: &str) {
        let account_fee = self.account_fee.unwrap_or_default();
        let arrives = self.fee.checked_add(account_fee).is_some_and(|fee| fee < self.threshold);
        let expected = "with account_fee less than the threshold, so that something arrives";
        check.holds(arrives, &format!("{place}.fee"), expected);
        let is_token = account_fee.is_zero() || self.mint.is_some();
        check.holds(
            is_token,
            &format!("{place}.account_fee"),
            "nothing: who is paid SOL needs no token account",
        );
        let passes = self.outflow.is_none_or(|limit| {
            (1..=WINDOW_MAX_MS).contains(&limit.window_ms) && limit.burst() >= self.threshold
        });
        let expected = "a window of 1 ms to a year, and a ceiling of at least four times the threshold";
        check.holds(passes, &format!("{place}.outflow"), expected);
        if let Some(after_ms) = self.dormant_after_ms {
            let (least, most) = DORMANT_AFTER_MS;
            check.within(after_ms, least..=most, &format!("{place}.dormant_after_ms"));
        }
    }
}

impl Rails {
    /// What a faucet is started with: nothing where there are none.
    pub fn settings(&self) -> Option<BTreeMap<String, RailSettings>> {
        (!self.0.is_empty()).then(|| self.0.iter().map(|(id, rail)| (id.clone(), rail.settings())).collect())
    }
}

impl Rail {
    /// Nothing that another kind needs.
    fn validate_kind(&self, id: &str, check: &mut Check<'_>) {
        let nothing = match self.kind {
            RailKind::Sandbox => "nothing: the sandbox is on no chain".to_owned(),
            kind => format!("nothing: a rail of kind \"{}\" does not have it", kind.as_str()),
        };
        let (chains, evm): (&[RailKind], &[RailKind]) =
            (&[RailKind::Evm, RailKind::Solana], &[RailKind::Evm]);
        let (solana, webhook): (&[RailKind], &[RailKind]) = (&[RailKind::Solana], &[RailKind::Webhook]);
        for (setting, is_given, kinds) in [
            ("endpoints", self.endpoints.is_some(), chains),
            ("genesis_hash", self.genesis_hash.is_some(), solana),
            ("chain_id", self.chain_id.is_some(), evm),
            ("needs_ownership", self.needs_ownership.is_some(), evm),
            ("key_file", self.key_file.is_some(), chains),
            ("key_env", self.key_env.is_some(), chains),
            ("priority_fee_micro_lamports", self.priority_fee_micro_lamports.is_some(), solana),
            ("confirmations", self.confirmations.is_some(), evm),
            ("max_fee_per_gas_gwei", self.max_fee_per_gas_gwei.is_some(), evm),
            ("max_priority_fee_gwei", self.max_priority_fee_gwei.is_some(), evm),
            ("replace_after_ms", self.replace_after_ms.is_some(), evm),
            ("disperse", self.disperse.is_some(), evm),
            ("coin", self.coin.is_some(), chains),
            ("url", self.url.is_some(), webhook),
            ("secret_file", self.secret_file.is_some(), webhook),
            ("secret_env", self.secret_env.is_some(), webhook),
            ("timeout_ms", self.timeout_ms.is_some(), webhook),
            ("alert_after_ms", self.alert_after_ms.is_some(), webhook),
            ("batch_max", self.batch_max.is_some(), webhook),
            ("address_pattern", self.address_pattern.is_some(), webhook),
            ("address_hint", self.address_hint.is_some(), webhook),
        ] {
            let fits = !is_given || kinds.contains(&self.kind);
            check.holds(fits, &format!("{id}.{setting}"), nothing.as_str());
        }
        for (code, asset) in &self.assets {
            for (setting, is_given, kinds) in [
                ("mint", asset.mint.is_some(), solana),
                ("account_fee", asset.account_fee.is_some(), solana),
                ("token", asset.token.is_some(), evm),
                ("chain_decimals", asset.chain_decimals.is_some(), chains),
            ] {
                let fits = !is_given || kinds.contains(&self.kind);
                check.holds(fits, &format!("{id}.assets.{code}.{setting}"), nothing.as_str());
            }
        }
    }

    /// What it settles on. Of settings that are not valid nothing is used.
    fn driver(&self) -> RailDriver {
        match self.kind {
            RailKind::Evm => RailDriver::Evm(self.evm()),
            RailKind::Sandbox => RailDriver::Sandbox,
            RailKind::Solana => RailDriver::Solana(self.solana()),
            RailKind::Webhook => RailDriver::Webhook(self.webhook()),
        }
    }

    fn settings(&self) -> RailSettings {
        let asset = |asset: &RailAsset| {
            let RailAsset { threshold, fee, outflow, dormant_after_ms, approve_above, .. } = *asset;
            AssetSettings { threshold, fee, outflow, dormant_after_ms, approve_above }
        };
        RailSettings {
            driver: self.driver(),
            assets: self.assets.iter().map(|(code, of_asset)| (code.clone(), asset(of_asset))).collect(),
            address_wait_ms: self.address_wait_ms,
            failures_max: self.failures_max,
        }
    }
}

#[cfg(test)]
mod tests;
