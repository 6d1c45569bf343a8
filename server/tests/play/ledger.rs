//! The ledger as it is verified: a real one passes, and whatever is changed in it is found.

use dripline_server::faucet::Settings;
use dripline_server::ledger::{LedgerReport, verify_ledger};
use dripline_shared::amount::Amount;
use dripline_shared::catalog::Catalog;
use dripline_shared::time::{HOUR_MS, Timestamp};
use rusqlite::Connection;

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
    verify_ledger(directory.path()).unwrap()
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
    assert!(verify_ledger(directory.path()).is_err());
}

#[test]
fn whatever_is_changed_in_a_ledger_is_found() {
    let (directory, ..) = ledger();
    let untouched = std::fs::read(directory.path().join("dripline.sqlite")).unwrap();
    let no_guards = "DROP TRIGGER transfers_never_change; DROP TRIGGER transfers_never_go;
                     PRAGMA ignore_check_constraints = 1;";
    for change in [
        "UPDATE accounts SET balance = balance + 1 WHERE holder = 'player' AND owner = 1",
        "UPDATE accounts SET balance = balance + 1 WHERE holder = 'player' AND owner = 1;
         UPDATE accounts SET balance = balance - 1 WHERE holder = 'player' AND owner = 2",
        "UPDATE accounts SET balance = balance - 1 WHERE holder = 'world'",
        "UPDATE accounts SET asset = 2 WHERE holder = 'player' AND owner = 1",
        "UPDATE accounts SET holder = 'fees' WHERE holder = 'player' AND owner = 1",
        "DELETE FROM accounts WHERE holder = 'player' AND owner = 1",
        "DELETE FROM assets",
        "UPDATE transfers SET amount = amount + 1 WHERE id = 4",
        "UPDATE transfers SET credit = (SELECT credit FROM transfers WHERE id = 4) WHERE id = 3",
        "UPDATE transfers SET credit_balance = credit_balance + 1 WHERE id = 4",
        "UPDATE transfers SET kind = 'funding' WHERE id = 4",
        "UPDATE transfers SET round = NULL WHERE id = 4",
        "UPDATE transfers SET round = (SELECT round FROM transfers WHERE id = 5) WHERE id = 4",
        "UPDATE transfers SET debit = (SELECT id FROM accounts WHERE holder = 'treasury') WHERE id = 4",
        "DELETE FROM transfers WHERE id = 4",
        "DELETE FROM transfers WHERE id = (SELECT max(id) FROM transfers)",
        "INSERT INTO transfers (at_ms, kind, debit, credit, amount, debit_balance, credit_balance)
         SELECT 0, 'drip', debit, credit, 5, 0, 0 FROM transfers WHERE id = 4",
        "UPDATE wallets SET drips = drips + 1 WHERE id = 1",
        "DELETE FROM receipts WHERE round = (SELECT min(round) FROM receipts)",
        "UPDATE receipts SET json = replace(json, '\"stars\":', '\"stars\": 1')",
        "UPDATE receipts SET json = replace(json, '\"won\":true', '\"won\":false')",
        "UPDATE receipts SET json = replace(json, '\"amount\":\"', '\"amount\":\"1')",
        "UPDATE rounds SET stage = 0 WHERE id = (SELECT min(round) FROM receipts)",
        "UPDATE rounds SET stage = 2 WHERE id = (SELECT min(id) FROM rounds WHERE stage <> 2)",
    ] {
        std::fs::write(directory.path().join("dripline.sqlite"), &untouched).unwrap();
        let store = Connection::open(directory.path().join("dripline.sqlite")).unwrap();
        store.execute_batch(no_guards).unwrap();
        store.execute_batch(change).unwrap();
        let changed = store.total_changes();
        drop(store);
        let findings = verify(&directory).findings;
        assert!(changed == 0 || !findings.is_empty(), "not found: {change}");
    }
}

#[test]
fn transfers_can_neither_be_changed_nor_deleted() {
    let (directory, ..) = ledger();
    let store = Connection::open(directory.path().join("dripline.sqlite")).unwrap();
    assert!(store.execute("UPDATE transfers SET amount = 0", []).is_err());
    assert!(store.execute("DELETE FROM transfers", []).is_err());
}
