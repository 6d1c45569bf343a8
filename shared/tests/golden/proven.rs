//! A receipt with everything that proves it: a faucet whose keys were changed, and the log that its drip is in. Whoever
//! writes another program that checks receipts can hold it against this.

use dripline_shared::amount::Amount;
use dripline_shared::api::{
    FaucetKey, FaucetKeys, LogEntryView, LogPromise, OutcomeView, Receipt, SignedTreeHead,
};
use dripline_shared::log::{KEY_PURPOSE, LogEntry, head_text, leaf_hash};
use dripline_shared::reward::{Factor, FactorName};
use dripline_shared::round::{Hash, RoundId, RoundSecret, faucet_fingerprint};
use dripline_shared::statement::{key_text, receipt_text};
use dripline_shared::wallet::{Signature, Wallet};
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

use crate::log::{START, Tree, transfers};
use crate::store::hold;

const RECEIPT_PURPOSE: &str = "receipt";

fn secret(byte: u8) -> SigningKey {
    SigningKey::from_bytes(&[byte; 32])
}

/// Two keys of each purpose: the first for receipts vouches for the first of the log, and each for its successor.
fn keys() -> FaucetKeys {
    let faucet = faucet_fingerprint(&Wallet::of(&secret(9)).0);
    let key = |id: &str, purpose: &str, byte, vouches: Option<u8>| {
        let public_key = Wallet::of(&secret(byte));
        let (id, purpose) = (id.to_owned(), purpose.to_owned());
        let mut key = FaucetKey { id, purpose, public_key, from_ms: START, signature: None };
        key.signature = vouches.map(|byte| Signature::of(&secret(byte), key_text(faucet, &key).as_bytes()));
        key
    };
    let keys = vec![
        key("receipt-1", RECEIPT_PURPOSE, 9, None),
        key("log-1", KEY_PURPOSE, 10, Some(9)),
        key("receipt-2", RECEIPT_PURPOSE, 11, Some(9)),
        key("log-2", KEY_PURPOSE, 12, Some(10)),
    ];
    let keys = FaucetKeys { faucet, keys };
    assert!(keys.are_chained());
    keys
}

/// The receipt of the log's third transfer.
fn receipt(faucet: Hash, leaf: &str) -> Receipt {
    let entry = LogEntry::parse(leaf).expect("a transfer");
    let factors = vec![
        Factor { name: FactorName::Stars, basis_points: 12_500 },
        Factor { name: FactorName::FirstClear, basis_points: 20_000 },
        Factor { name: FactorName::Streak, basis_points: 10_500 },
    ];
    let mut receipt = Receipt {
        faucet,
        round: RoundId::new(START, [1; 10]),
        wallet: Wallet::of(&secret(7)),
        level: "catch-1".to_owned(),
        campaign: "default".to_owned(),
        outcome: OutcomeView { won: true, score: 168, stars: 2, length: 2_400 },
        base: Amount::from_units(10_000),
        factors,
        amount: Amount::from_units(26_250),
        asset: "DRIP".to_owned(),
        balance: Amount::from_units(26_250),
        pays_again_at_ms: entry.at.plus(300_000),
        transcript: Hash([0x80; 32]),
        round_secret: RoundSecret([0xc0; 32]),
        claimed_at_ms: entry.at,
        log: Some(LogPromise { leaf: leaf_hash(leaf.as_bytes()), by_ms: entry.at.plus(10_000) }),
        key_id: "receipt-2".to_owned(),
        signature: Signature([0; 64]),
    };
    receipt.signature = Signature::of(&secret(11), receipt_text(&receipt).as_bytes());
    assert!(entry.is_drip_of(&receipt));
    receipt
}

fn proven() -> Value {
    let keys = keys();
    let texts = transfers(keys.faucet);
    let tree = Tree(texts.iter().map(|text| text.clone().into_bytes()).collect());
    let signed = |size, key_id: &str, byte, later| {
        let head = tree.head(size, START.plus(later));
        let (faucet, key_id) = (keys.faucet, key_id.to_owned());
        let mut signed = SignedTreeHead { faucet, head, key_id, signature: Signature([0; 64]) };
        signed.signature = Signature::of(&secret(byte), head_text(&signed).as_bytes());
        assert!(signed.is_signed_by(&keys));
        signed
    };
    let leaf = LogEntryView { index: 2, text: texts[2].clone(), leaf_hash: leaf_hash(texts[2].as_bytes()) };
    json!({
        "keys": keys,
        "receipt": receipt(keys.faucet, &texts[2]),
        "leaf": leaf,
        "older_head": signed(3, "log-1", 10, 200_000),
        "newer_head": signed(5, "log-2", 12, 400_000),
        "inclusion": tree.inclusion(2, 5),
        "consistency": tree.consistency(3, 5),
    })
}

#[test]
fn a_receipt_with_all_that_proves_it_is_the_same() {
    hold("proven.json", &proven());
}
