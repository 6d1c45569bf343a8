//! `[rails.<id>]`: how players are paid. Without any there is the sandbox alone, in which nothing is really paid.

use std::collections::BTreeMap;

use dripline_shared::amount::Amount;
use dripline_shared::catalog::is_id;
use dripline_shared::limit::WINDOW_MAX_MS;
use dripline_shared::payout::RailKind;
use dripline_shared::time::DAY_MS;
use serde::Deserialize;

use super::section::{Check, Section};
use crate::payout::RailSettings;

/// The rails, by their ids.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(transparent)]
pub struct Rails(BTreeMap<String, Rail>);

/// A rail.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rail {
    /// What it settles on.
    kind: RailKind,
    /// How long an address that took the place of another one is not paid to.
    #[serde(default = "a_day")]
    address_wait_ms: u64,
    /// What it pays, by the asset's code.
    assets: BTreeMap<String, RailAsset>,
}

/// An asset on a rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct RailAsset {
    /// The least that can be withdrawn, in ledger units.
    threshold: Amount,
    /// What a withdrawal costs, in ledger units.
    #[serde(default)]
    fee: Amount,
}

const fn a_day() -> u64 {
    DAY_MS
}

impl Section for Rails {
    const NAME: &'static str = "rails";

    fn validate(&self, check: &mut Check<'_>) {
        for (id, rail) in &self.0 {
            check.holds(is_id(id), id, "an id of 1 to 32 lower-case letters, digits and '-'");
            check.within(rail.address_wait_ms, 0..=WINDOW_MAX_MS, &format!("{id}.address_wait_ms"));
            check.holds(!rail.assets.is_empty(), &format!("{id}.assets"), "at least one asset");
            for (code, asset) in &rail.assets {
                let setting = format!("{id}.assets.{code}.fee");
                check.holds(
                    asset.fee < asset.threshold,
                    &setting,
                    "less than the threshold, so that something arrives",
                );
            }
        }
    }
}

impl Rails {
    /// What a faucet is started with: nothing where there are none.
    pub fn settings(&self) -> Option<BTreeMap<String, RailSettings>> {
        let of = |(id, rail): (&String, &Rail)| {
            let assets = rail
                .assets
                .iter()
                .map(|(code, asset)| (code.clone(), (asset.threshold, asset.fee)))
                .collect();
            let settings = RailSettings { kind: rail.kind, assets, address_wait_ms: rail.address_wait_ms };
            (id.clone(), settings)
        };
        (!self.0.is_empty()).then(|| self.0.iter().map(of).collect())
    }
}
