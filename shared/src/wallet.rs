//! Players' public keys, their signatures, and the one way in which signatures are checked.

#[cfg(feature = "signatures")]
mod curve;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest base58 text of 32 bytes.
pub const WALLET_TEXT_MAX: usize = 44;
/// The longest base58 text of 64 bytes.
pub const SIGNATURE_TEXT_MAX: usize = 88;

/// An ed25519 public key, written base58: it names a player, and is also a Solana address.
///
/// It is any 32 bytes. Whether they are a key that can sign is told by `Wallet::key`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wallet(pub [u8; 32]);

/// An ed25519 signature, written base58.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signature(pub [u8; 64]);

/// Why a wallet or a signature was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WalletError {
    /// Not the base58 text of 32 bytes (of a signature: 64).
    #[error("not base58 of the right length")]
    NotBase58,
    /// Not the canonical encoding of a point on the curve.
    #[error("not an ed25519 public key")]
    NotAKey,
    /// A key of small order: signatures under it prove nothing.
    #[error("a weak ed25519 public key")]
    Weak,
    /// The signature does not verify.
    #[error("the signature does not match")]
    BadSignature,
}

/// Decodes base58 of exactly `N` bytes. `longest` bounds the work on hostile input.
fn decode<const N: usize>(text: &str, longest: usize) -> Result<[u8; N], WalletError> {
    let mut bytes = [0_u8; N];
    if text.len() > longest {
        return Err(WalletError::NotBase58);
    }
    match bs58::decode(text).onto(&mut bytes[..]) {
        Ok(length) if length == N => Ok(bytes),
        _ => Err(WalletError::NotBase58),
    }
}

macro_rules! base58_text {
    ($name:ident, $length:literal, $longest:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&bs58::encode(&self.0).into_string())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = WalletError;

            fn from_str(text: &str) -> Result<Self, WalletError> {
                decode(text, $longest).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        crate::json::json_text!($name, Self([0; $length]));
    };
}

base58_text!(Wallet, 32, WALLET_TEXT_MAX);
base58_text!(Signature, 64, SIGNATURE_TEXT_MAX);
