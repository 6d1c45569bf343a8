use std::time::Duration;

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::payout::WithdrawalId;
use dripline_shared::round::{ClientId, Hash};
use dripline_shared::time::{HOUR_MS, MINUTE_MS};
use dripline_shared::wallet::Wallet;

use super::*;
use crate::payout::rpc::server::Server;
use crate::payout::{AssetRules, KeySource};
use crate::store::record::{Stage, WithdrawalRecord};

const NOW: Timestamp = Timestamp(1_769_903_999_000);
const SETTLED: &str = r#"{"status":"settled","transaction":"t-1"}"#;
const FAILED: &str = r#"{"status":"failed","reason":"No such account"}"#;

/// A rail that sends to this address, where the ledger keeps 6 decimals. `name` is the test's.
fn rail(name: &str, url: &str) -> Webhook {
    let file = std::env::temp_dir().join(format!("dripline-webhook-{name}-{}", std::process::id()));
    std::fs::write(&file, "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD\n").unwrap();
    let settings = WebhookSettings {
        url: url.to_owned(),
        secret: KeySource::File(file.clone()),
        timeout: Duration::from_secs(20),
        alert_after_ms: HOUR_MS,
        batch_max: 7,
        address_pattern: None,
        address_hint: None,
    };
    let asset = Asset { code: "DRIP".to_owned(), decimals: 6 };
    let rules = AssetRules {
        asset,
        threshold: Amount::from_units(100),
        fee: Amount::ZERO,
        account_fee: Amount::ZERO,
        outflow: None,
        dormant_after_ms: None,
        approve_above: None,
    };
    let rules = RailRules {
        kind: RailKind::Webhook,
        assets: BTreeMap::from([("DRIP".into(), rules)]),
        coin: None,
        ownership: None,
        address_wait_ms: 0,
        failures_max: 1,
    };
    let rail = Webhook::open(&settings, &rules);
    std::fs::remove_file(file).unwrap();
    rail.unwrap()
}

fn batch() -> BatchFacts {
    let withdrawal = WithdrawalRecord {
        id: WithdrawalId([3; 16]),
        wallet: Wallet([1; 32]),
        rail: "lightning".into(),
        asset: "DRIP".into(),
        amount: Amount::from_units(1_500_050),
        fee: Amount::from_units(50),
        address: "a\"@b".into(),
        client_id: ClientId([2; 16]),
        request: Hash([0; 32]),
        signed: None,
        requested_at: NOW,
        failures: 0,
        stage: Stage::Batched(BatchId([4; 16])),
    };
    let record =
        BatchRecord::new(BatchId([4; 16]), "lightning".into(), "DRIP".into(), NOW, vec![withdrawal.id]);
    BatchFacts { record, withdrawals: vec![withdrawal] }
}

/// A batch whose message is kept.
fn kept(rail: &Webhook) -> BatchFacts {
    let mut batch = batch();
    let Signed { id, bytes, nonce, .. } =
        rail.sign(&batch, &RailRecord::new("lightning".into()), NOW.plus(MINUTE_MS)).unwrap();
    batch.record.candidates.push(Candidate { id, bytes, nonce, stored_at: NOW, is_dead: false });
    batch
}

fn send(rail: &Webhook, batch: &BatchFacts, now: Timestamp) {
    rail.send(&batch.record, &batch.record.candidates[0], now).unwrap();
}

#[test]
fn the_message_follows_from_the_batch_alone_and_has_amounts_as_exact_texts() {
    let kept = kept(&rail("message", "http://127.0.0.1:1"));
    let candidate = &kept.record.candidates[0];
    assert_eq!(&*candidate.id, format!("msg_{}", "04".repeat(16)));
    let expected = format!(
        "{{\"type\":\"payout.requested\",\"timestamp\":\"2026-01-31T23:59:59.000Z\",\"data\":{{\"batch\":\"{}\",\
         \"rail\":\"lightning\",\"asset\":\"DRIP\",\"decimals\":6,\"payouts\":[{{\"withdrawal\":\"{}\",\
         \"address\":\"a\\\"@b\",\"amount\":\"1.5\",\"units\":\"1500000\"}}]}}}}",
        "04".repeat(16),
        "03".repeat(16)
    );
    assert_eq!(std::str::from_utf8(&candidate.bytes).unwrap(), expected);
}

#[test]
fn only_sending_talks_to_the_receiver_and_the_verdict_is_what_was_answered() {
    let server = Server::json(SETTLED);
    let rail = rail("talks", &server.url);
    let batch = kept(&rail);
    assert_eq!((rail.verdict(&batch, NOW), server.requests()), (Ok(Verdict::Alive), 0));
    send(&rail, &batch, NOW);
    for later in [NOW, NOW.plus(HOUR_MS)] {
        assert_eq!(rail.verdict(&batch, later), Ok(Verdict::Settled { transaction: "t-1".into() }));
        send(&rail, &batch, later);
    }
    assert_eq!(server.requests(), 1);
}

#[test]
fn a_message_is_sent_again_only_when_it_is_time() {
    let server = Server::json("<h1>It works!</h1>");
    let rail = rail("again", &server.url);
    let batch = kept(&rail);
    for (after_ms, requests) in [(0, 1), (1, 1), (5_000, 1), (5_500, 2), (35_000, 2), (38_600, 3)] {
        send(&rail, &batch, NOW.plus(after_ms));
        assert_eq!(server.requests(), requests, "after {after_ms} ms");
        assert_eq!(rail.verdict(&batch, NOW.plus(after_ms)), Ok(Verdict::Alive));
    }
}

#[test]
fn what_was_not_said_to_have_ended_for_long_is_told_once_for_each_attempt() {
    let server = Server::json("<h1>It works!</h1>");
    let rail = rail("told", &server.url);
    let batch = kept(&rail);
    send(&rail, &batch, NOW);
    assert_eq!(rail.verdict(&batch, NOW.plus(HOUR_MS - 1)), Ok(Verdict::Alive));
    for attempt in 1..4 {
        let now = NOW.plus(attempt * 2 * HOUR_MS);
        let Ok(Verdict::Unknown { why }) = rail.verdict(&batch, now) else { panic!("it is told") };
        assert!(why.contains("without a status in JSON"), "{why}");
        assert_eq!(rail.verdict(&batch, now), Ok(Verdict::Alive));
        send(&rail, &batch, now);
    }
}

#[test]
fn what_failed_is_tried_otherwise_but_of_a_cancelled_batch_it_is_the_end() {
    let rail = rail("failed", &Server::json(FAILED).url);
    let mut batch = kept(&rail);
    send(&rail, &batch, NOW);
    assert_eq!(rail.verdict(&batch, NOW), Ok(Verdict::Failed { reason: "No such account".into() }));
    batch.record.cancelled_at = Some(NOW);
    assert_eq!(rail.verdict(&batch, NOW), Ok(Verdict::Expired));
    assert_eq!(rail.replace(&batch, NOW), Ok(None));
}

#[test]
fn a_cancelled_batch_that_may_be_paid_stays_as_it_is() {
    let rail = rail("cancelled", &Server::json(r#"{"status":"accepted"}"#).url);
    let mut batch = kept(&rail);
    batch.record.cancelled_at = Some(NOW);
    send(&rail, &batch, NOW);
    assert_eq!(rail.verdict(&batch, NOW), Ok(Verdict::Alive));
}

#[test]
fn what_was_accepted_takes_no_place_up_to_a_bound() {
    let rail = rail("parked", &Server::json(r#"{"status":"accepted"}"#).url);
    let batch = kept(&rail);
    assert_eq!(rail.parked(&[batch.record.id]), 0);
    send(&rail, &batch, NOW);
    assert_eq!(rail.parked(&[batch.record.id, BatchId([9; 16])]), 1);
    let mut ids = Vec::new();
    for number in 0..=u16::try_from(ACCEPTED_MAX).unwrap() {
        let mut id = [5; 16];
        id[..2].copy_from_slice(&number.to_be_bytes());
        rail.deliveries().note(BatchId(id), Meaning::Accepted, None, NOW);
        ids.push(BatchId(id));
    }
    assert_eq!(rail.parked(&ids), ACCEPTED_MAX);
    assert_eq!(rail.parked(&[]), 0);
}

#[test]
fn what_another_kind_of_rail_has_signed_is_neither_sent_nor_judged() {
    let server = Server::json(SETTLED);
    let rail = rail("foreign", &server.url);
    let mut one = kept(&rail);
    one.record.candidates[0].id = "5VERv8NMvzbJMEkV8xnrLkEaWRtSz9CosKDYjCJjBRnb".into();
    let mut other = kept(&rail);
    other.record.id = BatchId([9; 16]);
    let mut torn = kept(&rail);
    torn.record.candidates[0].bytes.truncate(40);
    for batch in [one, other, torn] {
        assert!(rail.send(&batch.record, &batch.record.candidates[0], NOW).is_err());
        assert!(matches!(rail.verdict(&batch, NOW), Ok(Verdict::Unknown { .. })));
    }
    let mut twice = kept(&rail);
    twice.record.candidates.push(twice.record.candidates[0].clone());
    assert!(matches!(rail.verdict(&twice, NOW), Ok(Verdict::Unknown { .. })));
    assert_eq!(server.requests(), 0);
    assert_eq!(rail.verdict(&batch(), NOW), Ok(Verdict::Expired));
}

#[test]
fn an_asset_that_the_rail_does_not_pay_any_more_is_not_signed() {
    let rail = rail("asset", "http://127.0.0.1:1");
    let mut batch = batch();
    batch.record.asset = "RAIN".into();
    assert!(rail.sign(&batch, &RailRecord::new("lightning".into()), NOW).is_err());
    assert_eq!(rail.batch_max(), 7);
}
