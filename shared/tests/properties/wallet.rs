//! Wallets and signatures as text. What their signatures prove is in `signatures.rs`.

use dripline_shared::wallet::{SIGNATURE_TEXT_MAX, Signature, WALLET_TEXT_MAX, Wallet, WalletError};
use proptest::prelude::*;

use crate::support::config;

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_wallet_reads_back_from_its_text_and_its_json(bytes in any::<[u8; 32]>()) {
        let wallet = Wallet(bytes);
        let text = wallet.to_string();
        prop_assert!(text.len() <= WALLET_TEXT_MAX);
        prop_assert_eq!(text.parse(), Ok(wallet));
        let json = serde_json::to_string(&wallet).unwrap();
        prop_assert_eq!(serde_json::from_str::<Wallet>(&json).unwrap(), wallet);
    }

    #[test]
    fn a_signature_reads_back_from_its_text(head in any::<[u8; 32]>(), tail in any::<[u8; 32]>()) {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&head);
        bytes[32..].copy_from_slice(&tail);
        let text = Signature(bytes).to_string();
        prop_assert!(text.len() <= SIGNATURE_TEXT_MAX);
        prop_assert_eq!(text.parse(), Ok(Signature(bytes)));
    }

    #[test]
    fn a_text_that_is_a_wallet_is_the_text_of_that_wallet(text in "[1-9A-HJ-NP-Za-km-z]{30,46}|1{30,34}|\\PC{0,50}") {
        if let Ok(wallet) = text.parse::<Wallet>() {
            prop_assert_eq!(wallet.to_string(), text);
        }
    }

    #[test]
    fn a_text_of_other_letters_or_of_another_length_is_refused(
        bytes in any::<[u8; 32]>(),
        place in any::<prop::sample::Index>(),
        letter in "[0OIl+/=. _\n\u{e9}]",
    ) {
        let mut text = Wallet(bytes).to_string();
        text.insert_str(place.index(text.len()), &letter);
        prop_assert_eq!(text.parse::<Wallet>(), Err(WalletError::NotBase58));
    }
}

#[test]
fn a_wallet_has_exactly_32_bytes_and_a_signature_64() {
    assert_eq!("1".repeat(32).parse(), Ok(Wallet([0; 32])));
    assert_eq!("1".repeat(64).parse(), Ok(Signature([0; 64])));
    assert_eq!(Wallet([255; 32]).to_string().parse(), Ok(Wallet([255; 32])));
    for length in [0, 1, 31, 33, 44, 45, 64, 100_000] {
        assert_eq!("1".repeat(length).parse::<Wallet>(), Err(WalletError::NotBase58), "{length}");
    }
    for length in [0, 32, 63, 65, 88, 89, 100_000] {
        assert_eq!("1".repeat(length).parse::<Signature>(), Err(WalletError::NotBase58), "{length}");
    }
    // 2^256: 44 letters, and one more than 32 bytes hold.
    let beyond = Wallet([255; 32]).to_string().replace("JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFG", "");
    assert_eq!(beyond, "", "the largest wallet's text is known");
    assert_eq!("JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFH".parse::<Wallet>(), Err(WalletError::NotBase58));
}
