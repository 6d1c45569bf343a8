//! Read-only keys: with one, a program reads the history of one wallet, and can do nothing else.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::hex;
use crate::json::json_text;
use crate::round::{ClientId, Hash, hash, tag};
use crate::time::Timestamp;
use crate::wallet::Wallet;

/// What every key begins with, so that programs that look for secrets in texts find it.
pub const PREFIX: &str = "drip_ro_";

/// The most keys of a wallet that hold, or held within the last day.
pub const READ_KEYS_MAX: usize = 16;

/// A key: [`PREFIX`] and 32 bytes as lower-case hexadecimal. Secret: it is shown by [`Display`](fmt::Display) alone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ReadKey([u8; 32]);

impl ReadKey {
    /// The key that a wallet was given under this client id at this moment, derived from a secret of the faucet, so that a
    /// repeated request answers the same and nothing secret is stored.
    pub fn derive(
        faucet_secret: &[u8; 32],
        wallet: Wallet,
        client_id: ClientId,
        issued_at: Timestamp,
    ) -> Self {
        let moment = issued_at.0.to_be_bytes();
        Self(hash(tag::READ_KEY, &[faucet_secret, &wallet.0, &client_id.0, &moment]).0)
    }

    /// What is stored of it. It is random enough that nobody finds the key by its hash.
    pub fn hash(&self) -> Hash {
        hash(tag::READ_KEY_HASH, &[&self.0])
    }
}

impl fmt::Display for ReadKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(PREFIX)?;
        hex::write(&self.0, formatter)
    }
}

impl fmt::Debug for ReadKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ReadKey")
    }
}

/// A text that is not a read-only key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {PREFIX} and 32 bytes as lower-case hexadecimal")]
pub struct NotAReadKey;

impl FromStr for ReadKey {
    type Err = NotAReadKey;

    fn from_str(text: &str) -> Result<Self, NotAReadKey> {
        text.strip_prefix(PREFIX).and_then(hex::parse).map(Self).ok_or(NotAReadKey)
    }
}

impl Serialize for ReadKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ReadKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

json_text!(ReadKey, Self([0; 32]));

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> ReadKey {
        ReadKey::derive(&[1; 32], Wallet([2; 32]), ClientId([3; 16]), Timestamp(4))
    }

    #[test]
    fn a_key_is_written_so_that_it_is_known_for_one_and_is_read_back() {
        let text = key().to_string();
        assert!(text.starts_with("drip_ro_") && text.len() == 72, "{text}");
        assert_eq!(text.parse(), Ok(key()));
        assert_eq!(format!("{:?}", key()), "ReadKey");
        let upper = text.to_uppercase();
        for wrong in ["", "drip_ro_", &text[1..], &text[8..], &text[..71], &upper, &format!("{text}0")] {
            assert_eq!(wrong.parse::<ReadKey>(), Err(NotAReadKey), "{wrong}");
        }
    }

    #[test]
    fn everything_that_it_is_derived_from_makes_another_key_and_its_hash_is_not_the_key() {
        let others = [
            ReadKey::derive(&[9; 32], Wallet([2; 32]), ClientId([3; 16]), Timestamp(4)),
            ReadKey::derive(&[1; 32], Wallet([9; 32]), ClientId([3; 16]), Timestamp(4)),
            ReadKey::derive(&[1; 32], Wallet([2; 32]), ClientId([9; 16]), Timestamp(4)),
            ReadKey::derive(&[1; 32], Wallet([2; 32]), ClientId([3; 16]), Timestamp(9)),
        ];
        assert!(others.iter().all(|other| *other != key() && other.hash() != key().hash()));
        assert_ne!(key().hash().0, key().0);
    }
}
