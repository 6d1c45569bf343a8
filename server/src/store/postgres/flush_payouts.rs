//! Flushing payouts: addresses, withdrawals and batches.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dripline_shared::payout::BatchId;

use crate::store::columns::{LeaseColumns, StageColumns, lease_columns, moment, nonce_column, stage_columns};
use crate::store::postgres::failure::Failure;
use crate::store::postgres::flush::{all, wallet_id};
use crate::store::postgres::intern::Names;
use crate::store::postgres::load::Loaded;
use crate::store::postgres::rows::{bytes, number};
use crate::store::postgres::session::Session;
use crate::store::record::{BatchRecord, RailRecord, WithdrawalRecord};
use crate::store::working::Changes;

/// Writes the changes of a batch, whose wallets have been written.
pub(super) fn write(
    session: &mut Session,
    names: &mut Names,
    loaded: &Loaded,
    changes: &Changes,
) -> Result<(), Failure> {
    let withdrawals = changes.withdrawals.iter().filter_map(|id| loaded.set.withdrawal(*id));
    let withdrawals: Vec<&WithdrawalRecord> = withdrawals.collect();
    let batches: Vec<&BatchRecord> = changes.batches.iter().filter_map(|id| loaded.set.batch(*id)).collect();
    let mut rails: BTreeSet<&Arc<str>> = changes.addresses.iter().map(|record| &record.rail).collect();
    rails.extend(withdrawals.iter().map(|record| &record.rail));
    rails.extend(&changes.rails);
    names.rails(session, &rails)?;
    write_rails(session, loaded, changes)?;
    write_addresses(session, loaded, changes)?;
    write_withdrawals(session, loaded, &withdrawals)?;
    write_batches(session, &batches)
}

/// A text that somebody else made, such as a chain's reason for a failure: PostgreSQL's texts have no zero bytes.
fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}

/// Writes how rails stand. One that was not there is as it is when nothing happened to it, or another server was faster.
fn write_rails(session: &mut Session, loaded: &Loaded, changes: &Changes) -> Result<(), Failure> {
    if changes.rails.is_empty() {
        return Ok(());
    }
    let records: Vec<RailRecord> = changes.rails.iter().map(|rail| loaded.set.rail(rail)).collect();
    let names: Vec<&str> = records.iter().map(|record| &*record.id).collect();
    let known: Vec<bool> = records.iter().map(|record| loaded.rails.contains(&record.id)).collect();
    let failures: Vec<i64> = records.iter().map(|record| record.failures.into()).collect();
    let pauses = records.iter().map(|record| record.pause.as_ref());
    let moments: Vec<Option<i64>> = pauses.clone().map(|pause| pause.map(|pause| moment(pause.at))).collect();
    let reasons: Vec<Option<Cow<'_, str>>> =
        pauses.map(|pause| pause.map(|pause| storable(&pause.why))).collect();
    let nonces: Vec<Option<i64>> = records.iter().map(|record| nonce_column(record.next_nonce)).collect();
    let leases: Vec<LeaseColumns> = records.iter().map(|record| lease_columns(record.lease)).collect();
    let owners: Vec<Option<&[u8]>> =
        leases.iter().map(|lease| lease.0.as_ref().map(|owner| &owner[..])).collect();
    let epochs: Vec<Option<i64>> = leases.iter().map(|lease| lease.1).collect();
    let until: Vec<Option<i64>> = leases.iter().map(|lease| lease.2).collect();
    let examined: Vec<Option<Cow<'_, str>>> =
        records.iter().map(|record| record.examined.as_deref().map(storable)).collect();
    let written = session.execute(
        "UPDATE rails SET failures = new.failures, paused_ms = new.paused_ms, paused_why = new.paused_why,
             next_nonce = new.next_nonce, lease_owner = new.owner, lease_epoch = new.epoch,
             lease_until_ms = new.until_ms, examined = new.examined
         FROM unnest($1::text[], $2::boolean[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::bytea[],
             $8::bigint[], $9::bigint[], $10::text[])
             AS new (name, is_known, failures, paused_ms, paused_why, next_nonce, owner, epoch, until_ms, examined)
         WHERE rails.name = new.name AND (new.is_known OR rails.failures = 0 AND rails.paused_ms IS NULL
             AND rails.next_nonce IS NULL AND rails.lease_epoch IS NULL AND rails.examined IS NULL)",
        &[&names, &known, &failures, &moments, &reasons, &nonces, &owners, &epochs, &until, &examined],
    )?;
    all(written, records.len()).map_err(|_| Failure::Conflict)
}

/// Those of `all` that have these places.
fn these<T: Clone>(all: &[T], places: &[usize]) -> Vec<T> {
    places.iter().filter_map(|place| all.get(*place).cloned()).collect()
}

fn write_addresses(session: &mut Session, loaded: &Loaded, changes: &Changes) -> Result<(), Failure> {
    let each = changes.addresses.iter();
    let wallets: Vec<i64> =
        each.clone().map(|record| wallet_id(loaded, &record.wallet)).collect::<Result<_, _>>()?;
    if wallets.is_empty() {
        return Ok(());
    }
    let rails: Vec<&str> = each.clone().map(|record| &*record.rail).collect();
    let addresses: Vec<Cow<'_, str>> = each.clone().map(|record| storable(&record.address)).collect();
    let clients: Vec<&[u8]> = each.clone().map(|record| &record.client_id.0[..]).collect();
    let requests: Vec<&[u8]> = each.clone().map(|record| &record.request.0[..]).collect();
    let set: Vec<i64> = each.clone().map(|record| moment(record.set_at)).collect();
    let usable: Vec<i64> = each.map(|record| moment(record.usable_from)).collect();
    // The one that was set last has the greatest row id.
    let written = session.execute(
        "INSERT INTO addresses (wallet, rail, address, client, request, set_ms, usable_from_ms)
         SELECT new.wallet, r.id, new.address, new.client, new.request, new.set_ms, new.usable_from_ms
         FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bytea[], $5::bytea[], $6::bigint[], $7::bigint[])
             WITH ORDINALITY AS new (wallet, rail, address, client, request, set_ms, usable_from_ms, nth)
         JOIN rails r ON r.name = new.rail ORDER BY new.nth",
        &[&wallets, &rails, &addresses, &clients, &requests, &set, &usable],
    )?;
    all(written, wallets.len())
}

fn write_withdrawals(
    session: &mut Session,
    loaded: &Loaded,
    records: &[&WithdrawalRecord],
) -> Result<(), Failure> {
    if records.is_empty() {
        return Ok(());
    }
    let ids: Vec<&[u8]> = records.iter().map(|record| &record.id.0[..]).collect();
    let failures: Vec<i64> = records.iter().map(|record| record.failures.into()).collect();
    let columns: Vec<StageColumns<'_>> = records.iter().map(|record| stage_columns(&record.stage)).collect();
    let stages: Vec<i64> = columns.iter().map(|column| column.0).collect();
    let batches: Vec<Option<&[u8]>> =
        columns.iter().map(|column| column.1.as_ref().map(|id| &id[..])).collect();
    let ended: Vec<Option<i64>> = columns.iter().map(|column| column.2).collect();
    let ended_by: Vec<Option<Cow<'_, str>>> = columns.iter().map(|column| column.3.map(storable)).collect();
    // All else was said when it was requested.
    let updated = session.query(
        "UPDATE withdrawals SET failures = new.failures, stage = new.stage, batch = new.batch,
         ended_ms = new.ended_ms, ended_by = new.ended_by
         FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::bytea[], $5::bigint[], $6::text[])
             AS new (withdrawal, failures, stage, batch, ended_ms, ended_by)
         WHERE withdrawals.withdrawal = new.withdrawal RETURNING withdrawals.withdrawal",
        &[&ids, &failures, &stages, &batches, &ended, &ended_by],
    )?;
    let updated = updated.iter().map(|row| bytes(row, 0)).collect::<Result<BTreeSet<[u8; 16]>, _>>()?;
    let new =
        (0..records.len()).filter(|index| records.get(*index).is_some_and(|it| !updated.contains(&it.id.0)));
    let new: Vec<usize> = new.collect();
    if new.is_empty() {
        return Ok(());
    }
    let records: Vec<&WithdrawalRecord> = these(records, &new);
    let each = records.iter();
    let wallets: Vec<i64> =
        each.clone().map(|record| wallet_id(loaded, &record.wallet)).collect::<Result<_, _>>()?;
    let rails: Vec<&str> = each.clone().map(|record| &*record.rail).collect();
    let assets: Vec<&str> = each.clone().map(|record| &*record.asset).collect();
    let amounts: Vec<i64> = each.clone().map(|record| record.amount.units()).collect();
    let fees: Vec<i64> = each.clone().map(|record| record.fee.units()).collect();
    let addresses: Vec<Cow<'_, str>> = each.clone().map(|record| storable(&record.address)).collect();
    let clients: Vec<&[u8]> = each.clone().map(|record| &record.client_id.0[..]).collect();
    let requests: Vec<&[u8]> = each.clone().map(|record| &record.request.0[..]).collect();
    let requested: Vec<i64> = each.clone().map(|record| moment(record.requested_at)).collect();
    let signed = each.map(|record| record.signed.as_ref());
    let statements: Vec<Option<&str>> = signed.clone().map(|signed| signed.map(|it| &*it.text)).collect();
    let signatures: Vec<Option<&[u8]>> = signed.map(|signed| signed.map(|it| &it.signature.0[..])).collect();
    let written = session.execute(
        "INSERT INTO withdrawals (withdrawal, wallet, rail, asset, amount, fee, address, client, request,
         requested_ms, failures, stage, batch, ended_ms, ended_by, statement, signature)
         SELECT new.withdrawal, new.wallet, r.id, s.id, new.amount, new.fee, new.address, new.client, new.request,
             new.requested_ms, new.failures, new.stage, new.batch, new.ended_ms, new.ended_by,
             new.statement, new.signature
         FROM unnest($1::bytea[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[],
             $8::bytea[], $9::bytea[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bytea[], $14::bigint[],
             $15::text[], $16::text[], $17::bytea[])
             AS new (withdrawal, wallet, rail, asset, amount, fee, address, client, request, requested_ms,
                 failures, stage, batch, ended_ms, ended_by, statement, signature)
         JOIN rails r ON r.name = new.rail JOIN assets s ON s.code = new.asset ORDER BY new.withdrawal",
        &[
            &these(&ids, &new),
            &wallets,
            &rails,
            &assets,
            &amounts,
            &fees,
            &addresses,
            &clients,
            &requests,
            &requested,
            &these(&failures, &new),
            &these(&stages, &new),
            &these(&batches, &new),
            &these(&ended, &new),
            &these(&ended_by, &new),
            &statements,
            &signatures,
        ],
    )?;
    all(written, records.len())
}

/// Writes batches. What a batch settles was said when it was made; candidates are only ever added, and die.
fn write_batches(session: &mut Session, records: &[&BatchRecord]) -> Result<(), Failure> {
    if records.is_empty() {
        return Ok(());
    }
    let ids: Vec<&[u8]> = records.iter().map(|record| &record.id.0[..]).collect();
    let rails: Vec<&str> = records.iter().map(|record| &*record.rail).collect();
    let assets: Vec<&str> = records.iter().map(|record| &*record.asset).collect();
    let made: Vec<i64> = records.iter().map(|record| moment(record.made_at)).collect();
    let ended: Vec<Option<i64>> = records.iter().map(|record| record.ended_at.map(moment)).collect();
    let cancelled: Vec<Option<i64>> = records.iter().map(|record| record.cancelled_at.map(moment)).collect();
    let halted: Vec<Option<i64>> = records.iter().map(|record| record.halted_at.map(moment)).collect();
    let set_aside = || records.iter().map(|record| record.reserve.as_ref());
    let coins: Vec<Option<&str>> = set_aside().map(|reserve| reserve.map(|it| &*it.coin)).collect();
    let reserved: Vec<Option<i64>> = set_aside().map(|reserve| reserve.map(|it| it.amount.units())).collect();
    // One that was there is locked, and one that was not is this batch's alone: its id is random.
    let rows = session.query(
        "INSERT INTO batches (batch, rail, asset, made_ms, ended_ms, cancelled_ms, halted_ms, coin, reserved)
         SELECT new.batch, r.id, s.id, new.made_ms, new.ended_ms, new.cancelled_ms, new.halted_ms,
             (SELECT id FROM assets WHERE code = new.coin), new.reserved
         FROM unnest($1::bytea[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
             $8::text[], $9::bigint[])
             AS new (batch, rail, asset, made_ms, ended_ms, cancelled_ms, halted_ms, coin, reserved)
         JOIN rails r ON r.name = new.rail JOIN assets s ON s.code = new.asset ORDER BY new.batch
         ON CONFLICT (batch) DO UPDATE
             SET ended_ms = excluded.ended_ms, cancelled_ms = excluded.cancelled_ms, halted_ms = excluded.halted_ms,
                 coin = excluded.coin, reserved = excluded.reserved
         RETURNING id, batch",
        &[&ids, &rails, &assets, &made, &ended, &cancelled, &halted, &coins, &reserved],
    )?;
    all(u64::try_from(rows.len()).unwrap_or(u64::MAX), records.len())?;
    let mut numbers: BTreeMap<BatchId, i64> = BTreeMap::new();
    for row in &rows {
        numbers.insert(BatchId(bytes(row, 1)?), number(row, 0)?);
    }
    write_batched(session, records, &numbers)?;
    write_candidates(session, records, &numbers)
}

fn write_batched(
    session: &mut Session,
    records: &[&BatchRecord],
    numbers: &BTreeMap<BatchId, i64>,
) -> Result<(), Failure> {
    let (mut batches, mut places, mut withdrawals) = (vec![], vec![], vec![]);
    for record in records {
        let batch = *numbers.get(&record.id).ok_or(Failure::Missing)?;
        for (place, withdrawal) in (0_i64..).zip(&record.withdrawals) {
            batches.push(batch);
            places.push(place);
            withdrawals.push(&withdrawal.0[..]);
        }
    }
    session.execute(
        "INSERT INTO batched (batch, number, withdrawal) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[])
         ON CONFLICT DO NOTHING",
        &[&batches, &places, &withdrawals],
    )?;
    Ok(())
}

fn write_candidates(
    session: &mut Session,
    records: &[&BatchRecord],
    numbers: &BTreeMap<BatchId, i64>,
) -> Result<(), Failure> {
    let (mut batches, mut places, mut ids) = (vec![], vec![], vec![]);
    let (mut bytes, mut stored, mut dead, mut nonces) = (vec![], vec![], vec![], vec![]);
    for record in records {
        let batch = *numbers.get(&record.id).ok_or(Failure::Missing)?;
        for (place, candidate) in (0_i64..).zip(&record.candidates) {
            batches.push(batch);
            places.push(place);
            ids.push(storable(&candidate.id));
            bytes.push(&candidate.bytes[..]);
            stored.push(moment(candidate.stored_at));
            dead.push(candidate.is_dead);
            nonces.push(nonce_column(candidate.nonce));
        }
    }
    if batches.is_empty() {
        return Ok(());
    }
    session.execute(
        "INSERT INTO candidates (batch, number, candidate, bytes, stored_ms, dead, nonce)
         SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bytea[], $5::bigint[], $6::boolean[],
             $7::bigint[])
         ON CONFLICT (batch, number) DO UPDATE SET dead = excluded.dead",
        &[&batches, &places, &ids, &bytes, &stored, &dead, &nonces],
    )?;
    Ok(())
}
