//! Adopting a catalog: it is noted as the one in force, its levels are interned, its campaigns get accounts and their
//! budgets. And finding the one that was adopted last.

use std::path::Path;
use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::catalog::{Campaign, Catalog};
use dripline_shared::round::{Hash, level_hash};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use crate::ledger::{Account, Balance, FundingFacts, Posted, fund};
use crate::store::sqlite::rows::{TREASURY, WORLD, moment};
use crate::store::sqlite::{MAIN_FILE, commit_failed, open_to_read, rolled_back};
use crate::store::{Adoption, StorageError};

/// What the row of the faucet's fingerprint is called.
const FINGERPRINT: &str = "faucet";
/// What the row of the catalog in force is called: it has the catalog's number.
const IN_FORCE: &str = "catalog";

/// The catalog that was adopted last in the store in `directory`, if there is a store. Reads only; a server may be
/// running on it.
pub fn adopted_catalog(directory: &Path) -> Result<Option<Catalog>, StorageError> {
    let file = directory.join(MAIN_FILE);
    if !file.exists() {
        return Ok(None);
    }
    adopted(&open_to_read(&file).map_err(|error| rolled_back(&error))?)
}

pub(super) fn adopted(main: &Connection) -> Result<Option<Catalog>, StorageError> {
    // Without a note (older builds made none), the newest is the best guess.
    let find = "SELECT json FROM catalogs
        ORDER BY id = (SELECT CAST(value AS INTEGER) FROM meta WHERE name = ?1) DESC, id DESC LIMIT 1";
    let json: Option<String> =
        main.query_row(find, [IN_FORCE], |row| row.get(0)).optional().map_err(|error| rolled_back(&error))?;
    json.map(|json| serde_json::from_str(&json))
        .transpose()
        .map_err(|error| StorageError::UnreadableCatalog(error.to_string()))
}

pub(super) fn adopt(main: &mut Connection, adoption: &Adoption<'_>) -> Result<(), StorageError> {
    let transaction = main
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(|error| rolled_back(&error))?;
    let owner = fingerprint(&transaction, adoption.faucet).map_err(|error| rolled_back(&error))?;
    if owner != adoption.faucet.to_string() {
        return Err(StorageError::OtherFaucet);
    }
    intern(&transaction, adoption).map_err(|error| rolled_back(&error))?;
    for campaign in &adoption.catalog.campaigns {
        fund_campaign(&transaction, campaign, adoption)?;
    }
    transaction.commit().map_err(|error| commit_failed(&error))
}

/// The fingerprint of the faucet that this store belongs to; a new store belongs to `ours`.
fn fingerprint(transaction: &Transaction<'_>, ours: Hash) -> rusqlite::Result<String> {
    transaction.execute(
        "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        (FINGERPRINT, ours.to_string()),
    )?;
    transaction.query_row("SELECT value FROM meta WHERE name = ?1", [FINGERPRINT], |row| row.get(0))
}

fn intern(transaction: &Transaction<'_>, adoption: &Adoption<'_>) -> rusqlite::Result<()> {
    let json = |value: Result<String, serde_json::Error>| {
        value.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
    };
    let version = adoption.catalog.version();
    transaction.execute(
        "INSERT INTO catalogs (version, json, used_from_ms) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        (version.0, json(serde_json::to_string(adoption.catalog))?, moment(adoption.now)),
    )?;
    let catalog: i64 =
        transaction.query_row("SELECT id FROM catalogs WHERE version = ?1", [version.0], |row| row.get(0))?;
    transaction.execute(
        "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (IN_FORCE, catalog.to_string()),
    )?;
    for level in &adoption.catalog.levels {
        transaction.execute(
            "INSERT INTO levels (catalog, hash, json) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            (catalog, level_hash(level).0, json(serde_json::to_string(level))?),
        )?;
    }
    for (id, account) in [(WORLD, Account::World), (TREASURY, Account::Treasury)] {
        transaction.execute(
            "INSERT INTO accounts (id, name, balance) VALUES (?1, ?2, 0) ON CONFLICT DO NOTHING",
            (id, account.to_string()),
        )?;
    }
    Ok(())
}

fn fund_campaign(
    transaction: &Transaction<'_>,
    campaign: &Campaign,
    adoption: &Adoption<'_>,
) -> Result<(), StorageError> {
    let id: Arc<str> = campaign.id.as_str().into();
    let account = campaign_account(transaction, &id).map_err(|error| rolled_back(&error))?;
    let facts = facts(transaction, account).map_err(|error| rolled_back(&error))?;
    let transfers = fund(&id, campaign.budget, facts, adoption.now)
        .map_err(|_| StorageError::RolledBack("the budgets are more than the ledger can hold".to_owned()))?;
    for posted in &transfers {
        write(transaction, account, posted).map_err(|error| rolled_back(&error))?;
    }
    Ok(())
}

fn campaign_account(transaction: &Transaction<'_>, campaign: &Arc<str>) -> rusqlite::Result<i64> {
    let name = Account::Campaign(Arc::clone(campaign)).to_string();
    let find = "SELECT id FROM accounts WHERE name = ?1";
    if let Some(id) = transaction.query_row(find, [&name], |row| row.get(0)).optional()? {
        return Ok(id);
    }
    transaction.execute(
        "INSERT INTO accounts (id, name, balance) SELECT min(id) - 1, ?1, 0 FROM accounts WHERE id < 0",
        [&name],
    )?;
    Ok(transaction.last_insert_rowid())
}

fn facts(transaction: &Transaction<'_>, campaign: i64) -> rusqlite::Result<FundingFacts> {
    let balance = |id: i64| {
        let find = "SELECT balance FROM accounts WHERE id = ?1";
        transaction.query_row(find, [id], |row| row.get(0).map(Balance))
    };
    let moved = |credit: i64, debit: i64| {
        let sum = "SELECT coalesce(sum(amount), 0) FROM transfers WHERE credit = ?1 AND debit = ?2";
        transaction.query_row(sum, (credit, debit), |row| row.get::<_, i64>(0))
    };
    let funded = moved(campaign, TREASURY)?.saturating_sub(moved(TREASURY, campaign)?);
    Ok(FundingFacts {
        funded: Amount::try_from(funded).unwrap_or(Amount::ZERO),
        campaign: balance(campaign)?,
        treasury: balance(TREASURY)?,
        world: balance(WORLD)?,
    })
}

fn write(transaction: &Transaction<'_>, campaign: i64, posted: &Posted) -> rusqlite::Result<()> {
    let id_of = |account: &Account| match account {
        Account::World => WORLD,
        Account::Treasury => TREASURY,
        Account::Campaign(_) | Account::Player(_) => campaign,
    };
    let transfer = &posted.transfer;
    let (debit, credit) = (id_of(&transfer.debit), id_of(&transfer.credit));
    let (debit_balance, credit_balance) = (posted.debit_balance.0, posted.credit_balance.0);
    transaction.execute(
        "INSERT INTO transfers (at_ms, kind, debit, credit, amount, debit_balance, credit_balance)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (
            moment(transfer.at),
            transfer.kind.as_str(),
            debit,
            credit,
            transfer.amount.units(),
            debit_balance,
            credit_balance,
        ),
    )?;
    for (id, balance) in [(debit, debit_balance), (credit, credit_balance)] {
        transaction.execute("UPDATE accounts SET balance = ?2 WHERE id = ?1", (id, balance))?;
    }
    Ok(())
}
