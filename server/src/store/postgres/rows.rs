//! Columns to values, and rows of rounds, wallets and limits to records. Used by the writer and the readers.

use std::sync::Arc;

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::limit::Bucket;
use dripline_shared::progress::LevelProgress;
use dripline_shared::round::{ClientId, Hash, RoundId, Seed};
use dripline_shared::time::Timestamp;
use dripline_shared::transcript::Segment;
use dripline_shared::wallet::{Signature, Wallet};
use postgres::Row;

use crate::ledger::{Account, AccountSum, Balance, Holder, HolderRow};
use crate::price::Worth;
use crate::store::columns::{read_bucket_name, read_closing, read_holder, read_standing};
use crate::store::postgres::failure::Failure;
use crate::store::postgres::intern::Levels;
use crate::store::postgres::session::Session;
use crate::store::record::{
    ClaimRecord, MoveRecord, PrefixRecord, RoundRecord, ServerId, SharedBucket, SlotRecord, StoredSegment,
    Tail, VerificationRecord, WalletRecord,
};

/// A column as a whole number.
pub(super) fn number<T: TryFrom<i64>>(row: &Row, column: usize) -> Result<T, Failure> {
    T::try_from(row.try_get::<_, i64>(column)?).map_err(|_| Failure::Column("number"))
}

/// A column as a number, where there is one.
pub(super) fn maybe_number<T: TryFrom<i64>>(row: &Row, column: usize) -> Result<Option<T>, Failure> {
    let found = row.try_get::<_, Option<i64>>(column)?;
    found.map(|number| T::try_from(number).map_err(|_| Failure::Column("number"))).transpose()
}

/// A column as so many bytes.
pub(super) fn bytes<const N: usize>(row: &Row, column: usize) -> Result<[u8; N], Failure> {
    row.try_get::<_, &[u8]>(column)?.try_into().map_err(|_| Failure::Column("key"))
}

/// A column as so many bytes, if any.
pub(super) fn maybe_bytes<const N: usize>(row: &Row, column: usize) -> Result<Option<[u8; N]>, Failure> {
    let found = row.try_get::<_, Option<&[u8]>>(column)?;
    found.map(|found| found.try_into().map_err(|_| Failure::Column("key"))).transpose()
}

/// A column as a text.
pub(super) fn text(row: &Row, column: usize) -> Result<Arc<str>, Failure> {
    Ok(row.try_get::<_, &str>(column)?.into())
}

/// A column as a text, if any.
pub(super) fn maybe_text(row: &Row, column: usize) -> Result<Option<Arc<str>>, Failure> {
    Ok(row.try_get::<_, Option<&str>>(column)?.map(Arc::from))
}

/// A column as a moment.
pub(super) fn timestamp(row: &Row, column: usize) -> Result<Timestamp, Failure> {
    number(row, column).map(Timestamp)
}

/// A column as a moment, if any.
pub(super) fn maybe_timestamp(row: &Row, column: usize) -> Result<Option<Timestamp>, Failure> {
    let found = row.try_get::<_, Option<i64>>(column)?;
    found.map(|at| u64::try_from(at).map(Timestamp).map_err(|_| Failure::Column("moment"))).transpose()
}

/// A column as an amount.
pub(super) fn amount(row: &Row, column: usize) -> Result<Amount, Failure> {
    Amount::try_from(row.try_get::<_, i64>(column)?).map_err(|_| Failure::Column("amount"))
}

/// What a transfer was worth, from the columns `worth, currency`.
pub(super) fn worth(row: &Row, first: usize) -> Result<Option<Worth>, Failure> {
    let currency = maybe_text(row, first.saturating_add(1))?;
    currency.map(|currency| Ok(Worth { currency, millionths: amount(row, first)? })).transpose()
}

/// The columns of a wallet, for [`read_wallet`].
macro_rules! select_wallet {
    () => {
        "SELECT id, key, attempts_ms, drips_state_ms, drips, first_drip_ms, last_drip_ms, streak_days, open_round,
         standing, moved_to, moved_client, moved_request, moved_ms FROM wallets "
    };
}
pub(super) use select_wallet;

/// A wallet: its row id and record.
pub(super) fn read_wallet(row: &Row) -> Result<(i64, WalletRecord), Failure> {
    let record = WalletRecord {
        wallet: Wallet(bytes(row, 1)?),
        attempts: maybe_timestamp(row, 2)?,
        drips_state: maybe_timestamp(row, 3)?,
        drips: number(row, 4)?,
        first_drip: maybe_timestamp(row, 5)?,
        last_drip: maybe_timestamp(row, 6)?,
        streak_days: number(row, 7)?,
        open_round: maybe_bytes(row, 8)?.map(RoundId),
        standing: read_standing(number(row, 9)?),
        moved: moved(row, 10)?,
    };
    Ok((number(row, 0)?, record))
}

/// That what a key had was moved, from four columns.
fn moved(row: &Row, first: usize) -> Result<Option<MoveRecord>, Failure> {
    let Some(to) = maybe_bytes(row, first)?.map(Wallet) else { return Ok(None) };
    Ok(Some(MoveRecord {
        to,
        client_id: ClientId(bytes(row, first.saturating_add(1))?),
        request: Hash(bytes(row, first.saturating_add(2))?),
        at: timestamp(row, first.saturating_add(3))?,
    }))
}

/// The columns of a wallet's progress in a level, for [`read_progress`].
macro_rules! select_progress {
    () => {
        "SELECT p.wallet, p.level, p.best_score, p.best_stars, p.clears, p.clears_that_day, p.last_clear_ms,
         p.pays_again_ms FROM wallet_levels p "
    };
}
pub(super) use select_progress;

/// What a wallet reached in a level: the wallet's row id, the level's id, and the progress.
pub(super) fn read_progress(row: &Row) -> Result<(i64, String, LevelProgress), Failure> {
    let progress = LevelProgress {
        best_score: number(row, 2)?,
        best_stars: number(row, 3)?,
        clears: number(row, 4)?,
        clears_that_day: number(row, 5)?,
        last_clear_at_ms: timestamp(row, 6)?,
        pays_again_at_ms: timestamp(row, 7)?,
    };
    Ok((number(row, 0)?, row.try_get(1)?, progress))
}

/// The columns of a round, for [`read_rounds`].
macro_rules! select_round {
    () => {
        "SELECT r.id, r.round, w.key, r.level, c.name, o.origin, r.client, r.request, r.opened_ms, r.expires_ms,
         r.claim_until_ms, r.rules_version, r.board, r.stage, r.given_back, r.site, r.verified_ms, r.verified_request,
         r.delegate
         FROM rounds r JOIN wallets w ON w.id = r.wallet JOIN campaigns c ON c.id = r.campaign
         JOIN origins o ON o.id = r.origin "
    };
}
pub(super) use select_round;

/// Rounds with their row ids.
pub(super) fn read_rounds(
    session: &mut Session,
    levels: &mut Levels,
    rows: &[Row],
) -> Result<Vec<(i64, RoundRecord)>, Failure> {
    let ids = rows.iter().map(|row| number(row, 3)).collect::<Result<Vec<i64>, _>>()?;
    levels.read(session, &ids)?;
    let read = |row: &Row| {
        let record = RoundRecord {
            id: RoundId(bytes(row, 1)?),
            wallet: Wallet(bytes(row, 2)?),
            level: levels.level(number(row, 3)?)?,
            campaign: text(row, 4)?,
            origin: text(row, 5)?,
            client_id: ClientId(bytes(row, 6)?),
            request: Hash(bytes(row, 7)?),
            opened_at: timestamp(row, 8)?,
            expires_at: timestamp(row, 9)?,
            claim_until: timestamp(row, 10)?,
            rules_version: number(row, 11)?,
            board: maybe_bytes(row, 12)?.map(Seed),
            closing: read_closing(number(row, 13)?),
            given_back: row.try_get(14)?,
            site: maybe_text(row, 15)?,
            verified: verification(row, 16)?,
            delegate: maybe_bytes(row, 18)?.map(Wallet),
        };
        Ok((number(row, 0)?, record))
    };
    rows.iter().map(read).collect()
}

/// That a round was verified, from two columns.
fn verification(row: &Row, first: usize) -> Result<Option<VerificationRecord>, Failure> {
    let request = maybe_bytes(row, first.saturating_add(1))?.map(Hash);
    Ok(maybe_timestamp(row, first)?.map(|at| VerificationRecord { at, request }))
}

/// The round of this id, with its row id.
pub(super) fn round(
    session: &mut Session,
    levels: &mut Levels,
    id: RoundId,
) -> Result<Option<(i64, RoundRecord)>, Failure> {
    let rows = session.query(concat!(select_round!(), "WHERE r.round = $1"), &[&&id.0[..]])?;
    Ok(read_rounds(session, levels, &rows)?.pop())
}

/// The claims of claimed rounds, by the rounds' row ids.
pub(super) fn claims(session: &mut Session, rounds: &[i64]) -> Result<Vec<ClaimRecord>, Failure> {
    let rows = session.query("SELECT signature, json FROM receipts WHERE round = ANY($1)", &[&rounds])?;
    let read = |row: &Row| {
        let receipt = serde_json::from_str(row.try_get(1)?).map_err(|_| Failure::Column("receipt"))?;
        Ok(ClaimRecord { signature: Signature(bytes(row, 0)?), receipt })
    };
    rows.iter().map(read).collect()
}

/// How far rounds have been sent, those of which anything has been.
pub(super) fn tails(session: &mut Session, rounds: &[&[u8]]) -> Result<Vec<(RoundId, Tail)>, Failure> {
    let rows = session.query(
        "SELECT s.round, s.number, s.hash, s.last FROM unnest($1::bytea[]) AS wanted (round) CROSS JOIN LATERAL (
             SELECT * FROM segments WHERE round = wanted.round ORDER BY number DESC LIMIT 1
         ) AS s",
        &[&rounds],
    )?;
    let read = |row: &Row| {
        let segments = number::<u32>(row, 1)?.saturating_add(1);
        let tail = Tail { segments, hash: Some(Hash(bytes(row, 2)?)), finished: row.try_get(3)? };
        Ok((RoundId(bytes(row, 0)?), tail))
    };
    rows.iter().map(read).collect()
}

/// A segment from the columns `round, number, length, bytes, last, hash`.
pub(super) fn read_segment(row: &Row) -> Result<(RoundId, StoredSegment), Failure> {
    let stored = StoredSegment {
        number: number(row, 1)?,
        segment: Segment { length: number(row, 2)?, bytes: row.try_get(3)? },
        last: row.try_get(4)?,
        hash: Hash(bytes(row, 5)?),
    };
    Ok((RoundId(bytes(row, 0)?), stored))
}

/// A bucket from the columns `level, remainder, at_ms`.
fn read_bucket(row: &Row, first: usize) -> Result<Bucket, Failure> {
    let column = |offset: usize| first.saturating_add(offset);
    Ok(Bucket {
        level: amount(row, first)?,
        remainder: number(row, column(1))?,
        at: timestamp(row, column(2))?,
    })
}

/// All shared buckets, for [`read_buckets`].
macro_rules! select_buckets {
    () => {
        "SELECT name, level, remainder, at_ms FROM buckets ORDER BY name"
    };
}
pub(super) use select_buckets;

/// Shared buckets.
pub(super) fn read_buckets(rows: &[Row]) -> Result<Vec<(SharedBucket, Bucket)>, Failure> {
    rows.iter().map(|row| Ok((read_bucket_name(row.try_get(0)?), read_bucket(row, 1)?))).collect()
}

/// What a network prefix has used, from the columns `prefix, opens_ms, level, remainder, at_ms`.
pub(super) fn read_prefix(row: &Row) -> Result<(String, PrefixRecord), Failure> {
    let record = PrefixRecord { opens: maybe_timestamp(row, 1)?, outflow: read_bucket(row, 2)? };
    Ok((row.try_get(0)?, record))
}

/// Accounts of the faucet itself whose holder `a.holder` is like this, in every asset, for [`read_faucet_accounts`].
macro_rules! select_faucet_accounts {
    ($like:literal) => {
        concat!(
            "SELECT s.code, a.holder, c.name, a.balance, x.slot FROM accounts a JOIN assets s ON s.id = a.asset
             LEFT JOIN slices x ON a.holder = 'slice' AND x.id = a.owner
             LEFT JOIN campaigns c ON c.id = CASE a.holder WHEN 'campaign' THEN a.owner ELSE x.campaign END
             WHERE a.holder NOT IN ('player', 'pending') AND a.holder ",
            $like,
            " ORDER BY a.id"
        )
    };
}
pub(super) use select_faucet_accounts;

/// Accounts of the faucet itself.
pub(super) fn read_faucet_accounts(rows: &[Row]) -> Result<Vec<(Account, Balance)>, Failure> {
    let read = |row: &Row| {
        let holder = read_holder(row.try_get(1)?, None, maybe_text(row, 2)?, maybe_number(row, 4)?)
            .ok_or(Failure::Column("holder"))?;
        Ok((Account { asset: text(row, 0)?, holder }, Balance(row.try_get(3)?)))
    };
    rows.iter().map(read).collect()
}

/// What all accounts hold, by asset and kind of holder.
pub(super) fn account_sums(session: &mut Session) -> Result<Vec<AccountSum>, Failure> {
    let rows = session.query(
        "SELECT s.code, s.decimals, a.holder, a.balance
         FROM (SELECT asset, holder, sum(balance)::bigint AS balance FROM accounts GROUP BY asset, holder) a
         JOIN assets s ON s.id = a.asset",
        &[],
    )?;
    let read = |row: &Row| {
        let asset = Asset { code: row.try_get(0)?, decimals: number(row, 1)? };
        Ok(AccountSum { asset, holder: HolderRow::parse(row.try_get(2)?), balance: row.try_get(3)? })
    };
    rows.iter().map(read).collect()
}

/// The columns of a slot, for [`read_slot`].
macro_rules! select_slots {
    () => {
        "SELECT number, server, seen_ms, parts FROM slots "
    };
}
pub(super) use select_slots;

/// A slot.
pub(super) fn read_slot(row: &Row) -> Result<SlotRecord, Failure> {
    Ok(SlotRecord {
        number: number(row, 0)?,
        server: ServerId(bytes(row, 1)?),
        seen: timestamp(row, 2)?,
        parts: number(row, 3)?,
    })
}

/// What wallets hold and have pending, in every asset, by the wallets' row ids.
pub(super) fn wallet_accounts(
    session: &mut Session,
    wallets: &[i64],
) -> Result<Vec<(Account, Balance)>, Failure> {
    let rows = session.query(
        "SELECT s.code, a.holder = 'pending', w.key, a.balance FROM accounts a JOIN assets s ON s.id = a.asset
         JOIN wallets w ON w.id = a.owner WHERE a.owner = ANY($1) AND a.holder IN ('player', 'pending')",
        &[&wallets],
    )?;
    let read = |row: &Row| {
        let wallet = Wallet(bytes(row, 2)?);
        let holder = if row.try_get(1)? { Holder::Pending(wallet) } else { Holder::Player(wallet) };
        Ok((Account { asset: text(row, 0)?, holder }, Balance(row.try_get(3)?)))
    };
    rows.iter().map(read).collect()
}
