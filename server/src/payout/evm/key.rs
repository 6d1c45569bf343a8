//! The treasury's secret key: read once, wiped when dropped, and shown to nobody.

use std::fmt;

use k256::ecdsa::{RecoveryId, Signature, SigningKey};
use zeroize::Zeroizing;

use super::address::Address;
use super::hex;
use crate::payout::KeySource;

/// The key that signs for the treasury: 64 hexadecimal digits, with or without `0x`, as wallets export it.
pub(super) struct TreasuryKey {
    key: SigningKey,
    address: Address,
}

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
        let mut bytes = Zeroizing::new([0_u8; 32]);
        if !hex::read(text.strip_prefix("0x").unwrap_or(text), bytes.as_mut_slice()) {
            return Err("a secret key of 64 hexadecimal digits");
        }
        let key =
            SigningKey::from_slice(bytes.as_slice()).map_err(|_| "a secret key of the curve secp256k1")?;
        let address = Address::of(key.verifying_key());
        Ok(Self { key, address })
    }

    /// The treasury's address.
    pub(super) fn address(&self) -> Address {
        self.address
    }

    /// Signs a hash.
    pub(super) fn sign(&self, hash: &[u8; 32]) -> (Signature, RecoveryId) {
        self.key.sign_prehash_recoverable(hash)
    }
}

/// Whether there is a key. What is wrong is told without a word of it.
pub(crate) fn check(source: &KeySource) -> Result<(), String> {
    TreasuryKey::read(source).map(drop)
}

/// A new key of these random bytes, as a text that is read again, and the address that it has. `None` where they are no key,
/// which no chance meets.
pub(crate) fn new(random: &[u8; 32]) -> Option<(Zeroizing<String>, String)> {
    let text = Zeroizing::new(format!("{}\n", hex::text(random)));
    let address = TreasuryKey::parse(&text).ok()?.address().to_string();
    Some((text, address))
}

#[cfg(test)]
impl TreasuryKey {
    /// The first key of the development nodes, which everybody knows.
    pub(super) fn known() -> Self {
        Self::parse("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80").unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

    #[test]
    fn a_key_is_read_as_wallets_write_it() {
        for text in [TEXT.to_owned(), format!("0x{TEXT}\n"), TEXT.to_uppercase()] {
            let key = TreasuryKey::parse(&text).unwrap();
            assert_eq!(key.address().to_string(), "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
        }
    }

    #[test]
    fn what_is_not_a_key_is_told_without_showing_it() {
        let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
        for text in ["", "hush", &TEXT[1..], &"0".repeat(64), order, &format!("{TEXT}00")] {
            let expected = TreasuryKey::parse(text).unwrap_err();
            assert!(text.is_empty() || !expected.contains(text));
        }
    }

    #[test]
    fn a_new_key_is_read_again_and_has_the_address_that_is_told() {
        let (text, address) = new(&[7; 32]).unwrap();
        assert_eq!(TreasuryKey::parse(&text).unwrap().address().to_string(), address);
        assert_eq!(new(&[0; 32]), None);
    }

    #[test]
    fn nothing_of_a_key_is_shown() {
        assert_eq!(format!("{:?}", TreasuryKey::known()), "TreasuryKey");
    }
}
