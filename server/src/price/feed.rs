//! A feed: an address that answers a price in JSON.

use std::io::Read;
use std::time::Duration;

use dripline_shared::amount::Amount;
use serde_json::Value;

use crate::price::PRICE_DECIMALS;

/// The longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;
/// The highest price of one coin that is believed, in billionths of the currency: a billion.
const PRICE_MAX: u128 = 1_000_000_000_000_000_000;

/// Where a price is asked for, and where it stands in the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// An `https://` or `http://` address.
    pub url: String,
    /// A JSON pointer (RFC 6901): `/drip/eur`.
    pub pointer: String,
    /// How long an answer may take.
    pub timeout: Duration,
}

/// Why there is no price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// It did not answer in time, or not well.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// The answer is no JSON, or has no such place.
    #[error("the answer has nothing at {0}")]
    NotThere(String),
    /// What stands there is no price: no number, below a billionth, or beyond belief.
    #[error("no price: {0}")]
    NoPrice(String),
}

impl Feed {
    /// Asks. Blocks until there is an answer.
    pub fn ask(&self) -> Result<Amount, FeedError> {
        let no_answer = |error: &dyn std::fmt::Display| FeedError::NoAnswer(error.to_string());
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(self.timeout))
            // Whom the operator has not named is not asked, and not believed.
            .max_redirects(0)
            .build();
        let mut answer =
            ureq::Agent::from(config).get(&self.url).call().map_err(|error| no_answer(&error))?;
        let status = answer.status();
        if !status.is_success() {
            return Err(FeedError::NoAnswer(format!("HTTP status {status}: redirects are not followed")));
        }
        let mut text = String::new();
        let body = answer.body_mut().as_reader();
        body.take(ANSWER_BYTES_MAX).read_to_string(&mut text).map_err(|error| no_answer(&error))?;
        read(&text, &self.pointer)
    }
}

/// Reads a price out of an answer: a number, or a text that is one.
fn read(text: &str, pointer: &str) -> Result<Amount, FeedError> {
    let answer: Value = serde_json::from_str(text).map_err(|_| FeedError::NotThere(pointer.to_owned()))?;
    let found = answer.pointer(pointer).ok_or_else(|| FeedError::NotThere(pointer.to_owned()))?;
    let written = match found {
        Value::String(text) => text.clone(),
        // With all decimals that are kept, and none that a floating-point number only seems to have.
        Value::Number(number) => format!("{:.9}", number.as_f64().unwrap_or(f64::NAN)),
        other => other.to_string(),
    };
    let no_price = || FeedError::NoPrice(written.chars().take(40).collect());
    let price = shortened(&written).ok_or_else(no_price)?;
    let is_believable = !price.is_zero() && u128::from(price) <= PRICE_MAX;
    is_believable.then_some(price).ok_or_else(no_price)
}

/// A decimal number, whose decimals beyond those that are kept are cut off.
fn shortened(text: &str) -> Option<Amount> {
    let kept = match text.split_once('.') {
        Some((whole, part)) if part.len() > usize::from(PRICE_DECIMALS) => {
            let end = whole.len() + 1 + usize::from(PRICE_DECIMALS);
            // What is cut off must be digits too.
            text.get(end..)?.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.get(..end))??
        }
        _ => text,
    };
    Amount::from_decimal(kept, PRICE_DECIMALS).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(json: &str) -> Result<String, FeedError> {
        read(json, "/drip/eur").map(|price| price.to_decimal(PRICE_DECIMALS))
    }

    #[test]
    fn a_price_is_read_from_a_number_or_a_text() {
        for (json, expected) in [
            (r#"{"drip":{"eur":0.1}}"#, "0.1"),
            (r#"{"drip":{"eur":12}}"#, "12"),
            (r#"{"drip":{"eur":"0.25"}}"#, "0.25"),
            (r#"{"drip":{"eur":"0.123456789999"}}"#, "0.123456789"),
            (r#"{"drip":{"eur":1.5e-7}}"#, "0.00000015"),
        ] {
            assert_eq!(price(json).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn nonsense_is_no_price() {
        for json in [
            "",
            "<html>",
            "{}",
            "[]",
            r#"{"drip":{"usd":1}}"#,
            r#"{"drip":{"eur":null}}"#,
            r#"{"drip":{"eur":{}}}"#,
            r#"{"drip":{"eur":true}}"#,
            r#"{"drip":{"eur":0}}"#,
            r#"{"drip":{"eur":-1}}"#,
            r#"{"drip":{"eur":"-1"}}"#,
            r#"{"drip":{"eur":"1e5"}}"#,
            r#"{"drip":{"eur":"NaN"}}"#,
            r#"{"drip":{"eur":"0.1234567890x"}}"#,
            r#"{"drip":{"eur":1e12}}"#,
            r#"{"drip":{"eur":1e300}}"#,
            r#"{"drip":{"eur":1e-12}}"#,
        ] {
            assert!(price(json).is_err(), "{json}");
        }
    }
}
