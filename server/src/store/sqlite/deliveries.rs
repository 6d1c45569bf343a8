//! Messages to webhooks: rows to records and back. Used by the writer, the readers, the sender and the sweep.

use std::sync::Arc;

use dripline_shared::time::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, Row, TransactionBehavior};

use crate::store::columns::{moment, read_delivery_state, read_event, write_delivery_state};
use crate::store::record::{
    AHEAD_MAX_MS, DeliveryStep, GIVEN_UP_KEEP_MS, NOT_IN_TIME, NewDelivery, TOO_MANY, TRY_FOR_MS, Tried,
};
use crate::store::sqlite::rows::{maybe_timestamp, timestamp};
use crate::store::sqlite::{commit_failed, rolled_back};
use crate::store::working::Changes;
use crate::store::{DeliveryRecord, Horizon, StorageError};

/// The columns of a message, for [`read`].
macro_rules! columns {
    () => {
        "number, message, webhook, event, body, made_ms, state, attempts, tried_ms, next_ms, ends_ms, error, earlier"
    };
}

fn read(row: &Row<'_>) -> rusqlite::Result<DeliveryRecord> {
    let event = read_event(row.get_ref(3)?.as_str()?);
    Ok(DeliveryRecord {
        number: row.get(0)?,
        message: row.get(1)?,
        webhook: row.get(2)?,
        event: event.ok_or_else(|| rusqlite::Error::InvalidColumnType(3, "event".to_owned(), Type::Text))?,
        body: row.get(4)?,
        made_at: timestamp(row, 5)?,
        state: read_delivery_state(row.get(6)?),
        attempts: row.get(7)?,
        tried_at: maybe_timestamp(row, 8)?,
        next_at: timestamp(row, 9)?,
        ends_at: timestamp(row, 10)?,
        error: row.get(11)?,
        earlier: row.get(12)?,
    })
}

/// Messages to a webhook, the newest first: those with numbers below `before`, at most so many.
pub(super) fn page(
    connection: &Connection,
    webhook: &str,
    before: Option<u64>,
    limit: usize,
) -> rusqlite::Result<Vec<DeliveryRecord>> {
    let before = before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
    connection
        .prepare_cached(concat!(
            "SELECT ",
            columns!(),
            " FROM deliveries WHERE webhook = ?1 AND number < ?2 ORDER BY number DESC LIMIT ?3"
        ))?
        .query_map((webhook, before, i64::try_from(limit).unwrap_or(i64::MAX)), read)?
        .collect()
}

/// Which of these webhooks messages are to be sent to.
pub(super) fn due(
    connection: &Connection,
    webhooks: &[Arc<str>],
    now: Timestamp,
) -> rusqlite::Result<Vec<Arc<str>>> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM deliveries WHERE webhook = ?1 AND state = 0 AND next_ms <= ?2)",
    )?;
    let mut found = Vec::new();
    for webhook in webhooks {
        if statement.query_row((webhook, moment(now)), |row| row.get(0))? {
            found.push(Arc::clone(webhook));
        }
    }
    Ok(found)
}

/// How many messages wait, by their webhooks.
pub(super) fn waiting(connection: &Connection) -> rusqlite::Result<Vec<(Arc<str>, u64)>> {
    connection
        .prepare_cached(
            "SELECT webhook, count(*) FROM deliveries WHERE state = 0 GROUP BY webhook ORDER BY webhook",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Writes the changes of a batch.
pub(super) fn write(main: &Connection, changes: &Changes) -> rusqlite::Result<()> {
    for new in &changes.deliveries {
        insert(main, new)?;
    }
    for again in &changes.sent_again {
        let number = i64::try_from(again.number).unwrap_or(i64::MAX);
        main.prepare_cached(
            "UPDATE deliveries SET state = 0, earlier = attempts, next_ms = ?3, ends_ms = ?4
             WHERE number = ?1 AND webhook = ?2",
        )?
        .execute((number, &again.webhook, moment(again.now), moment(again.now.plus(TRY_FOR_MS))))?;
    }
    Ok(())
}

fn insert(main: &Connection, new: &NewDelivery) -> rusqlite::Result<()> {
    let (made, ends) = (moment(new.made_at), moment(new.made_at.plus(TRY_FOR_MS)));
    main.prepare_cached(
        "INSERT INTO deliveries (webhook, message, event, body, made_ms, state, attempts, next_ms, ends_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, ?5, ?6) ON CONFLICT (webhook, message) DO NOTHING",
    )?
    .execute((&new.webhook, &new.message, new.event.as_str(), &new.body, made, ends))
    .map(drop)
}

/// Notes what was sent, and takes what is to be sent now.
pub(super) fn deliver(
    main: &mut Connection,
    step: &DeliveryStep,
) -> Result<Vec<DeliveryRecord>, StorageError> {
    let transaction = main
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(|error| rolled_back(&error))?;
    let taken = note_and_take(&transaction, step).map_err(|error| rolled_back(&error))?;
    transaction.commit().map_err(|error| commit_failed(&error))?;
    Ok(taken)
}

fn note_and_take(main: &Connection, step: &DeliveryStep) -> rusqlite::Result<Vec<DeliveryRecord>> {
    for tried in &step.tried {
        note(main, tried)?;
    }
    let mut taken = Vec::new();
    for (webhook, room) in &step.room {
        let mut statement = main.prepare_cached(concat!(
            "UPDATE deliveries SET attempts = attempts + 1, next_ms = ?3 WHERE number IN
                 (SELECT number FROM deliveries WHERE webhook = ?1 AND state = 0 AND next_ms <= ?2
                  ORDER BY next_ms, number LIMIT ?4) RETURNING ",
            columns!()
        ))?;
        let room = i64::try_from(*room).unwrap_or(i64::MAX);
        let rows = statement.query_map((webhook, moment(step.now), moment(step.until), room), read)?;
        for row in rows {
            taken.push(row?);
        }
    }
    taken.sort_unstable_by_key(|delivery| delivery.number);
    Ok(taken)
}

fn note(main: &Connection, tried: &Tried) -> rusqlite::Result<()> {
    let number = i64::try_from(tried.number).unwrap_or(i64::MAX);
    let (state, next, ends) = tried.stands(Timestamp(0));
    // While it waits, it is tried until the same moment as before.
    let ends = (ends > Timestamp(0)).then(|| moment(ends));
    main.prepare_cached(
        "UPDATE deliveries SET state = ?3, tried_ms = ?4, next_ms = ?5, ends_ms = coalesce(?6, ends_ms), error = ?7
         WHERE number = ?1 AND attempts = ?2 AND earlier = ?8 AND (state = 0 OR (state = 2 AND ?3 = 1))",
    )?
    .execute((
        number,
        tried.attempts,
        write_delivery_state(state),
        moment(tried.at),
        moment(next),
        ends,
        tried.came.error(),
        tried.earlier,
    ))
    .map(drop)
}

/// Deletes messages that were kept long enough, and gives those up that nobody has sent in time, at most so many of each; and the oldest
/// of those of which too many wait. What was written by a clock that was ahead is to be sent now. Tells how many were deleted, given up
/// or set right, whichever are the most.
pub(super) fn sweep(main: &Connection, horizon: Horizon, most: usize) -> rusqlite::Result<usize> {
    let crowded: Vec<(Arc<str>, i64)> = main
        .prepare_cached(
            "SELECT webhook, count(*) - ?1 FROM deliveries WHERE state = 0 GROUP BY webhook HAVING count(*) > ?1",
        )?
        .query_map([i64::try_from(horizon.waiting_max).unwrap_or(i64::MAX)], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let ends = moment(horizon.now.plus(GIVEN_UP_KEEP_MS));
    for (webhook, beyond) in crowded {
        main.prepare_cached(
            "UPDATE deliveries SET state = 2, ends_ms = ?3, error = ?4 WHERE number IN
             (SELECT number FROM deliveries WHERE webhook = ?1 AND state = 0 ORDER BY number LIMIT ?2)",
        )?
        .execute((webhook, beyond, ends, TOO_MANY))?;
    }
    let (now, before) = (horizon.now, moment(horizon.deliveries_before()));
    let set_right = main
        .prepare_cached(
            "UPDATE deliveries SET next_ms = ?3, ends_ms = min(ends_ms, ?4) WHERE number IN
             (SELECT number FROM deliveries WHERE state = 0 AND next_ms > ?1 LIMIT ?2)",
        )?
        .execute((moment(now.plus(AHEAD_MAX_MS)), most, moment(now), moment(now.plus(TRY_FOR_MS))))?;
    let given_up = main
        .prepare_cached(
            "UPDATE deliveries SET state = 2, ends_ms = ?3, error = ?4 WHERE number IN
             (SELECT number FROM deliveries WHERE state = 0 AND ends_ms < ?1 ORDER BY ends_ms LIMIT ?2)",
        )?
        .execute((before, most, ends, NOT_IN_TIME))?;
    let deleted = main
        .prepare_cached(
            "DELETE FROM deliveries WHERE number IN
             (SELECT number FROM deliveries WHERE state <> 0 AND ends_ms < ?1 ORDER BY ends_ms LIMIT ?2)",
        )?
        .execute((before, most))?;
    Ok(set_right.max(given_up).max(deleted))
}
