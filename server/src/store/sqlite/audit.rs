//! Reading the whole ledger for its verification, row by row, on one snapshot.

use std::path::Path;
use std::sync::Arc;

use dripline_shared::api::{Receipt, SignedTreeHead};
use dripline_shared::log::NodeHash;
use dripline_shared::round::{ClientId, Hash, RoundId};
use dripline_shared::site::NO_CAMPAIGN;
use dripline_shared::wallet::{Signature, Wallet};
use rusqlite::{Connection, Row};

use crate::ledger::{
    AccountRow, BatchRow, ClaimRow, HolderRow, RequestRow, StageRow, TransferRow, Verifier, WithdrawalRow,
};
use crate::store::StorageError;
use crate::store::log_audit;
use crate::store::record::SignedStatement;
use crate::store::sqlite::sequence::StoredNodes;
use crate::store::sqlite::{MAIN_FILE, open_to_read, rolled_back};

/// Feeds the ledger of the store in `directory` to a verifier, and its log, which must have been what these heads say.
pub fn scan(
    directory: &Path,
    heads: &[SignedTreeHead],
    verifier: &mut Verifier<'_>,
) -> Result<(), StorageError> {
    let mut scan = || {
        let main = open_to_read(&directory.join(MAIN_FILE))?;
        main.execute_batch("BEGIN")?;
        assets(&main, verifier)?;
        transfers(&main, verifier)?;
        rest(&main, verifier)?;
        log_audit::verify(&mut StoredNodes(&main), verifier.faucet(), heads, verifier)
    };
    scan().map_err(|error: rusqlite::Error| rolled_back(&error))
}

/// The account from `id, asset, holder, owner`; the last three are missing where it is not stored.
fn account(row: &Row<'_>, first: usize) -> rusqlite::Result<AccountRow> {
    let column = |offset: usize| first.saturating_add(offset);
    let holder: Option<String> = row.get(column(2))?;
    Ok(AccountRow {
        id: row.get(first)?,
        asset: row.get::<_, Option<i64>>(column(1))?.unwrap_or_default(),
        holder: HolderRow::parse(holder.as_deref()),
        owner: row.get::<_, Option<i64>>(column(3))?.unwrap_or_default(),
    })
}

fn assets(main: &Connection, verifier: &mut Verifier<'_>) -> rusqlite::Result<()> {
    let mut statement = main.prepare("SELECT id, code FROM assets")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        verifier.asset(row.get(0)?, row.get(1)?);
    }
    Ok(())
}

fn transfers(main: &Connection, verifier: &mut Verifier<'_>) -> rusqlite::Result<()> {
    let mut statement = main.prepare(
        "SELECT t.debit, d.asset, d.holder, d.owner, t.credit, g.asset, g.holder, g.owner,
         t.id, t.kind, t.amount, t.debit_balance, t.credit_balance, t.withdrawal, r.round, r.stage = 2, w.key, c.json,
         r.wallet, r.campaign, t.batch, t.at_ms, t.worth, t.currency, l.hash
         FROM transfers t LEFT JOIN accounts d ON d.id = t.debit LEFT JOIN accounts g ON g.id = t.credit
         LEFT JOIN rounds r ON r.id = t.round LEFT JOIN wallets w ON w.id = r.wallet
         LEFT JOIN receipts c ON c.round = t.round LEFT JOIN log_leaves l ON l.transfer = t.id ORDER BY t.id",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        verifier.transfer(&TransferRow {
            debit: account(row, 0)?,
            credit: account(row, 4)?,
            id: row.get(8)?,
            at_ms: row.get(21)?,
            kind: row.get(9)?,
            amount: row.get(10)?,
            debit_balance: row.get(11)?,
            credit_balance: row.get(12)?,
            withdrawal: row.get(13)?,
            batch: row.get(20)?,
            worth: (row.get(22)?, row.get(23)?),
            leaf: row.get::<_, Option<Vec<u8>>>(24)?.map(|_| sized(row, 24).map(NodeHash)).transpose()?,
            claim: claim(row)?,
        });
    }
    Ok(())
}

fn claim(row: &Row<'_>) -> rusqlite::Result<Option<ClaimRow>> {
    let Some(round) = row.get::<_, Option<[u8; 16]>>(14)?.map(RoundId) else { return Ok(None) };
    let wallet = Wallet(row.get::<_, Option<[u8; 32]>>(16)?.unwrap_or_default());
    let json = row.get::<_, Option<String>>(17)?;
    let receipt = json.and_then(|json| serde_json::from_str::<Receipt>(&json).ok());
    Ok(Some(ClaimRow {
        round,
        wallet,
        claimed: row.get(15)?,
        receipt,
        owner: row.get(18)?,
        campaign: row.get(19)?,
    }))
}

/// The request of a withdrawal. Whatever has the wrong length is of zeros: it then differs from what was signed.
fn request(row: &Row<'_>) -> rusqlite::Result<RequestRow> {
    let text: Option<Arc<str>> = row.get(13)?;
    let signature = Signature(sized(row, 14)?);
    Ok(RequestRow {
        wallet: Wallet(sized(row, 7)?),
        rail: row.get(8)?,
        address: row.get(9)?,
        client: ClientId(sized(row, 10)?),
        request: Hash(sized(row, 11)?),
        requested_ms: row.get(12)?,
        signed: text.map(|text| SignedStatement { text, signature }),
    })
}

/// The bytes of a column that should have so many.
fn sized<const N: usize>(row: &Row<'_>, column: usize) -> rusqlite::Result<[u8; N]> {
    let bytes: Option<Vec<u8>> = row.get(column)?;
    Ok(bytes.and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; N]))
}

fn rest(main: &Connection, verifier: &mut Verifier<'_>) -> rusqlite::Result<()> {
    let mut statement = main.prepare("SELECT id, asset, holder, owner, balance FROM accounts")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        verifier.account(account(row, 0)?, row.get(4)?);
    }
    let mut statement = main.prepare("SELECT id, drips FROM wallets")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        verifier.wallet(row.get(0)?, row.get(1)?);
    }
    let mut statement = main.prepare(
        "SELECT x.id, x.wallet, x.asset, x.amount, x.fee, x.stage, x.ended_ms, w.key, r.name, x.address, x.client,
         x.request, x.requested_ms, x.statement, x.signature
         FROM withdrawals x LEFT JOIN wallets w ON w.id = x.wallet LEFT JOIN rails r ON r.id = x.rail",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let stage: i64 = row.get(5)?;
        verifier.withdrawal(&WithdrawalRow {
            id: row.get(0)?,
            wallet: row.get(1)?,
            asset: row.get(2)?,
            amount: row.get(3)?,
            fee: row.get(4)?,
            stage: StageRow::parse(stage),
            ended_ms: row.get(6)?,
            request: request(row)?,
        });
    }
    let mut statement = main.prepare("SELECT id, coin, reserved, ended_ms IS NOT NULL FROM batches")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (coin, reserved): (Option<i64>, Option<i64>) = (row.get(1)?, row.get(2)?);
        verifier.batch(&BatchRow {
            id: row.get(0)?,
            // One without the other is as wrong as a wrong one.
            reserved: (coin.is_some() || reserved.is_some())
                .then(|| (coin.unwrap_or_default(), reserved.unwrap_or_default())),
            has_ended: row.get(3)?,
        });
    }
    let mut statement = main.prepare(
        // Only what is played for a site may earn nothing.
        "SELECT r.round FROM rounds r LEFT JOIN campaigns c ON c.id = r.campaign
         WHERE r.stage = 2 AND (r.site IS NULL OR c.name IS NOT ?1)",
    )?;
    let mut rows = statement.query([NO_CAMPAIGN])?;
    while let Some(row) = rows.next()? {
        verifier.claimed_round(RoundId(row.get(0)?));
    }
    let mut statement = main.prepare(
        "SELECT r.round, w.key, p.json FROM rounds r JOIN campaigns c ON c.id = r.campaign
         LEFT JOIN wallets w ON w.id = r.wallet LEFT JOIN receipts p ON p.round = r.id
         WHERE r.stage = 2 AND r.site IS NOT NULL AND c.name = ?1",
    )?;
    let mut rows = statement.query([NO_CAMPAIGN])?;
    while let Some(row) = rows.next()? {
        let json: Option<String> = row.get(2)?;
        let receipt = json.and_then(|json| serde_json::from_str(&json).ok());
        verifier.unpaid_round(RoundId(row.get(0)?), Wallet(sized(row, 1)?), receipt.as_ref());
    }
    Ok(())
}
