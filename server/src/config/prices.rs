//! `[prices]`: what drips are worth, noted when they are received. Without any, nothing is noted.

use std::collections::BTreeMap;
use std::time::Duration;

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use serde::Deserialize;

use super::section::{Check, Section};
use crate::price::{Feed, PRICE_DECIMALS, PriceSettings, Source};

/// Prices.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Prices {
    /// The code of the currency.
    pub currency: String,
    /// Prices that never change, by the asset's code: decimal numbers.
    fixed: BTreeMap<String, String>,
    /// Where prices are asked for, by the asset's code.
    feeds: BTreeMap<String, PriceFeed>,
    /// How often they are asked for.
    pub refresh_ms: u64,
    /// How long an answer counts.
    stale_ms: u64,
    /// How long an answer may take.
    timeout_ms: u64,
}

/// Where a price is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceFeed {
    /// The address.
    url: String,
    /// Where the price stands in its answer: a JSON pointer.
    pointer: String,
}

impl Default for Prices {
    fn default() -> Self {
        Self {
            currency: "EUR".to_owned(),
            fixed: BTreeMap::new(),
            feeds: BTreeMap::new(),
            refresh_ms: 5 * MINUTE_MS,
            stale_ms: HOUR_MS,
            timeout_ms: 5 * SECOND_MS,
        }
    }
}

impl Section for Prices {
    const NAME: &'static str = "prices";

    fn validate(&self, check: &mut Check<'_>) {
        let currency = Asset { code: self.currency.clone(), decimals: 0 };
        check.holds(currency.is_valid(), "currency", "a code of 2 to 12 capitals and digits");
        for (asset, price) in &self.fixed {
            let is_price = read(price).is_some_and(|price| !price.is_zero());
            let expected = "a decimal number above 0 in quotes, with at most 9 decimals";
            check.holds(is_price, &format!("fixed.{asset}"), expected);
            let twice = self.feeds.contains_key(asset);
            check.holds(!twice, &format!("feeds.{asset}"), "an asset that has no fixed price");
        }
        for (asset, feed) in &self.feeds {
            let is_address = feed.url.starts_with("https://") || feed.url.starts_with("http://");
            check.holds(is_address, &format!("feeds.{asset}.url"), "an address with https:// or http://");
            let is_pointer = feed.pointer.starts_with('/');
            check.holds(
                is_pointer,
                &format!("feeds.{asset}.pointer"),
                "a JSON pointer, such as \"/drip/eur\"",
            );
        }
        check.within(self.refresh_ms, SECOND_MS..=DAY_MS, "refresh_ms");
        check.within(self.stale_ms, SECOND_MS..=7 * DAY_MS, "stale_ms");
        check.within(self.timeout_ms, 100..=MINUTE_MS, "timeout_ms");
    }
}

fn read(price: &str) -> Option<Amount> {
    Amount::from_decimal(price, PRICE_DECIMALS).ok()
}

impl Prices {
    /// What a faucet is started with: nothing where nothing has a price.
    pub fn settings(&self) -> Option<PriceSettings> {
        let timeout = Duration::from_millis(self.timeout_ms);
        let fixed = self.fixed.iter().filter_map(|(asset, price)| Some((asset, Source::Fixed(read(price)?))));
        let feeds = self.feeds.iter().map(|(asset, PriceFeed { url, pointer })| {
            (asset, Source::Feed(Feed { url: url.clone(), pointer: pointer.clone(), timeout }))
        });
        let sources: BTreeMap<String, Source> =
            fixed.chain(feeds).map(|(asset, source)| (asset.clone(), source)).collect();
        let (currency, stale_ms) = (self.currency.clone(), self.stale_ms);
        (!sources.is_empty()).then_some(PriceSettings { currency, sources, stale_ms })
    }
}
