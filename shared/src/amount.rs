//! Money is integers: an [`Amount`] counts an asset's ledger units.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The most decimals that an asset may have in the ledger.
pub const LEDGER_DECIMALS_MAX: u8 = 9;

/// A count of an asset's ledger units, `0..=i64::MAX`.
///
/// All arithmetic is checked. On the wire it is a string of decimal digits, because JSON's numbers lose precision
/// above 2^53 in most readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(i64);

/// Why a number or a text is not an [`Amount`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Below zero or above `i64::MAX`.
    #[error("an amount is a whole number from 0 to {}", i64::MAX)]
    OutOfRange,
    /// Not a plain decimal number: a sign, a space, a leading zero, an exponent, nothing at all.
    #[error("an amount is written as decimal digits, without sign, spaces or leading zeros")]
    NotDecimal,
    /// More digits behind the point than the asset has decimals.
    #[error("more decimals than the asset has")]
    TooManyDecimals,
}

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The largest amount.
    pub const MAX: Self = Self(i64::MAX);

    /// `units` ledger units.
    pub const fn from_units(units: u32) -> Self {
        // Widening, so it cannot fail; `From` is not yet usable in a constant.
        #[expect(clippy::as_conversions, reason = "u32 fits i64, in a const fn")]
        Self(units as i64)
    }

    /// The number of ledger units.
    pub const fn units(self) -> i64 {
        self.0
    }

    /// The sum, or `None` where it exceeds [`Amount::MAX`].
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, or `None` where it would be below zero.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).filter(|units| *units >= 0).map(Self)
    }

    /// The difference, or zero.
    #[must_use]
    pub fn saturating_sub(self, other: Self) -> Self {
        self.checked_sub(other).unwrap_or(Self::ZERO)
    }

    /// Whether it is nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// This amount written for people, as a decimal number of whole coins: `1500000` with 6 decimals is `1.5`.
    pub fn to_decimal(self, decimals: u8) -> String {
        let digits = format!("{:0>width$}", self.0, width = usize::from(decimals).saturating_add(1));
        let (whole, fraction) = digits.split_at(digits.len().saturating_sub(usize::from(decimals)));
        let fraction = fraction.trim_end_matches('0');
        if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
    }

    /// Reads a decimal number of whole coins, the inverse of [`Amount::to_decimal`].
    pub fn from_decimal(text: &str, decimals: u8) -> Result<Self, AmountError> {
        let (whole, fraction) =
            text.split_once('.').map_or((text, None), |(whole, part)| (whole, Some(part)));
        let fraction = match fraction {
            Some("") => return Err(AmountError::NotDecimal),
            Some(part) => part,
            None => "",
        };
        if fraction.len() > usize::from(decimals) {
            return Err(AmountError::TooManyDecimals);
        }
        let leading_zero = whole.len() > 1 && whole.starts_with('0');
        if whole.is_empty() || leading_zero || !digits_only(whole) || !digits_only(fraction) {
            return Err(AmountError::NotDecimal);
        }
        let digits = format!("{whole}{fraction:0<width$}", width = usize::from(decimals));
        digits.parse::<i64>().map(Self).map_err(|_| AmountError::OutOfRange)
    }
}

fn digits_only(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

impl TryFrom<i64> for Amount {
    type Error = AmountError;

    fn try_from(units: i64) -> Result<Self, AmountError> {
        if units < 0 { Err(AmountError::OutOfRange) } else { Ok(Self(units)) }
    }
}

impl TryFrom<u128> for Amount {
    type Error = AmountError;

    fn try_from(units: u128) -> Result<Self, AmountError> {
        i64::try_from(units).map(Self).map_err(|_| AmountError::OutOfRange)
    }
}

impl From<Amount> for u128 {
    fn from(amount: Amount) -> Self {
        u128::from(amount.0.unsigned_abs())
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for Amount {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        Self::from_decimal(text, 0).map_err(|error| match error {
            AmountError::TooManyDecimals => AmountError::NotDecimal,
            other => other,
        })
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

crate::json::json_text!(Amount, Self::ZERO);

/// What is paid: a unit of account, and how many of its decimals the ledger keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Asset {
    /// Short name, such as `DRIP`: 2 to 12 ASCII capitals and digits.
    pub code: String,
    /// How many decimals one whole coin has in the ledger, `0..=9`.
    pub decimals: u8,
}

crate::json_object!(Asset { code, decimals });

impl Asset {
    /// Writes an amount of this asset for people: `1.5 DRIP`.
    pub fn format(&self, amount: Amount) -> String {
        format!("{} {}", amount.to_decimal(self.decimals), self.code)
    }

    /// Whether code and decimals are within their limits.
    pub fn is_valid(&self) -> bool {
        let letters = self.code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        (2..=12).contains(&self.code.len()) && letters && self.decimals <= LEDGER_DECIMALS_MAX
    }
}
