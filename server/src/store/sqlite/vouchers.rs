//! Vouchers: rows to records and back. Used by the writer and the readers.

use std::sync::Arc;

use dripline_shared::round::Hash;
use dripline_shared::wallet::Wallet;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::store::columns::moment;
use crate::store::record::VoucherRecord;
use crate::store::sqlite::rows::maybe_timestamp;
use crate::store::working::{Changes, WorkingSet};

fn read(row: &Row<'_>) -> rusqlite::Result<VoucherRecord> {
    let wallet: Option<[u8; 32]> = row.get(2)?;
    Ok(VoucherRecord {
        hash: Hash(row.get(0)?),
        issue: row.get(1)?,
        used: wallet.map(Wallet).zip(maybe_timestamp(row, 3)?),
    })
}

/// The voucher with this hash.
pub(super) fn by_hash(connection: &Connection, hash: Hash) -> rusqlite::Result<Option<VoucherRecord>> {
    connection
        .prepare_cached("SELECT hash, issue, wallet, used_ms FROM vouchers WHERE hash = ?1")?
        .query_row([hash.0], read)
        .optional()
}

/// How many of each issue were used, of those of which any were.
pub(super) fn used(connection: &Connection) -> rusqlite::Result<Vec<(Arc<str>, u64)>> {
    connection
        .prepare_cached(
            "SELECT issue, count(*) FROM vouchers WHERE wallet IS NOT NULL GROUP BY issue ORDER BY issue",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Writes the changes of a batch.
pub(super) fn write(main: &Connection, set: &WorkingSet, changes: &Changes) -> rusqlite::Result<()> {
    for hash in &changes.vouchers {
        let Some(record) = set.voucher(*hash) else { continue };
        let (wallet, used) = record.used.unzip();
        main.prepare_cached(
            "INSERT INTO vouchers (hash, issue, wallet, used_ms) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (hash) DO UPDATE SET wallet = ?3, used_ms = ?4",
        )?
        .execute((hash.0, &record.issue, wallet.map(|wallet| wallet.0), used.map(moment)))?;
    }
    Ok(())
}
