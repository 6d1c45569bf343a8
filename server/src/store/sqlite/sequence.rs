//! The log of transfers: appending, and reading it.

use dripline_shared::api::SignedTreeHead;
use dripline_shared::log::{NodeHash, TreeHead};
use dripline_shared::payout::{BatchId, WithdrawalId};
use dripline_shared::round::{Hash, RoundId};
use dripline_shared::wallet::{Signature, Wallet};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior};

use crate::ledger::{Holder, Kind, Reference, Transfer};
use crate::log::{Frontier, NodeId, Nodes};
use crate::store::columns::{HEADS_KEPT, moment, read_holder};
use crate::store::log_audit::StoredLeaf;
use crate::store::sqlite::rows::{amount, timestamp, worth};
use crate::store::sqlite::{commit_failed, rolled_back};
use crate::store::{Sequence, StorageError};

macro_rules! select_transfer {
    () => {
        "SELECT t.id, t.at_ms, t.kind, s.code, t.amount, d.holder, dw.key, dc.name, g.holder, gw.key, gc.name,
         r.round, w.withdrawal, t.worth, t.currency, b.batch
         FROM transfers t JOIN accounts d ON d.id = t.debit JOIN accounts g ON g.id = t.credit
         JOIN assets s ON s.id = d.asset
         LEFT JOIN wallets dw ON d.holder IN ('player', 'pending') AND dw.id = d.owner
         LEFT JOIN campaigns dc ON d.holder = 'campaign' AND dc.id = d.owner
         LEFT JOIN wallets gw ON g.holder IN ('player', 'pending') AND gw.id = g.owner
         LEFT JOIN campaigns gc ON g.holder = 'campaign' AND gc.id = g.owner
         LEFT JOIN rounds r ON r.id = t.round LEFT JOIN withdrawals w ON w.id = t.withdrawal
         LEFT JOIN batches b ON b.id = t.batch"
    };
}

/// Nodes as they are stored.
pub(super) struct StoredNodes<'a>(pub(super) &'a Connection);

impl Nodes for StoredNodes<'_> {
    type Error = rusqlite::Error;

    fn read(&mut self, ids: &[NodeId]) -> rusqlite::Result<Vec<Option<NodeHash>>> {
        let mut statement =
            self.0.prepare_cached("SELECT hash FROM log_nodes WHERE level = ?1 AND number = ?2")?;
        let mut read = |id: &NodeId| {
            statement.query_row((id.level, id.index), |row| row.get(0).map(NodeHash)).optional()
        };
        ids.iter().map(&mut read).collect()
    }
}

/// How many leaves the log has.
fn size(main: &Connection) -> rusqlite::Result<u64> {
    main.prepare_cached("SELECT coalesce(max(leaf) + 1, 0) FROM log_leaves")?.query_row([], |row| row.get(0))
}

/// Whether there is anything to append, or no head yet.
fn is_behind(main: &Connection) -> rusqlite::Result<bool> {
    main.prepare_cached(
        "SELECT coalesce((SELECT max(id) FROM transfers), 0) > coalesce((SELECT max(transfer) FROM log_leaves), 0)
         OR NOT EXISTS (SELECT 1 FROM log_heads)",
    )?
    .query_row([], |row| row.get(0))
}

/// Appends what is not in the log yet. Tells whether there is more.
pub(super) fn sequence(main: &mut Connection, sequence: &Sequence<'_>) -> Result<bool, StorageError> {
    if !is_behind(main).map_err(|error| rolled_back(&error))? {
        return Ok(false);
    }
    let transaction = main
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(|error| rolled_back(&error))?;
    let appended = append(&transaction, sequence)?;
    transaction.commit().map_err(|error| commit_failed(&error))?;
    Ok(appended >= sequence.most)
}

fn append(main: &Connection, sequence: &Sequence<'_>) -> Result<usize, StorageError> {
    let in_store = |error: rusqlite::Error| rolled_back(&error);
    let damaged = |error: &dyn std::fmt::Display| StorageError::Log(error.to_string());
    let size = size(main).map_err(in_store)?;
    let mut frontier = Frontier::read(&mut StoredNodes(main), size).map_err(|error| damaged(&error))?;
    let transfers = transfers_after_the_log(main, sequence.most).map_err(in_store)?;
    let mut hashes = Vec::with_capacity(transfers.len());
    for (leaf, transfer) in (size..).zip(&transfers) {
        let (_, hash) = transfer.leaf(sequence.faucet).map_err(|error| damaged(&error))?;
        main.prepare_cached("INSERT INTO log_leaves (leaf, transfer, hash) VALUES (?1, ?2, ?3)")
            .and_then(|mut statement| statement.execute((leaf, transfer.id, hash.0)))
            .map_err(in_store)?;
        hashes.push(hash);
    }
    for node in frontier.append(&hashes).map_err(|error| damaged(&error))? {
        main.prepare_cached("INSERT INTO log_nodes (level, number, hash) VALUES (?1, ?2, ?3)")
            .and_then(|mut statement| statement.execute((node.id.level, node.id.index, node.hash.0)))
            .map_err(in_store)?;
    }
    let head = TreeHead { size: frontier.size(), root: frontier.root(), at_ms: sequence.now };
    if let Some(signed) = (sequence.sign)(head) {
        keep_head(main, &signed).map_err(in_store)?;
    }
    Ok(transfers.len())
}

fn keep_head(main: &Connection, signed: &SignedTreeHead) -> rusqlite::Result<()> {
    let SignedTreeHead { head, key_id, signature, .. } = signed;
    main.prepare_cached(
        "INSERT INTO log_heads (size, root, at_ms, key, signature) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
    )?
    .execute((head.size, head.root.0, moment(head.at_ms), key_id, signature.0))?;
    main.prepare_cached(
        "DELETE FROM log_heads WHERE size < (SELECT size FROM log_heads ORDER BY size DESC LIMIT 1 OFFSET ?1)",
    )?
    .execute([HEADS_KEPT])
    .map(drop)
}

fn transfers_after_the_log(main: &Connection, most: usize) -> rusqlite::Result<Vec<Transfer>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    main.prepare_cached(concat!(
        select_transfer!(),
        " WHERE t.id > coalesce((SELECT max(transfer) FROM log_leaves), 0) ORDER BY t.id LIMIT ?1"
    ))?
    .query_map([most], read_transfer)?
    .collect()
}

/// Leaves from this one on, at most so many.
pub(super) fn leaves(main: &Connection, first: u64, most: usize) -> rusqlite::Result<Vec<StoredLeaf>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut statement =
        main.prepare_cached("SELECT leaf, hash FROM log_leaves WHERE leaf >= ?1 ORDER BY leaf LIMIT ?2")?;
    let mut found = Vec::new();
    let mut rows = statement.query((first, most))?;
    while let Some(row) = rows.next()? {
        let number = row.get(0)?;
        let transfer = match leaf(main, number) {
            // What cannot be read as a transfer is damage, and what could not be read at all is not.
            Err(error @ rusqlite::Error::SqliteFailure(..)) => return Err(error),
            transfer => transfer.ok().flatten(),
        };
        found.push(StoredLeaf { leaf: number, hash: NodeHash(row.get(1)?), transfer });
    }
    Ok(found)
}

/// The transfer that is this leaf.
pub(super) fn leaf(main: &Connection, leaf: u64) -> rusqlite::Result<Option<Transfer>> {
    let Ok(leaf) = i64::try_from(leaf) else { return Ok(None) };
    main.prepare_cached(concat!(
        select_transfer!(),
        " JOIN log_leaves l ON l.transfer = t.id WHERE l.leaf = ?1"
    ))?
    .query_row([leaf], read_transfer)
    .optional()
}

/// The number of the leaf with this hash.
pub(super) fn leaf_of(main: &Connection, hash: NodeHash) -> rusqlite::Result<Option<u64>> {
    main.prepare_cached("SELECT leaf FROM log_leaves WHERE hash = ?1")?
        .query_row([hash.0], |row| row.get(0))
        .optional()
}

/// The signed heads that are kept, the newest first, at most so many.
pub(super) fn heads(main: &Connection, faucet: Hash, most: u32) -> rusqlite::Result<Vec<SignedTreeHead>> {
    main.prepare_cached(
        "SELECT size, root, at_ms, key, signature FROM log_heads ORDER BY size DESC LIMIT ?1",
    )?
    .query_map([most], |row| {
        let head = TreeHead { size: row.get(0)?, root: NodeHash(row.get(1)?), at_ms: timestamp(row, 2)? };
        Ok(SignedTreeHead { faucet, head, key_id: row.get(3)?, signature: Signature(row.get(4)?) })
    })?
    .collect()
}

fn read_transfer(row: &Row<'_>) -> rusqlite::Result<Transfer> {
    let kind = Kind::parse(row.get_ref(2)?.as_str()?)
        .ok_or_else(|| rusqlite::Error::InvalidColumnType(2, "kind".to_owned(), Type::Text))?;
    let round = row.get::<_, Option<[u8; 16]>>(11)?.map(|id| Reference::Round(RoundId(id)));
    let withdrawal = row.get::<_, Option<[u8; 16]>>(12)?.map(|id| Reference::Withdrawal(WithdrawalId(id)));
    let batch = row.get::<_, Option<[u8; 16]>>(15)?.map(|id| Reference::Batch(BatchId(id)));
    Ok(Transfer {
        id: row.get(0)?,
        at: timestamp(row, 1)?,
        kind,
        asset: row.get(3)?,
        amount: amount(row, 4)?,
        debit: holder(row, 5)?,
        credit: holder(row, 8)?,
        reference: round.or(withdrawal).or(batch),
        worth: worth(row, 13)?,
    })
}

/// The holder from the kind of it, the wallet and the campaign.
fn holder(row: &Row<'_>, first: usize) -> rusqlite::Result<Holder> {
    let (wallet, campaign) = (first.saturating_add(1), first.saturating_add(2));
    read_holder(
        row.get_ref(first)?.as_str()?,
        row.get::<_, Option<_>>(wallet)?.map(Wallet),
        row.get(campaign)?,
        None,
    )
    .ok_or_else(|| rusqlite::Error::InvalidColumnType(first, "holder".to_owned(), Type::Text))
}
