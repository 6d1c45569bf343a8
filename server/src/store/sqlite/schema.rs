//! The tables, and how an older store becomes a newer one: forward only, one transaction a step.
//!
//! Wallets and rounds are interned to integers. A player's account has the id of its wallet; accounts of the faucet
//! have ids below zero. Indexes: wallet key, round id, client ids, expiry, account history; nothing else. Foreign keys
//! are not declared: the writer is the only one that writes, and `dripline ledger verify` checks what matters.

use rusqlite::{Connection, TransactionBehavior};

use crate::store::StorageError;
use crate::store::sqlite::rolled_back;

/// The steps of the main store; the version is how many of them were taken.
const MAIN: &[&str] = &["
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE catalogs (
        id INTEGER PRIMARY KEY, version BLOB NOT NULL UNIQUE, json TEXT NOT NULL, used_from_ms INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE levels (
        id INTEGER PRIMARY KEY, catalog INTEGER NOT NULL, hash BLOB NOT NULL, json TEXT NOT NULL,
        UNIQUE (hash, catalog)
    ) STRICT;
    CREATE TABLE origins (id INTEGER PRIMARY KEY, origin TEXT NOT NULL UNIQUE) STRICT;

    CREATE TABLE wallets (
        id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, attempts_ms INTEGER, drips_state_ms INTEGER,
        drips INTEGER NOT NULL, first_drip_ms INTEGER, last_drip_ms INTEGER, streak_days INTEGER NOT NULL,
        open_round BLOB
    ) STRICT;
    CREATE TABLE wallet_levels (
        wallet INTEGER NOT NULL, level TEXT NOT NULL, best_score INTEGER NOT NULL, best_stars INTEGER NOT NULL,
        clears INTEGER NOT NULL, clears_that_day INTEGER NOT NULL, last_clear_ms INTEGER NOT NULL,
        pays_again_ms INTEGER NOT NULL, PRIMARY KEY (wallet, level)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE rounds (
        id INTEGER PRIMARY KEY, round BLOB NOT NULL UNIQUE, wallet INTEGER NOT NULL, level INTEGER NOT NULL,
        campaign INTEGER NOT NULL, origin INTEGER NOT NULL, client BLOB NOT NULL, request BLOB NOT NULL,
        opened_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, claim_until_ms INTEGER NOT NULL,
        rules_version INTEGER NOT NULL, board BLOB, stage INTEGER NOT NULL, given_back INTEGER NOT NULL,
        UNIQUE (wallet, client)
    ) STRICT;
    CREATE INDEX rounds_unclaimed ON rounds (claim_until_ms, stage) WHERE stage <> 2;
    CREATE TABLE receipts (
        round INTEGER PRIMARY KEY, signature BLOB NOT NULL, json TEXT NOT NULL
    ) STRICT;
    CREATE TABLE transcripts (round INTEGER PRIMARY KEY, play BLOB NOT NULL) STRICT;

    CREATE TABLE accounts (
        id INTEGER PRIMARY KEY, name TEXT, balance INTEGER NOT NULL, CHECK (balance >= 0 OR id = -1)
    ) STRICT;
    CREATE UNIQUE INDEX accounts_of_the_faucet ON accounts (name) WHERE name IS NOT NULL;
    CREATE TABLE transfers (
        id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, debit INTEGER NOT NULL,
        credit INTEGER NOT NULL, amount INTEGER NOT NULL CHECK (amount >= 0), debit_balance INTEGER NOT NULL,
        credit_balance INTEGER NOT NULL, round INTEGER, CHECK (debit <> credit)
    ) STRICT;
    CREATE INDEX transfers_in ON transfers (credit);
    CREATE TRIGGER transfers_never_change BEFORE UPDATE ON transfers
        BEGIN SELECT RAISE(ABORT, 'a transfer never changes'); END;
    CREATE TRIGGER transfers_never_go BEFORE DELETE ON transfers
        BEGIN SELECT RAISE(ABORT, 'a transfer never goes'); END;

    CREATE TABLE buckets (
        name TEXT PRIMARY KEY, level INTEGER NOT NULL, remainder INTEGER NOT NULL, at_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE prefixes (
        prefix TEXT PRIMARY KEY, opens_ms INTEGER, level INTEGER NOT NULL, remainder INTEGER NOT NULL,
        at_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
"];

/// The steps of the segments' store. Rounds are named in full here, so that rows can never be taken for those of
/// another round, whatever is restored from a backup beside them.
const SEGMENTS: &[&str] = &["
    CREATE TABLE segments (
        round BLOB NOT NULL, number INTEGER NOT NULL, length INTEGER NOT NULL, last INTEGER NOT NULL,
        hash BLOB NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (round, number)
    ) STRICT, WITHOUT ROWID;
"];

/// Brings the main store to this build's version.
pub(super) fn migrate_main(connection: &mut Connection) -> Result<(), StorageError> {
    migrate(connection, MAIN)
}

/// Brings the segments' store to this build's version.
pub(super) fn migrate_segments(connection: &mut Connection) -> Result<(), StorageError> {
    migrate(connection, SEGMENTS)
}

fn migrate(connection: &mut Connection, steps: &[&str]) -> Result<(), StorageError> {
    let version: usize = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(|error| rolled_back(&error))?;
    if version > steps.len() {
        return Err(StorageError::Newer { version, known: steps.len() });
    }
    for (step, number) in steps.iter().zip(1_u32..).skip(version) {
        take(connection, step, number).map_err(|error| rolled_back(&error))?;
    }
    Ok(())
}

fn take(connection: &mut Connection, step: &str, number: u32) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(step)?;
    transaction.pragma_update(None, "user_version", number)?;
    transaction.commit()
}
