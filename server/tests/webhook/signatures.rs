//! Whatever is paid, the specification's own library finds the message signed, and its amounts are exact.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dripline_server::payout::webhook::{Webhook, WebhookSettings};
use dripline_server::payout::{AssetRules, Rail, RailRules, Signed};
use dripline_server::store::record::{
    BatchFacts, BatchRecord, Candidate, RailRecord, Stage, WithdrawalRecord,
};
use dripline_shared::amount::{Amount, Asset};
use dripline_shared::payout::{BatchId, RailKind, WithdrawalId};
use dripline_shared::round::{ClientId, Hash};
use dripline_shared::time::{TIMESTAMP_MAX, Timestamp};
use dripline_shared::wallet::Wallet;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::receiver::Receiver;
use crate::scene::{SECRET, Scene};

fn rules(decimals: u8) -> RailRules {
    let asset = Asset { code: "DRIP".to_owned(), decimals };
    let rules = AssetRules {
        asset,
        threshold: Amount::ZERO,
        fee: Amount::ZERO,
        account_fee: Amount::ZERO,
        outflow: None,
        dormant_after_ms: None,
        approve_above: None,
    };
    RailRules {
        kind: RailKind::Webhook,
        assets: BTreeMap::from([("DRIP".into(), rules)]),
        coin: None,
        ownership: None,
        address_wait_ms: 0,
        failures_max: 1,
    }
}

prop_compose! {
    fn withdrawal(batch: BatchId)(
        id in any::<[u8; 16]>(),
        address in "[!-~]{1,128}",
        amount in 1..=i64::MAX,
        part in 0..=u64::MAX,
    ) -> WithdrawalRecord {
        let amount = Amount::try_from(amount).unwrap();
        let fee = i64::try_from(part % u64::try_from(amount.units()).unwrap()).unwrap();
        WithdrawalRecord {
            id: WithdrawalId(id),
            wallet: Wallet([1; 32]),
            rail: "lightning".into(),
            asset: "DRIP".into(),
            amount,
            fee: Amount::try_from(fee).unwrap(),
            address: address.into(),
            client_id: ClientId([2; 16]),
            request: Hash([0; 32]),
            signed: None,
            requested_at: Timestamp(0),
            failures: 0,
            stage: Stage::Batched(batch),
        }
    }
}

prop_compose! {
    fn batch()(id in any::<[u8; 16]>().prop_map(BatchId))(
        id in Just(id),
        withdrawals in prop::collection::vec(withdrawal(id), 1..20),
        made_at in 0..=TIMESTAMP_MAX.0,
    ) -> BatchFacts {
        let record = BatchRecord::new(id, "lightning".into(), "DRIP".into(), Timestamp(made_at), withdrawals.iter().map(|withdrawal| withdrawal.id).collect());
        BatchFacts { record, withdrawals }
    }
}

fn secret() -> impl Strategy<Value = String> {
    prop::collection::vec(any::<u8>(), 24..=64).prop_map(|bytes| format!("whsec_{}", STANDARD.encode(bytes)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_message_of_any_batch_is_signed_by_each_secret_and_says_exactly_what_arrives(
        mut batch in batch(), decimals in 0..=9_u8, secret in secret(), now in 0..=TIMESTAMP_MAX.0,
    ) {
        let (scene, receiver) = (Scene::new(), Receiver::start(SECRET));
        std::fs::write(scene.secret_file(), format!("{secret}\n{SECRET}\n")).unwrap();
        let settings = WebhookSettings { batch_max: 20, ..scene.webhook(&receiver.url) };
        let rail = Webhook::open(&settings, &rules(decimals)).unwrap();
        let Signed { id, bytes, nonce, .. } =
            rail.sign(&batch, &RailRecord::new("lightning".into()), Timestamp(now)).unwrap();
        let candidate = Candidate { id, bytes, nonce, stored_at: Timestamp(now), is_dead: false };
        batch.record.candidates.push(candidate.clone());
        rail.send(&batch.record, &candidate, Timestamp(now)).unwrap();

        let [arrival] = receiver.arrivals().try_into().unwrap();
        prop_assert_eq!((&arrival.id, &arrival.body), (&candidate.id.to_string(), &candidate.bytes));
        prop_assert_eq!(arrival.seconds, i64::try_from(now / 1_000).unwrap());
        let both = [arrival.signature(&secret), arrival.signature(SECRET)].join(" ");
        prop_assert_eq!(&arrival.signatures, &both);

        let message = arrival.json();
        let payouts = message["data"]["payouts"].as_array().unwrap();
        prop_assert_eq!(payouts.len(), batch.withdrawals.len());
        for (payout, withdrawal) in payouts.iter().zip(&batch.withdrawals) {
            let text = |field: &str| payout[field].as_str().unwrap();
            let arrives = withdrawal.amount.units() - withdrawal.fee.units();
            prop_assert_eq!(text("units"), arrives.to_string());
            prop_assert_eq!(Amount::from_decimal(text("amount"), decimals).unwrap().units(), arrives);
            prop_assert_eq!(text("withdrawal"), withdrawal.id.to_string());
            prop_assert_eq!(text("address"), &*withdrawal.address);
        }
    }
}

/// The part of the document between two lines of a block of this language.
fn block<'a>(document: &'a str, language: &str) -> &'a str {
    let (_, rest) = document.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

#[test]
fn the_documented_message_is_what_is_sent_and_is_signed_as_documented() {
    let document = include_str!("../../../docs/webhooks.md");
    let (scene, receiver) = (Scene::new(), Receiver::start(SECRET));
    let rail = Webhook::open(&scene.webhook(&receiver.url), &rules(6)).unwrap();
    let id = |text: &str| serde_json::from_value::<BatchId>(text.into()).unwrap();
    let withdrawal = WithdrawalRecord {
        id: WithdrawalId(id("019c1655d2d06162636465666768696a").0),
        wallet: Wallet([1; 32]),
        rail: "lightning".into(),
        asset: "DRIP".into(),
        amount: Amount::from_units(1_510_000),
        fee: Amount::from_units(10_000),
        address: "alice@wallet.example".into(),
        client_id: ClientId([2; 16]),
        request: Hash([0; 32]),
        signed: None,
        requested_at: Timestamp(0),
        failures: 0,
        stage: Stage::Queued,
    };
    let now = Timestamp::parse("2026-01-31T23:59:59.000Z").unwrap();
    let record = BatchRecord::new(
        id("019c1655ff98404142434445464748ab"),
        "lightning".into(),
        "DRIP".into(),
        now,
        vec![withdrawal.id],
    );
    let batch = BatchFacts { record, withdrawals: vec![withdrawal] };
    let Signed { id, bytes, nonce, .. } =
        rail.sign(&batch, &RailRecord::new("lightning".into()), now).unwrap();
    let candidate = Candidate { id: Arc::clone(&id), bytes, nonce, stored_at: now, is_dead: false };
    rail.send(&batch.record, &candidate, now).unwrap();
    let [arrival] = receiver.arrivals().try_into().unwrap();
    let documented: serde_json::Value = serde_json::from_str(block(document, "json")).unwrap();
    assert_eq!(arrival.json(), documented);
    let headers = format!(
        "POST /hook HTTP/1.1\ncontent-type: application/json\nwebhook-id: {id}\nwebhook-timestamp: 1769903999\n\
         webhook-signature: {}\n",
        arrival.signature(SECRET)
    );
    assert_eq!((block(document, "http"), &arrival.signatures), (&*headers, &arrival.signature(SECRET)));
    assert!(document.contains(SECRET));
}
