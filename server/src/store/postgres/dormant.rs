//! Looking for balances that may lie dormant, along the row ids of accounts.

use std::sync::Arc;

use dripline_shared::wallet::Wallet;

use crate::store::columns::{dormant_span, moment};
use crate::store::postgres::failure::Failure;
use crate::store::postgres::rows::{bytes, number, text};
use crate::store::postgres::session::Session;
use crate::store::{DormantPage, DormantQuery};

/// Reads a page.
pub(super) fn page(session: &mut Session, query: &DormantQuery) -> Result<DormantPage, Failure> {
    let row = session.query_one("SELECT max(id) FROM accounts", &[])?;
    let last: Option<i64> = row.ok_or(Failure::Missing)?.try_get(0)?;
    let (after, until) = dormant_span(query);
    let rows = session.query(
        "SELECT a.id, w.key, d.address
         FROM accounts a JOIN wallets w ON w.id = a.owner JOIN assets s ON s.id = a.asset
         CROSS JOIN LATERAL (SELECT address FROM addresses
             WHERE wallet = w.id AND rail = (SELECT id FROM rails WHERE name = $4) ORDER BY id DESC LIMIT 1) AS d
         WHERE a.id > $1 AND a.id <= $2 AND a.holder = 'player' AND s.code = $3 AND a.balance >= $5
             AND coalesce(w.attempts_ms, 0) < $6 AND coalesce(w.last_drip_ms, 0) < $6
         ORDER BY a.id LIMIT $7",
        &[
            &after,
            &until,
            &&*query.asset,
            &&*query.rail,
            &query.threshold.units(),
            &moment(query.active_before),
            &i64::from(query.found_max),
        ],
    )?;
    let found: Vec<(i64, Wallet, Arc<str>)> = rows
        .iter()
        .map(|row| Ok((number(row, 0)?, Wallet(bytes(row, 1)?), text(row, 2)?)))
        .collect::<Result<_, Failure>>()?;
    Ok(query.page(found, until, last))
}
