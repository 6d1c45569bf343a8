//! What an operator says about a rail: what it pays, from how much on, for what fee, and how careful it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use dripline_shared::amount::{Amount, Asset, LEDGER_DECIMALS_MAX};
use dripline_shared::limit::MoneyLimit;
use dripline_shared::payout::RailKind;

use crate::edge::Edge;
use crate::payout::evm::{self, Evm, EvmSettings};
use crate::payout::rpc::from_environment;
use crate::payout::solana::{self, Solana, SolanaSettings};
use crate::payout::webhook::{Webhook, WebhookSettings};
use crate::payout::{KeySource, Rail, RailError, Sandbox};

/// After how many failed batches a rail pauses itself, where nothing else is said: more than it takes to find one bad
/// recipient in a batch of hundreds.
pub const FAILURES_MAX: u32 = 20;

/// How many decimals a coin has in the ledger that nothing but chains is paid in: as many as the ledger knows.
pub(crate) const COIN_DECIMALS: u8 = LEDGER_DECIMALS_MAX;
/// The settings that say where a treasury's key is: in a file, and in a variable.
const KEY: [&str; 2] = ["key_file", "key_env"];
/// The same of a webhook's secret.
const SECRET: [&str; 2] = ["secret_file", "secret_env"];

/// Which of these settings a source is from.
fn setting(source: &KeySource, [file, variable]: [&'static str; 2]) -> &'static str {
    match source {
        KeySource::File(_) => file,
        KeySource::Variable(_) => variable,
    }
}

/// The rail of a first run.
const SANDBOX: &str = "sandbox";

/// The rules of a rail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RailRules {
    /// What it settles on.
    pub kind: RailKind,
    /// What it pays, by the asset's code.
    pub assets: BTreeMap<Arc<str>, AssetRules>,
    /// The coin that its chain is paid in for executing something, as the ledger keeps it. Nothing where it is on no chain.
    pub coin: Option<Asset>,
    /// How owners prove that addresses are theirs. Nothing where they cannot.
    pub ownership: Option<OwnershipRules>,
    /// How long an address that took the place of another one is not paid to, in milliseconds.
    pub address_wait_ms: u64,
    /// After how many failed batches, with none settled in between, it pauses itself.
    pub failures_max: u32,
}

/// How owners prove that addresses are theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnershipRules {
    /// The number of the chain (EIP-155).
    pub chain_id: u64,
    /// Whether they have to.
    pub is_needed: bool,
}

/// The rules of an asset on a rail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetRules {
    /// The asset, as the ledger keeps it.
    pub asset: Asset,
    /// The least that can be withdrawn.
    pub threshold: Amount,
    /// What a withdrawal costs: less than the threshold, so that something arrives.
    pub fee: Amount,
    /// What it costs besides where the recipient has no account of the asset yet, which the treasury has to open.
    pub account_fee: Amount,
    /// What it may pay in any window. What is more waits.
    pub outflow: Option<MoneyLimit>,
    /// After how many milliseconds without any act of its owner a balance is paid to the address that was set, within
    /// [`DORMANT_AFTER_MS`](crate::payout::DORMANT_AFTER_MS); never where nothing is said.
    pub dormant_after_ms: Option<u64>,
    /// Withdrawals above this wait for an operator's approval; none does where nothing is said.
    pub approve_above: Option<Amount>,
}

impl AssetRules {
    /// What a withdrawal costs at most.
    pub fn fee_max(&self) -> Amount {
        self.fee.checked_add(self.account_fee).unwrap_or(Amount::MAX)
    }

    /// The most that can be withdrawn at once: what is more would never pass the ceiling.
    pub fn maximum(&self) -> Option<Amount> {
        self.outflow.map(|limit| limit.burst())
    }
}

/// What a configuration says of a rail: as [`RailRules`], with assets named by their codes alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RailSettings {
    /// What it settles on.
    pub driver: RailDriver,
    /// What it pays, by the asset's code.
    pub assets: BTreeMap<String, AssetSettings>,
    /// As in [`RailRules`].
    pub address_wait_ms: u64,
    /// As in [`RailRules`].
    pub failures_max: u32,
}

/// What a configuration says of an asset on a rail: as [`AssetRules`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssetSettings {
    /// As in [`AssetRules`].
    pub threshold: Amount,
    /// As in [`AssetRules`].
    pub fee: Amount,
    /// As in [`AssetRules`].
    pub outflow: Option<MoneyLimit>,
    /// As in [`AssetRules`].
    pub dormant_after_ms: Option<u64>,
    /// As in [`AssetRules`].
    pub approve_above: Option<Amount>,
}

/// What a rail settles on, and what that needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RailDriver {
    /// An EVM chain.
    Evm(EvmSettings),
    /// Nothing leaves the faucet's books.
    Sandbox,
    /// Solana.
    Solana(SolanaSettings),
    /// A system of the operator's own.
    Webhook(WebhookSettings),
}

impl RailDriver {
    /// What it is called.
    pub fn kind(&self) -> RailKind {
        match self {
            Self::Evm(_) => RailKind::Evm,
            Self::Sandbox => RailKind::Sandbox,
            Self::Solana(_) => RailKind::Solana,
            Self::Webhook(_) => RailKind::Webhook,
        }
    }

    /// The code of the coin that the chain is paid in.
    fn coin(&self) -> Option<&str> {
        match self {
            Self::Evm(settings) => Some(&settings.coin),
            Self::Solana(settings) => Some(&settings.coin),
            Self::Sandbox | Self::Webhook(_) => None,
        }
    }

    /// How owners prove that addresses are theirs.
    fn ownership(&self) -> Option<OwnershipRules> {
        match self {
            Self::Evm(settings) => {
                Some(OwnershipRules { chain_id: settings.chain_id, is_needed: settings.needs_ownership })
            }
            Self::Sandbox | Self::Solana(_) | Self::Webhook(_) => None,
        }
    }

    /// Whether every secret and every address that it takes from a file or from the environment is there and of the right
    /// form: what is wrong, by the name of the setting. Asks nobody.
    pub(crate) fn check_secrets(&self) -> Vec<(&'static str, String)> {
        let endpoints = |endpoints: &[String]| endpoints.iter().find_map(|it| from_environment(it).err());
        let (secret, endpoint) = match self {
            Self::Evm(settings) => (
                evm::check_key(&settings.key).err().map(|why| (setting(&settings.key, KEY), why)),
                endpoints(&settings.endpoints).map(|why| ("endpoints", why)),
            ),
            Self::Solana(settings) => (
                solana::check_key(&settings.key).err().map(|why| (setting(&settings.key, KEY), why)),
                endpoints(&settings.endpoints).map(|why| ("endpoints", why)),
            ),
            Self::Webhook(settings) => (
                crate::webhook::check_secret(&settings.secret)
                    .err()
                    .map(|why| (setting(&settings.secret, SECRET), why)),
                from_environment(&settings.url).err().map(|why| ("url", why)),
            ),
            Self::Sandbox => (None, None),
        };
        secret.into_iter().chain(endpoint).collect()
    }

    /// What it costs besides to pay an asset to whoever has no account of it yet.
    fn account_fee(&self, code: &str) -> Amount {
        match self {
            Self::Solana(settings) => {
                settings.assets.get(code).map_or(Amount::ZERO, |asset| asset.account_fee)
            }
            Self::Evm(_) | Self::Sandbox | Self::Webhook(_) => Amount::ZERO,
        }
    }

    /// Makes what settles a rail of these rules.
    pub(crate) fn open(&self, rules: &RailRules, edge: &Edge) -> Result<Arc<dyn Rail>, RailError> {
        Ok(match self {
            Self::Evm(settings) => Arc::new(Evm::open(settings, rules, edge.clone())?),
            Self::Sandbox => Arc::new(Sandbox),
            Self::Solana(settings) => Arc::new(Solana::open(settings, rules, edge.clone())?),
            Self::Webhook(settings) => Arc::new(Webhook::open(settings, rules)?),
        })
    }
}

/// Why a rail cannot be as it was configured: the faucet does not have the asset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rails.{rail}.assets.{asset}: this faucet has no such asset; it has {known}")]
pub struct UnknownAsset {
    /// The rail's id.
    pub rail: String,
    /// The asset's code.
    pub asset: String,
    /// The codes of those that it has.
    pub known: String,
}

impl RailSettings {
    /// The rules that these settings mean in a faucet that has these assets.
    pub fn rules(&self, rail: &str, assets: &[Asset]) -> Result<RailRules, UnknownAsset> {
        let of = |(code, settings): (&String, &AssetSettings)| {
            let asset = assets.iter().find(|asset| asset.code == *code).ok_or_else(|| UnknownAsset {
                rail: rail.to_owned(),
                asset: code.clone(),
                known: assets.iter().map(|asset| asset.code.as_str()).collect::<Vec<_>>().join(", "),
            })?;
            let AssetSettings { threshold, fee, outflow, dormant_after_ms, approve_above } = *settings;
            let rules = AssetRules {
                asset: asset.clone(),
                threshold,
                fee,
                account_fee: self.driver.account_fee(code),
                outflow,
                dormant_after_ms,
                approve_above,
            };
            Ok((Arc::from(code.as_str()), rules))
        };
        // What the faucet counts already it goes on to count in the same units.
        let coin = self.driver.coin().map(|code| {
            let known = assets.iter().find(|asset| asset.code == code).cloned();
            known.unwrap_or_else(|| Asset { code: code.to_owned(), decimals: COIN_DECIMALS })
        });
        let assets = self.assets.iter().map(of).collect::<Result<_, _>>()?;
        Ok(RailRules {
            kind: self.driver.kind(),
            assets,
            coin,
            ownership: self.driver.ownership(),
            address_wait_ms: self.address_wait_ms,
            failures_max: self.failures_max,
        })
    }
}

/// The rails of a faucet whose operator has said nothing: the sandbox, from a twentieth of a coin on, for nothing.
pub fn first_run(asset: &Asset) -> BTreeMap<Arc<str>, RailRules> {
    let coin = Amount::from_decimal("1", asset.decimals).unwrap_or(Amount::ZERO);
    let threshold = Amount::try_from((coin.units() / 20).max(1)).unwrap_or(coin);
    let rules = AssetRules {
        asset: asset.clone(),
        threshold,
        fee: Amount::ZERO,
        account_fee: Amount::ZERO,
        outflow: None,
        dormant_after_ms: None,
        approve_above: None,
    };
    let assets = BTreeMap::from([(Arc::from(asset.code.as_str()), rules)]);
    let rules = RailRules {
        kind: RailKind::Sandbox,
        assets,
        coin: None,
        ownership: None,
        address_wait_ms: 0,
        failures_max: FAILURES_MAX,
    };
    BTreeMap::from([(SANDBOX.into(), rules)])
}
