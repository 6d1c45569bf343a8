//! Bytes as lower-case hexadecimal digits: one text for one value.

use std::fmt;

/// Bytes that are written as digits.
pub(crate) struct Digits<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Digits<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// The bytes of exactly so many digits.
pub(crate) fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let is_digit = |letter: u8| matches!(letter, b'0'..=b'9' | b'a'..=b'f');
    if text.len() != N.checked_mul(2)? || !text.bytes().all(is_digit) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

/// The bytes of an id.
pub(crate) const ID_BYTES: usize = 8;

/// A new id, of these random bytes: 16 digits.
pub fn new_id(random: [u8; ID_BYTES]) -> String {
    Digits(&random).to_string()
}

/// Whether a text can be an id.
pub fn is_id(text: &str) -> bool {
    bytes::<ID_BYTES>(text).is_some()
}
