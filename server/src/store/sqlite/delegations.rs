//! Delegations: rows to records and back. Used by the writer, the readers and the sweep.

use std::sync::Arc;

use dripline_shared::round::{ClientId, Hash};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;
use rusqlite::{Connection, Row};

use crate::store::columns::moment;
use crate::store::record::DelegationRecord;
use crate::store::sqlite::flush::missing;
use crate::store::sqlite::load::Loaded;
use crate::store::sqlite::rows::timestamp;
use crate::store::working::Changes;

fn read(row: &Row<'_>) -> rusqlite::Result<DelegationRecord> {
    Ok(DelegationRecord {
        wallet: Wallet(row.get(0)?),
        client_id: ClientId(row.get(1)?),
        delegate: Wallet(row.get(2)?),
        site: row.get::<_, Option<String>>(3)?.map(Arc::from),
        request: Hash(row.get(4)?),
        issued_at: timestamp(row, 5)?,
        ends_at: timestamp(row, 6)?,
        is_revoked: row.get(7)?,
    })
}

/// The delegations of a wallet.
pub(super) fn of_wallet(connection: &Connection, wallet: i64) -> rusqlite::Result<Vec<DelegationRecord>> {
    connection
        .prepare_cached(
            "SELECT o.key, d.client, d.delegate, d.site, d.request, d.issued_ms, d.ends_ms, d.revoked
             FROM delegations d JOIN wallets o ON o.id = d.wallet WHERE d.wallet = ?1",
        )?
        .query_map([wallet], read)?
        .collect()
}

/// Writes the changes of a batch.
pub(super) fn write(main: &Connection, loaded: &Loaded, changes: &Changes) -> rusqlite::Result<()> {
    for (wallet, id) in &changes.delegations {
        let Some(record) = loaded.set.delegation(*wallet, *id) else { continue };
        let wallet = loaded.wallets.get(wallet).copied().flatten().ok_or_else(missing)?;
        main.prepare_cached(
            "INSERT INTO delegations (wallet, client, delegate, site, request, issued_ms, ends_ms, revoked)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (wallet, client) DO UPDATE SET ends_ms = ?7, revoked = ?8",
        )?
        .execute((
            wallet,
            id.0,
            record.delegate.0,
            record.site.as_deref(),
            record.request.0,
            moment(record.issued_at),
            moment(record.ends_at),
            record.is_revoked,
        ))?;
    }
    Ok(())
}

/// Deletes delegations that ended before `before`, at most so many; tells how many.
pub(super) fn sweep(main: &Connection, before: Timestamp, most: usize) -> rusqlite::Result<usize> {
    main.prepare_cached(
        "DELETE FROM delegations WHERE id IN
         (SELECT id FROM delegations WHERE ends_ms < ?1 ORDER BY ends_ms LIMIT ?2)",
    )?
    .execute((moment(before), most))
}
