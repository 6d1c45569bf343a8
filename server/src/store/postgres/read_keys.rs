//! Read-only keys: rows to records and back. Used by the writer, the readers and the sweep.

use dripline_shared::round::{ClientId, Hash};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;
use postgres::Row;

use crate::store::columns::moment;
use crate::store::postgres::failure::Failure;
use crate::store::postgres::flush::{all, wallet_id};
use crate::store::postgres::load::Loaded;
use crate::store::postgres::rows::{bytes, maybe_timestamp, timestamp};
use crate::store::postgres::session::Session;
use crate::store::record::ReadKeyRecord;
use crate::store::working::Changes;

macro_rules! select_read_key {
    () => {
        "SELECT o.key, k.client, k.request, k.hash, k.issued_ms, k.ends_ms, k.revoked
         FROM read_keys k JOIN wallets o ON o.id = k.wallet "
    };
}

fn read(row: &Row) -> Result<ReadKeyRecord, Failure> {
    Ok(ReadKeyRecord {
        wallet: Wallet(bytes(row, 0)?),
        client_id: ClientId(bytes(row, 1)?),
        request: Hash(bytes(row, 2)?),
        hash: Hash(bytes(row, 3)?),
        issued_at: timestamp(row, 4)?,
        ends_at: maybe_timestamp(row, 5)?,
        is_revoked: row.try_get(6)?,
    })
}

/// The key with this hash.
pub(super) fn by_hash(session: &mut Session, hash: Hash) -> Result<Option<ReadKeyRecord>, Failure> {
    let row = session.query_one(concat!(select_read_key!(), "WHERE k.hash = $1"), &[&&hash.0[..]])?;
    row.as_ref().map(read).transpose()
}

/// The keys of these wallets.
pub(super) fn of_wallets(session: &mut Session, wallets: &[i64]) -> Result<Vec<ReadKeyRecord>, Failure> {
    let rows = session.query(concat!(select_read_key!(), "WHERE k.wallet = ANY($1)"), &[&wallets])?;
    rows.iter().map(read).collect()
}

/// Writes the changes of a batch, whose wallets are locked.
pub(super) fn write(session: &mut Session, loaded: &Loaded, changes: &Changes) -> Result<(), Failure> {
    let records = changes.read_keys.iter().filter_map(|(wallet, id)| loaded.set.read_key(*wallet, *id));
    let records: Vec<&ReadKeyRecord> = records.collect();
    if records.is_empty() {
        return Ok(());
    }
    let each = records.iter();
    let wallets: Vec<i64> =
        each.clone().map(|record| wallet_id(loaded, &record.wallet)).collect::<Result<_, _>>()?;
    let clients: Vec<&[u8]> = each.clone().map(|record| &record.client_id.0[..]).collect();
    let requests: Vec<&[u8]> = each.clone().map(|record| &record.request.0[..]).collect();
    let hashes: Vec<&[u8]> = each.clone().map(|record| &record.hash.0[..]).collect();
    let issued: Vec<i64> = each.clone().map(|record| moment(record.issued_at)).collect();
    let ends: Vec<Option<i64>> = each.clone().map(|record| record.ends_at.map(moment)).collect();
    let revoked: Vec<bool> = each.map(|record| record.is_revoked).collect();
    let written = session.execute(
        "INSERT INTO read_keys (wallet, client, request, hash, issued_ms, ends_ms, revoked)
         SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bigint[], $6::bigint[],
             $7::boolean[])
         ON CONFLICT (wallet, client) DO UPDATE SET ends_ms = excluded.ends_ms, revoked = excluded.revoked",
        &[&wallets, &clients, &requests, &hashes, &issued, &ends, &revoked],
    )?;
    all(written, records.len())
}

/// Deletes keys that ended before `before`, at most so many; tells how many. Keys that ended are never changed any more.
pub(super) fn sweep(session: &mut Session, before: Timestamp, most: i64) -> Result<u64, Failure> {
    session.execute(
        "DELETE FROM read_keys WHERE id IN
         (SELECT id FROM read_keys WHERE ends_ms < $1 ORDER BY ends_ms LIMIT $2)",
        &[&moment(before), &most],
    )
}
