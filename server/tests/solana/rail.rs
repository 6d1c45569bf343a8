//! The rail itself: what changes nothing, such as dry runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use dripline_server::edge::Edge;
use dripline_server::payout::solana::{Solana, SolanaAsset, SolanaSettings};
use dripline_server::payout::{AssetRules, Rail, RailRules};
use dripline_server::store::record::{BatchFacts, BatchRecord, Stage, WithdrawalRecord};
use dripline_shared::amount::{Amount, Asset};
use dripline_shared::payout::{BatchId, RailKind, WithdrawalId};
use dripline_shared::round::{ClientId, Hash};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;

use crate::scene::{FEE, Scene, address};

/// A rail of these settings, whose clock stands still.
fn rail(settings: &SolanaSettings) -> Solana {
    let asset = Asset { code: "DRIP".to_owned(), decimals: 6 };
    let rules = AssetRules {
        asset,
        threshold: Amount::from_units(100),
        fee: Amount::from_units(FEE),
        account_fee: Amount::ZERO,
        outflow: None,
        dormant_after_ms: None,
        approve_above: None,
    };
    let assets = BTreeMap::from([(Arc::from("DRIP"), rules)]);
    let rules = RailRules {
        kind: RailKind::Solana,
        assets,
        coin: None,
        ownership: None,
        address_wait_ms: 0,
        failures_max: 1,
    };
    Solana::open(settings, &rules, Edge::new(|| Timestamp(0), |_| ())).unwrap()
}

/// A batch to addresses of numbers from 1 on, of so many units each.
fn batch(count: u8, units: u32) -> BatchFacts {
    let id = BatchId([7; 16]);
    let withdrawal = |number| WithdrawalRecord {
        id: WithdrawalId([number; 16]),
        wallet: Wallet([number; 32]),
        rail: "solana".into(),
        asset: "DRIP".into(),
        amount: Amount::from_units(units),
        fee: Amount::from_units(FEE),
        address: address(number).into(),
        client_id: ClientId([number; 16]),
        request: Hash([number; 32]),
        signed: None,
        requested_at: Timestamp(0),
        failures: 0,
        stage: Stage::Batched(id),
    };
    let withdrawals: Vec<WithdrawalRecord> = (1..=count).map(withdrawal).collect();
    let record = BatchRecord::new(
        id,
        "solana".into(),
        "DRIP".into(),
        Timestamp(0),
        withdrawals.iter().map(|withdrawal| withdrawal.id).collect(),
    );
    BatchFacts { record, withdrawals }
}

#[test]
fn a_dry_run_tells_how_a_payout_would_end_and_pays_nobody() {
    let scene = Scene::new();
    let rail = rail(&scene.solana(&[&scene.node.url]));
    let well = rail.dry_run(&batch(19, 1_000)).unwrap();
    assert_eq!(well.error, None, "{well:?}");
    assert!(well.logs.iter().any(|line| line.contains("Memo")));
    println!("19 transfers of SOL take {:?} compute units", well.units);
    let badly = rail.dry_run(&batch(2, 900)).unwrap();
    assert!(badly.error.unwrap().contains("InsufficientFundsForRent"));
    assert_eq!(scene.node.balance(&address(1)), 0);
}

#[test]
fn what_the_treasury_holds_in_sol_is_told_in_ledger_units() {
    let scene = Scene::new();
    let holdings = rail(&scene.solana(&[&scene.node.url])).holdings().unwrap().unwrap();
    assert_eq!(holdings.address, scene.treasury);
    // A ledger unit is a thousand lamports.
    let expected = i64::try_from(scene.node.balance(&scene.treasury) / 1_000).unwrap();
    assert!(expected > 0);
    let amounts = BTreeMap::from([(Arc::from("DRIP"), Amount::try_from(expected).unwrap())]);
    assert_eq!(holdings.amounts, amounts);
}

#[test]
fn the_units_that_are_paid_for_are_enough_for_new_token_accounts() {
    let scene = Scene::new();
    scene.node.tell(&format!("mint {} 6 {} 1000000000", address(200), scene.treasury));
    let mut settings = scene.solana(&[&scene.node.url]);
    let token = SolanaAsset { mint: Some(address(200)), chain_decimals: 6, account_fee: Amount::ZERO };
    settings.assets.insert("DRIP".to_owned(), token);
    let well = rail(&settings).dry_run(&batch(9, 1_000)).unwrap();
    assert_eq!(well.error, None, "{well:?}");
    println!("9 transfers of a token to new accounts take {:?} compute units", well.units);
}
