//! A store with many wallets, written directly: playing for them all would take days.

use std::path::Path;

use dripline_server::store::sqlite::MAIN_FILE;
use rusqlite::Connection;

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
