//! Read-only keys: rows to records and back. Used by the writer, the readers and the sweep.

use dripline_shared::round::{ClientId, Hash};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::store::columns::moment;
use crate::store::record::ReadKeyRecord;
use crate::store::sqlite::flush::missing;
use crate::store::sqlite::load::Loaded;
use crate::store::sqlite::rows::{maybe_timestamp, timestamp};
use crate::store::working::Changes;

macro_rules! select_read_key {
    () => {
        "SELECT o.key, k.client, k.request, k.hash, k.issued_ms, k.ends_ms, k.revoked
         FROM read_keys k JOIN wallets o ON o.id = k.wallet"
    };
}

fn read(row: &Row<'_>) -> rusqlite::Result<ReadKeyRecord> {
    Ok(ReadKeyRecord {
        wallet: Wallet(row.get(0)?),
        client_id: ClientId(row.get(1)?),
        request: Hash(row.get(2)?),
        hash: Hash(row.get(3)?),
        issued_at: timestamp(row, 4)?,
        ends_at: maybe_timestamp(row, 5)?,
        is_revoked: row.get(6)?,
    })
}

/// The key with this hash.
pub(super) fn by_hash(connection: &Connection, hash: Hash) -> rusqlite::Result<Option<ReadKeyRecord>> {
    connection
        .prepare_cached(concat!(select_read_key!(), " WHERE k.hash = ?1"))?
        .query_row([hash.0], read)
        .optional()
}

/// The keys of a wallet.
pub(super) fn of_wallet(connection: &Connection, wallet: i64) -> rusqlite::Result<Vec<ReadKeyRecord>> {
    connection
        .prepare_cached(concat!(select_read_key!(), " WHERE k.wallet = ?1"))?
        .query_map([wallet], read)?
        .collect()
}

/// Writes the changes of a batch.
pub(super) fn write(main: &Connection, loaded: &Loaded, changes: &Changes) -> rusqlite::Result<()> {
    for (wallet, id) in &changes.read_keys {
        let Some(record) = loaded.set.read_key(*wallet, *id) else { continue };
        let wallet = loaded.wallets.get(wallet).copied().flatten().ok_or_else(missing)?;
        let (issued, ends) = (moment(record.issued_at), record.ends_at.map(moment));
        main.prepare_cached(
            "INSERT INTO read_keys (wallet, client, request, hash, issued_ms, ends_ms, revoked)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (wallet, client) DO UPDATE SET ends_ms = ?6, revoked = ?7",
        )?
        .execute((
            wallet,
            id.0,
            record.request.0,
            record.hash.0,
            issued,
            ends,
            record.is_revoked,
        ))?;
    }
    Ok(())
}

/// Deletes keys that ended before `before`, at most so many; tells how many.
pub(super) fn sweep(main: &Connection, before: Timestamp, most: usize) -> rusqlite::Result<usize> {
    main.prepare_cached(
        "DELETE FROM read_keys WHERE id IN
         (SELECT id FROM read_keys WHERE ends_ms < ?1 ORDER BY ends_ms LIMIT ?2)",
    )?
    .execute((moment(before), most))
}
