//! The sweep: unclaimed rounds a day after they expired, the segments that no claim can need, old transcripts, old claims that earn
//! nothing, and network prefixes that have used nothing for long. One server at a time sweeps.
//!
//! Each call looks at a bounded number of rows, so that no batch waits long.

use dripline_shared::level::Level;
use dripline_shared::round::{CLAIM_WINDOW_MS, RoundId, Timing};
use dripline_shared::site::NO_CAMPAIGN;
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;
use postgres::Row;

use crate::store::Horizon;
use crate::store::columns::moment;
use crate::store::postgres::failure::Failure;
use crate::store::postgres::rows::number;
use crate::store::postgres::session::Session;
use crate::store::postgres::{LOCKS, SWEEPING, delegations, deliveries, read_keys};

/// The most rows of a table that one call deletes.
const ROWS_MAX: i64 = 500;

/// Deletes, unless another server is at it, and tells whether there is more to delete.
pub(super) fn sweep(session: &mut Session, swept: &mut String, horizon: Horizon) -> Result<bool, Failure> {
    let lock = "SELECT pg_try_advisory_xact_lock($1, $2)";
    let row = session.query_one(lock, &[&LOCKS, &SWEEPING])?;
    if !row.ok_or(Failure::Missing)?.try_get::<_, bool>(0)? {
        return Ok(false);
    }
    let more_rounds = sweep_rounds(session, horizon)?;
    let more_unpaid = sweep_unpaid(session, horizon.unpaid_before())?;
    let more_transcripts = sweep_transcripts(session, horizon)?;
    let keys = read_keys::sweep(session, horizon.keys_before(), ROWS_MAX)?;
    let more_keys = i64::try_from(keys).is_ok_and(|deleted| deleted == ROWS_MAX);
    let delegations = delegations::sweep(session, horizon.delegations_before(), ROWS_MAX)?;
    let more_keys = more_keys || i64::try_from(delegations).is_ok_and(|deleted| deleted == ROWS_MAX);
    let more_keys = more_keys || deliveries::sweep(session, horizon, ROWS_MAX)?;
    sweep_prefixes(session, swept, horizon)?;
    let before = horizon.now.minus(lifetime_ms(session)?);
    let more_segments = sweep_segments(session, before)?;
    Ok(more_rounds || more_unpaid || more_transcripts || more_keys || more_segments)
}

/// Deletes the plays of a wallet's claimed rounds, while nobody sweeps. Gives of how many there was one.
pub(super) fn forget_plays(session: &mut Session, wallet: Wallet) -> Result<u64, Failure> {
    session.query_one("SELECT pg_advisory_xact_lock($1, $2)", &[&LOCKS, &SWEEPING])?;
    let row = session.query_one(
        "WITH claimed AS (
             SELECT r.id, r.round FROM rounds r JOIN wallets w ON w.id = r.wallet WHERE w.key = $1 AND r.stage = 2
         ), copied AS (
             DELETE FROM transcripts t USING claimed c WHERE t.round = c.id RETURNING c.id
         ), sent AS (
             DELETE FROM segments s USING claimed c WHERE s.round = c.round RETURNING c.id
         ) SELECT count(*) FROM (SELECT id FROM copied UNION SELECT id FROM sent) AS forgotten",
        &[&&wallet.0[..]],
    )?;
    let forgotten: i64 = row.ok_or(Failure::Missing)?.try_get(0)?;
    Ok(u64::try_from(forgotten).unwrap_or(0))
}

/// Deletes rounds that nobody claimed. Their wallets are locked first, as for everything that closes a round.
fn sweep_rounds(session: &mut Session, horizon: Horizon) -> Result<bool, Failure> {
    let rows = session.query(
        "SELECT id, wallet FROM rounds WHERE stage <> 2 AND claim_until_ms < $1 ORDER BY claim_until_ms, id LIMIT $2",
        &[&moment(horizon.now), &ROWS_MAX],
    )?;
    let rounds = locked(session, &rows)?;
    session.execute(
        "WITH gone AS (DELETE FROM rounds WHERE id = ANY($1) AND stage <> 2 RETURNING wallet, round)
         UPDATE wallets SET open_round = NULL FROM gone
         WHERE wallets.id = gone.wallet AND wallets.open_round = gone.round",
        &[&rounds],
    )?;
    Ok(i64::try_from(rounds.len()).is_ok_and(|found| found == ROWS_MAX))
}

/// The row ids of rounds from `id, wallet`, once their wallets are locked.
fn locked(session: &mut Session, rows: &[Row]) -> Result<Vec<i64>, Failure> {
    let wallets: Vec<i64> = rows.iter().map(|row| number(row, 1)).collect::<Result<_, _>>()?;
    session.query("SELECT id FROM wallets WHERE id = ANY($1) ORDER BY id FOR UPDATE", &[&wallets])?;
    rows.iter().map(|row| number(row, 0)).collect()
}

/// Deletes claims that earn nothing, with their rounds and plays. Their wallets are locked first, as where they are verified.
fn sweep_unpaid(session: &mut Session, before: Timestamp) -> Result<bool, Failure> {
    let rows = session.query(
        "SELECT id, wallet FROM rounds WHERE stage = 2 AND site IS NOT NULL
         AND campaign = (SELECT id FROM campaigns WHERE name = $1) AND claim_until_ms < $2
         ORDER BY claim_until_ms, id LIMIT $3",
        &[&NO_CAMPAIGN, &moment(before), &ROWS_MAX],
    )?;
    let rounds = locked(session, &rows)?;
    session.execute(
        "WITH plays AS (DELETE FROM transcripts WHERE round = ANY($1)),
              claims AS (DELETE FROM receipts WHERE round = ANY($1))
         DELETE FROM rounds WHERE id = ANY($1)",
        &[&rounds],
    )?;
    Ok(i64::try_from(rounds.len()).is_ok_and(|found| found == ROWS_MAX))
}

/// Deletes old transcripts. Row ids of rounds rise with the time at which they were opened, but for moments where several
/// servers open them.
fn sweep_transcripts(session: &mut Session, horizon: Horizon) -> Result<bool, Failure> {
    let since = RoundId::new(horizon.transcripts_before, [0; 10]);
    let deleted = session.execute(
        "DELETE FROM transcripts WHERE round = ANY(ARRAY(
             SELECT round FROM transcripts WHERE round < coalesce(
                 (SELECT id FROM rounds WHERE round >= $1 ORDER BY round LIMIT 1),
                 (SELECT max(id) + 1 FROM rounds)) ORDER BY round LIMIT $2))",
        &[&&since.0[..], &ROWS_MAX],
    )?;
    Ok(i64::try_from(deleted).is_ok_and(|deleted| deleted == ROWS_MAX))
}

/// The longest that a round of any level that there ever was can be claimed after it was opened.
fn lifetime_ms(session: &mut Session) -> Result<u64, Failure> {
    let (mut longest, mut all_read) = (0, true);
    for row in session.query("SELECT json FROM levels", &[])? {
        match serde_json::from_str::<Level>(row.try_get(0)?) {
            Ok(level) => longest = longest.max(Timing::of(&level).expires_at(Timestamp(0)).0),
            Err(_) => all_read = false,
        }
    }
    let by_levels = longest.saturating_add(CLAIM_WINDOW_MS);
    if all_read {
        return Ok(by_levels);
    }
    // Of a level that cannot be read, its rounds tell.
    let row = session
        .query_one("SELECT coalesce(max(claim_until_ms - opened_ms), 0) FROM rounds WHERE stage <> 2", &[])?;
    Ok(by_levels.max(number(&row.ok_or(Failure::Missing)?, 0)?))
}

/// Looks at the next prefixes in their order, and starts again after the last one. That a prefix is looked at soon does
/// not matter, so there is no index that would tell which to delete, and one that is in use is left for the next time.
fn sweep_prefixes(session: &mut Session, swept: &mut String, horizon: Horizon) -> Result<(), Failure> {
    let row = session.query_one(
        "SELECT max(prefix) FROM (SELECT prefix FROM prefixes WHERE prefix > $1 ORDER BY prefix LIMIT $2) AS next",
        &[&swept.as_str(), &ROWS_MAX],
    )?;
    let last: Option<String> = row.ok_or(Failure::Missing)?.try_get(0)?;
    if let Some(last) = &last {
        session.execute(
            "DELETE FROM prefixes WHERE prefix = ANY(ARRAY(
                 SELECT prefix FROM prefixes
                 WHERE prefix > $1 AND prefix <= $2 AND at_ms < $3 AND coalesce(opens_ms, 0) <= $4
                 ORDER BY prefix FOR UPDATE SKIP LOCKED))",
            &[&swept.as_str(), &last.as_str(), &moment(horizon.prefixes_before), &moment(horizon.now)],
        )?;
    }
    *swept = last.unwrap_or_default();
    Ok(())
}

/// Deletes segments of rounds opened before `before`: round ids sort by time.
fn sweep_segments(session: &mut Session, before: Timestamp) -> Result<bool, Failure> {
    let deleted = session.execute(
        "DELETE FROM segments WHERE (round, number) IN (
             SELECT round, number FROM segments WHERE round < $1 ORDER BY round, number LIMIT $2)",
        &[&&RoundId::new(before, [0; 10]).0[..], &ROWS_MAX],
    )?;
    Ok(i64::try_from(deleted).is_ok_and(|deleted| deleted == ROWS_MAX))
}
