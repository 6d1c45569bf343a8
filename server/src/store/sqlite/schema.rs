//! The tables, and how an older store becomes a newer one: forward only, one transaction a step.
//!
//! Wallets, rounds, assets, campaigns and rails are interned to integers. An account is an asset's, of a kind of holder,
//! whose owner is the row of a wallet or a campaign, and 0 where the faucet itself holds it. Indexes: wallet key, round
//! id, client ids, expiry, account history, what waits to be paid; nothing else. Foreign keys are not declared: the
//! writer is the only one that writes, and `dripline ledger verify` checks what matters.

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
", "
    -- Several assets, and payouts. What was there belongs to the asset of the catalog in force.
    CREATE TABLE assets (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, decimals INTEGER NOT NULL) STRICT;
    INSERT INTO assets (id, code, decimals)
        SELECT 1, json ->> '$.asset.code', json ->> '$.asset.decimals' FROM catalogs
        ORDER BY id = (SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'catalog') DESC, id DESC LIMIT 1;
    CREATE TABLE campaigns (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
    INSERT INTO campaigns (id, name) SELECT id, substr(name, 10) FROM accounts WHERE name LIKE 'campaign:%';
    ALTER TABLE accounts RENAME TO older_accounts;
    DROP INDEX accounts_of_the_faucet;
    CREATE TABLE accounts (
        id INTEGER PRIMARY KEY, asset INTEGER NOT NULL, holder TEXT NOT NULL, owner INTEGER NOT NULL,
        balance INTEGER NOT NULL, UNIQUE (owner, asset, holder), CHECK (balance >= 0 OR holder = 'world')
    ) STRICT;
    INSERT INTO accounts (id, asset, holder, owner, balance)
        SELECT id, 1, CASE WHEN id = -1 THEN 'world' WHEN id = -2 THEN 'treasury' WHEN id < 0 THEN 'campaign'
        ELSE 'player' END, CASE WHEN id IN (-1, -2) THEN 0 ELSE id END, balance FROM older_accounts;
    DROP TABLE older_accounts;
    CREATE INDEX accounts_of_the_faucet ON accounts (holder) WHERE holder NOT IN ('player', 'pending');
    ALTER TABLE transfers ADD COLUMN withdrawal INTEGER;
    CREATE INDEX transfers_out ON transfers (debit) WHERE withdrawal IS NOT NULL;

    CREATE TABLE rails (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, failures INTEGER NOT NULL DEFAULT 0, paused_ms INTEGER,
        paused_why TEXT
    ) STRICT;
    CREATE TABLE addresses (
        id INTEGER PRIMARY KEY, wallet INTEGER NOT NULL, rail INTEGER NOT NULL, address TEXT NOT NULL,
        client BLOB NOT NULL, request BLOB NOT NULL, set_ms INTEGER NOT NULL, usable_from_ms INTEGER NOT NULL,
        UNIQUE (wallet, client)
    ) STRICT;
    CREATE INDEX addresses_of_a_wallet ON addresses (wallet, rail);
    CREATE TABLE withdrawals (
        id INTEGER PRIMARY KEY, withdrawal BLOB NOT NULL UNIQUE, wallet INTEGER NOT NULL, rail INTEGER NOT NULL,
        asset INTEGER NOT NULL, amount INTEGER NOT NULL, fee INTEGER NOT NULL, address TEXT NOT NULL,
        client BLOB NOT NULL, request BLOB NOT NULL, requested_ms INTEGER NOT NULL, failures INTEGER NOT NULL,
        stage INTEGER NOT NULL, batch BLOB, ended_ms INTEGER, ended_by TEXT, UNIQUE (wallet, client),
        CHECK (amount > fee AND fee >= 0)
    ) STRICT;
    CREATE INDEX withdrawals_of_a_wallet ON withdrawals (wallet, withdrawal);
    CREATE INDEX withdrawals_queued ON withdrawals (rail, asset, withdrawal) WHERE stage = 0;
    CREATE TABLE batches (
        id INTEGER PRIMARY KEY, batch BLOB NOT NULL UNIQUE, rail INTEGER NOT NULL, asset INTEGER NOT NULL,
        made_ms INTEGER NOT NULL, ended_ms INTEGER
    ) STRICT;
    CREATE INDEX batches_not_ended ON batches (rail, batch) WHERE ended_ms IS NULL;
    CREATE TABLE batched (
        batch INTEGER NOT NULL, number INTEGER NOT NULL, withdrawal BLOB NOT NULL, PRIMARY KEY (batch, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE candidates (
        batch INTEGER NOT NULL, number INTEGER NOT NULL, candidate TEXT NOT NULL, bytes BLOB NOT NULL,
        stored_ms INTEGER NOT NULL, dead INTEGER NOT NULL, PRIMARY KEY (batch, number)
    ) STRICT, WITHOUT ROWID;
", "
    -- The log of transfers: which transfer each leaf is, the nodes of the tree, and the heads that were signed.
    CREATE TABLE log_leaves (leaf INTEGER PRIMARY KEY, transfer INTEGER NOT NULL UNIQUE, hash BLOB NOT NULL UNIQUE)
        STRICT;
    CREATE TABLE log_nodes (
        level INTEGER NOT NULL, number INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (level, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE log_heads (
        size INTEGER PRIMARY KEY, root BLOB NOT NULL, at_ms INTEGER NOT NULL, key TEXT NOT NULL,
        signature BLOB NOT NULL
    ) STRICT;
", "
    -- What a drip was worth when it was received: millionths of a currency.
    ALTER TABLE transfers ADD COLUMN worth INTEGER;
    ALTER TABLE transfers ADD COLUMN currency TEXT;
", "
    -- What of a rail excludes what, and batches that the operator does not want to be paid any more.
    ALTER TABLE candidates ADD COLUMN nonce INTEGER;
    ALTER TABLE rails ADD COLUMN next_nonce INTEGER;
    ALTER TABLE batches ADD COLUMN cancelled_ms INTEGER;
", "
    -- Who pays by a rail.
    ALTER TABLE rails ADD COLUMN lease_owner BLOB;
    ALTER TABLE rails ADD COLUMN lease_epoch INTEGER;
    ALTER TABLE rails ADD COLUMN lease_until_ms INTEGER;
", "
    -- Whether the store knows what a treasury has done.
    ALTER TABLE rails ADD COLUMN examined TEXT;
    CREATE INDEX candidates_by_their_ids ON candidates (candidate);
", "
    -- Batches of which the chain shows what the store does not.
    ALTER TABLE batches ADD COLUMN halted_ms INTEGER;
", "
    -- What chains are paid with: set aside for a batch, and which batch a transfer paid a chain for.
    ALTER TABLE batches ADD COLUMN coin INTEGER;
    ALTER TABLE batches ADD COLUMN reserved INTEGER;
    ALTER TABLE transfers ADD COLUMN batch INTEGER;
", "
    -- Keys that read a wallet's history, by their hashes.
    CREATE TABLE read_keys (
        id INTEGER PRIMARY KEY, wallet INTEGER NOT NULL, client BLOB NOT NULL, request BLOB NOT NULL,
        hash BLOB NOT NULL UNIQUE, issued_ms INTEGER NOT NULL, ends_ms INTEGER, revoked INTEGER NOT NULL,
        UNIQUE (wallet, client)
    ) STRICT;
    CREATE INDEX read_keys_that_end ON read_keys (ends_ms) WHERE ends_ms IS NOT NULL;
", "
    -- What operators do: documents by kind and id, and the log of their changes.
    CREATE TABLE documents (
        kind TEXT NOT NULL, id TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (kind, id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE audit_log (
        number INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, json TEXT NOT NULL, hash BLOB NOT NULL
    ) STRICT;
    CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit_log
        BEGIN SELECT RAISE(ABORT, 'an entry of the audit log never changes'); END;
    CREATE TRIGGER audit_never_goes BEFORE DELETE ON audit_log
        BEGIN SELECT RAISE(ABORT, 'an entry of the audit log never goes'); END;
", "
    -- What players have signed who asked to be paid.
    ALTER TABLE withdrawals ADD COLUMN statement TEXT;
    ALTER TABLE withdrawals ADD COLUMN signature BLOB;
    -- Of those from before, what was signed was not kept: that is not the same as that nobody has signed.
    UPDATE withdrawals SET statement = '';
", "
    -- How wallets stand with the operators, and withdrawals that wait for one.
    ALTER TABLE wallets ADD COLUMN standing INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX withdrawals_of_operators ON withdrawals (withdrawal) WHERE stage >= 5;
", "
    -- Vouchers of campaigns, by the hashes of their codes: many, so that they are no documents. Those that were made together have one.
    CREATE TABLE vouchers (hash BLOB PRIMARY KEY, issue TEXT NOT NULL, wallet BLOB, used_ms INTEGER) STRICT, WITHOUT ROWID;
    CREATE INDEX vouchers_used ON vouchers (issue) WHERE wallet IS NOT NULL;
", "
    -- Rounds that are played on pages of sites, and when a site's server learned of one, which it does once.
    ALTER TABLE rounds ADD COLUMN site TEXT;
    ALTER TABLE rounds ADD COLUMN verified_ms INTEGER;
    ALTER TABLE rounds ADD COLUMN verified_request BLOB;
", "
    -- Keys of browsers that play for wallets.
    CREATE TABLE delegations (
        id INTEGER PRIMARY KEY, wallet INTEGER NOT NULL, client BLOB NOT NULL, delegate BLOB NOT NULL, site TEXT,
        request BLOB NOT NULL, issued_ms INTEGER NOT NULL, ends_ms INTEGER NOT NULL, revoked INTEGER NOT NULL,
        UNIQUE (wallet, client)
    ) STRICT;
    CREATE INDEX delegations_that_end ON delegations (ends_ms);
    ALTER TABLE rounds ADD COLUMN delegate BLOB;
", "
    -- What came of sites on days by UTC (days since 1970), with amounts of an asset. It is only ever added to.
    CREATE TABLE site_days (
        site TEXT NOT NULL, day INTEGER NOT NULL, asset TEXT NOT NULL, opened INTEGER NOT NULL, cleared INTEGER NOT NULL,
        drips INTEGER NOT NULL, amount INTEGER NOT NULL, PRIMARY KEY (site, day, asset)
    ) STRICT, WITHOUT ROWID;
", "
    -- Claimed rounds of sites: those for which nobody pays go once they are old.
    CREATE INDEX rounds_of_sites_claimed ON rounds (campaign, claim_until_ms) WHERE stage = 2 AND site IS NOT NULL;
", "
    -- What the webhooks of sites are told: written with what it tells, and sent afterwards. Those that wait are 0.
    CREATE TABLE deliveries (
        number INTEGER PRIMARY KEY AUTOINCREMENT, webhook TEXT NOT NULL, message TEXT NOT NULL, event TEXT NOT NULL,
        body TEXT NOT NULL, made_ms INTEGER NOT NULL, state INTEGER NOT NULL, attempts INTEGER NOT NULL,
        tried_ms INTEGER, next_ms INTEGER NOT NULL, ends_ms INTEGER NOT NULL, error TEXT, UNIQUE (webhook, message)
    ) STRICT;
    CREATE INDEX deliveries_of_a_webhook ON deliveries (webhook, number);
    CREATE INDEX deliveries_waiting ON deliveries (webhook, next_ms) WHERE state = 0;
    CREATE INDEX deliveries_that_end ON deliveries (ends_ms);
", "
    -- Keys whose all was moved to a wallet: to which, by which request, and when. It leaves their accounts, and so their history.
    ALTER TABLE wallets ADD COLUMN moved_to BLOB;
    ALTER TABLE wallets ADD COLUMN moved_client BLOB;
    ALTER TABLE wallets ADD COLUMN moved_request BLOB;
    ALTER TABLE wallets ADD COLUMN moved_ms INTEGER;
    DROP INDEX transfers_out;
    CREATE INDEX transfers_out ON transfers (debit) WHERE withdrawal IS NOT NULL OR kind = 'move';
", "
    -- How many attempts to send a message were made before an operator had it sent once more.
    ALTER TABLE deliveries ADD COLUMN earlier INTEGER NOT NULL DEFAULT 0;
", "
    -- Which keys' all was moved to a wallet, for operators.
    CREATE INDEX wallets_moved ON wallets (moved_to, moved_ms) WHERE moved_to IS NOT NULL;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_store_of_one_asset_held_is_held_in_that_asset_once_it_knows_several() {
        let mut store = Connection::open_in_memory().unwrap();
        take(&mut store, MAIN[0], 1).unwrap();
        store
            .execute_batch(
                r#"INSERT INTO catalogs (id, version, json, used_from_ms) VALUES
                       (1, x'01', '{"asset":{"code":"DRIP","decimals":6}}', 1),
                       (2, x'02', '{"asset":{"code":"OTHER","decimals":2}}', 2);
                   INSERT INTO meta (name, value) VALUES ('catalog', '1');
                   INSERT INTO accounts (id, name, balance) VALUES
                       (-1, 'world', -100), (-2, 'treasury', 20), (-3, 'campaign:default', 70), (7, NULL, 10);
                   INSERT INTO transfers (at_ms, kind, debit, credit, amount, debit_balance, credit_balance, round)
                       VALUES (5, 'drip', -3, 7, 10, 70, 10, 1);"#,
            )
            .unwrap();
        migrate_main(&mut store).unwrap();
        let all = |sql: &str| -> Vec<String> {
            store.prepare(sql).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        assert_eq!(all("SELECT id || ' ' || code || ' ' || decimals FROM assets"), ["1 DRIP 6"]);
        assert_eq!(all("SELECT id || ' ' || name FROM campaigns"), ["-3 default"]);
        assert_eq!(
            all(
                "SELECT id || ' ' || asset || ' ' || holder || ' ' || owner || ' ' || balance FROM accounts ORDER BY id"
            ),
            ["-3 1 campaign -3 70", "-2 1 treasury 0 20", "-1 1 world 0 -100", "7 1 player 7 10"]
        );
        assert_eq!(all("SELECT debit || ' ' || credit || ' ' || amount FROM transfers"), ["-3 7 10"]);
        // A campaign that comes later never gets the number that stands for the faucet itself.
        let next =
            "INSERT INTO campaigns (id, name) SELECT max(0, coalesce(max(id), 0)) + 1, ?1 FROM campaigns";
        for name in ["spring", "summer"] {
            store.execute(next, [name]).unwrap();
        }
        assert_eq!(
            all("SELECT id || ' ' || name FROM campaigns ORDER BY id"),
            ["-3 default", "1 spring", "2 summer"]
        );
        // Its rows are still what they were: neither changed nor deleted.
        assert!(store.execute("UPDATE transfers SET withdrawal = 1", []).is_err());
    }

    #[test]
    fn a_store_of_a_newer_build_is_refused() {
        let mut store = Connection::open_in_memory().unwrap();
        store.pragma_update(None, "user_version", MAIN.len() + 1).unwrap();
        assert!(matches!(migrate_main(&mut store), Err(StorageError::Newer { .. })));
    }
}
