//! Lower-case hexadecimal of fixed length: one text for one value, so that text can be compared and signed.

use std::fmt;

/// Writes `bytes` as lower-case hexadecimal.
pub(crate) fn write(bytes: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
}

/// Reads exactly `N` bytes of lower-case hexadecimal.
pub(crate) fn parse<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0_u8; N];
    if text.len() != N.checked_mul(2)? {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = *pair else { return None };
        *byte = digit(high)?.checked_mul(16)?.checked_add(digit(low)?)?;
    }
    Some(bytes)
}

fn digit(letter: u8) -> Option<u8> {
    match letter {
        b'0'..=b'9' => letter.checked_sub(b'0'),
        b'a'..=b'f' => letter.checked_sub(b'a').and_then(|value| value.checked_add(10)),
        _ => None,
    }
}

/// Defines a newtype over `N` bytes that is written, parsed and serialised as lower-case hexadecimal.
macro_rules! hex_newtype {
    ($(#[$meta:meta])* $name:ident, $length:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $length]);

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::hex::write(&self.0, formatter)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "{}({self})", stringify!($name))
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::hex::NotHex;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::hex::parse(text).map(Self).ok_or($crate::hex::NotHex { bytes: $length })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        $crate::json::json_text!($name, Self([0; $length]));
    };
}
pub(crate) use hex_newtype;

/// A text that is not so many bytes of lower-case hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {bytes} bytes as lower-case hexadecimal")]
pub struct NotHex {
    /// How many bytes were expected.
    pub bytes: usize,
}
