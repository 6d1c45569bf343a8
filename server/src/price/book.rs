//! The prices that are known, and how old they are.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use dripline_shared::amount::Amount;
use dripline_shared::time::Timestamp;

use crate::price::{Feed, Price};

/// By how much a price may have moved from one answer of its feed to the next to be believed at once.
const JUMP_MAX: u128 = 10;

/// What an operator says of prices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceSettings {
    /// The code of the currency.
    pub currency: String,
    /// Where the price of each asset comes from, by the asset's code.
    pub sources: BTreeMap<String, Source>,
    /// How long a feed's answer counts, in milliseconds.
    pub stale_ms: u64,
}

/// Where a price comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// It is always this, in billionths of the currency a coin.
    Fixed(Amount),
    /// It is asked for.
    Feed(Feed),
}

/// See the module.
#[derive(Debug, Default)]
pub struct PriceBook {
    settings: Option<PriceSettings>,
    currency: Arc<str>,
    /// What feeds answered last that was believed, by the asset's code; and what was answered that was not.
    answered: RwLock<BTreeMap<String, Answered>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Answered {
    price: Amount,
    at: Timestamp,
    /// An answer that was too far from it to be believed at once.
    doubted: Option<Amount>,
}

impl PriceBook {
    /// A book of these settings; without any, nothing has a price.
    pub fn new(settings: Option<PriceSettings>) -> Self {
        let currency = settings.as_ref().map_or("", |settings| settings.currency.as_str()).into();
        Self { settings, currency, answered: RwLock::default() }
    }

    /// What a coin of an asset costs at `now`, if that is known.
    pub fn price(&self, asset: &str, now: Timestamp) -> Option<Price> {
        let settings = self.settings.as_ref()?;
        let per_coin = match settings.sources.get(asset)? {
            Source::Fixed(price) => *price,
            Source::Feed(_) => {
                let answered = self.answered.read().unwrap_or_else(PoisonError::into_inner);
                let known = answered.get(asset)?;
                if now.since(known.at) > settings.stale_ms {
                    return None;
                }
                known.price
            }
        };
        Some(Price { currency: Arc::clone(&self.currency), per_coin })
    }

    /// The feeds, by the asset's code.
    pub fn feeds(&self) -> Vec<(String, Feed)> {
        let sources = self.settings.iter().flat_map(|settings| &settings.sources);
        let feeds = sources.filter_map(|(asset, source)| match source {
            Source::Fixed(_) => None,
            Source::Feed(feed) => Some((asset.clone(), feed.clone())),
        });
        feeds.collect()
    }

    /// Takes what a feed answered at `now`. A price that is ten times the one before it, or a tenth, is believed only if
    /// the next answer is like it. Tells whether it counts.
    pub fn answered(&self, asset: &str, price: Amount, now: Timestamp) -> bool {
        let mut answered = self.answered.write().unwrap_or_else(PoisonError::into_inner);
        let known = answered.get(asset).copied();
        let counts = known.is_none_or(|known| {
            is_near(known.price, price) || known.doubted.is_some_and(|doubted| is_near(doubted, price))
        });
        let entry = match known.filter(|_| !counts) {
            Some(known) => Answered { doubted: Some(price), ..known },
            None => Answered { price, at: now, doubted: None },
        };
        answered.insert(asset.to_owned(), entry);
        counts
    }
}

fn is_near(one: Amount, other: Amount) -> bool {
    let (low, high) = (one.min(other), one.max(other));
    u128::from(high) <= u128::from(low).saturating_mul(JUMP_MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn book() -> PriceBook {
        let feed = Feed { url: String::new(), pointer: String::new(), timeout: Duration::ZERO };
        let sources = [
            ("DRIP".to_owned(), Source::Fixed(Amount::from_units(7))),
            ("RAIN".to_owned(), Source::Feed(feed)),
        ];
        PriceBook::new(Some(PriceSettings {
            currency: "EUR".to_owned(),
            sources: BTreeMap::from(sources),
            stale_ms: 500,
        }))
    }

    fn known(book: &PriceBook, asset: &str, now: Timestamp) -> Option<i64> {
        book.price(asset, now).map(|price| price.per_coin.units())
    }

    #[test]
    fn a_fixed_price_never_grows_old_and_what_has_none_has_none() {
        let book = book();
        assert_eq!(known(&book, "DRIP", Timestamp(u64::MAX)), Some(7));
        assert_eq!((known(&book, "RAIN", NOW), known(&book, "MOON", NOW)), (None, None));
        assert_eq!(known(&PriceBook::default(), "DRIP", NOW), None);
        assert_eq!(book.feeds().len(), 1);
    }

    #[test]
    fn a_feeds_price_counts_for_a_while() {
        let book = book();
        assert!(book.answered("RAIN", Amount::from_units(100), NOW));
        assert_eq!(known(&book, "RAIN", NOW.plus(500)), Some(100));
        assert_eq!(known(&book, "RAIN", NOW.plus(501)), None);
    }

    #[test]
    fn a_price_that_jumps_is_believed_only_when_it_comes_again() {
        let book = book();
        let answer = |units, at| book.answered("RAIN", Amount::from_units(units), NOW.plus(at));
        assert!(answer(100, 0) && answer(1_000, 1), "ten times as much is not too much");
        assert!(!answer(99, 2), "less than a tenth");
        assert!(!answer(10_001, 3), "another one, as far on the other side");
        assert_eq!(known(&book, "RAIN", NOW.plus(10)), Some(1_000));
        assert!(answer(10_500, 4), "the second of its kind");
        assert_eq!(known(&book, "RAIN", NOW.plus(10)), Some(10_500));
    }
}
