//! Prices: what a drip was worth when it was received, for whoever has to say so later.
//!
//! A price comes from the configuration or from a feed that is asked now and then. What it is worth nothing for is money
//! itself: no limit and no payout depends on it. Where there is no price, or only an old one, nothing is noted.

mod book;
mod feed;

pub use book::{PriceBook, PriceSettings, Source};
pub use feed::{Feed, FeedError};

use std::sync::Arc;

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::api;

/// How many decimals a price of one whole coin has.
pub const PRICE_DECIMALS: u8 = 9;
/// How many decimals a worth has.
pub const WORTH_DECIMALS: u8 = 6;

/// What one whole coin costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// The currency's code, such as `EUR`.
    pub currency: Arc<str>,
    /// In billionths of the currency.
    pub per_coin: Amount,
}

/// What something was worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worth {
    /// The currency's code.
    pub currency: Arc<str>,
    /// In millionths of the currency, rounded down.
    pub millionths: Amount,
}

impl Worth {
    /// As players see it.
    pub fn view(&self) -> api::Worth {
        let currency = Asset { code: self.currency.to_string(), decimals: WORTH_DECIMALS };
        api::Worth { currency, amount: self.millionths }
    }
}

impl Price {
    /// What so many ledger units of an asset with these decimals are worth. `None` where that is more than can be written.
    pub fn of(&self, amount: Amount, decimals: u8) -> Option<Worth> {
        // Below 2^63 × 2^63: fits.
        let exact = u128::from(amount).checked_mul(u128::from(self.per_coin))?;
        let per_coin = 10_u128.checked_pow(u32::from(decimals))?;
        let per_millionth = 10_u128.checked_pow(u32::from(PRICE_DECIMALS - WORTH_DECIMALS))?;
        let millionths = exact.checked_div(per_coin)?.checked_div(per_millionth)?;
        let millionths = Amount::try_from(millionths).ok()?;
        Some(Worth { currency: Arc::clone(&self.currency), millionths })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(text: &str) -> Price {
        Price { currency: "EUR".into(), per_coin: Amount::from_decimal(text, PRICE_DECIMALS).unwrap() }
    }

    fn worth(price: &Price, amount: Amount, decimals: u8) -> Option<String> {
        price.of(amount, decimals).map(|worth| worth.millionths.to_decimal(WORTH_DECIMALS))
    }

    #[test]
    fn a_worth_is_the_amount_times_the_price_rounded_down() {
        let ten_cents = price("0.10");
        for (units, decimals, expected) in [
            (1_500_000, 6, "0.15"),
            (30_000, 6, "0.003"),
            (1, 6, "0"),
            (19, 6, "0.000001"),
            (7, 0, "0.7"),
            (1_000_000_000, 9, "0.1"),
            (0, 6, "0"),
        ] {
            assert_eq!(worth(&ten_cents, Amount::from_units(units), decimals).as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_is_too_much_to_be_written_has_no_worth_and_nothing_overflows() {
        assert_eq!(worth(&price("9000000000"), Amount::MAX, 0), None);
        assert_eq!(worth(&price("0.000000001"), Amount::MAX, 9).as_deref(), Some("9.223372"));
    }
}
