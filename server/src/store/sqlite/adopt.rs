//! Adopting a catalog: it is noted as the one in force, its levels are interned, its campaigns get accounts and their
//! budgets. And finding the one that was adopted last.

use std::path::Path;
use std::sync::Arc;

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::catalog::{Campaign, Catalog};
use dripline_shared::round::{Hash, level_hash};
use dripline_shared::site::NO_CAMPAIGN;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use crate::ledger::{Account, Balance, FundingFacts, Holder, Posted, fund};
use crate::store::columns::{holder_name, moment};
use crate::store::sqlite::flush_ledger::References;
use crate::store::sqlite::intern::Interner;
use crate::store::sqlite::rows;
use crate::store::sqlite::{MAIN_FILE, commit_failed, flush_ledger, open_to_read, rolled_back};
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

/// The assets that were ever adopted.
pub(super) fn assets(main: &Connection) -> rusqlite::Result<Vec<Asset>> {
    main.prepare("SELECT code, decimals FROM assets ORDER BY id")?
        .query_map([], |row| Ok(Asset { code: row.get(0)?, decimals: row.get(1)? }))?
        .collect()
}

/// Learns assets that no catalog brings.
pub(super) fn learn_assets(main: &mut Connection, assets: &[Asset]) -> Result<(), StorageError> {
    let transaction = main
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(|error| rolled_back(&error))?;
    for asset in assets {
        intern_asset(&transaction, asset).map_err(|error| rolled_back(&error))?;
        same_decimals(&transaction, asset)?;
    }
    transaction.commit().map_err(|error| commit_failed(&error))
}

fn intern_asset(transaction: &Transaction<'_>, asset: &Asset) -> rusqlite::Result<()> {
    transaction
        .execute(
            "INSERT INTO assets (code, decimals) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            (&asset.code, asset.decimals),
        )
        .map(drop)
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
    same_decimals(&transaction, &adoption.catalog.asset)?;
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

/// The fingerprint of the faucet that a store belongs to, as text.
pub(super) fn owner(main: &Connection) -> rusqlite::Result<Option<String>> {
    main.prepare_cached("SELECT value FROM meta WHERE name = ?1")?
        .query_row([FINGERPRINT], |row| row.get(0))
        .optional()
}

fn intern(transaction: &Transaction<'_>, adoption: &Adoption<'_>) -> rusqlite::Result<()> {
    // What stands for the campaign of rounds that nobody pays for: it has a name, and no account.
    transaction.execute(
        "INSERT INTO campaigns (id, name) SELECT max(0, coalesce(max(id), 0)) + 1, ?1 FROM campaigns WHERE true
         ON CONFLICT DO NOTHING",
        [NO_CAMPAIGN],
    )?;
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
    intern_asset(transaction, &adoption.catalog.asset)
}

/// Whether an asset has the decimals that its amounts are stored with.
fn same_decimals(transaction: &Transaction<'_>, wanted: &Asset) -> Result<(), StorageError> {
    let find = "SELECT decimals FROM assets WHERE code = ?1";
    let stored: u8 =
        transaction.query_row(find, [&wanted.code], |row| row.get(0)).map_err(|error| rolled_back(&error))?;
    if stored == wanted.decimals {
        return Ok(());
    }
    Err(StorageError::AssetChanged { code: wanted.code.clone(), stored, wanted: wanted.decimals })
}

fn fund_campaign(
    transaction: &Transaction<'_>,
    campaign: &Campaign,
    adoption: &Adoption<'_>,
) -> Result<(), StorageError> {
    let mut funding = Funding::begin(transaction, campaign, adoption).map_err(|error| rolled_back(&error))?;
    let facts = funding.facts().map_err(|error| rolled_back(&error))?;
    let transfers = fund(&funding.asset, campaign, facts, adoption.now)
        .map_err(|_| StorageError::RolledBack("the budgets are more than the ledger can hold".to_owned()))?;
    transfers.iter().try_for_each(|posted| funding.write(posted)).map_err(|error| rolled_back(&error))
}

/// The funding of one campaign.
struct Funding<'a> {
    transaction: &'a Transaction<'a>,
    interner: Interner,
    asset: Arc<str>,
    campaign: Arc<str>,
    /// The campaign's row id.
    owner: i64,
}

impl<'a> Funding<'a> {
    fn begin(
        transaction: &'a Transaction<'a>,
        campaign: &Campaign,
        adoption: &Adoption<'_>,
    ) -> rusqlite::Result<Self> {
        // Older stores have campaigns with ids below zero; 0 is nobody's.
        transaction.execute(
            "INSERT INTO campaigns (id, name) SELECT max(0, coalesce(max(id), 0)) + 1, ?1 FROM campaigns WHERE true
             ON CONFLICT DO NOTHING",
            [&campaign.id],
        )?;
        let mut interner = Interner::default();
        let (asset, campaign) =
            (adoption.catalog.asset.code.as_str().into(), Arc::from(campaign.id.as_str()));
        let owner = interner.campaign_id(transaction, &campaign)?;
        Ok(Self { transaction, interner, asset, campaign, owner })
    }

    fn owner_of(&self, holder: &Holder) -> i64 {
        if matches!(holder, Holder::Campaign(_)) { self.owner } else { 0 }
    }

    /// The row id of an account of this asset, and its balance; it is made where there is none.
    fn account(&mut self, holder: Holder) -> rusqlite::Result<(i64, Balance)> {
        let owner = self.owner_of(&holder);
        let asset = self.interner.asset_id(self.transaction, &self.asset)?;
        let find = "SELECT id, balance FROM accounts WHERE owner = ?1 AND asset = ?2 AND holder = ?3";
        let found = self
            .transaction
            .query_row(find, (owner, asset, holder_name(&holder)), |row| {
                Ok((row.get(0)?, Balance(row.get(1)?)))
            })
            .optional()?;
        if let Some(found) = found {
            Ok(found)
        } else {
            let account = Account::new(&self.asset, holder);
            let id = flush_ledger::upsert(self.transaction, &mut self.interner, &account, owner, 0)?;
            Ok((id, Balance::default()))
        }
    }

    fn facts(&mut self) -> rusqlite::Result<FundingFacts> {
        let (campaign, campaign_balance) = self.account(Holder::Campaign(Arc::clone(&self.campaign)))?;
        let (treasury, treasury_balance) = self.account(Holder::Treasury)?;
        let (_, world) = self.account(Holder::World)?;
        let moved = |credit: i64, debit: i64| {
            let sum = "SELECT coalesce(sum(amount), 0) FROM transfers WHERE credit = ?1 AND debit = ?2";
            self.transaction.query_row(sum, (credit, debit), |row| row.get::<_, i64>(0))
        };
        let funded = moved(campaign, treasury)?.saturating_sub(moved(treasury, campaign)?);
        Ok(FundingFacts {
            next_id: rows::last_transfer(self.transaction)?.saturating_add(1),
            funded: Amount::try_from(funded).unwrap_or(Amount::ZERO),
            campaign: campaign_balance,
            treasury: treasury_balance,
            world,
        })
    }

    fn write(&mut self, posted: &Posted) -> rusqlite::Result<()> {
        let transfer = &posted.transfer;
        let mut write = |holder: &Holder, balance: Balance| {
            let (account, owner) = (Account::new(&self.asset, holder.clone()), self.owner_of(holder));
            flush_ledger::upsert(self.transaction, &mut self.interner, &account, owner, balance.0)
        };
        let debit = write(&transfer.debit, posted.debit_balance)?;
        let credit = write(&transfer.credit, posted.credit_balance)?;
        flush_ledger::insert(self.transaction, posted, [debit, credit], References::default())
    }
}
