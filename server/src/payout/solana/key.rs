//! The treasury's secret key: read once, wiped when dropped, and shown to nobody.

use std::fmt;

use ed25519_dalek::{Signer, SigningKey};
use solana_address::Address;
use solana_signature::Signature;
use zeroize::{Zeroize, Zeroizing};

use crate::payout::KeySource;

/// The key that signs for the treasury.
///
/// Its text is what `solana-keygen` writes (a JSON list of 64 numbers: the secret and the public half) or the same 64
/// bytes in base58, as wallets export them.
pub(super) struct TreasuryKey(SigningKey);

impl fmt::Debug for TreasuryKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TreasuryKey")
    }
}

impl TreasuryKey {
    /// Reads the key. What is wrong is told without a word of the key.
    pub(super) fn read(source: &KeySource) -> Result<Self, String> {
        source.read(Self::parse)
    }

    fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        let mut bytes = Zeroizing::new([0_u8; 64]);
        let read = if text.starts_with('[') { numbers(text, &mut bytes) } else { base58(text, &mut bytes) };
        if !read {
            return Err("a key as `solana-keygen` writes it, or its 64 bytes in base58");
        }
        let key = SigningKey::from_keypair_bytes(&bytes);
        key.map(Self).map_err(|_| "a key whose public half, its last 32 bytes, belongs to its secret half")
    }

    /// The treasury's address.
    pub(super) fn address(&self) -> Address {
        Address::from(self.0.verifying_key().to_bytes())
    }

    /// Signs the bytes of a message.
    pub(super) fn sign(&self, message: &[u8]) -> Signature {
        Signature::from(self.0.sign(message).to_bytes())
    }
}

/// Whether there is a key. What is wrong is told without a word of it.
pub(crate) fn check(source: &KeySource) -> Result<(), String> {
    TreasuryKey::read(source).map(drop)
}

/// A new key of these random bytes, as `solana-keygen` writes it, and the address that it has.
pub(crate) fn new(random: &[u8; 32]) -> (Zeroizing<String>, String) {
    let key = SigningKey::from_bytes(random);
    let pair = Zeroizing::new(key.to_keypair_bytes());
    (Zeroizing::new(format!("{:?}\n", pair.as_slice())), TreasuryKey(key).address().to_string())
}

/// Reads a JSON list of exactly 64 numbers, without leaving copies behind.
fn numbers(text: &str, bytes: &mut [u8; 64]) -> bool {
    let Ok(mut list) = serde_json::from_str::<Vec<u8>>(text) else { return false };
    let fits = list.len() == bytes.len();
    if fits {
        bytes.copy_from_slice(&list);
    }
    list.zeroize();
    fits
}

/// Reads base58 of exactly 64 bytes.
fn base58(text: &str, bytes: &mut [u8; 64]) -> bool {
    text.len() <= dripline_shared::wallet::SIGNATURE_TEXT_MAX
        && bs58::decode(text).onto(bytes.as_mut_slice()).is_ok_and(|length| length == bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> [u8; 64] {
        SigningKey::from_bytes(&[5; 32]).to_keypair_bytes()
    }

    #[test]
    fn a_key_is_read_as_solana_keygen_and_as_wallets_write_it() {
        let list = format!("{:?}\n", pair().to_vec());
        let base58 = bs58::encode(pair()).into_string();
        for text in [list, base58] {
            let key = TreasuryKey::parse(&text).unwrap();
            assert_eq!(key.address().to_bytes(), pair()[32..]);
        }
    }

    #[test]
    fn what_is_not_a_key_is_told_without_showing_it() {
        let mut torn = pair();
        torn[63] ^= 1;
        let texts =
            [String::new(), "[1,2,3]".to_owned(), format!("{:?}", torn.to_vec()), "secret".to_owned()];
        for text in texts {
            let expected = TreasuryKey::parse(&text).unwrap_err();
            assert!(text.is_empty() || !expected.contains(&text));
        }
    }

    #[test]
    fn a_new_key_is_read_again_and_has_the_address_that_is_told() {
        let (text, address) = new(&[7; 32]);
        assert_eq!(TreasuryKey::parse(&text).unwrap().address().to_string(), address);
    }

    #[test]
    fn nothing_of_a_key_is_shown() {
        let key = TreasuryKey::parse(&bs58::encode(pair()).into_string()).unwrap();
        assert_eq!(format!("{key:?}"), "TreasuryKey");
    }
}
