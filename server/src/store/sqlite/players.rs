//! What operators see of players: wallets, their rounds, and withdrawals that wait for an operator.

use dripline_shared::payout::WithdrawalId;
use dripline_shared::round::RoundId;
use dripline_shared::wallet::Wallet;
use rusqlite::Connection;

use crate::store::record::{RoundRecord, WalletRecord, WithdrawalRecord};
use crate::store::sqlite::intern::Interner;
use crate::store::sqlite::payouts::{read_withdrawal, select_withdrawal};
use crate::store::sqlite::rows::{read_round, read_wallet, select_round, select_wallet};

/// Wallets that came before the one with this row id, those that came last first, with their row ids.
pub(super) fn newest_wallets(
    connection: &Connection,
    before: i64,
    limit: i64,
) -> rusqlite::Result<Vec<(i64, WalletRecord)>> {
    connection
        .prepare_cached(concat!(select_wallet!(), "WHERE id < ?1 ORDER BY id DESC LIMIT ?2"))?
        .query_map((before, limit), read_wallet)?
        .collect()
}

/// Wallets with keys in this span, in their order.
pub(super) fn wallets_between(
    connection: &Connection,
    (from, to): (Wallet, Wallet),
    limit: i64,
) -> rusqlite::Result<Vec<WalletRecord>> {
    connection
        .prepare_cached(concat!(select_wallet!(), "WHERE key >= ?1 AND key <= ?2 ORDER BY key LIMIT ?3"))?
        .query_map((from.0, to.0, limit), |row| Ok(read_wallet(row)?.1))?
        .collect()
}

/// The keys whose all was moved to this wallet, those that moved last first.
pub(super) fn moved_to(
    connection: &Connection,
    wallet: Wallet,
    limit: i64,
) -> rusqlite::Result<Vec<WalletRecord>> {
    connection
        .prepare_cached(concat!(
            select_wallet!(),
            "WHERE moved_to = ?1 ORDER BY moved_ms DESC, id DESC LIMIT ?2"
        ))?
        .query_map((wallet.0, limit), |row| Ok(read_wallet(row)?.1))?
        .collect()
}

/// The rounds of the wallet with this row id, with their row ids, the newest first. They are found by the wallet and not by
/// going back through all rounds, which is what `+` is for.
pub(super) fn rounds_of(
    connection: &Connection,
    interner: &mut Interner,
    wallet: i64,
    before: Option<RoundId>,
    limit: i64,
) -> rusqlite::Result<Vec<(i64, RoundRecord)>> {
    connection
        .prepare_cached(concat!(
            select_round!(),
            " WHERE r.wallet = ?1 AND (?2 IS NULL OR +r.round < ?2) ORDER BY +r.round DESC LIMIT ?3"
        ))?
        .query_map((wallet, before.map(|round| round.0), limit), |row| read_round(connection, interner, row))?
        .collect()
}

/// The withdrawals of a wallet that wait in no batch: for their turn, or for an operator.
pub(super) fn waiting_of_wallet(
    connection: &Connection,
    interner: &mut Interner,
    wallet: i64,
) -> rusqlite::Result<Vec<WithdrawalRecord>> {
    connection
        .prepare_cached(concat!(select_withdrawal!(), " WHERE w.wallet = ?1 AND w.stage IN (0, 5, 6)"))?
        .query_map([wallet], |row| read_withdrawal(connection, interner, row))?
        .collect()
}

/// The withdrawals that wait for an operator, those that wait longest first, above `after`, at most so many.
pub(super) fn of_operators(
    connection: &Connection,
    interner: &mut Interner,
    after: Option<WithdrawalId>,
    limit: usize,
) -> rusqlite::Result<Vec<WithdrawalRecord>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    connection
        .prepare_cached(concat!(
            select_withdrawal!(),
            " WHERE w.stage >= 5 AND (?1 IS NULL OR w.withdrawal > ?1) ORDER BY w.withdrawal LIMIT ?2"
        ))?
        .query_map((after.map(|id| id.0), limit), |row| read_withdrawal(connection, interner, row))?
        .collect()
}
