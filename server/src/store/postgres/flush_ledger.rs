//! Flushing the ledger: balances, and the transfers that changed them.

use std::collections::HashMap;

use dripline_shared::payout::{BatchId, WithdrawalId};

use crate::ledger::{Account, Holder, Posted, Reference};
use crate::store::columns::{holder_name, moment};
use crate::store::postgres::failure::Failure;
use crate::store::postgres::flush::{all, wallet_id};
use crate::store::postgres::load::Loaded;
use crate::store::postgres::rows::{number, text};
use crate::store::postgres::session::Session;
use crate::store::working::Changes;

/// Writes the changes of a batch, whose wallets, rounds and withdrawals have been written.
pub(super) fn write(session: &mut Session, loaded: &Loaded, changes: &Changes) -> Result<(), Failure> {
    if changes.balances.is_empty() {
        return Ok(());
    }
    let mut balances = Vec::with_capacity(changes.balances.len());
    for account in &changes.balances {
        let wallet = match &account.holder {
            Holder::Player(wallet) | Holder::Pending(wallet) => wallet_id(loaded, wallet)?,
            _ => 0,
        };
        // Accounts of a wallet are locked with its row, whether they are there or not.
        let may_be_there = wallet > 0 || loaded.accounts.contains(account);
        balances.push(Written { account, wallet, balance: loaded.set.balance(account).0, may_be_there });
    }
    let ids = write_balances(session, &balances)?;
    let rounds = changes.transfers.iter().map(|posted| match posted.transfer.reference {
        Some(Reference::Round(round)) => loaded.rounds.get(&round).copied().map(Some).ok_or(Failure::Missing),
        _ => Ok(None),
    });
    let rounds = rounds.collect::<Result<Vec<_>, _>>()?;
    write_transfers(session, &changes.transfers, &ids, &rounds)
}

/// A balance that is to be written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written<'a> {
    /// Of which account.
    pub(super) account: &'a Account,
    /// The row id of its wallet; 0 where it is not a wallet's.
    pub(super) wallet: i64,
    /// The balance.
    pub(super) balance: i64,
    /// Whether it may be there already: then it is locked. Where it is there although it was not, another server was
    /// faster.
    pub(super) may_be_there: bool,
}

/// Accounts with their row ids.
pub(super) type AccountIds = HashMap<Account, i64>;

/// Writes balances, and gives the row ids of their accounts.
pub(super) fn write_balances(session: &mut Session, balances: &[Written<'_>]) -> Result<AccountIds, Failure> {
    let each = balances.iter();
    let assets: Vec<&str> = each.clone().map(|written| &*written.account.asset).collect();
    let holders: Vec<&str> = each.clone().map(|written| holder_name(&written.account.holder)).collect();
    let campaigns: Vec<Option<&str>> = each
        .clone()
        .map(|written| match &written.account.holder {
            Holder::Campaign(campaign) | Holder::Slice(_, campaign) => Some(&**campaign),
            _ => None,
        })
        .collect();
    let slot_of = |account: &Account| match account.holder {
        Holder::Slice(slot, _) => i64::from(slot),
        _ => 0,
    };
    let slots: Vec<i64> = each.clone().map(|written| slot_of(written.account)).collect();
    if slots.iter().any(|slot| *slot > 0) {
        session.execute(
            "INSERT INTO slices (slot, campaign) SELECT new.slot, c.id FROM unnest($1::bigint[], $2::text[])
                 AS new (slot, campaign) JOIN campaigns c ON c.name = new.campaign
             WHERE new.slot > 0 AND NOT EXISTS (
                 SELECT 1 FROM slices x WHERE x.slot = new.slot AND x.campaign = c.id)
             GROUP BY new.slot, c.id ORDER BY new.slot, c.id",
            &[&slots, &campaigns],
        )?;
    }
    let wallets: Vec<i64> = each.clone().map(|written| written.wallet).collect();
    let amounts: Vec<i64> = each.clone().map(|written| written.balance).collect();
    let may_be_there: Vec<bool> = each.clone().map(|written| written.may_be_there).collect();
    let rows = session.query(
        "WITH new AS (
             SELECT s.id AS asset, new.holder, coalesce(x.id, c.id, new.wallet) AS owner, new.balance,
                 new.may_be_there
             FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::boolean[], $7::bigint[])
                 AS new (asset, holder, campaign, wallet, balance, may_be_there, slot)
             JOIN assets s ON s.code = new.asset LEFT JOIN campaigns c ON c.name = new.campaign
             LEFT JOIN slices x ON x.slot = new.slot AND x.campaign = c.id
             ORDER BY owner, asset, holder
         ), there AS (
             INSERT INTO accounts (asset, holder, owner, balance)
             SELECT asset, holder, owner, balance FROM new WHERE may_be_there
             ON CONFLICT (owner, asset, holder) DO UPDATE SET balance = excluded.balance
             RETURNING id, asset, holder, owner
         ), inserted AS (
             INSERT INTO accounts (asset, holder, owner, balance)
             SELECT asset, holder, owner, balance FROM new WHERE NOT may_be_there
             RETURNING id, asset, holder, owner
         )
         SELECT w.id, s.code, w.holder, w.owner, c.name, coalesce(x.slot, 0)
         FROM (SELECT * FROM there UNION ALL SELECT * FROM inserted) AS w JOIN assets s ON s.id = w.asset
         LEFT JOIN slices x ON w.holder = 'slice' AND x.id = w.owner
         LEFT JOIN campaigns c ON c.id = CASE w.holder WHEN 'campaign' THEN w.owner ELSE x.campaign END",
        &[&assets, &holders, &campaigns, &wallets, &amounts, &may_be_there, &slots],
    )?;
    all(u64::try_from(rows.len()).unwrap_or(u64::MAX), balances.len())?;
    let mut known: HashMap<(&str, &str, i64, Option<&str>, i64), &Account> = HashMap::new();
    for ((written, campaign), slot) in balances.iter().zip(&campaigns).zip(&slots) {
        let account = written.account;
        known.insert(
            (&account.asset, holder_name(&account.holder), written.wallet, *campaign, *slot),
            account,
        );
    }
    let mut ids = AccountIds::new();
    for row in &rows {
        let campaign: Option<&str> = row.try_get(4)?;
        let wallet = match row.try_get(2)? {
            "player" | "pending" => number(row, 3)?,
            _ => 0,
        };
        let key = (&*text(row, 1)?, row.try_get(2)?, wallet, campaign, row.try_get(5)?);
        let account = known.get(&key).ok_or(Failure::Missing)?;
        ids.insert((*account).clone(), number(row, 0)?);
    }
    Ok(ids)
}

/// Writes transfers between accounts of these row ids, for rounds of these row ids, and puts them in line for the log.
pub(super) fn write_transfers(
    session: &mut Session,
    transfers: &[Posted],
    accounts: &AccountIds,
    rounds: &[Option<i64>],
) -> Result<(), Failure> {
    let id_of = |account: Account| accounts.get(&account).copied().ok_or(Failure::Missing);
    let each = transfers.iter().map(|posted| &posted.transfer);
    let ids: Vec<i64> = each.clone().map(|it| i64::try_from(it.id).unwrap_or(i64::MAX)).collect();
    let moments: Vec<i64> = each.clone().map(|it| moment(it.at)).collect();
    let kinds: Vec<&str> = each.clone().map(|it| it.kind.as_str()).collect();
    let debits: Vec<i64> = each.clone().map(|it| id_of(it.debit_account())).collect::<Result<_, _>>()?;
    let credits: Vec<i64> = each.clone().map(|it| id_of(it.credit_account())).collect::<Result<_, _>>()?;
    let amounts: Vec<i64> = each.clone().map(|it| it.amount.units()).collect();
    let debit_balances: Vec<i64> = transfers.iter().map(|posted| posted.debit_balance.0).collect();
    let credit_balances: Vec<i64> = transfers.iter().map(|posted| posted.credit_balance.0).collect();
    let worths: Vec<Option<i64>> =
        each.clone().map(|it| it.worth.as_ref().map(|worth| worth.millionths.units())).collect();
    let currencies: Vec<Option<&str>> =
        each.clone().map(|it| it.worth.as_ref().map(|worth| &*worth.currency)).collect();
    let batches: Vec<Option<BatchId>> = each
        .clone()
        .map(|it| match it.reference {
            Some(Reference::Batch(batch)) => Some(batch),
            _ => None,
        })
        .collect();
    let batches: Vec<Option<&[u8]>> =
        batches.iter().map(|batch| batch.as_ref().map(|id| &id.0[..])).collect();
    let withdrawals: Vec<Option<WithdrawalId>> = each
        .map(|it| match it.reference {
            Some(Reference::Withdrawal(withdrawal)) => Some(withdrawal),
            _ => None,
        })
        .collect();
    let withdrawals: Vec<Option<&[u8]>> =
        withdrawals.iter().map(|withdrawal| withdrawal.as_ref().map(|id| &id.0[..])).collect();
    let written = session.execute(
        "WITH new AS (
             INSERT INTO transfers (id, at_ms, kind, debit, credit, amount, debit_balance, credit_balance, round,
                 withdrawal, worth, currency, batch)
             SELECT new.id, new.at, new.kind, new.debit, new.credit, new.amount, new.debit_balance,
                 new.credit_balance, new.round, w.id, new.worth, new.currency, b.id
             FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[],
                 $7::bigint[], $8::bigint[], $9::bigint[], $10::bytea[], $11::bigint[], $12::text[],
                 $13::bytea[])
                 AS new (id, at, kind, debit, credit, amount, debit_balance, credit_balance, round, withdrawal,
                     worth, currency, batch)
             LEFT JOIN withdrawals w ON w.withdrawal = new.withdrawal LEFT JOIN batches b ON b.batch = new.batch
             WHERE (new.withdrawal IS NULL OR w.id IS NOT NULL) AND (new.batch IS NULL OR b.id IS NOT NULL)
             RETURNING id
         )
         INSERT INTO log_awaited (transfer) SELECT id FROM new",
        &[
            &ids,
            &moments,
            &kinds,
            &debits,
            &credits,
            &amounts,
            &debit_balances,
            &credit_balances,
            &rounds,
            &withdrawals,
            &worths,
            &currencies,
            &batches,
        ],
    )?;
    all(written, transfers.len())
}
