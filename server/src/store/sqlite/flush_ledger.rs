//! Flushing the ledger: balances, and the transfers that changed them.

use std::collections::HashMap;

use rusqlite::Connection;

use crate::ledger::{Account, Holder, Posted, Reference};
use crate::store::columns::{holder_name, moment};
use crate::store::sqlite::flush::missing;
use crate::store::sqlite::intern::Interner;
use crate::store::sqlite::load::Loaded;
use crate::store::working::Changes;

/// Writes the changes of a batch, whose wallets, rounds and withdrawals have been written.
pub(super) fn write(
    main: &Connection,
    interner: &mut Interner,
    loaded: &Loaded,
    changes: &Changes,
) -> rusqlite::Result<()> {
    let mut ids = HashMap::new();
    for account in &changes.balances {
        ids.insert(account, write_balance(main, interner, loaded, account)?);
    }
    changes.transfers.iter().try_for_each(|posted| write_transfer(main, loaded, posted, &ids))
}

/// Writes a balance, and gives the row id of its account.
fn write_balance(
    main: &Connection,
    interner: &mut Interner,
    loaded: &Loaded,
    account: &Account,
) -> rusqlite::Result<i64> {
    let owner = match &account.holder {
        Holder::World | Holder::Treasury | Holder::Fees | Holder::Operating | Holder::Reserved => 0,
        Holder::Campaign(campaign) => interner.campaign_id(main, campaign)?,
        // One server alone divides nothing.
        Holder::Slice(..) => return Err(missing()),
        Holder::Player(wallet) | Holder::Pending(wallet) => {
            loaded.wallets.get(wallet).copied().flatten().ok_or_else(missing)?
        }
    };
    upsert(main, interner, account, owner, loaded.set.balance(account).0)
}

/// Sets the balance of the account of this owner, new or not, and gives its row id.
pub(super) fn upsert(
    main: &Connection,
    interner: &mut Interner,
    account: &Account,
    owner: i64,
    balance: i64,
) -> rusqlite::Result<i64> {
    let asset = interner.asset_id(main, &account.asset)?;
    main.prepare_cached(
        "INSERT INTO accounts (asset, holder, owner, balance) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (owner, asset, holder) DO UPDATE SET balance = ?4 RETURNING id",
    )?
    .query_row((asset, holder_name(&account.holder), owner, balance), |row| row.get(0))
}

/// Writes a transfer between accounts of these row ids.
fn write_transfer(
    main: &Connection,
    loaded: &Loaded,
    posted: &Posted,
    ids: &HashMap<&Account, i64>,
) -> rusqlite::Result<()> {
    let transfer = &posted.transfer;
    let round = match transfer.reference {
        Some(Reference::Round(round)) => {
            Some(loaded.rounds.get(&round).copied().flatten().ok_or_else(missing)?)
        }
        _ => None,
    };
    let withdrawal = match transfer.reference {
        Some(Reference::Withdrawal(withdrawal)) => Some(
            main.prepare_cached("SELECT id FROM withdrawals WHERE withdrawal = ?1")?
                .query_row([withdrawal.0], |row| row.get::<_, i64>(0))?,
        ),
        _ => None,
    };
    let batch = match transfer.reference {
        Some(Reference::Batch(batch)) => Some(
            main.prepare_cached("SELECT id FROM batches WHERE batch = ?1")?
                .query_row([batch.0], |row| row.get::<_, i64>(0))?,
        ),
        _ => None,
    };
    let references = References { round, withdrawal, batch };
    let id = |account: &Account| ids.get(account).copied().ok_or_else(missing);
    insert(main, posted, [id(&transfer.debit_account())?, id(&transfer.credit_account())?], references)
}

/// The row id of what a transfer belongs to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct References {
    round: Option<i64>,
    withdrawal: Option<i64>,
    batch: Option<i64>,
}

/// Writes a transfer between the accounts of these row ids: debit, credit.
pub(super) fn insert(
    main: &Connection,
    posted: &Posted,
    [debit, credit]: [i64; 2],
    References { round, withdrawal, batch }: References,
) -> rusqlite::Result<()> {
    let transfer = &posted.transfer;
    main.prepare_cached(
        "INSERT INTO transfers (at_ms, kind, debit, credit, amount, debit_balance, credit_balance, round, withdrawal,
         id, worth, currency, batch) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?
    .execute((
        moment(transfer.at),
        transfer.kind.as_str(),
        debit,
        credit,
        transfer.amount.units(),
        posted.debit_balance.0,
        posted.credit_balance.0,
        round,
        withdrawal,
        i64::try_from(transfer.id).unwrap_or(i64::MAX),
        transfer.worth.as_ref().map(|worth| worth.millionths.units()),
        transfer.worth.as_ref().map(|worth| &*worth.currency),
        batch,
    ))
    .map(drop)
}
