use dripline_shared::amount::{Amount, Asset};
use dripline_shared::payout::BatchId;
use dripline_shared::time::Timestamp;

use super::*;
use crate::payout::{AssetRules, KeySource};

fn settings(name: &str) -> (SolanaSettings, std::path::PathBuf) {
    let path = std::env::temp_dir().join(format!("dripline-solana-{name}-{}.json", std::process::id()));
    let pair = ed25519_dalek::SigningKey::from_bytes(&[11; 32]).to_keypair_bytes();
    std::fs::write(&path, format!("{:?}", pair.to_vec())).unwrap();
    let sol = SolanaAsset { mint: None, chain_decimals: 9, account_fee: Amount::ZERO };
    let settings = SolanaSettings {
        endpoints: vec!["http://127.0.0.1:1".to_owned()],
        genesis_hash: "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d".to_owned(),
        key: KeySource::File(path.clone()),
        priority_fee_micro_lamports: 0,
        coin: "SOL".to_owned(),
        assets: BTreeMap::from([("DRIP".to_owned(), sol)]),
    };
    (settings, path)
}

fn rules(decimals: u8) -> RailRules {
    let asset = Asset { code: "DRIP".to_owned(), decimals };
    let rules = AssetRules {
        asset,
        threshold: Amount::from_units(100),
        fee: Amount::ZERO,
        account_fee: Amount::ZERO,
        outflow: None,
        dormant_after_ms: None,
        approve_above: None,
    };
    RailRules {
        kind: RailKind::Solana,
        assets: BTreeMap::from([("DRIP".into(), rules)]),
        coin: None,
        ownership: None,
        address_wait_ms: 0,
        failures_max: 1,
    }
}

fn edge() -> Edge {
    Edge::new(|| Timestamp(0), |_| ())
}

fn opened(name: &str, decimals: u8, change: impl FnOnce(&mut SolanaSettings)) -> Result<Solana, RailError> {
    let (mut settings, path) = settings(name);
    change(&mut settings);
    let rail = Solana::open(&settings, &rules(decimals), edge());
    std::fs::remove_file(path).unwrap();
    rail
}

fn usdc(chain_decimals: u8) -> SolanaAsset {
    let mint = Some("EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v".to_owned());
    SolanaAsset { mint, chain_decimals, account_fee: Amount::ZERO }
}

#[test]
fn the_treasury_is_not_paid_by_itself_and_bad_addresses_are_not_paid_at_all() {
    let rail = opened("own", 6, |_| ()).unwrap();
    assert!(rail.is_own(&rail.treasury()));
    assert!(!rail.is_own("alice") && !rail.is_own("11111111111111111111111111111111"));
    assert_eq!(rail.check_address(&rail.treasury()), Ok(()));
    assert!(rail.check_address("alice").is_err());
}

#[test]
fn as_many_are_paid_at_once_as_the_largest_of_the_assets_transfers_allow() {
    assert_eq!(opened("sol", 6, |_| ()).unwrap().batch_max(), 19);
    let token = opened("token", 6, |it| it.assets = BTreeMap::from([("DRIP".to_owned(), usdc(6))]));
    assert_eq!(token.unwrap().batch_max(), 9);
}

#[test]
fn an_asset_that_does_not_fit_the_chain_is_refused_at_the_start() {
    let refused = |name, decimals, asset| {
        opened(name, decimals, |it| it.assets = BTreeMap::from([("DRIP".to_owned(), asset)]))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused("coarse", 9, usdc(6)),
        "DRIP: it has 6 decimals on the chain, expected at least the ledger's 9"
    );
    let sol = SolanaAsset { mint: None, chain_decimals: 6, account_fee: Amount::ZERO };
    assert_eq!(refused("lamports", 6, sol), "DRIP: without a mint it is SOL, which has 9 decimals");
    let mint = SolanaAsset { mint: Some("USDC".to_owned()), chain_decimals: 6, account_fee: Amount::ZERO };
    assert_eq!(refused("mint", 6, mint), "DRIP: expected a mint: 32 bytes in base58");
    let none = opened("none", 6, |it| it.assets.clear()).unwrap_err().to_string();
    assert_eq!(none, "DRIP: what is it on the chain?");
}

#[test]
fn a_key_or_an_endpoint_that_is_not_there_is_told_at_the_start() {
    let variable = "DRIPLINE_NO_SUCH_VARIABLE".to_owned();
    let refused =
        opened("key", 6, |it| it.key = KeySource::Variable(variable.clone())).unwrap_err().to_string();
    assert_eq!(refused, "DRIPLINE_NO_SUCH_VARIABLE: this variable is not set");
    let refused =
        opened("endpoint", 6, |it| it.endpoints = vec![format!("env:{variable}")]).unwrap_err().to_string();
    assert_eq!(refused, "DRIPLINE_NO_SUCH_VARIABLE: this variable is not set");
    let twice = ["https://rpc.example/one", "https://RPC.example/two"].map(str::to_owned);
    let refused = opened("twice", 6, |it| it.endpoints = twice.to_vec()).unwrap_err().to_string();
    assert_eq!(refused, "two endpoints are the same server, which confirms nothing");
}

#[test]
fn a_candidate_that_cannot_be_read_is_neither_sent_nor_dead() {
    let rail = opened("torn", 6, |_| ()).unwrap();
    let (id, bytes, now) = ("x".into(), b"torn".to_vec(), Timestamp(0));
    let candidate = Candidate { id, bytes, nonce: None, stored_at: now, is_dead: false };
    let record = BatchRecord {
        candidates: vec![candidate.clone()],
        ..BatchRecord::new(BatchId([1; 16]), "solana".into(), "DRIP".into(), Timestamp(0), Vec::new())
    };
    let mut batch = BatchFacts { record, withdrawals: Vec::new() };
    assert!(rail.send(&batch.record, &candidate, now).is_err());
    assert!(matches!(rail.verdict(&batch, now), Ok(Verdict::Unknown { .. })));
    batch.record.candidates.push(candidate);
    assert!(matches!(rail.verdict(&batch, now), Ok(Verdict::Unknown { .. })));
}

#[test]
fn what_any_endpoint_has_of_a_history_counts_and_the_newest_stays_the_newest() {
    let history = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    let all = |histories: &[&[&str]]| union(histories.iter().map(|ids| history(ids)));
    assert_eq!(all(&[]), history(&[]));
    assert_eq!(all(&[&["a", "b"], &["a", "b"]]), history(&["a", "b"]));
    // One leaves something out, and one has got further.
    assert_eq!(all(&[&["a", "c"], &["a", "b", "c"]]), history(&["b", "a", "c"]));
    assert_eq!(
        all(&[&["a", "b"], &["a", "b", "c"]]).last().map(String::as_str),
        Some("b"),
        "c is found next time"
    );
}

#[test]
fn enough_endpoints_have_to_answer() {
    let silent = || Err("it rests".to_owned());
    assert_eq!(witnessed(vec![Ok(1)]), Ok(vec![1]));
    assert_eq!(witnessed(vec![Ok(1), silent(), Ok(2)]), Ok(vec![1, 2]));
    for answers in [vec![Ok(1), silent()], vec![silent(), Ok(1), silent()], vec![silent()]] {
        assert!(matches!(witnessed(answers), Err(RailError::Later(_))));
    }
}
