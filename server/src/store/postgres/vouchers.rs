//! Vouchers: rows to records and back. Used by the writer and the readers.

use std::collections::BTreeSet;
use std::sync::Arc;

use dripline_shared::round::Hash;
use dripline_shared::wallet::Wallet;
use postgres::Row;

use crate::store::columns::moment;
use crate::store::postgres::failure::Failure;
use crate::store::postgres::flush::all;
use crate::store::postgres::rows::{bytes, maybe_bytes, maybe_timestamp, number, text};
use crate::store::postgres::session::Session;
use crate::store::record::VoucherRecord;
use crate::store::working::{Changes, WorkingSet};

fn read(row: &Row) -> Result<VoucherRecord, Failure> {
    Ok(VoucherRecord {
        hash: Hash(bytes(row, 0)?),
        issue: text(row, 1)?,
        used: maybe_bytes(row, 2)?.map(Wallet).zip(maybe_timestamp(row, 3)?),
    })
}

/// Locks the vouchers with these hashes, in their order, and reads them.
pub(super) fn lock(session: &mut Session, hashes: &BTreeSet<Hash>) -> Result<Vec<VoucherRecord>, Failure> {
    let hashes: Vec<&[u8]> = hashes.iter().map(|hash| &hash.0[..]).collect();
    let rows = session.query(
        "SELECT hash, issue, wallet, used_ms FROM vouchers WHERE hash = ANY($1) ORDER BY hash FOR UPDATE",
        &[&hashes],
    )?;
    rows.iter().map(read).collect()
}

/// The voucher with this hash.
pub(super) fn by_hash(session: &mut Session, hash: Hash) -> Result<Option<VoucherRecord>, Failure> {
    let rows = session
        .query("SELECT hash, issue, wallet, used_ms FROM vouchers WHERE hash = $1", &[&&hash.0[..]])?;
    rows.first().map(read).transpose()
}

/// How many of each issue were used, of those of which any were.
pub(super) fn used(session: &mut Session) -> Result<Vec<(Arc<str>, u64)>, Failure> {
    let rows = session.query(
        "SELECT issue, count(*) FROM vouchers WHERE wallet IS NOT NULL GROUP BY issue ORDER BY issue",
        &[],
    )?;
    rows.iter().map(|row| Ok((text(row, 0)?, number(row, 1)?))).collect()
}

/// Writes the changes of a batch: what is not new is locked.
pub(super) fn write(session: &mut Session, set: &WorkingSet, changes: &Changes) -> Result<(), Failure> {
    let records: Vec<&VoucherRecord> =
        changes.vouchers.iter().filter_map(|hash| set.voucher(*hash)).collect();
    if records.is_empty() {
        return Ok(());
    }
    let each = records.iter();
    let hashes: Vec<&[u8]> = each.clone().map(|record| &record.hash.0[..]).collect();
    let issues: Vec<&str> = each.clone().map(|record| &*record.issue).collect();
    let wallets: Vec<Option<&[u8]>> =
        each.clone().map(|record| record.used.as_ref().map(|(wallet, _)| &wallet.0[..])).collect();
    let used: Vec<Option<i64>> = each.map(|record| record.used.map(|(_, at)| moment(at))).collect();
    let written = session.execute(
        "INSERT INTO vouchers (hash, issue, wallet, used_ms)
         SELECT * FROM unnest($1::bytea[], $2::text[], $3::bytea[], $4::bigint[])
         ON CONFLICT (hash) DO UPDATE SET wallet = excluded.wallet, used_ms = excluded.used_ms",
        &[&hashes, &issues, &wallets, &used],
    )?;
    all(written, records.len())
}
