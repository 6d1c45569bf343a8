//! Flushing payouts: addresses, withdrawals and batches.

use rusqlite::{Connection, OptionalExtension};

use crate::store::columns::{lease_columns, moment, stage_columns};
use crate::store::record::{AddressRecord, BatchRecord, RailRecord, WithdrawalRecord};
use crate::store::sqlite::flush::missing;
use crate::store::sqlite::intern::Interner;
use crate::store::sqlite::load::Loaded;
use crate::store::working::Changes;

/// Writes the changes of a batch, whose wallets have been written.
pub(super) fn write(
    main: &Connection,
    interner: &mut Interner,
    loaded: &Loaded,
    changes: &Changes,
) -> rusqlite::Result<()> {
    for address in &changes.addresses {
        write_address(main, interner, loaded, address)?;
    }
    for withdrawal in &changes.withdrawals {
        if let Some(record) = loaded.set.withdrawal(*withdrawal) {
            write_withdrawal(main, interner, loaded, record)?;
        }
    }
    for rail in &changes.rails {
        write_rail(main, interner, &loaded.set.rail(rail))?;
    }
    for batch in &changes.batches {
        if let Some(record) = loaded.set.batch(*batch) {
            write_batch(main, interner, record)?;
        }
    }
    Ok(())
}

fn write_address(
    main: &Connection,
    interner: &mut Interner,
    loaded: &Loaded,
    record: &AddressRecord,
) -> rusqlite::Result<()> {
    let wallet = loaded.wallets.get(&record.wallet).copied().flatten().ok_or_else(missing)?;
    let rail = interner.rail_id(main, &record.rail)?;
    let (set_at, usable_from) = (moment(record.set_at), moment(record.usable_from));
    main.prepare_cached(
        "INSERT INTO addresses (wallet, rail, address, client, request, set_ms, usable_from_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute((wallet, rail, &*record.address, record.client_id.0, record.request.0, set_at, usable_from))
    .map(drop)
}

fn write_withdrawal(
    main: &Connection,
    interner: &mut Interner,
    loaded: &Loaded,
    record: &WithdrawalRecord,
) -> rusqlite::Result<()> {
    let (stage, batch, ended, ended_by) = stage_columns(&record.stage);
    let changed = main
        .prepare_cached(
            "UPDATE withdrawals SET failures = ?2, stage = ?3, batch = ?4, ended_ms = ?5, ended_by = ?6
             WHERE withdrawal = ?1",
        )?
        .execute((record.id.0, record.failures, stage, batch, ended, ended_by))?;
    if changed > 0 {
        // All else was said when it was requested.
        return Ok(());
    }
    let wallet = loaded.wallets.get(&record.wallet).copied().flatten().ok_or_else(missing)?;
    let rail = interner.rail_id(main, &record.rail)?;
    let asset = interner.asset_id(main, &record.asset)?;
    main.prepare_cached(
        "INSERT INTO withdrawals (withdrawal, wallet, rail, asset, amount, fee, address, client, request,
         requested_ms, failures, stage, batch, ended_ms, ended_by, statement, signature)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
    )?
    .execute(rusqlite::params![
        record.id.0,
        wallet,
        rail,
        asset,
        record.amount.units(),
        record.fee.units(),
        &*record.address,
        record.client_id.0,
        record.request.0,
        moment(record.requested_at),
        record.failures,
        stage,
        batch,
        ended,
        ended_by,
        record.signed.as_ref().map(|signed| &*signed.text),
        record.signed.as_ref().map(|signed| signed.signature.0),
    ])
    .map(drop)
}

fn write_rail(main: &Connection, interner: &mut Interner, record: &RailRecord) -> rusqlite::Result<()> {
    let id = interner.rail_id(main, &record.id)?;
    let (at, why) = record.pause.as_ref().map(|pause| (moment(pause.at), &*pause.why)).unzip();
    let (owner, epoch, until) = lease_columns(record.lease);
    main.prepare_cached(
        "UPDATE rails SET failures = ?2, paused_ms = ?3, paused_why = ?4, next_nonce = ?5, lease_owner = ?6,
         lease_epoch = ?7, lease_until_ms = ?8, examined = ?9 WHERE id = ?1",
    )?
    .execute((
        id,
        record.failures,
        at,
        why,
        record.next_nonce,
        owner,
        epoch,
        until,
        record.examined.as_deref(),
    ))
    .map(drop)
}

/// Writes a batch. What it settles was said when it was made; candidates are only ever added, and die.
fn write_batch(main: &Connection, interner: &mut Interner, record: &BatchRecord) -> rusqlite::Result<()> {
    let coin = record.reserve.as_ref().map(|reserve| interner.asset_id(main, &reserve.coin)).transpose()?;
    let reserved = record.reserve.as_ref().map(|reserve| reserve.amount.units());
    let known: Option<i64> = main
        .prepare_cached(
            "UPDATE batches SET ended_ms = ?2, cancelled_ms = ?3, halted_ms = ?4, coin = ?5, reserved = ?6
             WHERE batch = ?1 RETURNING id",
        )?
        .query_row(
            (
                record.id.0,
                record.ended_at.map(moment),
                record.cancelled_at.map(moment),
                record.halted_at.map(moment),
                coin,
                reserved,
            ),
            |row| row.get(0),
        )
        .optional()?;
    let number = match known {
        Some(number) => number,
        None => insert_batch(main, interner, record, coin.zip(reserved))?,
    };
    let mut statement = main.prepare_cached(
        "INSERT INTO candidates (batch, number, candidate, bytes, stored_ms, dead, nonce)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (batch, number) DO UPDATE SET dead = ?6",
    )?;
    for (index, candidate) in (0_i64..).zip(&record.candidates) {
        let (stored, nonce) = (moment(candidate.stored_at), candidate.nonce);
        let (id, bytes, is_dead) = (&*candidate.id, &candidate.bytes, candidate.is_dead);
        statement.execute((number, index, id, bytes, stored, is_dead, nonce))?;
    }
    Ok(())
}

fn insert_batch(
    main: &Connection,
    interner: &mut Interner,
    record: &BatchRecord,
    reserve: Option<(i64, i64)>,
) -> rusqlite::Result<i64> {
    let (rail, asset) = (interner.rail_id(main, &record.rail)?, interner.asset_id(main, &record.asset)?);
    let number = main
        .prepare_cached(
            "INSERT INTO batches (batch, rail, asset, made_ms, ended_ms, cancelled_ms, halted_ms, coin, reserved)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .insert((
            record.id.0,
            rail,
            asset,
            moment(record.made_at),
            record.ended_at.map(moment),
            record.cancelled_at.map(moment),
            record.halted_at.map(moment),
            reserve.map(|(coin, _)| coin),
            reserve.map(|(_, reserved)| reserved),
        ))?;
    let mut statement =
        main.prepare_cached("INSERT INTO batched (batch, number, withdrawal) VALUES (?1, ?2, ?3)")?;
    for (index, withdrawal) in (0_i64..).zip(&record.withdrawals) {
        statement.execute((number, index, withdrawal.0))?;
    }
    Ok(number)
}
