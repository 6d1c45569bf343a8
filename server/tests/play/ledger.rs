//! The ledger as it is verified: a real one passes, and whatever is changed in it is found.

use std::collections::BTreeMap;
use std::sync::Arc;

use dripline_server::faucet::Settings;
use dripline_server::ledger::{LedgerReport, verify_ledger};
use dripline_server::payout::{AssetSettings, FAILURES_MAX, RailDriver, RailSettings};
use dripline_server::price::{PriceSettings, Source};
use dripline_shared::amount::Amount;
use dripline_shared::api::SignedTreeHead;
use dripline_shared::catalog::Catalog;
use dripline_shared::time::{HOUR_MS, Timestamp};
use rusqlite::Connection;

use crate::support::chain::Chain;
use crate::support::{Directory, Player, World};

/// A ledger with six drips of three wallets, what they are, and the time then.
fn ledger() -> (Directory, Amount, Timestamp) {
    let directory = Directory::new();
    let world = World::on(&directory, Catalog::first_run());
    let mut paid = Amount::ZERO;
    for _ in 0..2 {
        for number in 1..=3 {
            paid = paid.checked_add(world.earn(&Player::new(number), world.first_level()).amount).unwrap();
        }
        world.wait(HOUR_MS);
    }
    let now = world.shutdown();
    (directory, paid, now)
}

fn verify(directory: &Directory) -> LedgerReport {
    verify_ledger(directory.path(), &[]).unwrap()
}

#[test]
fn a_ledger_that_nobody_touched_verifies_also_while_a_server_runs_on_it() {
    let (directory, paid, now) = ledger();
    let report = verify(&directory);
    assert_eq!(report.findings, Vec::<String>::new());
    assert_eq!((report.claims, report.transfers, report.held["DRIP"]), (6, 8, paid));
    let settings =
        Settings { data: Some(directory.path().to_owned()), ..Settings::new(Catalog::first_run()) };
    let world = World::at(settings, now);
    world.earn(&Player::new(4), world.first_level());
    let report = verify(&directory);
    assert_eq!((report.claims, report.findings), (7, vec![]));
}

#[test]
fn a_directory_without_a_ledger_is_told() {
    let directory = Directory::new();
    assert!(verify_ledger(directory.path(), &[]).is_err());
}

/// A ledger with withdrawals in every state, and a log of all of it.
fn ledger_with_withdrawals() -> (Directory, SignedTreeHead) {
    let directory = Directory::new();
    let mut settings = Settings::new(Catalog::first_run());
    settings.data = Some(directory.path().to_owned());
    let (threshold, fee) = (Amount::from_units(100), Amount::from_units(50));
    let assets = BTreeMap::from([(
        "DRIP".to_owned(),
        AssetSettings { threshold, fee, outflow: None, dormant_after_ms: None, approve_above: None },
    )]);
    let rail =
        RailSettings { driver: RailDriver::Sandbox, assets, address_wait_ms: 0, failures_max: FAILURES_MAX };
    settings.rails = Some(BTreeMap::from([("sandbox".to_owned(), rail)]));
    settings.drivers.insert("sandbox".to_owned(), Arc::new(Chain::default()));
    let price = Source::Fixed(Amount::from_units(2_500_000));
    let sources = BTreeMap::from([("DRIP".to_owned(), price)]);
    settings.prices = Some(PriceSettings { currency: "EUR".to_owned(), sources, stale_ms: HOUR_MS });
    let world = World::with(settings);
    for (number, address) in (1..).zip(["alice", "bad", "carol"]) {
        let player = Player::new(number);
        world.earn(&player, world.first_level());
        world.withdraw(&player, Amount::from_units(1_000), address);
    }
    world.pay();
    for number in 1..=2 {
        let player = Player::new(number);
        world.wait(HOUR_MS);
        world.earn(&player, world.first_level());
        world.withdraw(&player, Amount::from_units(300), "elsewhere");
        if number == 1 {
            world.pay_step().unwrap();
        }
    }
    world.runtime.block_on(world.faucet.sequence()).unwrap();
    let head = world.runtime.block_on(world.faucet.log_head()).unwrap();
    world.shutdown();
    (directory, head)
}

const NO_GUARDS: &str = "DROP TRIGGER transfers_never_change; DROP TRIGGER transfers_never_go;
                         PRAGMA ignore_check_constraints = 1;";

/// What verification finds once this was done to a copy of a store. That it cannot be read is a finding, too.
fn found_after(
    untouched: &[u8],
    directory: &Directory,
    change: &str,
    heads: &[SignedTreeHead],
) -> Vec<String> {
    let found = found_if_changed(untouched, directory, change, heads);
    found.unwrap_or_else(|| panic!("nothing was changed: {change}"))
}

/// As [`found_after`]; nothing where there was nothing to change.
fn found_if_changed(
    untouched: &[u8],
    directory: &Directory,
    change: &str,
    heads: &[SignedTreeHead],
) -> Option<Vec<String>> {
    let path = directory.path().join("dripline.sqlite");
    std::fs::write(&path, untouched).unwrap();
    let store = Connection::open(&path).unwrap();
    store.execute_batch(NO_GUARDS).unwrap();
    store.execute_batch(change).unwrap();
    let is_changed = store.total_changes() > 0;
    drop(store);
    let found = || {
        verify_ledger(directory.path(), heads)
            .map_or_else(|error| vec![error.to_string()], |report| report.findings)
    };
    is_changed.then(found)
}

#[test]
fn whatever_is_changed_in_a_ledger_is_found() {
    let (directory, _) = ledger_with_withdrawals();
    let untouched = std::fs::read(directory.path().join("dripline.sqlite")).unwrap();
    assert_eq!(verify(&directory).findings, Vec::<String>::new());
    for change in [
        "UPDATE accounts SET balance = balance + 1 WHERE holder = 'player' AND owner = 1;
         UPDATE accounts SET balance = balance - 1 WHERE holder = 'player' AND owner = 2",
        "DELETE FROM accounts WHERE holder = 'player' AND owner = 1",
        "DELETE FROM assets",
        "UPDATE transfers SET credit = (SELECT credit FROM transfers WHERE id = 6) WHERE id = 3",
        "UPDATE transfers SET round = (SELECT round FROM transfers WHERE id = 5) WHERE id = 3",
        "UPDATE transfers SET debit = (SELECT id FROM accounts WHERE holder = 'treasury') WHERE id = 3",
        "INSERT INTO transfers (at_ms, kind, debit, credit, amount, debit_balance, credit_balance)
         SELECT 0, 'drip', debit, credit, 5, 0, 0 FROM transfers WHERE id = 3",
        "UPDATE wallets SET drips = drips + 1 WHERE id = 1",
        "DELETE FROM receipts WHERE round = (SELECT min(round) FROM receipts)",
        "UPDATE receipts SET json = replace(json, '\"stars\":', '\"stars\": 1')",
        "UPDATE receipts SET json = replace(json, '\"won\":true', '\"won\":false')",
        "UPDATE receipts SET json = replace(json, '\"amount\":\"', '\"amount\":\"1')",
        "UPDATE rounds SET stage = 0 WHERE id = (SELECT min(round) FROM receipts)",
        "UPDATE withdrawals SET amount = amount + 1 WHERE id = 1",
        "UPDATE withdrawals SET fee = fee + 1 WHERE stage = 2",
        "UPDATE withdrawals SET stage = 0 WHERE stage = 2",
        "UPDATE withdrawals SET stage = 2 WHERE stage = 3",
        "UPDATE withdrawals SET stage = 3 WHERE stage = 0",
        "UPDATE withdrawals SET stage = 9 WHERE stage = 0",
        "UPDATE withdrawals SET signature = NULL WHERE id = 1",
        "UPDATE withdrawals SET statement = NULL, signature = NULL WHERE id = 1",
        "UPDATE withdrawals SET wallet = 2 WHERE wallet = 1",
        "DELETE FROM withdrawals WHERE id = 1",
        "UPDATE log_leaves SET hash = x'00' WHERE leaf = 3",
        "UPDATE log_leaves SET transfer = transfer + 100 WHERE leaf = 3",
        "DELETE FROM log_leaves WHERE leaf = 0",
        "DELETE FROM log_leaves WHERE leaf = (SELECT max(leaf) FROM log_leaves)",
        "UPDATE log_nodes SET hash = (SELECT hash FROM log_nodes WHERE level = 0 AND number = 1) WHERE level = 1",
        "DELETE FROM log_nodes WHERE level = 2",
        "UPDATE log_heads SET root = x'0000000000000000000000000000000000000000000000000000000000000000'",
        "UPDATE log_heads SET size = size + 1",
        "UPDATE log_heads SET at_ms = at_ms + 1",
        "DELETE FROM log_heads",
    ] {
        let findings = found_after(&untouched, &directory, change, &[]);
        assert!(!findings.is_empty(), "not found: {change}");
    }
}

/// What verification cannot know: of which table and column, of which rows, and why.
const NOT_VERIFIED: [(&str, &str, &str, &str); 5] = [
    ("withdrawals", "withdrawal", "true", "the id that the faucet gave it: nobody has signed that"),
    ("withdrawals", "failures", "true", "how often it was tried: nothing follows but when it is given up"),
    ("withdrawals", "batch", "true", "in which transaction it was paid is for the chain to say"),
    ("withdrawals", "ended_by", "true", "the transaction that paid it, or a reason in words: as above"),
    (
        "withdrawals",
        "fee",
        "stage NOT IN (2, 3)",
        "while nothing is charged, it is below what was signed alone",
    ),
];

/// A change of each column of each row of a table to something else that fits the column.
fn changes_of(store: &Connection, table: &str) -> Vec<String> {
    let column = |sql: String| -> Vec<String> {
        let mut statement = store.prepare(&sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let ids = column(format!("SELECT CAST(id AS TEXT) FROM {table}"));
    let columns = column(format!("SELECT name FROM pragma_table_info('{table}')"));
    let mut changes = Vec::new();
    for id in &ids {
        changes.push(format!("DELETE FROM {table} WHERE id = {id}"));
        for column in &columns {
            let unknown = NOT_VERIFIED.iter().find(|(of, name, ..)| (*of, *name) == (table, column.as_str()));
            let unknown = unknown.map_or("false", |(_, _, rows, _)| rows);
            let other = match column.as_str() {
                "id" => "id + 1000".to_owned(),
                // Whoever waits may wait in a batch or out of one: all else is something else.
                "stage" => "(stage + 2) % 5".to_owned(),
                "kind" => "iif(kind = 'fee', 'payout', 'fee')".to_owned(),
                "asset" | "owner" | "balance" => format!("{column} + 50"),
                _ => format!(
                    "CASE typeof({column}) WHEN 'integer' THEN {column} + 1 WHEN 'text' THEN {column} || 'x'
                     ELSE zeroblob(length({column})) END"
                ),
            };
            changes.push(format!(
                "UPDATE {table} SET {column} = {other} WHERE id = {id} AND {column} IS NOT NULL AND NOT ({unknown})"
            ));
        }
    }
    changes
}

#[test]
fn every_column_and_every_missing_row_of_transfers_accounts_and_withdrawals_is_found() {
    let (directory, _) = ledger_with_withdrawals();
    let path = directory.path().join("dripline.sqlite");
    let untouched = std::fs::read(&path).unwrap();
    let store = Connection::open(&path).unwrap();
    let tables = ["transfers", "accounts", "withdrawals"];
    let mut changes: Vec<String> = tables.iter().flat_map(|table| changes_of(&store, table)).collect();
    let transfers: i64 = store.query_row("SELECT max(id) FROM transfers", [], |row| row.get(0)).unwrap();
    drop(store);
    for id in 1..=transfers {
        for column in ["round", "withdrawal", "batch", "worth"] {
            changes.push(format!(
                "UPDATE transfers SET {column} = iif({column} IS NULL, 1, NULL) WHERE id = {id}"
            ));
        }
        changes.push(format!(
            "UPDATE transfers SET currency = iif(currency IS NULL, 'EUR', NULL) WHERE id = {id}"
        ));
    }
    assert!(changes.len() >= 200, "{}", changes.len());
    for change in changes {
        if let Some(findings) = found_if_changed(&untouched, &directory, &change, &[]) {
            assert!(!findings.is_empty(), "not found: {change}");
        }
    }
}

#[test]
fn a_drip_that_went_to_another_wallet_than_its_receipt_says_is_found() {
    let (directory, ..) = ledger();
    let untouched = std::fs::read(directory.path().join("dripline.sqlite")).unwrap();
    let change = "UPDATE accounts SET owner = owner + 1000 WHERE holder = 'player' AND owner IN (1, 2);
                  UPDATE accounts SET owner = 1003 - owner WHERE holder = 'player' AND owner > 1000";
    let findings = found_after(&untouched, &directory, change, &[]);
    assert!(findings.iter().any(|finding| finding.contains("is not what the receipt")), "{findings:?}");
}

#[test]
fn a_log_that_was_cut_off_consistently_is_found_by_a_head_that_was_kept_elsewhere() {
    let (directory, head) = ledger_with_withdrawals();
    let untouched = std::fs::read(directory.path().join("dripline.sqlite")).unwrap();
    // As if the last drip, which nobody withdrew, and everything that follows from it had never been.
    let cut = "DELETE FROM log_leaves; DELETE FROM log_nodes; DELETE FROM log_heads";
    let alone = found_after(&untouched, &directory, cut, &[]);
    assert_eq!(alone, Vec::<String>::new(), "an empty log is a log that is behind");
    let findings = found_after(&untouched, &directory, cut, std::slice::from_ref(&head));
    assert!(findings.iter().any(|finding| finding.contains("it was cut off")), "{findings:?}");
    let mut forged = head;
    forged.head.size += 1;
    let findings = found_after(&untouched, &directory, "UPDATE meta SET value = value", &[forged]);
    assert!(findings.iter().any(|finding| finding.contains("no valid signature")), "{findings:?}");
}

#[test]
fn transfers_can_neither_be_changed_nor_deleted() {
    let (directory, ..) = ledger();
    let store = Connection::open(directory.path().join("dripline.sqlite")).unwrap();
    assert!(store.execute("UPDATE transfers SET amount = 0", []).is_err());
    assert!(store.execute("DELETE FROM transfers", []).is_err());
}
