//! What operators see of players: wallets, their rounds, and withdrawals that wait for an operator.

use std::collections::BTreeMap;

use dripline_shared::payout::WithdrawalId;
use dripline_shared::round::RoundId;
use dripline_shared::wallet::Wallet;

use crate::store::postgres::failure::Failure;
use crate::store::postgres::intern::Levels;
use crate::store::postgres::payouts::{read_withdrawals, select_withdrawal};
use crate::store::postgres::rows::{self, number, read_wallet, select_round, select_wallet};
use crate::store::postgres::session::Session;
use crate::store::record::{ClaimRecord, Closing, RoundFacts, RoundRecord, WalletRecord, WithdrawalRecord};

/// Wallets that came before the one with this row id, those that came last first, with their row ids.
pub(super) fn newest_wallets(
    session: &mut Session,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<(u64, WalletRecord)>, Failure> {
    let before = before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
    let rows = session.query(
        concat!(select_wallet!(), "WHERE id < $1 ORDER BY id DESC LIMIT $2"),
        &[&before, &whole(limit)],
    )?;
    rows.iter().map(|row| Ok((number(row, 0)?, read_wallet(row)?.1))).collect()
}

/// Wallets with keys in this span, in their order.
pub(super) fn wallets_between(
    session: &mut Session,
    (from, to): (Wallet, Wallet),
    limit: usize,
) -> Result<Vec<WalletRecord>, Failure> {
    let rows = session.query(
        concat!(select_wallet!(), "WHERE key >= $1 AND key <= $2 ORDER BY key LIMIT $3"),
        &[&&from.0[..], &&to.0[..], &whole(limit)],
    )?;
    rows.iter().map(|row| Ok(read_wallet(row)?.1)).collect()
}

/// The keys whose all was moved to this wallet, those that moved last first.
pub(super) fn moved_to(
    session: &mut Session,
    wallet: Wallet,
    limit: usize,
) -> Result<Vec<WalletRecord>, Failure> {
    let rows = session.query(
        concat!(select_wallet!(), "WHERE moved_to = $1 ORDER BY moved_ms DESC, id DESC LIMIT $2"),
        &[&&wallet.0[..], &whole(limit)],
    )?;
    rows.iter().map(|row| Ok(read_wallet(row)?.1)).collect()
}

/// A limit as SQL takes it.
fn whole(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// The rounds of the wallet with this row id, the newest first. They are found by the wallet, and not by going back through all rounds: that is what
/// is materialised for.
pub(super) fn rounds_of(
    session: &mut Session,
    levels: &mut Levels,
    id: i64,
    before: Option<RoundId>,
    limit: usize,
) -> Result<Vec<RoundFacts>, Failure> {
    let before = before.as_ref().map(|round| &round.0[..]);
    let rows = session.query(
        concat!(
            "WITH mine AS MATERIALIZED (SELECT id, round FROM rounds WHERE wallet = $1),
             page AS MATERIALIZED (SELECT id FROM mine WHERE $2::bytea IS NULL OR round < $2
                 ORDER BY round DESC LIMIT $3) ",
            select_round!(),
            "WHERE r.id IN (SELECT id FROM page) ORDER BY r.round DESC"
        ),
        &[&id, &before, &whole(limit)],
    )?;
    let found = rows::read_rounds(session, levels, &rows)?;
    let claimed = found.iter().filter(|(_, record)| record.closing == Closing::Claimed);
    let numbers: Vec<i64> = claimed.map(|(number, _)| *number).collect();
    let claims = if numbers.is_empty() { Vec::new() } else { rows::claims(session, &numbers)? };
    let mut claims: BTreeMap<RoundId, ClaimRecord> =
        claims.into_iter().map(|claim| (claim.receipt.round, claim)).collect();
    let with_claim = |(_, record): (i64, RoundRecord)| {
        let claim = claims.remove(&record.id);
        RoundFacts { record, claim }
    };
    Ok(found.into_iter().map(with_claim).collect())
}

/// The withdrawals of these wallets that wait in no batch: for their turn, or for an operator.
pub(super) fn waiting_of_wallets(
    session: &mut Session,
    wallets: &[i64],
) -> Result<Vec<WithdrawalRecord>, Failure> {
    read_withdrawals(&session.query(
        concat!(select_withdrawal!(), "WHERE w.wallet = ANY($1) AND w.stage IN (0, 5, 6)"),
        &[&wallets],
    )?)
}

/// The withdrawals that wait for an operator, those that wait longest first, above `after`, at most so many.
pub(super) fn of_operators(
    session: &mut Session,
    after: Option<WithdrawalId>,
    limit: usize,
) -> Result<Vec<WithdrawalRecord>, Failure> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let after = after.as_ref().map(|id| &id.0[..]);
    let rows = session.query(
        concat!(
            select_withdrawal!(),
            "WHERE w.stage >= 5 AND ($1::bytea IS NULL OR w.withdrawal > $1) ORDER BY w.withdrawal LIMIT $2"
        ),
        &[&after, &limit],
    )?;
    read_withdrawals(&rows)
}
