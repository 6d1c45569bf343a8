//! The sweep: unclaimed rounds a day after they expired, the segments that no claim can need, old transcripts, old claims that earn
//! nothing, and network prefixes that have used nothing for long.
//!
//! Each call looks at a bounded number of rows, so that no batch waits long.

use dripline_shared::level::Level;
use dripline_shared::round::{CLAIM_WINDOW_MS, RoundId, Timing};
use dripline_shared::site::NO_CAMPAIGN;
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;
use rusqlite::{Connection, ToSql, TransactionBehavior};

use crate::store::columns::moment;
use crate::store::sqlite::{commit_failed, delegations, deliveries, read_keys, rolled_back};
use crate::store::{Horizon, StorageError};

/// The most rows of a table that one call deletes.
const ROWS_MAX: usize = 500;

macro_rules! from_old_rounds {
    () => {
        " FROM rounds WHERE stage <> 2 AND claim_until_ms < ?1 ORDER BY claim_until_ms, id LIMIT ?2"
    };
}

macro_rules! of_old_unpaid {
    ($column:literal) => {
        concat!(
            $column,
            " IN (SELECT id FROM rounds WHERE stage = 2 AND site IS NOT NULL",
            " AND campaign = (SELECT id FROM campaigns WHERE name = ?1) AND claim_until_ms < ?2",
            " ORDER BY claim_until_ms, id LIMIT ?3)"
        )
    };
}

/// Deletes, and tells whether there is more to delete.
pub(super) fn sweep(
    main: &mut Connection,
    segments: &mut Connection,
    swept_prefix: &mut String,
    horizon: Horizon,
) -> Result<bool, StorageError> {
    let transaction = main
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(|error| rolled_back(&error))?;
    let (more, lifetime_ms) = sweep_main(&transaction, horizon).map_err(|error| rolled_back(&error))?;
    sweep_prefixes(&transaction, swept_prefix, horizon).map_err(|error| rolled_back(&error))?;
    transaction.commit().map_err(|error| commit_failed(&error))?;
    let before = horizon.now.minus(lifetime_ms);
    let more_segments = sweep_segments(segments, before).map_err(|error| rolled_back(&error))?;
    Ok(more || more_segments)
}

/// Deletes the plays of a wallet's claimed rounds. Gives of how many there was one.
pub(super) fn forget_plays(
    main: &mut Connection,
    segments: &mut Connection,
    wallet: Wallet,
) -> Result<u64, StorageError> {
    let find = "SELECT r.id, r.round FROM rounds r JOIN wallets w ON w.id = r.wallet WHERE w.key = ?1 AND r.stage = 2";
    let find = |main: &Connection| -> rusqlite::Result<Vec<(i64, [u8; 16])>> {
        main.prepare(find)?.query_map([&wallet.0[..]], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    };
    let rounds = find(main).map_err(|error| rolled_back(&error))?;
    // The copies first: where it ends between the two files, it can be done again.
    let copied =
        delete_each(main, "DELETE FROM transcripts WHERE round = ?1", rounds.iter().map(|(id, _)| *id))?;
    let sent = delete_each(
        segments,
        "DELETE FROM segments WHERE round = ?1",
        rounds.iter().map(|(_, round)| *round),
    )?;
    let forgotten = copied.iter().zip(&sent).filter(|(copied, sent)| **copied || **sent).count();
    Ok(u64::try_from(forgotten).unwrap_or(u64::MAX))
}

/// Deletes what each of these keys names, in one transaction. Tells for each whether there was anything.
fn delete_each(
    connection: &mut Connection,
    sql: &str,
    keys: impl Iterator<Item = impl ToSql>,
) -> Result<Vec<bool>, StorageError> {
    // What is deleted is written over: that it is gone from the file is what is wanted here.
    connection.execute_batch("PRAGMA secure_delete = ON").map_err(|error| rolled_back(&error))?;
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(|error| rolled_back(&error))?;
    let mut deleted = Vec::new();
    for key in keys {
        let rows = transaction.prepare_cached(sql).and_then(|mut statement| statement.execute([key]));
        deleted.push(rows.map_err(|error| rolled_back(&error))? > 0);
    }
    transaction.commit().map_err(|error| commit_failed(&error))?;
    Ok(deleted)
}

/// Gives whether there is more, and the longest that any round can be claimed after it was opened.
fn sweep_main(main: &Connection, horizon: Horizon) -> rusqlite::Result<(bool, u64)> {
    let old = (moment(horizon.now), ROWS_MAX);
    main.prepare_cached(concat!(
        "UPDATE wallets SET open_round = NULL FROM (SELECT wallet, round",
        from_old_rounds!(),
        ") AS old WHERE wallets.id = old.wallet AND wallets.open_round = old.round"
    ))?
    .execute(old)?;
    let rounds = main
        .prepare_cached(concat!("DELETE FROM rounds WHERE id IN (SELECT id", from_old_rounds!(), ")"))?
        .execute(old)?;
    let unpaid = sweep_unpaid(main, horizon.unpaid_before())?;
    // Row ids of rounds rise with the time at which they were opened.
    let transcripts = main
        .prepare_cached(
            "DELETE FROM transcripts WHERE round IN
             (SELECT round FROM transcripts WHERE round < coalesce(
                 (SELECT id FROM rounds WHERE round >= ?1 ORDER BY round LIMIT 1),
                 (SELECT max(id) + 1 FROM rounds)) ORDER BY round LIMIT ?2)",
        )?
        .execute((RoundId::new(horizon.transcripts_before, [0; 10]).0, ROWS_MAX))?;
    let keys = read_keys::sweep(main, horizon.keys_before(), ROWS_MAX)?;
    let delegations = delegations::sweep(main, horizon.delegations_before(), ROWS_MAX)?;
    let deliveries = deliveries::sweep(main, horizon, ROWS_MAX)?;
    let lifetime_ms = lifetime_ms(main)?;
    Ok(([rounds, unpaid, transcripts, keys, delegations, deliveries].contains(&ROWS_MAX), lifetime_ms))
}

/// Deletes claims that earn nothing, with their rounds and plays. Gives how many.
fn sweep_unpaid(main: &Connection, before: Timestamp) -> rusqlite::Result<usize> {
    let old = (NO_CAMPAIGN, moment(before), ROWS_MAX);
    // The rounds last: by them the others are found.
    main.prepare_cached(concat!("DELETE FROM transcripts WHERE ", of_old_unpaid!("round")))?.execute(old)?;
    main.prepare_cached(concat!("DELETE FROM receipts WHERE ", of_old_unpaid!("round")))?.execute(old)?;
    main.prepare_cached(concat!("DELETE FROM rounds WHERE ", of_old_unpaid!("id")))?.execute(old)
}

/// The longest that a round of any level that there ever was can be claimed after it was opened.
fn lifetime_ms(main: &Connection) -> rusqlite::Result<u64> {
    let mut statement = main.prepare_cached("SELECT json FROM levels")?;
    let mut rows = statement.query([])?;
    let (mut longest, mut all_read) = (0, true);
    while let Some(row) = rows.next()? {
        match serde_json::from_str::<Level>(row.get_ref(0)?.as_str()?) {
            Ok(level) => longest = longest.max(Timing::of(&level).expires_at(Timestamp(0)).0),
            Err(_) => all_read = false,
        }
    }
    let by_levels = longest.saturating_add(CLAIM_WINDOW_MS);
    if all_read {
        return Ok(by_levels);
    }
    // Of a level that cannot be read, its rounds tell.
    let by_rounds: Option<u64> = main
        .prepare_cached("SELECT max(claim_until_ms - opened_ms) FROM rounds WHERE stage <> 2")?
        .query_row([], |row| row.get(0))?;
    Ok(by_levels.max(by_rounds.unwrap_or_default()))
}

/// Looks at the next prefixes in their order, and starts again after the last one. That a prefix is looked at soon does
/// not matter, so there is no index that would tell which to delete.
fn sweep_prefixes(main: &Connection, swept: &mut String, horizon: Horizon) -> rusqlite::Result<()> {
    let last: Option<String> = main
        .prepare_cached(
            "SELECT max(prefix) FROM
             (SELECT prefix FROM prefixes WHERE prefix > ?1 ORDER BY prefix LIMIT ?2)",
        )?
        .query_row((swept.as_str(), ROWS_MAX), |row| row.get(0))?;
    if let Some(last) = &last {
        main.prepare_cached(
            "DELETE FROM prefixes WHERE prefix > ?1 AND prefix <= ?2 AND at_ms < ?3 AND coalesce(opens_ms, 0) <= ?4",
        )?
        .execute((swept.as_str(), last, moment(horizon.prefixes_before), moment(horizon.now)))?;
    }
    *swept = last.unwrap_or_default();
    Ok(())
}

/// Deletes segments of rounds opened before `before`: round ids sort by time.
fn sweep_segments(segments: &mut Connection, before: Timestamp) -> rusqlite::Result<bool> {
    let deleted = segments
        .prepare_cached(
            "DELETE FROM segments WHERE (round, number) IN
             (SELECT round, number FROM segments WHERE round < ?1 ORDER BY round, number LIMIT ?2)",
        )?
        .execute((RoundId::new(before, [0; 10]).0, ROWS_MAX))?;
    Ok(deleted == ROWS_MAX)
}
