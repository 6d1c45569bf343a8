//! Adopting a catalog: it is noted as the one in force, its levels are interned, its campaigns get accounts and their
//! budgets. And finding the one that was adopted last. One server at a time adopts.

use std::collections::BTreeMap;
use std::sync::Arc;

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::catalog::Catalog;
use dripline_shared::round::{Hash, level_hash};
use dripline_shared::site::NO_CAMPAIGN;

use crate::ledger::{Account, Balance, FundingFacts, Holder, Kind, Posted, Transfer, fund};
use crate::store::columns::moment;
use crate::store::postgres::address::DatabaseAddress;
use crate::store::postgres::failure::Failure;
use crate::store::postgres::flush_ledger::{Written, write_balances, write_transfers};
use crate::store::postgres::load::take_transfer_ids;
use crate::store::postgres::rows::{number, read_faucet_accounts, select_faucet_accounts};
use crate::store::postgres::session::Session;
use crate::store::postgres::{ADOPTING, LOCKS, SLICING};
use crate::store::working::{Effect, WorkingSet};
use crate::store::{Adoption, StorageError};

/// What the row of the faucet's fingerprint is called.
const FINGERPRINT: &str = "faucet";
/// What the row of the catalog in force is called: it has the catalog's number.
const IN_FORCE: &str = "catalog";

/// The catalog that was adopted last in the store in a database, if there is a store. Reads only; servers may be running.
pub fn adopted_catalog(address: &DatabaseAddress) -> Result<Option<Catalog>, StorageError> {
    let mut session = Session::open(address)?;
    if is_empty(&mut session).map_err(Failure::rolled_back)? {
        return Ok(None);
    }
    adopted(&mut session).map_err(Failure::rolled_back)
}

/// Whether a database has no store.
pub(super) fn is_empty(session: &mut Session) -> Result<bool, Failure> {
    let row = session.query_one("SELECT to_regclass('catalogs') IS NULL", &[])?;
    Ok(row.ok_or(Failure::Missing)?.try_get(0)?)
}

/// The catalog that was adopted last.
pub(super) fn adopted(session: &mut Session) -> Result<Option<Catalog>, Failure> {
    let row = session.query_one(
        "SELECT c.json FROM catalogs c JOIN meta m ON m.name = $1 AND m.value = c.id::text",
        &[&IN_FORCE],
    )?;
    let Some(row) = row else { return Ok(None) };
    let catalog = serde_json::from_str(row.try_get(0)?)
        .map_err(|error| StorageError::UnreadableCatalog(error.to_string()))?;
    Ok(Some(catalog))
}

/// The assets that were ever adopted.
pub(super) fn assets(session: &mut Session) -> Result<Vec<Asset>, Failure> {
    let rows = session.query("SELECT code, decimals FROM assets ORDER BY id", &[])?;
    rows.iter().map(|row| Ok(Asset { code: row.try_get(0)?, decimals: number(row, 1)? })).collect()
}

/// The fingerprint of the faucet that a store belongs to, as text.
pub(super) fn owner(session: &mut Session) -> Result<Option<String>, Failure> {
    let row = session.query_one("SELECT value FROM meta WHERE name = $1", &[&FINGERPRINT])?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// Learns assets that no catalog brings.
pub(super) fn learn_assets(session: &mut Session, assets: &[Asset]) -> Result<(), Failure> {
    for asset in assets {
        intern_asset(session, asset)?;
        same_decimals(session, asset)?;
    }
    Ok(())
}

fn intern_asset(session: &mut Session, asset: &Asset) -> Result<(), Failure> {
    session.execute(
        "INSERT INTO assets (code, decimals) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        &[&asset.code, &i64::from(asset.decimals)],
    )?;
    Ok(())
}

pub(super) fn adopt(session: &mut Session, adoption: &Adoption<'_>) -> Result<(), Failure> {
    session.run(&format!("SELECT pg_advisory_xact_lock({LOCKS}, {ADOPTING})"))?;
    let ours = adoption.faucet.to_string();
    let insert = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    session.execute(insert, &[&FINGERPRINT, &ours])?;
    if owner(session)?.is_none_or(|owner| owner != ours) {
        return Err(StorageError::OtherFaucet.into());
    }
    intern(session, adoption)?;
    same_decimals(session, &adoption.catalog.asset)?;
    fund_campaigns(session, adoption)
}

fn intern(session: &mut Session, adoption: &Adoption<'_>) -> Result<(), Failure> {
    let catalog = adoption.catalog;
    let unwritable = |_| Failure::Column("catalog");
    let version: Hash = catalog.version();
    let json = serde_json::to_string(catalog).map_err(unwritable)?;
    session.execute(
        "INSERT INTO catalogs (version, json, used_from_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        &[&&version.0[..], &json, &moment(adoption.now)],
    )?;
    session.execute(
        "INSERT INTO meta (name, value) SELECT $1, id::text FROM catalogs WHERE version = $2
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        &[&IN_FORCE, &&version.0[..]],
    )?;
    let hashes: Vec<Hash> = catalog.levels.iter().map(level_hash).collect();
    let hashes: Vec<&[u8]> = hashes.iter().map(|hash| &hash.0[..]).collect();
    let levels: Vec<String> =
        catalog.levels.iter().map(serde_json::to_string).collect::<Result<_, _>>().map_err(unwritable)?;
    session.execute(
        "INSERT INTO levels (catalog, hash, json)
         SELECT c.id, new.hash, new.json FROM unnest($2::bytea[], $3::text[]) AS new (hash, json)
         JOIN catalogs c ON c.version = $1 ON CONFLICT DO NOTHING",
        &[&&version.0[..], &hashes, &levels],
    )?;
    intern_asset(session, &catalog.asset)?;
    // What stands for the campaign of rounds that nobody pays for has a name, too, and no account.
    let campaigns: Vec<&str> =
        catalog.campaigns.iter().map(|campaign| campaign.id.as_str()).chain([NO_CAMPAIGN]).collect();
    session.execute(
        "INSERT INTO campaigns (name) SELECT * FROM unnest($1::text[]) ON CONFLICT DO NOTHING",
        &[&campaigns],
    )?;
    Ok(())
}

/// Whether the catalog's asset has the decimals that its amounts are stored with.
fn same_decimals(session: &mut Session, wanted: &Asset) -> Result<(), Failure> {
    let row = session.query_one("SELECT decimals FROM assets WHERE code = $1", &[&wanted.code])?;
    let stored: u8 = number(&row.ok_or(Failure::Missing)?, 0)?;
    if stored == wanted.decimals {
        return Ok(());
    }
    Err(StorageError::AssetChanged { code: wanted.code.clone(), stored, wanted: wanted.decimals }.into())
}

/// Brings all campaigns to their budgets, and gives those of them an account that have none.
fn fund_campaigns(session: &mut Session, adoption: &Adoption<'_>) -> Result<(), Failure> {
    // What servers have of budgets comes back first. They find that out by their slots.
    session.run(&format!("SELECT pg_advisory_xact_lock({LOCKS}, {SLICING})"))?;
    session.query("SELECT number FROM slots ORDER BY number FOR UPDATE", &[])?;
    let rows = session.query(concat!(select_faucet_accounts!("<> ''"), " FOR UPDATE OF a"), &[])?;
    let known: BTreeMap<Account, Balance> = read_faucet_accounts(&rows)?.into_iter().collect();
    let asset: Arc<str> = adoption.catalog.asset.code.as_str().into();
    let mut posted: Vec<Posted> = gather_slices(&known, adoption)?;
    let mut balances: BTreeMap<Account, Balance> = BTreeMap::new();
    for returned in &posted {
        balances.insert(returned.transfer.debit_account(), returned.debit_balance);
        balances.insert(returned.transfer.credit_account(), returned.credit_balance);
    }
    for campaign in &adoption.catalog.campaigns {
        let id: Arc<str> = campaign.id.as_str().into();
        let mut balance = |holder: Holder| {
            let account = Account::new(&asset, holder);
            let before = known.get(&account).copied().unwrap_or_default();
            *balances.entry(account).or_insert(before)
        };
        let facts = FundingFacts {
            next_id: u64::try_from(posted.len()).unwrap_or(u64::MAX),
            funded: funded(session, &asset, &id)?,
            campaign: balance(Holder::Campaign(Arc::clone(&id))),
            treasury: balance(Holder::Treasury),
            world: balance(Holder::World),
        };
        let transfers = fund(&asset, campaign, facts, adoption.now).map_err(|_| {
            StorageError::RolledBack("the budgets are more than the ledger can hold".to_owned())
        })?;
        for transfer in &transfers {
            balances.insert(transfer.transfer.debit_account(), transfer.debit_balance);
            balances.insert(transfer.transfer.credit_account(), transfer.credit_balance);
        }
        posted.extend(transfers);
    }
    let written = balances.iter().map(|(account, balance)| Written {
        account,
        wallet: 0,
        balance: balance.0,
        may_be_there: known.contains_key(account),
    });
    let ids = write_balances(session, &written.collect::<Vec<_>>())?;
    if posted.is_empty() {
        return Ok(());
    }
    // So far they are counted from 0.
    let count = i64::try_from(posted.len()).unwrap_or(i64::MAX);
    let first = u64::try_from(take_transfer_ids(session, count)?).unwrap_or_default();
    for transfer in &mut posted {
        transfer.transfer.id = transfer.transfer.id.saturating_add(first);
    }
    write_transfers(session, &posted, &ids, &vec![None; posted.len()])
}

/// The transfers that bring back what slices hold, counted from 0.
fn gather_slices(
    known: &BTreeMap<Account, Balance>,
    adoption: &Adoption<'_>,
) -> Result<Vec<Posted>, Failure> {
    let mut set = WorkingSet::default();
    for (account, balance) in known {
        set.load_balance(account.clone(), *balance);
    }
    let mut posted = Vec::new();
    for (account, balance) in known {
        let Holder::Slice(_, campaign) = &account.holder else { continue };
        if balance.0 <= 0 {
            continue;
        }
        let transfer = Transfer {
            id: u64::try_from(posted.len()).unwrap_or(u64::MAX),
            at: adoption.now,
            kind: Kind::SliceReturned,
            asset: Arc::clone(&account.asset),
            debit: account.holder.clone(),
            credit: Holder::Campaign(Arc::clone(campaign)),
            amount: balance.amount(),
            reference: None,
            worth: None,
        };
        let (debit, credit) = (set.balance(account), set.balance(&transfer.credit_account()));
        let returned = transfer.post(debit, credit).map_err(|_| Failure::Missing)?;
        set.apply(vec![Effect::Transfer(returned.clone())]);
        posted.push(returned);
    }
    Ok(posted)
}

/// What a campaign was funded with so far, less what it returned.
fn funded(session: &mut Session, asset: &str, campaign: &str) -> Result<Amount, Failure> {
    let row = session.query_one(
        "WITH account AS (
             SELECT a.id, a.holder FROM accounts a JOIN assets s ON s.id = a.asset
             LEFT JOIN campaigns c ON c.id = a.owner
             WHERE s.code = $1 AND (a.holder = 'treasury' OR a.holder = 'campaign' AND c.name = $2)
         ), campaign AS (SELECT id FROM account WHERE holder = 'campaign'),
         treasury AS (SELECT id FROM account WHERE holder = 'treasury')
         SELECT (coalesce((SELECT sum(amount) FROM transfers
                 WHERE credit = (SELECT id FROM campaign) AND debit = (SELECT id FROM treasury)), 0)
             - coalesce((SELECT sum(amount) FROM transfers
                 WHERE credit = (SELECT id FROM treasury) AND debit = (SELECT id FROM campaign)), 0))::bigint",
        &[&asset, &campaign],
    )?;
    let funded: i64 = row.ok_or(Failure::Missing)?.try_get(0)?;
    Ok(Amount::try_from(funded).unwrap_or(Amount::ZERO))
}
