//! Rows of payouts to records and back. Used by the writer and the readers.

use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::payout::{BatchId, WithdrawalId};
use dripline_shared::round::{ClientId, Hash};
use dripline_shared::wallet::{Signature, Wallet};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::ledger::Holder;
use crate::store::AHEAD_MAX;
use crate::store::columns::{read_lease, read_stage};
use crate::store::record::{
    AddressRecord, BatchFacts, BatchRecord, Candidate, Pause, RailRecord, Reserve, SignedStatement, Stage,
    WalletFacts, WithdrawalFacts, WithdrawalRecord,
};
use crate::store::sqlite::intern::Interner;
use crate::store::sqlite::rows::{amount, maybe_timestamp, timestamp, wallet_accounts};

macro_rules! select_address {
    () => {
        "SELECT r.name, a.address, a.client, a.request, a.set_ms, a.usable_from_ms
         FROM addresses a JOIN rails r ON r.id = a.rail WHERE a.wallet = ?1"
    };
}

/// The columns of a withdrawal, for [`read_withdrawal`].
macro_rules! select_withdrawal {
    () => {
        "SELECT w.withdrawal, o.key, w.rail, w.asset, w.amount, w.fee, w.address, w.client, w.request,
         w.requested_ms, w.failures, w.stage, w.batch, w.ended_ms, w.ended_by,
         w.statement, w.signature
         FROM withdrawals w JOIN wallets o ON o.id = w.wallet"
    };
}
pub(super) use select_withdrawal;

fn read_address(wallet: Wallet, row: &Row<'_>) -> rusqlite::Result<AddressRecord> {
    Ok(AddressRecord {
        wallet,
        rail: row.get(0)?,
        address: row.get(1)?,
        client_id: ClientId(row.get(2)?),
        request: Hash(row.get(3)?),
        set_at: timestamp(row, 4)?,
        usable_from: timestamp(row, 5)?,
    })
}

/// A withdrawal.
pub(super) fn read_withdrawal(
    connection: &Connection,
    interner: &mut Interner,
    row: &Row<'_>,
) -> rusqlite::Result<WithdrawalRecord> {
    Ok(WithdrawalRecord {
        id: WithdrawalId(row.get(0)?),
        wallet: Wallet(row.get(1)?),
        rail: interner.rail(connection, row.get(2)?)?,
        asset: interner.asset(connection, row.get(3)?)?,
        amount: amount(row, 4)?,
        fee: amount(row, 5)?,
        address: row.get(6)?,
        client_id: ClientId(row.get(7)?),
        request: Hash(row.get(8)?),
        signed: signed(row, 15)?,
        requested_at: timestamp(row, 9)?,
        failures: row.get(10)?,
        stage: read_stage(row.get(11)?, row.get(12)?, maybe_timestamp(row, 13)?, row.get(14)?)
            .ok_or_else(|| rusqlite::Error::InvalidColumnType(11, "stage".to_owned(), Type::Integer))?,
    })
}

/// What a player has signed, from the columns `statement, signature`. Of withdrawals from before it was kept, the statement is
/// empty.
pub(super) fn signed(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<SignedStatement>> {
    let (text, signature) = (row.get(first)?, row.get(first.saturating_add(1))?);
    let signed = Option::zip(text, signature);
    Ok(signed.map(|(text, signature)| SignedStatement { text, signature: Signature(signature) }))
}

/// Where a wallet is paid, by rail: the addresses that count.
pub(super) fn addresses(
    connection: &Connection,
    wallet: Wallet,
    id: i64,
) -> rusqlite::Result<Vec<AddressRecord>> {
    connection
        .prepare_cached(concat!(
            select_address!(),
            " AND a.id IN (SELECT (SELECT id FROM addresses WHERE wallet = ?1 AND rail = rails.id
             ORDER BY id DESC LIMIT 1) FROM rails) ORDER BY r.name"
        ))?
        .query_map([id], |row| read_address(wallet, row))?
        .collect()
}

/// Where a wallet has said last that a rail pays it, at most so often.
pub(super) fn addresses_lately(
    connection: &Connection,
    wallet: Wallet,
    id: i64,
    rail: &str,
    most: usize,
) -> rusqlite::Result<Vec<AddressRecord>> {
    connection
        .prepare_cached(concat!(select_address!(), " AND r.name = ?2 ORDER BY a.id DESC LIMIT ?3"))?
        .query_map((id, rail, most), |row| read_address(wallet, row))?
        .collect()
}

/// What a wallet set under a client id.
pub(super) fn address_of_client(
    connection: &Connection,
    wallet: Wallet,
    id: i64,
    client: ClientId,
) -> rusqlite::Result<Option<AddressRecord>> {
    connection
        .prepare_cached(concat!(select_address!(), " AND a.client = ?2"))?
        .query_row((id, client.0), |row| read_address(wallet, row))
        .optional()
}

/// The wallets that have ever had this address by a rail.
pub(super) fn wallets_at(
    connection: &Connection,
    rail: &str,
    address: &str,
) -> rusqlite::Result<Vec<Wallet>> {
    connection
        .prepare(
            "SELECT DISTINCT o.key FROM addresses a JOIN rails r ON r.id = a.rail JOIN wallets o ON o.id = a.wallet
             WHERE r.name = ?1 AND a.address = ?2 ORDER BY o.key",
        )?
        .query_map((rail, address), |row| row.get(0).map(Wallet))?
        .collect()
}

/// A withdrawal by its id.
pub(super) fn withdrawal(
    connection: &Connection,
    interner: &mut Interner,
    id: WithdrawalId,
) -> rusqlite::Result<Option<WithdrawalRecord>> {
    connection
        .prepare_cached(concat!(select_withdrawal!(), " WHERE w.withdrawal = ?1"))?
        .query_row([id.0], |row| read_withdrawal(connection, interner, row))
        .optional()
}

/// What a wallet requested under a client id.
pub(super) fn withdrawal_of_client(
    connection: &Connection,
    interner: &mut Interner,
    wallet: i64,
    client: ClientId,
) -> rusqlite::Result<Option<WithdrawalRecord>> {
    connection
        .prepare_cached(concat!(select_withdrawal!(), " WHERE w.wallet = ?1 AND w.client = ?2"))?
        .query_row((wallet, client.0), |row| read_withdrawal(connection, interner, row))
        .optional()
}

/// The withdrawals of an asset that have waited longest for a rail, at most so many.
pub(super) fn queue(
    connection: &Connection,
    interner: &mut Interner,
    (rail, asset): (i64, i64),
    most: usize,
) -> rusqlite::Result<Vec<WithdrawalRecord>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    connection
        .prepare_cached(concat!(
            select_withdrawal!(),
            " WHERE w.rail = ?1 AND w.asset = ?2 AND w.stage = 0 ORDER BY w.withdrawal LIMIT ?3"
        ))?
        .query_map((rail, asset, most), |row| read_withdrawal(connection, interner, row))?
        .collect()
}

/// The withdrawals of any asset that wait for a rail, those that wait longest first, above `after`, at most so many.
pub(super) fn waiting(
    connection: &Connection,
    interner: &mut Interner,
    rail: &Arc<str>,
    after: Option<WithdrawalId>,
    limit: usize,
) -> rusqlite::Result<Vec<WithdrawalRecord>> {
    let Some(rail) = interner.known_rail(connection, rail)? else { return Ok(Vec::new()) };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    connection
        .prepare_cached(concat!(
            select_withdrawal!(),
            " WHERE w.rail = ?1 AND w.stage = 0 AND (?2 IS NULL OR w.withdrawal > ?2) ORDER BY w.withdrawal LIMIT ?3"
        ))?
        .query_map((rail, after.map(|id| id.0), limit), |row| read_withdrawal(connection, interner, row))?
        .collect()
}

/// A wallet's withdrawals below `before`, the newest first.
pub(super) fn withdrawals(
    connection: &Connection,
    interner: &mut Interner,
    wallet: i64,
    before: Option<WithdrawalId>,
    limit: usize,
) -> rusqlite::Result<Vec<WithdrawalFacts>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let records: Vec<WithdrawalRecord> = connection
        .prepare_cached(concat!(
            select_withdrawal!(),
            " WHERE w.wallet = ?1 AND (?2 IS NULL OR w.withdrawal < ?2) ORDER BY w.withdrawal DESC LIMIT ?3"
        ))?
        .query_map((wallet, before.map(|id| id.0), limit), |row| read_withdrawal(connection, interner, row))?
        .collect::<rusqlite::Result<_>>()?;
    records.into_iter().map(|record| with_place(connection, interner, record)).collect()
}

/// A wallet's newest withdrawal that somebody signed for, and those after it, which were made of what lay dormant.
pub(super) fn withdrawals_since_last_signed(
    connection: &Connection,
    interner: &mut Interner,
    wallet: i64,
) -> rusqlite::Result<Vec<WithdrawalRecord>> {
    connection
        .prepare_cached(concat!(
            select_withdrawal!(),
            " WHERE w.wallet = ?1 AND w.withdrawal >= coalesce((SELECT withdrawal FROM withdrawals
                 WHERE wallet = ?1 AND client <> substr(request, 1, 16) ORDER BY withdrawal DESC LIMIT 1), x'')"
        ))?
        .query_map([wallet], |row| read_withdrawal(connection, interner, row))?
        .collect()
}

/// A withdrawal with its place in the queue.
pub(super) fn with_place(
    connection: &Connection,
    interner: &mut Interner,
    record: WithdrawalRecord,
) -> rusqlite::Result<WithdrawalFacts> {
    let ahead = if record.stage == Stage::Queued {
        let rail = interner.known_rail(connection, &record.rail)?;
        let mut statement = connection.prepare_cached(
            "SELECT count(*) FROM (SELECT 1 FROM withdrawals WHERE rail = ?1 AND asset = ?2 AND stage = 0
             AND withdrawal < ?3 LIMIT ?4)",
        )?;
        let asset = interner.asset_id(connection, &record.asset)?;
        Some(statement.query_row((rail, asset, record.id.0, AHEAD_MAX), |row| row.get(0))?)
    } else {
        None
    };
    Ok(WithdrawalFacts { record, ahead })
}

/// The rails to which anything has happened.
pub(super) fn rails(connection: &Connection) -> rusqlite::Result<Vec<RailRecord>> {
    connection
        .prepare_cached(
            "SELECT name, failures, paused_ms, paused_why, next_nonce, lease_owner, lease_epoch, lease_until_ms,
             examined FROM rails WHERE failures > 0 OR paused_ms IS NOT NULL OR next_nonce IS NOT NULL
             OR lease_epoch IS NOT NULL OR examined IS NOT NULL ORDER BY name",
        )?
        .query_map([], |row| {
            let pause = match maybe_timestamp(row, 2)? {
                Some(at) => Some(Pause { at, why: row.get(3)? }),
                None => None,
            };
            let lease = read_lease(row.get(5)?, row.get(6)?, maybe_timestamp(row, 7)?);
            let (id, failures, next_nonce, examined) =
                (row.get(0)?, row.get(1)?, row.get(4)?, row.get(8)?);
            Ok(RailRecord { id, failures, pause, next_nonce, examined, lease })
        })?
        .collect()
}

/// Which of these a rail has kept as candidates.
pub(super) fn are_candidates(
    connection: &Connection,
    rail: &str,
    ids: &[Arc<str>],
) -> rusqlite::Result<Vec<bool>> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM candidates c JOIN batches b ON b.id = c.batch JOIN rails r ON r.id = b.rail
         WHERE c.candidate = ?2 AND r.name = ?1)",
    )?;
    ids.iter().map(|id| statement.query_row((rail, id), |row| row.get(0))).collect()
}

/// How many withdrawals wait for each rail: of those for which anything waits or is under way.
pub(super) fn queues(connection: &Connection) -> rusqlite::Result<Vec<(String, u64)>> {
    connection
        .prepare(
            "SELECT name, waiting FROM (SELECT name,
                 (SELECT count(*) FROM withdrawals WHERE rail = rails.id AND stage = 0) AS waiting,
                 EXISTS (SELECT 1 FROM batches WHERE rail = rails.id AND ended_ms IS NULL) AS under_way FROM rails)
             WHERE waiting > 0 OR under_way ORDER BY name",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// A batch by its id.
pub(super) fn batch(
    connection: &Connection,
    interner: &mut Interner,
    id: BatchId,
) -> rusqlite::Result<Option<BatchRecord>> {
    let head = connection
        .prepare_cached(
            "SELECT id, rail, asset, made_ms, ended_ms, cancelled_ms, halted_ms, coin, reserved FROM batches
             WHERE batch = ?1",
        )?
        .query_row([id.0], |row| {
            let (rail, asset) =
                (interner.rail(connection, row.get(1)?)?, interner.asset(connection, row.get(2)?)?);
            let (withdrawals, candidates) = (Vec::new(), Vec::new());
            let (made_at, ended_at) = (timestamp(row, 3)?, maybe_timestamp(row, 4)?);
            let (cancelled_at, halted_at) = (maybe_timestamp(row, 5)?, maybe_timestamp(row, 6)?);
            let reserve = match row.get::<_, Option<i64>>(7)? {
                Some(coin) => {
                    Some(Reserve { coin: interner.asset(connection, coin)?, amount: amount(row, 8)? })
                }
                None => None,
            };
            let record = BatchRecord {
                id,
                rail,
                asset,
                made_at,
                ended_at,
                cancelled_at,
                halted_at,
                reserve,
                withdrawals,
                candidates,
            };
            Ok((row.get(0)?, record))
        })
        .optional()?;
    let Some((number, mut batch)): Option<(i64, BatchRecord)> = head else { return Ok(None) };
    batch.withdrawals = connection
        .prepare_cached("SELECT withdrawal FROM batched WHERE batch = ?1 ORDER BY number")?
        .query_map([number], |row| row.get(0).map(WithdrawalId))?
        .collect::<rusqlite::Result<_>>()?;
    batch.candidates = connection
        .prepare_cached(
            "SELECT candidate, CASE WHEN dead THEN x'' ELSE bytes END, stored_ms, dead, nonce FROM candidates
             WHERE batch = ?1 ORDER BY number",
        )?
        .query_map([number], |row| {
            let (id, bytes) = (row.get(0)?, row.get(1)?);
            let (stored_at, is_dead, nonce) = (timestamp(row, 2)?, row.get(3)?, row.get(4)?);
            Ok(Candidate { id, bytes, nonce, stored_at, is_dead })
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Some(batch))
}

/// The batches of a rail that have not ended, the oldest first.
pub(super) fn batches(
    connection: &Connection,
    interner: &mut Interner,
    rail: &Arc<str>,
) -> rusqlite::Result<Vec<BatchFacts>> {
    let Some(rail) = interner.known_rail(connection, rail)? else { return Ok(Vec::new()) };
    let ids: Vec<[u8; 16]> = connection
        .prepare_cached("SELECT batch FROM batches WHERE rail = ?1 AND ended_ms IS NULL ORDER BY batch")?
        .query_map([rail], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let missing = || rusqlite::Error::QueryReturnedNoRows;
    let mut found = Vec::new();
    for id in ids {
        let record = batch(connection, interner, BatchId(id))?.ok_or_else(missing)?;
        let of_batch = |id: &WithdrawalId| withdrawal(connection, interner, *id)?.ok_or_else(missing);
        let withdrawals = record.withdrawals.iter().map(of_batch).collect::<rusqlite::Result<_>>()?;
        found.push(BatchFacts { record, withdrawals });
    }
    Ok(found)
}

/// Fills in what a wallet has and had of every asset.
pub(super) fn money(
    connection: &Connection,
    interner: &mut Interner,
    id: i64,
    facts: &mut WalletFacts,
) -> rusqlite::Result<()> {
    for (account, balance) in wallet_accounts(connection, facts.record.wallet, id)? {
        let money = facts.money.entry(account.asset).or_default();
        match account.holder {
            Holder::Pending(_) => money.pending = balance.amount(),
            _ => money.balance = balance.amount(),
        }
    }
    let mut statement = connection.prepare_cached(
        "SELECT asset, sum(amount) FROM withdrawals WHERE wallet = ?1 AND stage = 2 GROUP BY asset",
    )?;
    let mut rows = statement.query([id])?;
    while let Some(row) = rows.next()? {
        let paid: i64 = row.get(1)?;
        let paid = Amount::try_from(paid)
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(1, Type::Integer, error.into()))?;
        let asset = interner.asset(connection, row.get(0)?)?;
        facts.money.entry(asset).or_default().paid = paid;
    }
    Ok(())
}
