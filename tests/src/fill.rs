//! A store with many wallets, written directly: playing for them all would take days.

use std::path::Path;

use dripline_server::store::sqlite::MAIN_FILE;
use rusqlite::{Connection, OpenFlags};

use crate::faucet::ORIGIN;

/// Adds so many wallets to a store that no faucet has open, each with an account, a level cleared, a claimed round, its
/// receipt and its transfer. The ledger does not add up afterwards: this is for what depends on the size alone.
///
/// # Panics
/// Where the store is not as it is expected.
pub fn fill(data: &Path, wallets: u32) {
    let store = Connection::open(data.join(MAIN_FILE)).expect("the store is there");
    let sql = format!(
        "PRAGMA synchronous = OFF;
         PRAGMA temp_store = MEMORY;
         BEGIN;
         CREATE TEMP TABLE numbers AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {wallets})
             SELECT i FROM n;
         INSERT OR IGNORE INTO origins (id, origin) VALUES (1, '{ORIGIN}');
         INSERT INTO wallets (id, key, drips, streak_days) SELECT i, randomblob(32), 1, 1 FROM numbers;
         INSERT INTO accounts (id, asset, holder, owner, balance) SELECT i + 100, 1, 'player', i, 1000 FROM numbers;
         INSERT INTO wallet_levels (wallet, level, best_score, best_stars, clears, clears_that_day, last_clear_ms,
             pays_again_ms) SELECT i, 'catch-1', 100, 1, 1, 1, 1700000000000 + i, 1700000000000 + i FROM numbers;
         INSERT INTO rounds (id, round, wallet, level, campaign, origin, client, request, opened_ms, expires_ms,
             claim_until_ms, rules_version, stage, given_back)
             SELECT i, unhex(printf('%012x', 1700000000000 + i) || hex(randomblob(10))), i, 1, 1, 1, randomblob(16),
             randomblob(32), 1700000000000 + i, 1700000060000 + i, 1700086400000 + i, 1, 2, 0 FROM numbers;
         INSERT INTO receipts (round, signature, json) SELECT i, randomblob(64), '{{}}' FROM numbers;
         INSERT INTO transcripts (round, play) SELECT i, randomblob(100) FROM numbers;
         INSERT INTO transfers (at_ms, kind, debit, credit, amount, debit_balance, credit_balance, round)
             SELECT 1700000000000 + i, 'drip', 1, i + 100, 1000, 0, 1000, i FROM numbers;
         DROP TABLE numbers;
         COMMIT;
         PRAGMA optimize;"
    );
    store.execute_batch(&sql).expect("the tables are as they were");
}

/// Adds a withdrawal of so many ledger units, of which `fee` is the fee, to each of these addresses by the rail of this id, each
/// of a wallet of its own and each waiting for its turn, to a store that no faucet has open. The ledger does not add up
/// afterwards.
///
/// # Panics
/// Where the store is not as it is expected.
pub fn queue(data: &Path, rail: &str, (units, fee): (i64, i64), addresses: impl IntoIterator<Item = String>) {
    let mut store = Connection::open(data.join(MAIN_FILE)).expect("the store is there");
    store.pragma_update(None, "synchronous", "OFF").expect("a pragma");
    let transaction = store.transaction().expect("nobody else has it");
    let insert = |number: i64, address: &str| {
        let now = 1_700_000_000_000 + number;
        let one = |sql: &str, parameters: &[&dyn rusqlite::ToSql]| {
            transaction.prepare_cached(sql)?.insert(parameters)
        };
        let wallet = one("INSERT INTO wallets (key, drips, streak_days) VALUES (randomblob(32), 1, 1)", &[])?;
        one(
            "INSERT INTO accounts (asset, holder, owner, balance) VALUES (1, 'pending', ?1, ?2)",
            &[&wallet, &units],
        )?;
        one(
            "INSERT INTO withdrawals (withdrawal, wallet, rail, asset, amount, fee, address, client, request,
             requested_ms, failures, stage)
             VALUES (unhex(printf('%012x', ?1) || hex(randomblob(10))), ?2, (SELECT id FROM rails WHERE name = ?3), 1,
             ?4, ?5, ?6, randomblob(16), randomblob(32), ?1, 0, 0)",
            &[&now, &wallet, &rail, &units, &fee, &address],
        )
    };
    transaction.execute("INSERT OR IGNORE INTO rails (name) VALUES (?1)", [rail]).expect("a rail");
    for (number, address) in (0..).zip(addresses) {
        insert(number, &address).expect("the tables are as they were");
    }
    transaction.commit().expect("it is committed");
}

/// How many withdrawals of a store wait, are under way, were paid, and came back.
///
/// # Panics
/// Where the store is not as it is expected.
pub fn withdrawals(data: &Path) -> [u64; 4] {
    let path = data.join(MAIN_FILE);
    let store =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the store is there");
    let mut statement =
        store.prepare("SELECT stage, count(*) FROM withdrawals GROUP BY stage").expect("a statement");
    let mut rows = statement.query([]).expect("rows");
    let mut counts = [0; 4];
    while let Some(row) = rows.next().expect("a row") {
        let (stage, count): (usize, u64) = (row.get(0).expect("a stage"), row.get(1).expect("a count"));
        counts[stage.min(3)] += count;
    }
    counts
}
