//! Looking for balances that may lie dormant, along the row ids of accounts.

use std::sync::Arc;

use dripline_shared::wallet::Wallet;
use rusqlite::{Connection, OptionalExtension};

use crate::store::columns::{dormant_span, moment};
use crate::store::sqlite::intern::Interner;
use crate::store::{DormantPage, DormantQuery};

/// Reads a page.
pub(super) fn page(
    connection: &Connection,
    interner: &mut Interner,
    query: &DormantQuery,
) -> rusqlite::Result<DormantPage> {
    let nothing = DormantPage { found: Vec::new(), next: None };
    let Some(rail) = interner.known_rail(connection, &query.rail)? else { return Ok(nothing) };
    let Some(asset) = interner.asset_id(connection, &query.asset).optional()? else { return Ok(nothing) };
    let last: Option<i64> =
        connection.prepare_cached("SELECT max(id) FROM accounts")?.query_row([], |row| row.get(0))?;
    let (after, until) = dormant_span(query);
    let before = moment(query.active_before);
    let found: Vec<(i64, Wallet, Arc<str>)> = connection
        .prepare_cached(
            "SELECT id, key, address FROM (
                 SELECT a.id, w.key, (SELECT address FROM addresses WHERE wallet = w.id AND rail = ?4
                     ORDER BY id DESC LIMIT 1) AS address
                 FROM accounts a JOIN wallets w ON w.id = a.owner
                 WHERE a.id > ?1 AND a.id <= ?2 AND a.holder = 'player' AND a.asset = ?3 AND a.balance >= ?5
                     AND coalesce(w.attempts_ms, 0) < ?6 AND coalesce(w.last_drip_ms, 0) < ?6
             ) WHERE address IS NOT NULL ORDER BY id LIMIT ?7",
        )?
        .query_map((after, until, asset, rail, query.threshold.units(), before, query.found_max), |row| {
            Ok((row.get(0)?, Wallet(row.get(1)?), row.get(2)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(query.page(found, until, last))
}
