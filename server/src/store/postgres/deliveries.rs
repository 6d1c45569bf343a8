//! Messages to webhooks: rows to records and back. Used by the writer, the readers, the sender and the sweep.
//!
//! Batches only insert them, after all else that they write. Servers that send at the same time take different ones: none waits for
//! another one's lock.

use std::sync::Arc;

use dripline_shared::time::Timestamp;
use postgres::Row;

use crate::store::columns::{moment, read_delivery_state, read_event, write_delivery_state};
use crate::store::postgres::failure::Failure;
use crate::store::postgres::rows::{maybe_text, maybe_timestamp, number, text, timestamp};
use crate::store::postgres::session::Session;
use crate::store::record::{
    AHEAD_MAX_MS, DeliveryStep, GIVEN_UP_KEEP_MS, NOT_IN_TIME, NewDelivery, TOO_MANY, TRY_FOR_MS, Tried,
};
use crate::store::working::Changes;
use crate::store::{DeliveryRecord, Horizon};

/// The columns of a message, for [`read`].
macro_rules! columns {
    () => {
        "d.number, d.message, d.webhook, d.event, d.body, d.made_ms, d.state, d.attempts, d.tried_ms, d.next_ms,
         d.ends_ms, d.error, d.earlier"
    };
}

fn read(row: &Row) -> Result<DeliveryRecord, Failure> {
    Ok(DeliveryRecord {
        number: number(row, 0)?,
        message: text(row, 1)?,
        webhook: text(row, 2)?,
        event: read_event(row.try_get(3)?).ok_or(Failure::Column("event"))?,
        body: text(row, 4)?,
        made_at: timestamp(row, 5)?,
        state: read_delivery_state(row.try_get(6)?),
        attempts: number(row, 7)?,
        tried_at: maybe_timestamp(row, 8)?,
        next_at: timestamp(row, 9)?,
        ends_at: timestamp(row, 10)?,
        error: maybe_text(row, 11)?,
        earlier: number(row, 12)?,
    })
}

/// Messages to a webhook, the newest first: those with numbers below `before`, at most so many.
pub(super) fn page(
    session: &mut Session,
    webhook: &str,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<DeliveryRecord>, Failure> {
    let before = before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = session.query(
        concat!(
            "SELECT ",
            columns!(),
            " FROM deliveries d WHERE webhook = $1 AND number < $2 ORDER BY number DESC LIMIT $3"
        ),
        &[&webhook, &before, &limit],
    )?;
    rows.iter().map(read).collect()
}

/// Which of these webhooks messages are to be sent to, in their order.
pub(super) fn due(
    session: &mut Session,
    webhooks: &[Arc<str>],
    now: Timestamp,
) -> Result<Vec<Arc<str>>, Failure> {
    let webhooks: Vec<&str> = webhooks.iter().map(|webhook| &**webhook).collect();
    let rows = session.query(
        "SELECT asked.webhook FROM unnest($1::text[]) WITH ORDINALITY AS asked (webhook, place)
         WHERE EXISTS (SELECT 1 FROM deliveries d WHERE d.webhook = asked.webhook AND d.state = 0 AND d.next_ms <= $2)
         ORDER BY asked.place",
        &[&webhooks, &moment(now)],
    )?;
    rows.iter().map(|row| text(row, 0)).collect()
}

/// How many messages wait, by their webhooks.
pub(super) fn waiting(session: &mut Session) -> Result<Vec<(Arc<str>, u64)>, Failure> {
    let rows = session.query(
        "SELECT webhook, count(*) FROM deliveries WHERE state = 0 GROUP BY webhook ORDER BY webhook",
        &[],
    )?;
    rows.iter().map(|row| Ok((text(row, 0)?, number(row, 1)?))).collect()
}

/// Writes the changes of a batch.
pub(super) fn write(session: &mut Session, changes: &Changes) -> Result<(), Failure> {
    if !changes.deliveries.is_empty() {
        insert(session, &changes.deliveries)?;
    }
    for again in &changes.sent_again {
        let number = i64::try_from(again.number).unwrap_or(i64::MAX);
        session.execute(
            "UPDATE deliveries SET state = 0, earlier = attempts, next_ms = $3, ends_ms = $4
             WHERE number = $1 AND webhook = $2",
            &[&number, &&*again.webhook, &moment(again.now), &moment(again.now.plus(TRY_FOR_MS))],
        )?;
    }
    Ok(())
}

fn insert(session: &mut Session, new: &[NewDelivery]) -> Result<(), Failure> {
    let webhooks: Vec<&str> = new.iter().map(|new| &*new.webhook).collect();
    let messages: Vec<&str> = new.iter().map(|new| &*new.message).collect();
    let events: Vec<&str> = new.iter().map(|new| new.event.as_str()).collect();
    let bodies: Vec<&str> = new.iter().map(|new| &*new.body).collect();
    let made: Vec<i64> = new.iter().map(|new| moment(new.made_at)).collect();
    let ends: Vec<i64> = new.iter().map(|new| moment(new.made_at.plus(TRY_FOR_MS))).collect();
    session.execute(
        "INSERT INTO deliveries (webhook, message, event, body, made_ms, state, attempts, earlier, next_ms, ends_ms)
         SELECT new.webhook, new.message, new.event, new.body, new.made, 0, 0, 0, new.made, new.ends
         FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
             WITH ORDINALITY AS new (webhook, message, event, body, made, ends, place)
         ORDER BY new.place
         ON CONFLICT (webhook, message) DO NOTHING",
        &[&webhooks, &messages, &events, &bodies, &made, &ends],
    )?;
    Ok(())
}

/// Notes what was sent, and takes what is to be sent now and nobody else is just taking.
pub(super) fn deliver(session: &mut Session, step: &DeliveryStep) -> Result<Vec<DeliveryRecord>, Failure> {
    if !step.tried.is_empty() {
        note(session, &step.tried)?;
    }
    if step.room.is_empty() {
        return Ok(Vec::new());
    }
    let webhooks: Vec<&str> = step.room.iter().map(|(webhook, _)| &**webhook).collect();
    let room: Vec<i64> = step.room.iter().map(|(_, room)| i64::try_from(*room).unwrap_or(i64::MAX)).collect();
    let rows = session.query(
        concat!(
            "WITH taken AS MATERIALIZED (
                 SELECT due.number FROM unnest($1::text[], $2::bigint[]) AS room (webhook, most) CROSS JOIN LATERAL (
                     SELECT number FROM deliveries
                     WHERE deliveries.webhook = room.webhook AND state = 0 AND next_ms <= $3
                     ORDER BY next_ms, number LIMIT room.most FOR UPDATE SKIP LOCKED
                 ) AS due
             )
             UPDATE deliveries d SET attempts = d.attempts + 1, next_ms = $4 FROM taken WHERE d.number = taken.number
             RETURNING ",
            columns!()
        ),
        &[&webhooks, &room, &moment(step.now), &moment(step.until)],
    )?;
    let mut taken: Vec<DeliveryRecord> = rows.iter().map(read).collect::<Result<_, _>>()?;
    taken.sort_unstable_by_key(|delivery| delivery.number);
    Ok(taken)
}

fn note(session: &mut Session, tried: &[Tried]) -> Result<(), Failure> {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    // While one waits, it is tried until the same moment as before.
    let stands: Vec<_> = tried.iter().map(|tried| tried.stands(Timestamp(0))).collect();
    let numbers: Vec<i64> = tried.iter().map(|tried| number(tried.number)).collect();
    let attempts: Vec<i64> = tried.iter().map(|tried| tried.attempts.into()).collect();
    let earlier: Vec<i64> = tried.iter().map(|tried| tried.earlier.into()).collect();
    let at: Vec<i64> = tried.iter().map(|tried| moment(tried.at)).collect();
    let states: Vec<i64> = stands.iter().map(|(state, ..)| write_delivery_state(*state)).collect();
    let next: Vec<i64> = stands.iter().map(|(_, next, _)| moment(*next)).collect();
    let ends: Vec<i64> = stands.iter().map(|(.., ends)| moment(*ends)).collect();
    let errors: Vec<Option<&str>> = tried.iter().map(|tried| tried.came.error()).collect();
    session.execute(
        "UPDATE deliveries d SET state = new.state, tried_ms = new.at, next_ms = new.next,
             ends_ms = CASE WHEN new.ends > 0 THEN new.ends ELSE d.ends_ms END, error = new.error
         FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
                     $8::text[]) AS new (number, attempts, earlier, at, state, next, ends, error)
         WHERE d.number = new.number AND d.attempts = new.attempts AND d.earlier = new.earlier
             AND (d.state = 0 OR (d.state = 2 AND new.state = 1))",
        &[&numbers, &attempts, &earlier, &at, &states, &next, &ends, &errors],
    )?;
    Ok(())
}

/// Deletes messages that were kept long enough, and gives those up that nobody has sent in time, at most so many of each; and the oldest
/// of those of which too many wait. What was written by a clock that was ahead is to be sent now. Tells whether there are more.
pub(super) fn sweep(session: &mut Session, horizon: Horizon, most: i64) -> Result<bool, Failure> {
    let waiting_max = i64::try_from(horizon.waiting_max).unwrap_or(i64::MAX);
    let ends = moment(horizon.now.plus(GIVEN_UP_KEEP_MS));
    session.execute(
        "WITH crowded AS (
             SELECT webhook, count(*) - $1 AS beyond FROM deliveries WHERE state = 0 GROUP BY webhook
             HAVING count(*) > $1
         ), oldest AS MATERIALIZED (
             SELECT old.number FROM crowded CROSS JOIN LATERAL (
                 SELECT number FROM deliveries WHERE deliveries.webhook = crowded.webhook AND state = 0
                 ORDER BY number LIMIT crowded.beyond FOR UPDATE SKIP LOCKED
             ) AS old
         )
         UPDATE deliveries d SET state = 2, ends_ms = $2, error = $3 FROM oldest WHERE d.number = oldest.number",
        &[&waiting_max, &ends, &TOO_MANY],
    )?;
    let (now, before) = (horizon.now, moment(horizon.deliveries_before()));
    let set_right = session.execute(
        "UPDATE deliveries SET next_ms = $3, ends_ms = least(ends_ms, $4) WHERE number = ANY(ARRAY(
             SELECT number FROM deliveries WHERE state = 0 AND next_ms > $1 LIMIT $2 FOR UPDATE SKIP LOCKED))",
        &[&moment(now.plus(AHEAD_MAX_MS)), &most, &moment(now), &moment(now.plus(TRY_FOR_MS))],
    )?;
    let given_up = session.execute(
        "UPDATE deliveries SET state = 2, ends_ms = $3, error = $4 WHERE number = ANY(ARRAY(
             SELECT number FROM deliveries WHERE state = 0 AND ends_ms < $1 ORDER BY ends_ms LIMIT $2
             FOR UPDATE SKIP LOCKED))",
        &[&before, &most, &ends, &NOT_IN_TIME],
    )?;
    let deleted = session.execute(
        "DELETE FROM deliveries WHERE number = ANY(ARRAY(
             SELECT number FROM deliveries WHERE state <> 0 AND ends_ms < $1 ORDER BY ends_ms LIMIT $2
             FOR UPDATE SKIP LOCKED))",
        &[&before, &most],
    )?;
    Ok([set_right, given_up, deleted]
        .into_iter()
        .any(|rows| i64::try_from(rows).is_ok_and(|rows| rows == most)))
}
