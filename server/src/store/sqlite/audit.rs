//! Reading the whole ledger for its verification, row by row, on one snapshot.

use std::path::Path;

use dripline_shared::api::Receipt;
use dripline_shared::round::RoundId;
use dripline_shared::wallet::Wallet;
use rusqlite::{Connection, Row};

use crate::ledger::{AccountRow, ClaimRow, TransferRow, Verifier};
use crate::store::StorageError;
use crate::store::sqlite::rows::{TREASURY, WORLD};
use crate::store::sqlite::{MAIN_FILE, open_to_read, rolled_back};

/// Feeds the ledger of the store in `directory` to a verifier.
pub fn scan(directory: &Path, verifier: &mut Verifier<'_>) -> Result<(), StorageError> {
    let mut scan = || {
        let main = open_to_read(&directory.join(MAIN_FILE))?;
        main.execute_batch("BEGIN")?;
        transfers(&main, verifier)?;
        rest(&main, verifier)
    };
    scan().map_err(|error: rusqlite::Error| rolled_back(&error))
}

fn account(id: i64) -> AccountRow {
    match id {
        WORLD => AccountRow::World,
        TREASURY => AccountRow::Treasury,
        id if id < 0 => AccountRow::Campaign(id),
        id => AccountRow::Player(id),
    }
}

fn transfers(main: &Connection, verifier: &mut Verifier<'_>) -> rusqlite::Result<()> {
    let mut statement = main.prepare(
        "SELECT t.id, t.kind, t.debit, t.credit, t.amount, t.debit_balance, t.credit_balance,
         r.round, r.stage = 2, w.key, c.json
         FROM transfers t LEFT JOIN rounds r ON r.id = t.round LEFT JOIN wallets w ON w.id = r.wallet
         LEFT JOIN receipts c ON c.round = t.round ORDER BY t.id",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        verifier.transfer(&TransferRow {
            id: row.get(0)?,
            kind: row.get(1)?,
            debit: account(row.get(2)?),
            credit: account(row.get(3)?),
            amount: row.get(4)?,
            debit_balance: row.get(5)?,
            credit_balance: row.get(6)?,
            claim: claim(row)?,
        });
    }
    Ok(())
}

fn claim(row: &Row<'_>) -> rusqlite::Result<Option<ClaimRow>> {
    let Some(round) = row.get::<_, Option<[u8; 16]>>(7)?.map(RoundId) else { return Ok(None) };
    let wallet = Wallet(row.get::<_, Option<[u8; 32]>>(9)?.unwrap_or_default());
    let json = row.get::<_, Option<String>>(10)?;
    let receipt = json.and_then(|json| serde_json::from_str::<Receipt>(&json).ok());
    Ok(Some(ClaimRow { round, wallet, claimed: row.get(8)?, receipt }))
}

fn rest(main: &Connection, verifier: &mut Verifier<'_>) -> rusqlite::Result<()> {
    let mut statement = main.prepare("SELECT id, balance FROM accounts")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        verifier.account(account(row.get(0)?), row.get(1)?);
    }
    let mut statement = main.prepare("SELECT id, drips FROM wallets")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        verifier.wallet(account(row.get(0)?), row.get(1)?);
    }
    let mut statement = main.prepare("SELECT round FROM rounds WHERE stage = 2")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        verifier.claimed_round(RoundId(row.get(0)?));
    }
    Ok(())
}
