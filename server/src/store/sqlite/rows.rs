//! Rows to records and back, of rounds, wallets and limits. Used by the writer and the readers.

use std::sync::Arc;

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::api::Receipt;
use dripline_shared::limit::Bucket;
use dripline_shared::progress::LevelProgress;
use dripline_shared::round::{ClientId, Hash, RoundId, Seed};
use dripline_shared::time::Timestamp;
use dripline_shared::transcript::Segment;
use dripline_shared::wallet::{Signature, Wallet};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::ledger::{Account, AccountSum, Balance, Holder, HolderRow};
use crate::price::Worth;
use crate::store::columns::{read_bucket_name, read_closing, read_holder, read_standing, write_closing};
use crate::store::record::{
    CampaignAmounts, ClaimRecord, Closing, MoveRecord, PrefixRecord, RoundRecord, SharedBucket,
    StoredSegment, Tail, VerificationRecord, WalletRecord,
};
use crate::store::sqlite::intern::Interner;

macro_rules! select_progress {
    () => {
        "SELECT level, best_score, best_stars, clears, clears_that_day, last_clear_ms, pays_again_ms
         FROM wallet_levels WHERE wallet = ?1"
    };
}

/// The columns of a wallet, for [`read_wallet`].
macro_rules! select_wallet {
    () => {
        "SELECT id, key, attempts_ms, drips_state_ms, drips, first_drip_ms, last_drip_ms, streak_days, open_round,
         standing, moved_to, moved_client, moved_request, moved_ms FROM wallets "
    };
}
pub(super) use select_wallet;

/// The columns of a round, for [`read_round`].
macro_rules! select_round {
    () => {
        "SELECT r.id, r.round, w.key, r.level, r.campaign, r.origin, r.client, r.request, r.opened_ms,
         r.expires_ms, r.claim_until_ms, r.rules_version, r.board, r.stage, r.given_back, r.site, r.verified_ms,
         r.verified_request, r.delegate
         FROM rounds r JOIN wallets w ON w.id = r.wallet"
    };
}
pub(super) use select_round;

/// A column as a moment.
pub(super) fn timestamp(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    row.get(column).map(Timestamp)
}

pub(super) fn maybe_timestamp(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<u64>>(column)?.map(Timestamp))
}

/// A column as an amount.
pub(super) fn amount(row: &Row<'_>, column: usize) -> rusqlite::Result<Amount> {
    let units: i64 = row.get(column)?;
    Amount::try_from(units)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Integer, error.into()))
}

/// A wallet by its key: its row id and record.
pub(super) fn wallet(
    connection: &Connection,
    wallet: Wallet,
) -> rusqlite::Result<Option<(i64, WalletRecord)>> {
    let mut statement = connection.prepare_cached(concat!(select_wallet!(), "WHERE key = ?1"))?;
    statement.query_row([wallet.0], read_wallet).optional()
}

/// A wallet's row id and record.
pub(super) fn read_wallet(row: &Row<'_>) -> rusqlite::Result<(i64, WalletRecord)> {
    let record = WalletRecord {
        wallet: Wallet(row.get(1)?),
        attempts: maybe_timestamp(row, 2)?,
        drips_state: maybe_timestamp(row, 3)?,
        drips: row.get(4)?,
        first_drip: maybe_timestamp(row, 5)?,
        last_drip: maybe_timestamp(row, 6)?,
        streak_days: row.get(7)?,
        open_round: row.get::<_, Option<[u8; 16]>>(8)?.map(RoundId),
        standing: read_standing(row.get(9)?),
        moved: moved(row, 10)?,
    };
    Ok((row.get(0)?, record))
}

/// That what a key had was moved, from four columns.
fn moved(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<MoveRecord>> {
    let Some(to) = row.get::<_, Option<[u8; 32]>>(first)?.map(Wallet) else { return Ok(None) };
    Ok(Some(MoveRecord {
        to,
        client_id: ClientId(row.get(first.saturating_add(1))?),
        request: Hash(row.get(first.saturating_add(2))?),
        at: timestamp(row, first.saturating_add(3))?,
    }))
}

/// What a wallet reached, by level id: in `level` alone, or in all.
pub(super) fn progress(
    connection: &Connection,
    wallet: i64,
    level: Option<&str>,
) -> rusqlite::Result<Vec<(String, LevelProgress)>> {
    let read = |row: &Row<'_>| {
        let progress = LevelProgress {
            best_score: row.get(1)?,
            best_stars: row.get(2)?,
            clears: row.get(3)?,
            clears_that_day: row.get(4)?,
            last_clear_at_ms: timestamp(row, 5)?,
            pays_again_at_ms: timestamp(row, 6)?,
        };
        Ok((row.get(0)?, progress))
    };
    match level {
        Some(level) => connection
            .prepare_cached(concat!(select_progress!(), " AND level = ?2"))?
            .query_map((wallet, level), read)?
            .collect(),
        None => connection.prepare_cached(select_progress!())?.query_map([wallet], read)?.collect(),
    }
}

/// The rounds of a wallet that were not closed, with their row ids, by the wallet's row id.
pub(super) fn unclosed_rounds(
    connection: &Connection,
    interner: &mut Interner,
    wallet: i64,
) -> rusqlite::Result<Vec<(i64, RoundRecord)>> {
    connection
        .prepare_cached(concat!(select_round!(), " WHERE r.wallet = ?1 AND r.stage = ?2"))?
        .query_map((wallet, write_closing(Closing::NotYet)), |row| read_round(connection, interner, row))?
        .collect()
}

/// How a round is looked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum RoundKey {
    /// By its id.
    Id(RoundId),
    /// By its wallet's row id, and the client's id.
    Client(i64, ClientId),
}

/// A round with its row id.
pub(super) fn round(
    connection: &Connection,
    interner: &mut Interner,
    key: RoundKey,
) -> rusqlite::Result<Option<(i64, RoundRecord)>> {
    let read = |row: &Row<'_>| read_round(connection, interner, row);
    match key {
        RoundKey::Id(round) => connection
            .prepare_cached(concat!(select_round!(), " WHERE r.round = ?1"))?
            .query_row([round.0], read)
            .optional(),
        RoundKey::Client(wallet, client) => connection
            .prepare_cached(concat!(select_round!(), " WHERE r.wallet = ?1 AND r.client = ?2"))?
            .query_row((wallet, client.0), read)
            .optional(),
    }
}

/// A round with its row id, from the columns of `select_round!`.
pub(super) fn read_round(
    connection: &Connection,
    interner: &mut Interner,
    row: &Row<'_>,
) -> rusqlite::Result<(i64, RoundRecord)> {
    let record = RoundRecord {
        id: RoundId(row.get(1)?),
        wallet: Wallet(row.get(2)?),
        level: interner.level(connection, row.get(3)?)?,
        campaign: interner.campaign(connection, row.get(4)?)?,
        origin: interner.origin(connection, row.get(5)?)?,
        client_id: ClientId(row.get(6)?),
        request: Hash(row.get(7)?),
        opened_at: timestamp(row, 8)?,
        expires_at: timestamp(row, 9)?,
        claim_until: timestamp(row, 10)?,
        rules_version: row.get(11)?,
        board: row.get::<_, Option<[u8; 32]>>(12)?.map(Seed),
        closing: read_closing(row.get(13)?),
        given_back: row.get(14)?,
        site: row.get(15)?,
        verified: verification(row, 16)?,
        delegate: row.get::<_, Option<[u8; 32]>>(18)?.map(Wallet),
    };
    Ok((row.get(0)?, record))
}

/// That a round was verified, from two columns.
fn verification(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<VerificationRecord>> {
    let request = row.get::<_, Option<[u8; 32]>>(first.saturating_add(1))?.map(Hash);
    Ok(maybe_timestamp(row, first)?.map(|at| VerificationRecord { at, request }))
}

/// The claim of a claimed round, by the round's row id.
pub(super) fn claim(connection: &Connection, round: i64) -> rusqlite::Result<Option<ClaimRecord>> {
    let mut statement = connection.prepare_cached("SELECT signature, json FROM receipts WHERE round = ?1")?;
    let read = |row: &Row<'_>| {
        let json = row.get_ref(1)?.as_str()?;
        let receipt: Receipt = serde_json::from_str(json)
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(1, Type::Text, error.into()))?;
        Ok(ClaimRecord { signature: Signature(row.get(0)?), receipt })
    };
    statement.query_row([round], read).optional()
}

/// How far a round has been sent.
pub(super) fn tail(segments: &Connection, round: RoundId) -> rusqlite::Result<Option<Tail>> {
    let mut statement = segments.prepare_cached(
        "SELECT number, hash, last FROM segments WHERE round = ?1 ORDER BY number DESC LIMIT 1",
    )?;
    let read = |row: &Row<'_>| {
        let number: u32 = row.get(0)?;
        let hash = Some(Hash(row.get(1)?));
        Ok(Tail { segments: number.saturating_add(1), hash, finished: row.get(2)? })
    };
    statement.query_row([round.0], read).optional()
}

/// A round's segments from `first` on, in order, at most `limit`.
pub(super) fn segments(
    segments: &Connection,
    round: RoundId,
    first: u32,
    limit: u32,
) -> rusqlite::Result<Vec<StoredSegment>> {
    let mut statement = segments.prepare_cached(
        "SELECT number, length, bytes, last, hash FROM segments WHERE round = ?1 AND number >= ?2
         ORDER BY number LIMIT ?3",
    )?;
    let read = |row: &Row<'_>| {
        Ok(StoredSegment {
            number: row.get(0)?,
            segment: Segment { length: row.get(1)?, bytes: row.get(2)? },
            last: row.get(3)?,
            hash: Hash(row.get(4)?),
        })
    };
    statement.query_map((round.0, first, limit), read)?.collect()
}

/// What campaigns were funded with, less what they returned.
pub(super) fn funded(connection: &Connection) -> rusqlite::Result<CampaignAmounts> {
    let mut statement = connection.prepare_cached(
        "SELECT s.code, c.name, sum(moved.amount) FROM (
             SELECT credit AS account, amount FROM transfers
             WHERE kind = 'budget' AND credit IN (SELECT id FROM accounts WHERE holder = 'campaign')
             UNION ALL
             SELECT debit, -amount FROM transfers
             WHERE kind = 'budget_returned' AND credit IN (SELECT id FROM accounts WHERE holder = 'treasury')
         ) moved JOIN accounts a ON a.id = moved.account
         JOIN assets s ON s.id = a.asset JOIN campaigns c ON c.id = a.owner GROUP BY s.code, c.name",
    )?;
    let rows = statement.query_map([], |row| {
        let funded = Amount::try_from(row.get::<_, i64>(2)?).unwrap_or(Amount::ZERO);
        Ok(((row.get(0)?, row.get(1)?), funded))
    })?;
    rows.collect()
}

/// All shared buckets.
pub(super) fn buckets(connection: &Connection) -> rusqlite::Result<Vec<(SharedBucket, Bucket)>> {
    let mut statement = connection.prepare_cached("SELECT name, level, remainder, at_ms FROM buckets")?;
    let read = |row: &Row<'_>| {
        let name = read_bucket_name(row.get_ref(0)?.as_str()?);
        let bucket = Bucket { level: amount(row, 1)?, remainder: row.get(2)?, at: timestamp(row, 3)? };
        Ok((name, bucket))
    };
    statement.query_map([], read)?.collect()
}

/// What a network prefix has used, from `opens_ms, level, remainder, at_ms`.
pub(super) fn prefix(row: &Row<'_>) -> rusqlite::Result<PrefixRecord> {
    let outflow = Bucket { level: amount(row, 1)?, remainder: row.get(2)?, at: timestamp(row, 3)? };
    Ok(PrefixRecord { opens: maybe_timestamp(row, 0)?, outflow })
}

/// What a transfer was worth, from `worth, currency`.
pub(super) fn worth(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Worth>> {
    match row.get::<_, Option<Arc<str>>>(first.saturating_add(1))? {
        Some(currency) => Ok(Some(Worth { currency, millionths: amount(row, first)? })),
        None => Ok(None),
    }
}

/// The id of the last transfer, 0 where there is none.
pub(super) fn last_transfer(connection: &Connection) -> rusqlite::Result<u64> {
    connection.prepare_cached("SELECT coalesce(max(id), 0) FROM transfers")?.query_row([], |row| row.get(0))
}

/// All accounts of the faucet itself, in every asset.
pub(super) fn faucet_accounts(connection: &Connection) -> rusqlite::Result<Vec<(Account, Balance)>> {
    let mut statement = connection.prepare_cached(
        "SELECT s.code, a.holder, c.name, a.balance FROM accounts a JOIN assets s ON s.id = a.asset
         LEFT JOIN campaigns c ON c.id = a.owner WHERE a.holder NOT IN ('player', 'pending')",
    )?;
    let read = |row: &Row<'_>| {
        let holder = read_holder(row.get_ref(1)?.as_str()?, None, row.get(2)?, None)
            .ok_or_else(|| rusqlite::Error::InvalidColumnType(1, "holder".to_owned(), Type::Text))?;
        Ok((Account { asset: row.get(0)?, holder }, Balance(row.get(3)?)))
    };
    statement.query_map([], read)?.collect()
}

/// What all accounts hold, by asset and kind of holder.
pub(super) fn account_sums(connection: &Connection) -> rusqlite::Result<Vec<AccountSum>> {
    let mut statement = connection.prepare_cached(
        "SELECT s.code, s.decimals, a.holder, a.balance
         FROM (SELECT asset, holder, sum(balance) AS balance FROM accounts GROUP BY asset, holder) a
         JOIN assets s ON s.id = a.asset",
    )?;
    let read = |row: &Row<'_>| {
        let asset = Asset { code: row.get(0)?, decimals: row.get(1)? };
        Ok(AccountSum {
            asset,
            holder: HolderRow::parse(Some(row.get_ref(2)?.as_str()?)),
            balance: row.get(3)?,
        })
    };
    statement.query_map([], read)?.collect()
}

/// What a wallet holds and has pending, in every asset, by the wallet's row id.
pub(super) fn wallet_accounts(
    connection: &Connection,
    wallet: Wallet,
    id: i64,
) -> rusqlite::Result<Vec<(Account, Balance)>> {
    let mut statement = connection.prepare_cached(
        "SELECT s.code, a.holder = 'pending', a.balance FROM accounts a JOIN assets s ON s.id = a.asset
         WHERE a.owner = ?1 AND a.holder IN ('player', 'pending')",
    )?;
    let read = |row: &Row<'_>| {
        let holder = if row.get(1)? { Holder::Pending(wallet) } else { Holder::Player(wallet) };
        Ok((Account { asset: row.get(0)?, holder }, Balance(row.get(2)?)))
    };
    statement.query_map([id], read)?.collect()
}
