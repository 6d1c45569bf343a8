//! The tables, and how an older store becomes a newer one: forward only, one transaction a step, by one server at a time. There was no
//! release yet: until then the first step is changed in place, and a store of an earlier build has to be made anew.
//!
//! They are those of SQLite, in PostgreSQL's types; what is said there of row ids, owners and indexes holds here. Besides:
//! segments are in the same database; transfers' ids come from a sequence, because several servers give them; and what
//! is not in the log yet has a table of its own, because ids are given before transfers are committed, so that "after
//! the last one in the log" would leave some out.

use crate::store::StorageError;
use crate::store::postgres::failure::Failure;
use crate::store::postgres::rows::number;
use crate::store::postgres::session::Session;
use crate::store::postgres::{LOCKS, MIGRATING};

/// The steps; the version is how many of them were taken. From the first release on they are only ever added, as in SQLite.
const STEPS: &[&str] = &[r#"
    CREATE TABLE meta (name text COLLATE "C" PRIMARY KEY, value text NOT NULL);
    CREATE TABLE catalogs (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, version bytea NOT NULL UNIQUE, json text NOT NULL,
        used_from_ms bigint NOT NULL
    );
    CREATE TABLE levels (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, catalog bigint NOT NULL, hash bytea NOT NULL,
        json text NOT NULL, UNIQUE (hash, catalog)
    );
    CREATE TABLE origins (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, origin text COLLATE "C" NOT NULL UNIQUE
    );
    CREATE TABLE assets (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text COLLATE "C" NOT NULL UNIQUE,
        decimals bigint NOT NULL
    );
    CREATE TABLE campaigns (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text COLLATE "C" NOT NULL UNIQUE
    );
    CREATE TABLE rails (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text COLLATE "C" NOT NULL UNIQUE,
        failures bigint NOT NULL DEFAULT 0, paused_ms bigint, paused_why text, next_nonce bigint,
        lease_owner bytea, lease_epoch bigint, lease_until_ms bigint, examined text
    );

    CREATE TABLE wallets (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key bytea NOT NULL UNIQUE, attempts_ms bigint,
        drips_state_ms bigint, drips bigint NOT NULL, first_drip_ms bigint, last_drip_ms bigint,
        streak_days bigint NOT NULL, open_round bytea, standing bigint NOT NULL DEFAULT 0,
        moved_to bytea, moved_client bytea, moved_request bytea, moved_ms bigint
    );
    CREATE INDEX wallets_moved ON wallets (moved_to, moved_ms, id) WHERE moved_to IS NOT NULL;
    CREATE TABLE wallet_levels (
        wallet bigint NOT NULL, level text COLLATE "C" NOT NULL, best_score bigint NOT NULL,
        best_stars bigint NOT NULL, clears bigint NOT NULL, clears_that_day bigint NOT NULL,
        last_clear_ms bigint NOT NULL, pays_again_ms bigint NOT NULL, PRIMARY KEY (wallet, level)
    );
    CREATE TABLE rounds (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, round bytea NOT NULL UNIQUE, wallet bigint NOT NULL,
        level bigint NOT NULL, campaign bigint NOT NULL, origin bigint NOT NULL, client bytea NOT NULL,
        request bytea NOT NULL, opened_ms bigint NOT NULL, expires_ms bigint NOT NULL,
        claim_until_ms bigint NOT NULL, rules_version bigint NOT NULL, board bytea, stage bigint NOT NULL,
        given_back boolean NOT NULL, site text, verified_ms bigint, verified_request bytea,
        delegate bytea, UNIQUE (wallet, client)
    );
    CREATE INDEX rounds_unclaimed ON rounds (claim_until_ms, stage) WHERE stage <> 2;
    CREATE INDEX rounds_of_sites_claimed ON rounds (campaign, claim_until_ms) WHERE stage = 2 AND site IS NOT NULL;
    CREATE TABLE segments (
        round bytea NOT NULL, number bigint NOT NULL, length bigint NOT NULL, last boolean NOT NULL,
        hash bytea NOT NULL, bytes bytea NOT NULL, PRIMARY KEY (round, number)
    );
    CREATE TABLE receipts (round bigint PRIMARY KEY, signature bytea NOT NULL, json text NOT NULL);
    CREATE TABLE transcripts (round bigint PRIMARY KEY, play bytea NOT NULL);

    CREATE TABLE accounts (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, asset bigint NOT NULL, holder text COLLATE "C" NOT NULL,
        owner bigint NOT NULL, balance bigint NOT NULL, UNIQUE (owner, asset, holder),
        CHECK (balance >= 0 OR holder = 'world')
    );
    CREATE INDEX accounts_of_the_faucet ON accounts (holder) WHERE holder NOT IN ('player', 'pending');
    CREATE TABLE transfers (
        id bigint PRIMARY KEY, at_ms bigint NOT NULL, kind text NOT NULL, debit bigint NOT NULL,
        credit bigint NOT NULL, amount bigint NOT NULL CHECK (amount >= 0), debit_balance bigint NOT NULL,
        credit_balance bigint NOT NULL, round bigint, withdrawal bigint, worth bigint, currency text,
        batch bigint,
        CHECK (debit <> credit)
    );
    CREATE INDEX transfers_in ON transfers (credit, id);
    CREATE INDEX transfers_out ON transfers (debit, id) WHERE withdrawal IS NOT NULL OR kind = 'move';
    CREATE INDEX transfers_of_budgets ON transfers (id) WHERE kind IN ('budget', 'budget_returned');
    CREATE FUNCTION transfers_stay() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'a transfer neither changes nor goes'; END $$;
    CREATE TRIGGER transfers_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON transfers
        FOR EACH STATEMENT EXECUTE FUNCTION transfers_stay();

    -- Ids of transfers in one piece, for a batch that holds the locks of every account that they move money between. So
    -- they rise along every account. A lock of the session is held for as long as it takes to draw them, not for as
    -- long as the transaction takes: batches of other accounts go on meanwhile.
    CREATE SEQUENCE transfer_ids;
    CREATE FUNCTION take_transfer_ids(count bigint) RETURNS bigint LANGUAGE plpgsql AS $$
        DECLARE first bigint;
        BEGIN
            PERFORM pg_advisory_lock(1685219696, 5);
            first := nextval('transfer_ids');
            IF count > 1 THEN PERFORM setval('transfer_ids', first + count - 1); END IF;
            PERFORM pg_advisory_unlock(1685219696, 5);
            RETURN first;
        END $$;
    -- Those that were not needed, unless others were drawn since.
    CREATE FUNCTION return_transfer_ids(unused bigint, last bigint) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_advisory_lock(1685219696, 5);
            PERFORM setval('transfer_ids', unused, false) FROM transfer_ids WHERE last_value = last AND is_called;
            PERFORM pg_advisory_unlock(1685219696, 5);
        END $$;

    CREATE TABLE buckets (
        name text COLLATE "C" PRIMARY KEY, level bigint NOT NULL, remainder bigint NOT NULL, at_ms bigint NOT NULL
    );
    -- The places of servers by which they have parts of what all share, and what those are of.
    CREATE TABLE slots (number bigint PRIMARY KEY, server bytea NOT NULL, seen_ms bigint NOT NULL, parts bigint NOT NULL);
    CREATE TABLE slices (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, slot bigint NOT NULL, campaign bigint NOT NULL,
        UNIQUE (slot, campaign)
    );
    CREATE TABLE prefixes (
        prefix text COLLATE "C" PRIMARY KEY, opens_ms bigint, level bigint NOT NULL, remainder bigint NOT NULL,
        at_ms bigint NOT NULL
    );

    CREATE TABLE addresses (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, wallet bigint NOT NULL, rail bigint NOT NULL,
        address text NOT NULL, client bytea NOT NULL, request bytea NOT NULL, set_ms bigint NOT NULL,
        usable_from_ms bigint NOT NULL, UNIQUE (wallet, client)
    );
    CREATE INDEX addresses_of_a_wallet ON addresses (wallet, rail, id);
    CREATE TABLE withdrawals (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, withdrawal bytea NOT NULL UNIQUE, wallet bigint NOT NULL,
        rail bigint NOT NULL, asset bigint NOT NULL, amount bigint NOT NULL, fee bigint NOT NULL,
        address text NOT NULL, client bytea NOT NULL, request bytea NOT NULL, requested_ms bigint NOT NULL,
        failures bigint NOT NULL, stage bigint NOT NULL, batch bytea, ended_ms bigint, ended_by text,
        statement text, signature bytea,
        UNIQUE (wallet, client), CHECK (amount > fee AND fee >= 0)
    );
    CREATE INDEX withdrawals_of_a_wallet ON withdrawals (wallet, withdrawal);
    CREATE INDEX withdrawals_queued ON withdrawals (rail, asset, withdrawal) WHERE stage = 0;
    CREATE INDEX withdrawals_of_operators ON withdrawals (withdrawal) WHERE stage >= 5;
    CREATE TABLE batches (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, batch bytea NOT NULL UNIQUE, rail bigint NOT NULL,
        asset bigint NOT NULL, made_ms bigint NOT NULL, ended_ms bigint, cancelled_ms bigint,
        halted_ms bigint, coin bigint, reserved bigint
    );
    CREATE INDEX batches_not_ended ON batches (rail, batch) WHERE ended_ms IS NULL;
    CREATE TABLE batched (
        batch bigint NOT NULL, number bigint NOT NULL, withdrawal bytea NOT NULL, PRIMARY KEY (batch, number)
    );
    CREATE TABLE candidates (
        batch bigint NOT NULL, number bigint NOT NULL, candidate text NOT NULL, bytes bytea NOT NULL,
        stored_ms bigint NOT NULL, dead boolean NOT NULL, nonce bigint, PRIMARY KEY (batch, number)
    );
    CREATE INDEX candidates_by_their_ids ON candidates (candidate);

    CREATE TABLE read_keys (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, wallet bigint NOT NULL, client bytea NOT NULL,
        request bytea NOT NULL, hash bytea NOT NULL UNIQUE, issued_ms bigint NOT NULL, ends_ms bigint,
        revoked boolean NOT NULL, UNIQUE (wallet, client)
    );
    CREATE INDEX read_keys_that_end ON read_keys (ends_ms) WHERE ends_ms IS NOT NULL;

    CREATE TABLE delegations (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, wallet bigint NOT NULL, client bytea NOT NULL,
        delegate bytea NOT NULL, site text COLLATE "C", request bytea NOT NULL, issued_ms bigint NOT NULL,
        ends_ms bigint NOT NULL, revoked boolean NOT NULL, UNIQUE (wallet, client)
    );
    CREATE INDEX delegations_that_end ON delegations (ends_ms);

    CREATE TABLE documents (
        kind text NOT NULL, id text COLLATE "C" NOT NULL, json text NOT NULL, PRIMARY KEY (kind, id)
    );
    CREATE TABLE vouchers (hash bytea PRIMARY KEY, issue text COLLATE "C" NOT NULL, wallet bytea, used_ms bigint);
    CREATE INDEX vouchers_used ON vouchers (issue) WHERE wallet IS NOT NULL;
    CREATE TABLE site_days (
        site text COLLATE "C" NOT NULL, day bigint NOT NULL, asset text COLLATE "C" NOT NULL, slot bigint NOT NULL,
        opened bigint NOT NULL, cleared bigint NOT NULL, drips bigint NOT NULL, amount bigint NOT NULL,
        PRIMARY KEY (site, day, asset, slot)
    );
    -- What the webhooks of sites are told: written with what it tells, and sent afterwards. Those that wait are 0.
    CREATE TABLE deliveries (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, webhook text COLLATE "C" NOT NULL,
        message text COLLATE "C" NOT NULL, event text NOT NULL, body text NOT NULL, made_ms bigint NOT NULL,
        state bigint NOT NULL, attempts bigint NOT NULL, earlier bigint NOT NULL, tried_ms bigint,
        next_ms bigint NOT NULL, ends_ms bigint NOT NULL, error text, UNIQUE (webhook, message)
    );
    CREATE INDEX deliveries_of_a_webhook ON deliveries (webhook, number);
    CREATE INDEX deliveries_waiting ON deliveries (webhook, next_ms) WHERE state = 0;
    CREATE INDEX deliveries_that_end ON deliveries (ends_ms);
    CREATE TABLE audit_log (number bigint PRIMARY KEY, at_ms bigint NOT NULL, json text NOT NULL, hash bytea NOT NULL);
    CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'an entry of the audit log neither changes nor goes'; END $$;
    CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
        FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();

    CREATE TABLE log_leaves (leaf bigint PRIMARY KEY, transfer bigint NOT NULL UNIQUE, hash bytea NOT NULL UNIQUE);
    CREATE TABLE log_awaited (transfer bigint PRIMARY KEY);
    CREATE TABLE log_nodes (
        level bigint NOT NULL, number bigint NOT NULL, hash bytea NOT NULL, PRIMARY KEY (level, number)
    );
    CREATE TABLE log_heads (
        size bigint PRIMARY KEY, root bytea NOT NULL, at_ms bigint NOT NULL, key text NOT NULL,
        signature bytea NOT NULL
    );
"#];

/// Brings the store to this build's version. Where several servers start at once, one takes the steps and the others wait
/// for it. Others that run an older build go on meanwhile, so a step may only add what they can do without.
pub(super) fn migrate(session: &mut Session) -> Result<(), Failure> {
    while take_next(session).inspect_err(|_| session.roll_back())? {}
    Ok(())
}

/// Takes the next step, if there is one.
fn take_next(session: &mut Session) -> Result<bool, Failure> {
    session.begin("BEGIN")?;
    session.run(&format!(
        "SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock({LOCKS}, {MIGRATING});
             CREATE TABLE IF NOT EXISTS version (version bigint NOT NULL)"
    ))?;
    let row = session.query_one("SELECT count(*), coalesce(max(version), 0) FROM version", &[])?;
    let row = row.ok_or(Failure::Missing)?;
    let (is_new, version) = (number::<i64>(&row, 0)? == 0, number::<usize>(&row, 1)?);
    if version > STEPS.len() {
        return Err(StorageError::Newer { version, known: STEPS.len() }.into());
    }
    let Some(step) = STEPS.get(version) else {
        session.run("COMMIT")?;
        return Ok(false);
    };
    if is_new {
        session.run("INSERT INTO version (version) VALUES (0)")?;
    }
    session.run(step)?;
    session.run("UPDATE version SET version = version + 1; COMMIT")?;
    Ok(true)
}
