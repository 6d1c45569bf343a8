//! How Ethereum's JSON-RPC writes numbers and bytes: `0x` and hexadecimal.

use std::fmt;

use serde::Deserialize;

/// Writes bytes.
pub(super) fn text(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold("0x".to_owned(), |mut text, byte| {
        // Writing into a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Reads bytes in either case.
pub(super) fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x")?;
    let mut bytes = vec![0; digits.len() / 2];
    read(digits, &mut bytes).then_some(bytes)
}

/// Reads exactly so many bytes of digits without a prefix, in either case, without leaving copies behind.
pub(super) fn read(digits: &str, bytes: &mut [u8]) -> bool {
    let digit = |letter: u8| char::from(letter).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut pairs = digits.as_bytes().chunks(2);
    let are_read = bytes.iter_mut().all(|byte| match pairs.next() {
        Some(&[high, low]) => match (digit(high), digit(low)) {
            (Some(high), Some(low)) => {
                *byte = high << 4 | low;
                true
            }
            _ => false,
        },
        _ => false,
    });
    are_read && pairs.next().is_none()
}

/// A number. What 128 bits do not hold counts as the most that they hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Quantity(pub(super) u128);

impl TryFrom<String> for Quantity {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let expected = "expected a number in hexadecimal after 0x";
        let digits =
            text.strip_prefix("0x").filter(|digits| (1..=64).contains(&digits.len())).ok_or(expected)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(expected);
        }
        Ok(Self(u128::from_str_radix(digits, 16).unwrap_or(u128::MAX)))
    }
}

/// Bytes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Data(pub(super) Vec<u8>);

impl TryFrom<String> for Data {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        bytes(&text).map(Self).ok_or("expected bytes in hexadecimal after 0x")
    }
}

/// 32 bytes: a hash, or a word of the machine.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Word(pub(super) [u8; 32]);

impl TryFrom<String> for Word {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = bytes(&text).and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or("expected 32 bytes in hexadecimal after 0x")
    }
}

impl fmt::Display for Word {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&text(&self.0))
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

impl From<u128> for Word {
    fn from(number: u128) -> Self {
        let mut word = [0; 32];
        if let Some(low) = word.last_chunk_mut() {
            *low = number.to_be_bytes();
        }
        Self(word)
    }
}

impl Word {
    /// It as a number: as [`Quantity`].
    pub(super) fn number(&self) -> u128 {
        match (self.0.first_chunk::<16>(), self.0.last_chunk::<16>()) {
            (Some([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), Some(low)) => u128::from_be_bytes(*low),
            _ => u128::MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_in_either_case_and_written_in_lower_case() {
        assert_eq!(bytes("0x"), Some(Vec::new()));
        assert_eq!(bytes("0x00fFA7"), Some(vec![0, 255, 167]));
        assert_eq!(text(&[0, 255, 167]), "0x00ffa7");
        for nonsense in ["", "00", "0x0", "0xg0", "0x+1", "0x é"] {
            assert_eq!(bytes(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_number_that_is_too_large_is_the_largest() {
        let read = |text: &str| Quantity::try_from(text.to_owned()).map(|it| it.0);
        assert_eq!((read("0x0"), read("0x1f"), read("0x0010")), (Ok(0), Ok(31), Ok(16)));
        assert_eq!(read(&format!("0x1{}", "0".repeat(32))), Ok(u128::MAX));
        for nonsense in ["", "0x", "12", "0x-1", "0x+1", "0x1.", &format!("0x{}", "f".repeat(65))] {
            assert!(read(nonsense).is_err(), "{nonsense}");
        }
        assert_eq!(Word::from(7).number(), 7);
        assert_eq!(Word([1; 32]).number(), u128::MAX);
    }
}
