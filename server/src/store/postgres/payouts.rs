//! Rows of payouts to records and back. Used by the writer and the readers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::payout::{BatchId, WithdrawalId};
use dripline_shared::round::{ClientId, Hash};
use dripline_shared::wallet::{Signature, Wallet};
use postgres::Row;

use crate::ledger::Holder;
use crate::store::AHEAD_MAX;
use crate::store::columns::{read_lease, read_stage};
use crate::store::postgres::failure::Failure;
use crate::store::postgres::rows::{
    amount, bytes, maybe_bytes, maybe_number, maybe_text, maybe_timestamp, number, text, timestamp,
    wallet_accounts,
};
use crate::store::postgres::session::Session;
use crate::store::record::{
    AddressRecord, BatchFacts, BatchRecord, Candidate, Pause, RailRecord, Reserve, SignedStatement, Stage,
    WalletFacts, WithdrawalFacts, WithdrawalRecord,
};

macro_rules! select_address {
    () => {
        "SELECT o.key, r.name, a.address, a.client, a.request, a.set_ms, a.usable_from_ms
         FROM addresses a JOIN rails r ON r.id = a.rail JOIN wallets o ON o.id = a.wallet "
    };
}

/// The columns of a withdrawal, for [`read_withdrawals`].
macro_rules! select_withdrawal {
    () => {
        "SELECT w.withdrawal, o.key, r.name, s.code, w.amount, w.fee, w.address, w.client, w.request,
         w.requested_ms, w.failures, w.stage, w.batch, w.ended_ms, w.ended_by,
         w.statement, w.signature
         FROM withdrawals w JOIN wallets o ON o.id = w.wallet JOIN rails r ON r.id = w.rail
         JOIN assets s ON s.id = w.asset "
    };
}
pub(super) use select_withdrawal;

fn read_address(row: &Row) -> Result<AddressRecord, Failure> {
    Ok(AddressRecord {
        wallet: Wallet(bytes(row, 0)?),
        rail: text(row, 1)?,
        address: text(row, 2)?,
        client_id: ClientId(bytes(row, 3)?),
        request: Hash(bytes(row, 4)?),
        set_at: timestamp(row, 5)?,
        usable_from: timestamp(row, 6)?,
    })
}

fn read_withdrawal(row: &Row) -> Result<WithdrawalRecord, Failure> {
    let stage =
        read_stage(number(row, 11)?, maybe_bytes(row, 12)?, maybe_timestamp(row, 13)?, maybe_text(row, 14)?);
    Ok(WithdrawalRecord {
        id: WithdrawalId(bytes(row, 0)?),
        wallet: Wallet(bytes(row, 1)?),
        rail: text(row, 2)?,
        asset: text(row, 3)?,
        amount: amount(row, 4)?,
        fee: amount(row, 5)?,
        address: text(row, 6)?,
        client_id: ClientId(bytes(row, 7)?),
        request: Hash(bytes(row, 8)?),
        signed: signed(row, 15)?,
        requested_at: timestamp(row, 9)?,
        failures: number(row, 10)?,
        stage: stage.ok_or(Failure::Column("stage"))?,
    })
}

/// What a player has signed, from the columns `statement, signature`.
pub(super) fn signed(row: &Row, first: usize) -> Result<Option<SignedStatement>, Failure> {
    let text = maybe_text(row, first)?;
    let signature =
        |text| Ok(SignedStatement { text, signature: Signature(bytes(row, first.saturating_add(1))?) });
    text.map(signature).transpose()
}

/// Withdrawals.
pub(super) fn read_withdrawals(rows: &[Row]) -> Result<Vec<WithdrawalRecord>, Failure> {
    rows.iter().map(read_withdrawal).collect()
}

/// Where wallets are paid, by rail: the addresses that count.
pub(super) fn addresses(session: &mut Session, wallets: &[i64]) -> Result<Vec<AddressRecord>, Failure> {
    addresses_lately(session, wallets, 1)
}

/// Where wallets have said last that rails pay them, at most so often by each rail.
pub(super) fn addresses_lately(
    session: &mut Session,
    wallets: &[i64],
    most: usize,
) -> Result<Vec<AddressRecord>, Failure> {
    let rows = session.query(
        concat!(
            select_address!(),
            "WHERE a.id IN (
                 SELECT last.id FROM unnest($1::bigint[]) AS wanted (wallet) CROSS JOIN rails CROSS JOIN LATERAL (
                     SELECT id FROM addresses WHERE wallet = wanted.wallet AND rail = rails.id
                     ORDER BY id DESC LIMIT $2
                 ) AS last
             ) ORDER BY a.wallet, r.name"
        ),
        &[&wallets, &i64::try_from(most).unwrap_or(i64::MAX)],
    )?;
    rows.iter().map(read_address).collect()
}

/// What wallets set under client ids, pair by pair.
pub(super) fn addresses_of_clients(
    session: &mut Session,
    wallets: &[i64],
    clients: &[&[u8]],
) -> Result<Vec<AddressRecord>, Failure> {
    let rows = session.query(
        concat!(
            select_address!(),
            "JOIN unnest($1::bigint[], $2::bytea[]) AS sent (wallet, client)
             ON a.wallet = sent.wallet AND a.client = sent.client"
        ),
        &[&wallets, &clients],
    )?;
    rows.iter().map(read_address).collect()
}

/// The wallets that have ever had this address by a rail.
pub(super) fn wallets_at(session: &mut Session, rail: &str, address: &str) -> Result<Vec<Wallet>, Failure> {
    let rows = session.query(
        "SELECT DISTINCT o.key FROM addresses a JOIN rails r ON r.id = a.rail JOIN wallets o ON o.id = a.wallet
         WHERE r.name = $1 AND a.address = $2 ORDER BY o.key",
        &[&rail, &address],
    )?;
    rows.iter().map(|row| bytes(row, 0).map(Wallet)).collect()
}

/// Withdrawals by their ids.
pub(super) fn withdrawals(session: &mut Session, ids: &[&[u8]]) -> Result<Vec<WithdrawalRecord>, Failure> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    read_withdrawals(&session.query(concat!(select_withdrawal!(), "WHERE w.withdrawal = ANY($1)"), &[&ids])?)
}

/// The batches, not ended, that withdrawals with these ids are in.
pub(super) fn batches_of(session: &mut Session, ids: &[&[u8]]) -> Result<Vec<[u8; 16]>, Failure> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = session.query(
        "SELECT DISTINCT batch FROM withdrawals WHERE withdrawal = ANY($1) AND stage = 1 AND batch IS NOT NULL",
        &[&ids],
    )?;
    rows.iter().map(|row| bytes(row, 0)).collect()
}

/// Of each of these wallets the newest withdrawal that somebody signed for, and those after it, which were made of what lay
/// dormant.
pub(super) fn withdrawals_since_last_signed(
    session: &mut Session,
    wallets: &[i64],
) -> Result<Vec<WithdrawalRecord>, Failure> {
    read_withdrawals(&session.query(
        concat!(
            select_withdrawal!(),
            "WHERE w.wallet = ANY($1) AND w.withdrawal >= coalesce((SELECT withdrawal FROM withdrawals l
                 WHERE l.wallet = w.wallet AND l.client <> substring(l.request FROM 1 FOR 16)
                 ORDER BY l.withdrawal DESC LIMIT 1), ''::bytea)"
        ),
        &[&wallets],
    )?)
}

/// What wallets requested under client ids, pair by pair.
pub(super) fn withdrawals_of_clients(
    session: &mut Session,
    wallets: &[i64],
    clients: &[&[u8]],
) -> Result<Vec<WithdrawalRecord>, Failure> {
    let rows = session.query(
        concat!(
            select_withdrawal!(),
            "JOIN unnest($1::bigint[], $2::bytea[]) AS sent (wallet, client)
             ON w.wallet = sent.wallet AND w.client = sent.client"
        ),
        &[&wallets, &clients],
    )?;
    read_withdrawals(&rows)
}

/// The withdrawals of an asset that have waited longest for a rail, at most so many.
pub(super) fn queue(
    session: &mut Session,
    (rail, asset): (&str, &str),
    most: usize,
) -> Result<Vec<WithdrawalRecord>, Failure> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = session.query(
        concat!(
            select_withdrawal!(),
            "WHERE r.name = $1 AND s.code = $2 AND w.stage = 0 ORDER BY w.withdrawal LIMIT $3"
        ),
        &[&rail, &asset, &most],
    )?;
    read_withdrawals(&rows)
}

/// The withdrawals of any asset that wait for a rail, those that wait longest first, above `after`, at most so many.
pub(super) fn waiting(
    session: &mut Session,
    rail: &str,
    after: Option<WithdrawalId>,
    limit: usize,
) -> Result<Vec<WithdrawalRecord>, Failure> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let after = after.as_ref().map(|id| &id.0[..]);
    let rows = session.query(
        concat!(
            select_withdrawal!(),
            "WHERE r.name = $1 AND w.stage = 0 AND ($2::bytea IS NULL OR w.withdrawal > $2)
             ORDER BY w.withdrawal LIMIT $3"
        ),
        &[&rail, &after, &limit],
    )?;
    read_withdrawals(&rows)
}

/// A wallet's withdrawals below `before`, the newest first.
pub(super) fn withdrawals_of_wallet(
    session: &mut Session,
    wallet: i64,
    before: Option<WithdrawalId>,
    limit: usize,
) -> Result<Vec<WithdrawalFacts>, Failure> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let before = before.as_ref().map(|id| &id.0[..]);
    let rows = session.query(
        concat!(
            select_withdrawal!(),
            "WHERE w.wallet = $1 AND ($2::bytea IS NULL OR w.withdrawal < $2) ORDER BY w.withdrawal DESC LIMIT $3"
        ),
        &[&wallet, &before, &limit],
    )?;
    with_places(session, read_withdrawals(&rows)?)
}

/// Withdrawals with their places in the queue.
pub(super) fn with_places(
    session: &mut Session,
    records: Vec<WithdrawalRecord>,
) -> Result<Vec<WithdrawalFacts>, Failure> {
    let waiting = records.iter().filter(|record| record.stage == Stage::Queued);
    let ids: Vec<&[u8]> = waiting.map(|record| &record.id.0[..]).collect();
    let mut ahead: BTreeMap<WithdrawalId, u64> = BTreeMap::new();
    if !ids.is_empty() {
        let rows = session.query(
            "SELECT one.withdrawal, (SELECT count(*) FROM (
                 SELECT 1 FROM withdrawals w WHERE w.rail = one.rail AND w.asset = one.asset AND w.stage = 0
                 AND w.withdrawal < one.withdrawal LIMIT $2) AS before)
             FROM withdrawals one WHERE one.withdrawal = ANY($1)",
            &[&ids, &i64::try_from(AHEAD_MAX).unwrap_or(i64::MAX)],
        )?;
        for row in &rows {
            ahead.insert(WithdrawalId(bytes(row, 0)?), number(row, 1)?);
        }
    }
    let with_place = |record: WithdrawalRecord| {
        let ahead = ahead.get(&record.id).copied();
        WithdrawalFacts { record, ahead }
    };
    Ok(records.into_iter().map(with_place).collect())
}

/// The columns of a rail, for [`read_rail`].
macro_rules! select_rail {
    () => {
        "SELECT name, failures, paused_ms, paused_why, next_nonce, lease_owner, lease_epoch, lease_until_ms,
         examined FROM rails "
    };
}
pub(super) use select_rail;

/// How a rail stands.
pub(super) fn read_rail(row: &Row) -> Result<RailRecord, Failure> {
    let pause = match maybe_timestamp(row, 2)? {
        Some(at) => Some(Pause { at, why: text(row, 3)? }),
        None => None,
    };
    let next_nonce = maybe_number(row, 4)?;
    let lease = read_lease(maybe_bytes(row, 5)?, maybe_number(row, 6)?, maybe_timestamp(row, 7)?);
    let (id, failures, examined) = (text(row, 0)?, number(row, 1)?, maybe_text(row, 8)?);
    Ok(RailRecord { id, failures, pause, next_nonce, examined, lease })
}

/// The rails to which anything has happened.
pub(super) fn rails(session: &mut Session) -> Result<Vec<RailRecord>, Failure> {
    let rows = session.query(
        concat!(
            select_rail!(),
            "WHERE failures > 0 OR paused_ms IS NOT NULL OR next_nonce IS NOT NULL OR lease_epoch IS NOT NULL
             OR examined IS NOT NULL ORDER BY name"
        ),
        &[],
    )?;
    rows.iter().map(read_rail).collect()
}

/// Which of these a rail has kept as candidates.
pub(super) fn are_candidates(
    session: &mut Session,
    rail: &str,
    ids: &[Arc<str>],
) -> Result<Vec<bool>, Failure> {
    let wanted: Vec<&str> = ids.iter().map(|id| &**id).collect();
    let rows = session.query(
        "SELECT c.candidate FROM candidates c JOIN batches b ON b.id = c.batch JOIN rails r ON r.id = b.rail
         WHERE r.name = $1 AND c.candidate = ANY($2)",
        &[&rail, &wanted],
    )?;
    let found: BTreeSet<Arc<str>> = rows.iter().map(|row| text(row, 0)).collect::<Result<_, _>>()?;
    Ok(ids.iter().map(|id| found.contains(id)).collect())
}

/// How many withdrawals wait for each rail: of those for which anything waits or is under way.
pub(super) fn queues(session: &mut Session) -> Result<Vec<(String, u64)>, Failure> {
    let rows = session.query(
        "SELECT name, waiting FROM (SELECT name,
             (SELECT count(*) FROM withdrawals WHERE rail = rails.id AND stage = 0) AS waiting,
             EXISTS (SELECT 1 FROM batches WHERE rail = rails.id AND ended_ms IS NULL) AS under_way FROM rails
         ) AS each WHERE waiting > 0 OR under_way ORDER BY name",
        &[],
    )?;
    rows.iter().map(|row| Ok((row.try_get(0)?, number(row, 1)?))).collect()
}

/// Batches by their ids, the oldest first.
pub(super) fn batches(session: &mut Session, ids: &[&[u8]]) -> Result<Vec<BatchRecord>, Failure> {
    let rows = session.query(
        "SELECT b.id, b.batch, r.name, s.code, b.made_ms, b.ended_ms, b.cancelled_ms, b.halted_ms, c.code, b.reserved FROM batches b
         JOIN rails r ON r.id = b.rail JOIN assets s ON s.id = b.asset LEFT JOIN assets c ON c.id = b.coin WHERE b.batch = ANY($1) ORDER BY b.batch",
        &[&ids],
    )?;
    let mut found: Vec<(i64, BatchRecord)> = rows.iter().map(read_batch).collect::<Result<_, _>>()?;
    let numbers: Vec<i64> = found.iter().map(|(number, _)| *number).collect();
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let rows = session.query(
        "SELECT batch, withdrawal FROM batched WHERE batch = ANY($1) ORDER BY batch, number",
        &[&numbers],
    )?;
    let mut withdrawals: BTreeMap<i64, Vec<WithdrawalId>> = BTreeMap::new();
    for row in &rows {
        withdrawals.entry(number(row, 0)?).or_default().push(WithdrawalId(bytes(row, 1)?));
    }
    let rows = session.query(
        "SELECT batch, candidate, CASE WHEN dead THEN ''::bytea ELSE bytes END, stored_ms, dead, nonce
         FROM candidates WHERE batch = ANY($1) ORDER BY batch, number",
        &[&numbers],
    )?;
    let mut candidates: BTreeMap<i64, Vec<Candidate>> = BTreeMap::new();
    for row in &rows {
        let (id, bytes) = (text(row, 1)?, row.try_get(2)?);
        let (stored_at, is_dead, nonce) = (timestamp(row, 3)?, row.try_get(4)?, maybe_number(row, 5)?);
        let candidate = Candidate { id, bytes, nonce, stored_at, is_dead };
        candidates.entry(number(row, 0)?).or_default().push(candidate);
    }
    for (number, batch) in &mut found {
        batch.withdrawals = withdrawals.remove(number).unwrap_or_default();
        batch.candidates = candidates.remove(number).unwrap_or_default();
    }
    Ok(found.into_iter().map(|(_, batch)| batch).collect())
}

fn read_batch(row: &Row) -> Result<(i64, BatchRecord), Failure> {
    let batch = BatchRecord {
        id: BatchId(bytes(row, 1)?),
        rail: text(row, 2)?,
        asset: text(row, 3)?,
        made_at: timestamp(row, 4)?,
        ended_at: maybe_timestamp(row, 5)?,
        cancelled_at: maybe_timestamp(row, 6)?,
        halted_at: maybe_timestamp(row, 7)?,
        reserve: match maybe_text(row, 8)? {
            Some(coin) => Some(Reserve { coin, amount: amount(row, 9)? }),
            None => None,
        },
        withdrawals: Vec::new(),
        candidates: Vec::new(),
    };
    Ok((number(row, 0)?, batch))
}

/// The batches of a rail that have not ended, the oldest first.
pub(super) fn open_batches(session: &mut Session, rail: &str) -> Result<Vec<BatchFacts>, Failure> {
    let rows = session.query(
        "SELECT b.batch FROM batches b JOIN rails r ON r.id = b.rail WHERE r.name = $1 AND b.ended_ms IS NULL",
        &[&rail],
    )?;
    let ids = rows.iter().map(|row| bytes::<16>(row, 0)).collect::<Result<Vec<_>, _>>()?;
    let ids: Vec<&[u8]> = ids.iter().map(|id| &id[..]).collect();
    let records = batches(session, &ids)?;
    let of_batches: Vec<&[u8]> =
        records.iter().flat_map(|batch| &batch.withdrawals).map(|id| &id.0[..]).collect();
    let found: BTreeMap<WithdrawalId, WithdrawalRecord> =
        withdrawals(session, &of_batches)?.into_iter().map(|record| (record.id, record)).collect();
    let with_withdrawals = |record: BatchRecord| {
        let of_batch = |id| found.get(id).cloned().ok_or(Failure::Missing);
        let withdrawals = record.withdrawals.iter().map(of_batch).collect::<Result<_, _>>()?;
        Ok(BatchFacts { record, withdrawals })
    };
    records.into_iter().map(with_withdrawals).collect()
}

/// Fills in what a wallet has and had of every asset.
pub(super) fn money(session: &mut Session, id: i64, facts: &mut WalletFacts) -> Result<(), Failure> {
    for (account, balance) in wallet_accounts(session, &[id])? {
        let money = facts.money.entry(account.asset).or_default();
        match account.holder {
            Holder::Pending(_) => money.pending = balance.amount(),
            _ => money.balance = balance.amount(),
        }
    }
    let rows = session.query(
        "SELECT s.code, sum(w.amount)::bigint FROM withdrawals w JOIN assets s ON s.id = w.asset
         WHERE w.wallet = $1 AND w.stage = 2 GROUP BY s.code",
        &[&id],
    )?;
    for row in &rows {
        let (asset, paid): (Arc<str>, Amount) = (text(row, 0)?, amount(row, 1)?);
        facts.money.entry(asset).or_default().paid = paid;
    }
    Ok(())
}
