//! Delegations: rows to records and back. Used by the writer, the readers and the sweep.

use dripline_shared::round::{ClientId, Hash};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;
use postgres::Row;

use crate::store::columns::moment;
use crate::store::postgres::failure::Failure;
use crate::store::postgres::flush::{all, wallet_id};
use crate::store::postgres::load::Loaded;
use crate::store::postgres::rows::{bytes, maybe_text, timestamp};
use crate::store::postgres::session::Session;
use crate::store::record::DelegationRecord;
use crate::store::working::Changes;

fn read(row: &Row) -> Result<DelegationRecord, Failure> {
    Ok(DelegationRecord {
        wallet: Wallet(bytes(row, 0)?),
        client_id: ClientId(bytes(row, 1)?),
        delegate: Wallet(bytes(row, 2)?),
        site: maybe_text(row, 3)?,
        request: Hash(bytes(row, 4)?),
        issued_at: timestamp(row, 5)?,
        ends_at: timestamp(row, 6)?,
        is_revoked: row.try_get(7)?,
    })
}

/// The delegations of these wallets.
pub(super) fn of_wallets(session: &mut Session, wallets: &[i64]) -> Result<Vec<DelegationRecord>, Failure> {
    let rows = session.query(
        "SELECT o.key, d.client, d.delegate, d.site, d.request, d.issued_ms, d.ends_ms, d.revoked
         FROM delegations d JOIN wallets o ON o.id = d.wallet WHERE d.wallet = ANY($1)",
        &[&wallets],
    )?;
    rows.iter().map(read).collect()
}

/// Writes the changes of a batch, whose wallets are locked.
pub(super) fn write(session: &mut Session, loaded: &Loaded, changes: &Changes) -> Result<(), Failure> {
    let of = |(wallet, id): &(Wallet, ClientId)| loaded.set.delegation(*wallet, *id);
    let records: Vec<&DelegationRecord> = changes.delegations.iter().filter_map(of).collect();
    if records.is_empty() {
        return Ok(());
    }
    let each = records.iter();
    let wallets: Vec<i64> =
        each.clone().map(|record| wallet_id(loaded, &record.wallet)).collect::<Result<_, _>>()?;
    let clients: Vec<&[u8]> = each.clone().map(|record| &record.client_id.0[..]).collect();
    let delegates: Vec<&[u8]> = each.clone().map(|record| &record.delegate.0[..]).collect();
    let sites: Vec<Option<&str>> = each.clone().map(|record| record.site.as_deref()).collect();
    let requests: Vec<&[u8]> = each.clone().map(|record| &record.request.0[..]).collect();
    let issued: Vec<i64> = each.clone().map(|record| moment(record.issued_at)).collect();
    let ends: Vec<i64> = each.clone().map(|record| moment(record.ends_at)).collect();
    let revoked: Vec<bool> = each.map(|record| record.is_revoked).collect();
    let written = session.execute(
        "INSERT INTO delegations (wallet, client, delegate, site, request, issued_ms, ends_ms, revoked)
         SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::text[], $5::bytea[], $6::bigint[],
             $7::bigint[], $8::boolean[])
         ON CONFLICT (wallet, client) DO UPDATE SET ends_ms = excluded.ends_ms, revoked = excluded.revoked",
        &[&wallets, &clients, &delegates, &sites, &requests, &issued, &ends, &revoked],
    )?;
    all(written, records.len())
}

/// Deletes delegations that ended before `before`, at most so many; tells how many. Those that ended are never changed any
/// more.
pub(super) fn sweep(session: &mut Session, before: Timestamp, most: i64) -> Result<u64, Failure> {
    session.execute(
        "DELETE FROM delegations WHERE id IN
         (SELECT id FROM delegations WHERE ends_ms < $1 ORDER BY ends_ms LIMIT $2)",
        &[&moment(before), &most],
    )
}
