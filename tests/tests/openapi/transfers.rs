//! The log of transfers, as a stranger reads and checks it.

use dripline_shared::amount::Amount;
use dripline_shared::api::{
    ConsistencyProof, FaucetKeys, InclusionProof, LedgerView, LogEntryView, SignedTreeHead,
};
use dripline_shared::error::Code;
use dripline_shared::log::LogEntry;
use dripline_tests::player::Player;
use dripline_tests::request;

use crate::recorder::Log;
use crate::script::Stage;

/// From a receipt to the proof that its drip is in the log, and what is not there.
pub(crate) async fn reading(log: &Log) {
    let mut stage = Stage::new(log).await;
    stage.refused(request::get("/api/v1/log/head"), Code::LogUnknown).await;
    stage.faucet.faucet.sequence().await.expect("it is appended");
    let older: SignedTreeHead = stage.send(request::get("/api/v1/log/head")).await.expect();
    let receipt = stage.earn(&Player::number(100), 0).await;
    let leaf = receipt.log.expect("a promise").leaf;
    let inclusion = format!("/api/v1/log/inclusion?leaf={leaf}");
    // It is promised within ten seconds, and not there yet.
    stage.refused(request::get(&inclusion), Code::LogUnknown).await;
    stage.faucet.faucet.sequence().await.expect("it is appended");

    let keys: FaucetKeys = stage.send(request::get("/.well-known/dripline-keys.json")).await.expect();
    let newest: SignedTreeHead = stage.send(request::get("/api/v1/log/head")).await.expect();
    assert!(keys.are_chained() && newest.is_signed_by(&keys) && older.is_signed_by(&keys));
    let proof: InclusionProof = stage.send(request::get(&inclusion)).await.expect();
    assert_eq!(proof.verify(leaf, &newest.head), Ok(()));
    let path = format!("/api/v1/log/leaves/{}", proof.leaf_index);
    let entry: LogEntryView = stage.send(request::get(&path)).await.expect();
    assert!(entry.is_hash_of_text() && entry.leaf_hash == leaf);
    assert!(LogEntry::parse(&entry.text).expect("a transfer").is_drip_of(&receipt));
    let path = format!("/api/v1/log/consistency?first={}&second={}", older.head.size, newest.head.size);
    let proof: ConsistencyProof = stage.send(request::get(&path)).await.expect();
    assert_eq!(proof.verify(&older.head, &newest.head), Ok(()));

    let ledger: LedgerView = stage.send(request::get("/api/v1/ledger")).await.expect();
    let books = &ledger.assets[0];
    assert_eq!((books.players, books.pending), (receipt.amount, Amount::ZERO));
    assert_eq!(books.supply.units(), books.players.units() + books.campaigns.units());

    let size = newest.head.size;
    for path in [
        format!("/api/v1/log/leaves/{size}"),
        format!("/api/v1/log/inclusion?leaf={}", "0".repeat(64)),
        format!("/api/v1/log/inclusion?leaf={leaf}&size={}", size + 1),
        format!("/api/v1/log/inclusion?leaf={leaf}&size={}", older.head.size),
        format!("/api/v1/log/consistency?first={}", size + 1),
        format!("/api/v1/log/consistency?first=0&second={}", u64::MAX),
    ] {
        stage.refused(request::get(&path), Code::LogUnknown).await;
    }
    for path in [
        "/api/v1/log/leaves/x",
        "/api/v1/log/leaves/-1",
        "/api/v1/log/inclusion",
        "/api/v1/log/inclusion?leaf=7",
        "/api/v1/log/consistency",
        "/api/v1/log/consistency?first=x",
        "/api/v1/log/consistency?first=0&surprise=1",
    ] {
        stage.refused(request::get(path), Code::InvalidParameter).await;
    }
}
