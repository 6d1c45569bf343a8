//! Who owns an address: whether what `personal_sign` answers to a statement is a signature of its key (EIP-191). Pure.
//!
//! Only addresses of keys can be told so. A contract that is a wallet (EIP-1271) says itself what it has signed, and would have
//! to be asked on its chain: its signatures have other lengths, and are refused.

use dripline_shared::error::Code;
use dripline_shared::statement::OwnershipStatement;
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};

use super::address::{Address, keccak};
use super::hex;
use crate::refusal::Refusal;

/// How many bytes a signature has: r and s, 32 each, and v.
const SIGNATURE_LENGTH: usize = 65;
/// How many bytes a signature in the compact form of EIP-2098 has. No wallet answers `personal_sign` so.
const COMPACT_LENGTH: usize = 64;

/// Why a signature does not show that whoever made it owns the address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotOwned {
    /// The statement's address is none, or is not written as EIP-55 says.
    #[error("expected {0}")]
    Address(String),
    /// It is in the compact form, which would be a second way to write the same signature.
    #[error("expected a signature of 65 bytes, and not one in the compact form of EIP-2098")]
    Compact,
    /// It has another length.
    #[error("expected a signature of 65 bytes: addresses of contracts cannot be proven so")]
    Length,
    /// Its last byte is no recovery id.
    #[error("expected 27, 28, 0 or 1 as the signature's last byte, and not {0}")]
    RecoveryId(u8),
    /// It is no signature on the curve.
    #[error("expected a signature on the curve secp256k1")]
    NotASignature,
    /// Its s is in the upper half of the curve's order. Whoever has one such signature could make the other one of it.
    #[error("expected a signature whose s is in the lower half of the curve's order")]
    HighS,
    /// It is of another key, or over another text.
    #[error("the key of this address has not signed the statement")]
    OtherKey,
}

impl From<NotOwned> for Refusal {
    fn from(error: NotOwned) -> Self {
        let code =
            if matches!(error, NotOwned::Address(_)) { Code::InvalidAddress } else { Code::BadSignature };
        Self::new(code, error.to_string())
    }
}

/// The bytes of a signature as `personal_sign` answers it; `None` where it is not written so.
pub fn read(text: &str) -> Option<Vec<u8>> {
    hex::bytes(text)
}

/// Checks that the key of the statement's address has signed its text.
pub fn check(statement: &OwnershipStatement, signature: &[u8]) -> Result<(), NotOwned> {
    let address = Address::read(&statement.address).map_err(NotOwned::Address)?;
    if address.to_string() != statement.address {
        return Err(NotOwned::Address("an address with its checksum, as EIP-55 writes it".to_owned()));
    }
    let bytes: &[u8; SIGNATURE_LENGTH] = signature.try_into().map_err(|_| match signature.len() {
        COMPACT_LENGTH => NotOwned::Compact,
        _ => NotOwned::Length,
    })?;
    let [scalars @ .., v] = bytes;
    let is_odd = match v {
        // Most wallets add 27, as Bitcoin did; some hardware does not.
        0 | 27 => false,
        1 | 28 => true,
        other => return Err(NotOwned::RecoveryId(*other)),
    };
    let signature = Signature::from_slice(scalars).map_err(|_| NotOwned::NotASignature)?;
    if signature.normalize_s() != signature {
        return Err(NotOwned::HighS);
    }
    let digest = personal(&statement.to_string());
    let signer = VerifyingKey::recover_from_prehash(&digest, &signature, RecoveryId::new(is_odd, false))
        .map_err(|_| NotOwned::NotASignature)?;
    if Address::of(&signer) == address { Ok(()) } else { Err(NotOwned::OtherKey) }
}

/// The hash that `personal_sign` signs of a text: what comes before it keeps it from being a transaction.
fn personal(text: &str) -> [u8; 32] {
    keccak(format!("\x19Ethereum Signed Message:\n{}{text}", text.len()).as_bytes())
}

#[cfg(test)]
mod tests {
    use dripline_shared::round::{ClientId, Hash};
    use dripline_shared::time::{MINUTE_MS, Timestamp};
    use dripline_shared::wallet::Wallet;
    use k256::ecdsa::SigningKey;
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn key(byte: u8) -> SigningKey {
        SigningKey::from_slice(&[byte; 32]).unwrap()
    }

    fn statement() -> OwnershipStatement {
        let issued_at = Timestamp(1_769_903_999_000);
        OwnershipStatement {
            origin: "https://faucet.example".to_owned(),
            address: Address::of(key(3).verifying_key()).to_string(),
            chain_id: 1,
            client_id: ClientId([0x10; 16]),
            issued_at,
            expires_at: issued_at.plus(5 * MINUTE_MS),
            faucet: Hash([0x40; 32]),
            wallet: Wallet([7; 32]),
            rail: "ethereum".to_owned(),
            site: None,
        }
    }

    /// What a wallet answers.
    fn signed(key: &SigningKey, statement: &OwnershipStatement) -> [u8; 65] {
        let (signature, recovery) = key.sign_prehash_recoverable(&personal(&statement.to_string()));
        let mut bytes = [0; 65];
        bytes[..64].copy_from_slice(&signature.to_bytes());
        bytes[64] = 27 + recovery.to_byte();
        bytes
    }

    /// The same signature with the other s, and the other v.
    fn with_high_s(bytes: &[u8; 65]) -> [u8; 65] {
        let low = Signature::from_slice(&bytes[..64]).unwrap();
        let (r, s) = low.split_scalars();
        let high = Signature::from_scalars(r.to_bytes(), (-*s).to_bytes()).unwrap();
        let mut bytes = *bytes;
        bytes[..64].copy_from_slice(&high.to_bytes());
        bytes[64] = 27 + 28 - bytes[64];
        bytes
    }

    #[test]
    fn what_the_library_of_wallets_signs_proves_who_owns_the_address() {
        let package = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs the tests");
        let path = std::path::PathBuf::from(package).join("../tests/golden/messages.json");
        let golden: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let entry = &golden["ownership"];
        let lines: Vec<&str> =
            entry["lines"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
        let statement = OwnershipStatement::parse(&lines.join("\n")).unwrap();
        let signature = hex::bytes(entry["signature"].as_str().unwrap()).unwrap();
        assert_eq!(check(&statement, &signature), Ok(()));
        assert_eq!(statement.address, Address::of(key(0x0b).verifying_key()).to_string());
        let others = [
            OwnershipStatement { wallet: Wallet([1; 32]), ..statement.clone() },
            OwnershipStatement { rail: "ethereum".to_owned(), ..statement.clone() },
            OwnershipStatement { chain_id: 1, ..statement.clone() },
            OwnershipStatement { origin: "https://evil.example".to_owned(), ..statement },
        ];
        for other in others {
            assert_eq!(check(&other, &signature), Err(NotOwned::OtherKey));
        }
    }

    #[test]
    fn the_hash_of_a_text_is_the_one_that_wallets_sign() {
        // What ethers and viem give for it.
        let expected = "0xa1de988600a42c4b4ab089b619297c17d53cffae5d5120d82d8a92d0bb3b78f2";
        assert_eq!(hex::text(&personal("Hello World")), expected);
    }

    #[test]
    fn the_recovery_id_is_written_with_27_or_without() {
        let statement = statement();
        let mut bytes = signed(&key(3), &statement);
        let is_odd = bytes[64] - 27;
        for (v, expected) in [
            (is_odd, Ok(())),
            (27 + is_odd, Ok(())),
            (2, Err(NotOwned::RecoveryId(2))),
            (26, Err(NotOwned::RecoveryId(26))),
            (29, Err(NotOwned::RecoveryId(29))),
            // As in transactions of one chain.
            (37 + is_odd, Err(NotOwned::RecoveryId(37 + is_odd))),
        ] {
            bytes[64] = v;
            assert_eq!(check(&statement, &bytes), expected, "{v}");
        }
        bytes[64] = 28 - is_odd;
        assert!(matches!(check(&statement, &bytes), Err(NotOwned::OtherKey | NotOwned::NotASignature)));
    }

    #[test]
    fn one_signature_is_not_written_in_a_second_way() {
        let statement = statement();
        let bytes = signed(&key(3), &statement);
        assert_eq!(check(&statement, &bytes), Ok(()));
        assert_eq!(check(&statement, &with_high_s(&bytes)), Err(NotOwned::HighS));
        assert_eq!(Refusal::from(NotOwned::HighS).code(), Code::BadSignature);
        let mut compact: [u8; 64] = *bytes.first_chunk().unwrap();
        compact[32] |= (bytes[64] - 27) << 7;
        assert_eq!(check(&statement, &compact), Err(NotOwned::Compact));
        for wrong in [&bytes[..0], &bytes[..63], &[&bytes[..], &[0]].concat(), &[0; 97]] {
            assert_eq!(check(&statement, wrong), Err(NotOwned::Length));
        }
        for scalar in [[0; 32], [0xff; 32]] {
            for at in [0, 32] {
                let mut bytes = bytes;
                bytes[at..at + 32].copy_from_slice(&scalar);
                assert_eq!(check(&statement, &bytes), Err(NotOwned::NotASignature));
            }
        }
    }

    #[test]
    fn an_address_is_written_with_its_checksum_in_the_text_that_is_signed() {
        let right = statement();
        for address in [right.address.to_lowercase(), right.address.to_uppercase().replace("0X", "0x")] {
            let statement = OwnershipStatement { address, ..right.clone() };
            let bytes = signed(&key(3), &statement);
            assert!(matches!(check(&statement, &bytes), Err(NotOwned::Address(_))));
        }
        for address in ["", "0x", "alice.eth", &format!("{}00", right.address)] {
            let statement = OwnershipStatement { address: address.to_owned(), ..right.clone() };
            let bytes = signed(&key(3), &statement);
            let error = check(&statement, &bytes).unwrap_err();
            assert!(matches!(error, NotOwned::Address(_)), "{address}");
            assert_eq!(Refusal::from(error).code(), Code::InvalidAddress);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn the_key_of_an_address_proves_it_and_no_other_key_and_no_altered_signature_does(
            secret in 1_u8..=254, other in 1_u8..=254, at in 0_usize..65, mask in 1_u8..=255,
        ) {
            let address = Address::of(key(secret).verifying_key()).to_string();
            let statement = OwnershipStatement { address, ..statement() };
            let bytes = signed(&key(secret), &statement);
            prop_assert_eq!(check(&statement, &bytes), Ok(()));
            if secret != other {
                prop_assert_eq!(check(&statement, &signed(&key(other), &statement)), Err(NotOwned::OtherKey));
            }
            let mut altered = bytes;
            altered[at] ^= mask;
            // The same recovery id without the 27 is the same signature.
            if !(at == 64 && altered[64] == bytes[64] - 27) {
                prop_assert!(check(&statement, &altered).is_err());
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..70), v: u8, address in "\\PC{0,50}") {
            let statement = statement();
            prop_assert!(check(&statement, &bytes).is_err());
            let bytes = [bytes, vec![1; 64]].concat();
            let signature = [&bytes[..64], &[v]].concat();
            prop_assert!(check(&statement, &signature).is_err());
            let elsewhere = OwnershipStatement { address, ..statement };
            prop_assert!(check(&elsewhere, &signature).is_err());
        }
    }
}
