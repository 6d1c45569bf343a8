use dripline_shared::amount::Asset;
use dripline_shared::payout::BatchId;

use super::fees::Fees;
use super::*;
use crate::payout::KeySource;

const KEY: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const USDC: &str = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48";

fn settings(name: &str) -> (EvmSettings, std::path::PathBuf) {
    let path = std::env::temp_dir().join(format!("dripline-evm-{name}-{}.txt", std::process::id()));
    std::fs::write(&path, KEY).unwrap();
    let settings = EvmSettings {
        endpoints: vec!["http://127.0.0.1:1".to_owned()],
        chain_id: 1,
        needs_ownership: false,
        key: KeySource::File(path.clone()),
        finality: Finality::Finalized,
        max_fee_per_gas: 100,
        priority_fee_per_gas: None,
        replace_after_ms: 60_000,
        disperse: None,
        coin: "ETH".to_owned(),
        assets: BTreeMap::from([("DRIP".to_owned(), EvmAsset { token: None, chain_decimals: 18 })]),
    };
    (settings, path)
}

fn opened(name: &str, decimals: u8, change: impl FnOnce(&mut EvmSettings)) -> Result<Evm, RailError> {
    let (mut settings, path) = settings(name);
    change(&mut settings);
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
    let rules = RailRules {
        kind: RailKind::Evm,
        assets: BTreeMap::from([("DRIP".into(), rules)]),
        coin: None,
        ownership: None,
        address_wait_ms: 0,
        failures_max: 1,
    };
    let rail = Evm::open(&settings, &rules, Edge::new(|| Timestamp(0), |_| ()));
    std::fs::remove_file(path).unwrap();
    rail
}

fn asset(token: Option<&str>, chain_decimals: u8) -> BTreeMap<String, EvmAsset> {
    BTreeMap::from([("DRIP".to_owned(), EvmAsset { token: token.map(str::to_owned), chain_decimals })])
}

/// A batch with candidates of these transactions, each stored at its place.
fn batch(transactions: &[Transaction], cancelled_at: Option<u64>) -> BatchRecord {
    let key = TreasuryKey::known();
    let candidate = |(at, transaction): (u64, &Transaction)| {
        let (id, bytes) = envelope::kept(&transaction.sign(&key), key.address()).unwrap();
        let (nonce, stored_at) = (Some(transaction.nonce), Timestamp(at));
        Candidate { id: id.into(), bytes, nonce, stored_at, is_dead: false }
    };
    BatchRecord {
        cancelled_at: cancelled_at.map(Timestamp),
        candidates: (1..).zip(transactions).map(candidate).collect(),
        ..BatchRecord::new(BatchId([1; 16]), "evm".into(), "DRIP".into(), Timestamp(0), Vec::new())
    }
}

fn transaction(nonce: u64, chain_id: u64) -> Transaction {
    let fees = Fees { most: 9, priority: 1 };
    let action = Action { to: Address([7; 20]), value: 5, data: Vec::new() };
    Transaction { chain_id, nonce, fees, gas_limit: 21_000, action }
}

#[test]
fn contracts_are_not_paid_and_the_treasury_knows_itself_in_every_case() {
    let disperse = "0xD152f549545093347A162Dce210e7293f1452150";
    let rail = opened("addresses", 6, |it| {
        it.assets = asset(Some(USDC), 6);
        it.disperse = Some(disperse.to_owned());
    })
    .unwrap();
    let treasury = rail.treasury();
    assert_eq!(treasury, "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    assert!(rail.is_own(&treasury) && rail.is_own(&treasury.to_lowercase()) && !rail.is_own(USDC));
    assert_eq!(rail.check_address(&treasury), Ok(()));
    for contract in [USDC, &USDC.to_lowercase(), disperse] {
        assert!(rail.check_address(contract).unwrap_err().contains("a contract's"));
    }
}

#[test]
fn many_are_paid_at_once_where_a_contract_does_it() {
    assert_eq!(opened("one", 6, |_| ()).unwrap().batch_max(), 1);
    assert_eq!(opened("many", 6, |it| it.disperse = Some(USDC.to_owned())).unwrap().batch_max(), 100);
}

#[test]
fn an_asset_that_does_not_fit_the_chain_is_refused_at_the_start() {
    let refused =
        |name, decimals, assets| opened(name, decimals, |it| it.assets = assets).unwrap_err().to_string();
    assert_eq!(
        refused("coarse", 9, asset(Some(USDC), 6)),
        "DRIP: it has 6 decimals on the chain, expected at least the ledger's 9"
    );
    assert_eq!(
        refused("coin", 6, asset(None, 6)),
        "DRIP: without a token it is the native coin, which has 18 decimals"
    );
    assert!(refused("fine", 0, asset(Some(USDC), 36)).contains("128 bits do not hold every amount"));
    assert!(refused("typo", 6, asset(Some(&USDC.replace('A', "a")), 6)).contains("checksum"));
    assert_eq!(refused("none", 6, BTreeMap::new()), "DRIP: what is it on the chain?");
}

#[test]
fn a_key_or_an_endpoint_that_is_not_there_is_told_at_the_start() {
    let variable = "DRIPLINE_NO_SUCH_VARIABLE".to_owned();
    let not_set = "DRIPLINE_NO_SUCH_VARIABLE: this variable is not set";
    let refused = opened("key", 6, |it| it.key = KeySource::Variable(variable.clone())).unwrap_err();
    assert_eq!(refused.to_string(), not_set);
    let refused = opened("endpoint", 6, |it| it.endpoints = vec![format!("env:{variable}")]).unwrap_err();
    assert_eq!(refused.to_string(), not_set);
}

#[test]
fn candidates_that_cannot_be_told_apart_from_others_are_left_alone() {
    let rail = opened("unknown", 6, |_| ()).unwrap();
    let mut torn = batch(&[transaction(7, 1)], None);
    torn.candidates[0].bytes.pop();
    let two_nonces = batch(&[transaction(7, 1), transaction(8, 1)], None);
    let other_chain = batch(&[transaction(7, 137)], None);
    // It pays what the configuration of today does not say.
    let other_action = batch(&[transaction(7, 1)], None);
    for record in [torn.clone(), two_nonces, other_chain, other_action] {
        let facts = BatchFacts { record, withdrawals: Vec::new() };
        assert!(matches!(rail.verdict(&facts, Timestamp(0)), Ok(Verdict::Unknown { .. })));
    }
    assert!(rail.send(&torn, &torn.candidates[0], Timestamp(0)).is_err());
    assert!(rail.replace(&BatchFacts { record: torn, withdrawals: Vec::new() }, Timestamp(0)).is_err());
}

#[test]
fn what_is_strange_halts_the_rail_unless_the_operator_has_looked_since_it_was_told() {
    let candidates = [transaction(7, 1), transaction(7, 1)];
    // Cancelled whenever, but nobody was told anything.
    for cancelled_at in [None, Some(1), Some(3), Some(1_000)] {
        let record = batch(&candidates, cancelled_at);
        assert!(matches!(gone(&record, 7), Verdict::Halt { .. }));
        assert!(matches!(settled(&record, "0x1", Fate::Untold), Verdict::Halt { .. }));
    }
    for (cancelled_at, has_looked) in [(None, false), (Some(9), false), (Some(10), false), (Some(11), true)] {
        let record = BatchRecord { halted_at: Some(Timestamp(10)), ..batch(&candidates, cancelled_at) };
        for verdict in [gone(&record, 7), settled(&record, "0x1", Fate::Untold)] {
            assert_eq!(verdict == Verdict::Cancelled, has_looked, "{verdict:?}");
            assert_eq!(matches!(verdict, Verdict::Halt { .. }), !has_looked);
        }
    }
}

#[test]
fn every_fate_has_its_verdict() {
    let record = batch(&[transaction(7, 1)], None);
    assert_eq!(settled(&record, "0x1", Fate::Paid), Verdict::Settled { transaction: "0x1".into() });
    assert!(matches!(settled(&record, "0x1", Fate::Failed), Verdict::Failed { .. }));
    assert_eq!(settled(&record, "0x1", Fate::Short), Verdict::Expired);
    assert!(matches!(settled(&record, "0x1", Fate::PaidSome), Verdict::Unknown { .. }));
    assert_eq!(settled(&record, "0x1", Fate::Cancelled), Verdict::Cancelled);
}
