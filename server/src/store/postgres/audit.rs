//! Reading the whole ledger for its verification, row by row, on one snapshot.

use dripline_shared::api::{Receipt, SignedTreeHead};
use dripline_shared::log::NodeHash;
use dripline_shared::round::{ClientId, Hash, RoundId};
use dripline_shared::site::NO_CAMPAIGN;
use dripline_shared::wallet::{Signature, Wallet};
use postgres::Row;

use crate::ledger::{
    AccountRow, BatchRow, ClaimRow, HolderRow, RequestRow, StageRow, TransferRow, Verifier, WithdrawalRow,
};
use crate::store::StorageError;
use crate::store::log_audit::{self, StoredLeaf, StoredLog};
use crate::store::postgres::address::DatabaseAddress;
use crate::store::postgres::failure::Failure;
use crate::store::postgres::read::SNAPSHOT;
use crate::store::postgres::rows::{bytes, maybe_bytes, number};
use crate::store::postgres::sequence::{self, StoredNodes};
use crate::store::postgres::session::Session;
use crate::store::record::SignedStatement;

/// Feeds the ledger of the store in a database to a verifier, and its log, which must have been what these heads say. Reads
/// only; servers may be running.
pub fn scan(
    address: &DatabaseAddress,
    heads: &[SignedTreeHead],
    verifier: &mut Verifier<'_>,
) -> Result<(), StorageError> {
    let mut session = Session::open(address)?;
    let mut scan = || {
        session.begin(SNAPSHOT)?;
        assets(&mut session, verifier)?;
        transfers(&mut session, verifier)?;
        rest(&mut session, verifier)?;
        log_audit::verify(&mut StoredNodes(&mut session), verifier.faucet(), heads, verifier)
    };
    scan().map_err(Failure::rolled_back)
}

/// The account from `id, asset, holder, owner`; the last three are missing where it is not stored.
fn account(row: &Row, first: usize) -> Result<AccountRow, Failure> {
    let column = |offset: usize| first.saturating_add(offset);
    Ok(AccountRow {
        id: row.try_get(first)?,
        asset: row.try_get::<_, Option<i64>>(column(1))?.unwrap_or_default(),
        holder: HolderRow::parse(row.try_get(column(2))?),
        owner: row.try_get::<_, Option<i64>>(column(3))?.unwrap_or_default(),
    })
}

fn assets(session: &mut Session, verifier: &mut Verifier<'_>) -> Result<(), Failure> {
    session.each("SELECT id, campaign FROM slices", |row| {
        verifier.slice(row.try_get(0)?, row.try_get(1)?);
        Ok(())
    })?;
    session.each("SELECT id, code FROM assets", |row| {
        verifier.asset(row.try_get(0)?, row.try_get(1)?);
        Ok(())
    })
}

fn transfers(session: &mut Session, verifier: &mut Verifier<'_>) -> Result<(), Failure> {
    let sql = "SELECT t.debit, d.asset, d.holder, d.owner, t.credit, g.asset, g.holder, g.owner,
         t.id, t.kind, t.amount, t.debit_balance, t.credit_balance, t.withdrawal, r.round, r.stage = 2, w.key, c.json,
         r.wallet, r.campaign, t.batch, t.at_ms, t.worth, t.currency, l.hash
         FROM transfers t LEFT JOIN accounts d ON d.id = t.debit LEFT JOIN accounts g ON g.id = t.credit
         LEFT JOIN rounds r ON r.id = t.round LEFT JOIN wallets w ON w.id = r.wallet
         LEFT JOIN receipts c ON c.round = t.round LEFT JOIN log_leaves l ON l.transfer = t.id ORDER BY t.id";
    session.each(sql, |row| {
        verifier.transfer(&TransferRow {
            debit: account(row, 0)?,
            credit: account(row, 4)?,
            id: row.try_get(8)?,
            at_ms: row.try_get(21)?,
            kind: row.try_get(9)?,
            amount: row.try_get(10)?,
            debit_balance: row.try_get(11)?,
            credit_balance: row.try_get(12)?,
            withdrawal: row.try_get(13)?,
            batch: row.try_get(20)?,
            worth: (row.try_get(22)?, row.try_get(23)?),
            leaf: row.try_get::<_, Option<&[u8]>>(24)?.map(|_| sized(row, 24).map(NodeHash)).transpose()?,
            claim: claim(row)?,
        });
        Ok(())
    })
}

fn claim(row: &Row) -> Result<Option<ClaimRow>, Failure> {
    let Some(round) = maybe_bytes(row, 14)?.map(RoundId) else { return Ok(None) };
    let wallet = Wallet(maybe_bytes(row, 16)?.unwrap_or_default());
    let json: Option<&str> = row.try_get(17)?;
    let receipt = json.and_then(|json| serde_json::from_str::<Receipt>(json).ok());
    let (owner, campaign) = (row.try_get(18)?, row.try_get(19)?);
    Ok(Some(ClaimRow { round, wallet, owner, campaign, claimed: row.try_get(15)?, receipt }))
}

/// The request of a withdrawal. Whatever has the wrong length is of zeros: it then differs from what was signed.
fn request(row: &Row) -> Result<RequestRow, Failure> {
    let text: Option<&str> = row.try_get(13)?;
    let signature = Signature(sized(row, 14)?);
    Ok(RequestRow {
        wallet: Wallet(sized(row, 7)?),
        rail: row.try_get(8)?,
        address: row.try_get(9)?,
        client: ClientId(sized(row, 10)?),
        request: Hash(sized(row, 11)?),
        requested_ms: row.try_get(12)?,
        signed: text.map(|text| SignedStatement { text: text.into(), signature }),
    })
}

/// The bytes of a column that should have so many.
fn sized<const N: usize>(row: &Row, column: usize) -> Result<[u8; N], Failure> {
    let bytes: Option<&[u8]> = row.try_get(column)?;
    Ok(bytes.and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; N]))
}

fn rest(session: &mut Session, verifier: &mut Verifier<'_>) -> Result<(), Failure> {
    session.each("SELECT id, asset, holder, owner, balance FROM accounts", |row| {
        verifier.account(account(row, 0)?, row.try_get(4)?);
        Ok(())
    })?;
    session.each("SELECT id, drips FROM wallets", |row| {
        verifier.wallet(row.try_get(0)?, number(row, 1)?);
        Ok(())
    })?;
    session.each("SELECT id, coin, reserved, ended_ms IS NOT NULL FROM batches", |row| {
        let (coin, reserved): (Option<i64>, Option<i64>) = (row.try_get(1)?, row.try_get(2)?);
        verifier.batch(&BatchRow {
            id: row.try_get(0)?,
            // One without the other is as wrong as a wrong one.
            reserved: (coin.is_some() || reserved.is_some())
                .then(|| (coin.unwrap_or_default(), reserved.unwrap_or_default())),
            has_ended: row.try_get(3)?,
        });
        Ok(())
    })?;
    let sql = "SELECT x.id, x.wallet, x.asset, x.amount, x.fee, x.stage, x.ended_ms, w.key, r.name, x.address, x.client,
         x.request, x.requested_ms, x.statement, x.signature
         FROM withdrawals x LEFT JOIN wallets w ON w.id = x.wallet LEFT JOIN rails r ON r.id = x.rail";
    session.each(sql, |row| {
        let stage: i64 = row.try_get(5)?;
        verifier.withdrawal(&WithdrawalRow {
            id: row.try_get(0)?,
            wallet: row.try_get(1)?,
            asset: row.try_get(2)?,
            amount: row.try_get(3)?,
            fee: row.try_get(4)?,
            stage: StageRow::parse(stage),
            ended_ms: row.try_get(6)?,
            request: request(row)?,
        });
        Ok(())
    })?;
    let claimed =
        "SELECT r.round, r.site IS NOT NULL, c.name FROM rounds r LEFT JOIN campaigns c ON c.id = r.campaign
         WHERE r.stage = 2";
    session.each(claimed, |row| {
        // Only what is played for a site may earn nothing.
        if !row.try_get::<_, bool>(1)? || row.try_get::<_, Option<&str>>(2)? != Some(NO_CAMPAIGN) {
            verifier.claimed_round(RoundId(bytes(row, 0)?));
        }
        Ok(())
    })?;
    let unpaid = "SELECT r.round, w.key, p.json, c.name FROM rounds r JOIN campaigns c ON c.id = r.campaign
         LEFT JOIN wallets w ON w.id = r.wallet LEFT JOIN receipts p ON p.round = r.id
         WHERE r.stage = 2 AND r.site IS NOT NULL";
    session.each(unpaid, |row| {
        if row.try_get::<_, &str>(3)? == NO_CAMPAIGN {
            let json: Option<&str> = row.try_get(2)?;
            let receipt = json.and_then(|json| serde_json::from_str(json).ok());
            verifier.unpaid_round(RoundId(bytes(row, 0)?), Wallet(sized(row, 1)?), receipt.as_ref());
        }
        Ok(())
    })
}

impl StoredLog for StoredNodes<'_> {
    const IDS_RISE: bool = false;

    fn heads(&mut self, faucet: Hash, most: u32) -> Result<Vec<SignedTreeHead>, Failure> {
        sequence::heads(self.0, faucet, most)
    }

    fn leaves(&mut self, first: u64, most: usize) -> Result<Vec<StoredLeaf>, Failure> {
        sequence::leaves(self.0, first, most)
    }

    fn left_out(&mut self, _last: u64) -> Result<u64, Failure> {
        let row = self.0.query_one(
            "SELECT count(*) FROM transfers t WHERE NOT EXISTS (SELECT 1 FROM log_leaves l WHERE l.transfer = t.id)
             AND NOT EXISTS (SELECT 1 FROM log_awaited a WHERE a.transfer = t.id)",
            &[],
        )?;
        number(&row.ok_or(Failure::Missing)?, 0)
    }
}
