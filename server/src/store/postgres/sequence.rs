//! The log of transfers: appending, and reading it.
//!
//! Ids of transfers are taken before they are committed, so one with a smaller id may come after the log has gone on. What
//! is to be appended is therefore not what has greater ids, but what is in line: whoever commits a transfer puts it there.

use dripline_shared::api::SignedTreeHead;
use dripline_shared::log::{NodeHash, TreeHead};
use dripline_shared::payout::{BatchId, WithdrawalId};
use dripline_shared::round::{Hash, RoundId};
use dripline_shared::wallet::{Signature, Wallet};
use postgres::Row;

use crate::ledger::{Holder, Kind, Reference, Transfer};
use crate::log::{Frontier, Node, NodeId, Nodes};
use crate::store::columns::{HEADS_KEPT, moment, read_holder};
use crate::store::log_audit::StoredLeaf;
use crate::store::postgres::failure::Failure;
use crate::store::postgres::flush::all;
use crate::store::postgres::rows::{
    amount, bytes, maybe_bytes, maybe_number, maybe_text, number, text, timestamp, worth,
};
use crate::store::postgres::session::Session;
use crate::store::postgres::{LOCKS, SEQUENCING};
use crate::store::{Sequence, StorageError};

macro_rules! select_transfer {
    () => {
        "SELECT t.id, t.at_ms, t.kind, s.code, t.amount, d.holder, dw.key, dc.name, g.holder, gw.key, gc.name,
         r.round, w.withdrawal, l.leaf, t.worth, t.currency, dx.slot, gx.slot, b.batch
         FROM transfers t JOIN accounts d ON d.id = t.debit JOIN accounts g ON g.id = t.credit
         JOIN assets s ON s.id = d.asset
         LEFT JOIN wallets dw ON d.holder IN ('player', 'pending') AND dw.id = d.owner
         LEFT JOIN slices dx ON d.holder = 'slice' AND dx.id = d.owner
         LEFT JOIN campaigns dc ON dc.id = CASE d.holder WHEN 'campaign' THEN d.owner ELSE dx.campaign END
         LEFT JOIN wallets gw ON g.holder IN ('player', 'pending') AND gw.id = g.owner
         LEFT JOIN slices gx ON g.holder = 'slice' AND gx.id = g.owner
         LEFT JOIN campaigns gc ON gc.id = CASE g.holder WHEN 'campaign' THEN g.owner ELSE gx.campaign END
         LEFT JOIN rounds r ON r.id = t.round LEFT JOIN withdrawals w ON w.id = t.withdrawal
         LEFT JOIN batches b ON b.id = t.batch
         LEFT JOIN log_leaves l ON l.transfer = t.id "
    };
}

/// Nodes as they are stored.
pub(super) struct StoredNodes<'a>(pub(super) &'a mut Session);

impl Nodes for StoredNodes<'_> {
    type Error = Failure;

    fn read(&mut self, ids: &[NodeId]) -> Result<Vec<Option<NodeHash>>, Failure> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let (levels, numbers): (Vec<i64>, Vec<i64>) =
            ids.iter().map(|id| (i64::from(id.level), whole(id.index))).unzip();
        let rows = self.0.query(
            "SELECT n.hash FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS wanted (level, number, nth)
             LEFT JOIN log_nodes n ON n.level = wanted.level AND n.number = wanted.number ORDER BY wanted.nth",
            &[&levels, &numbers],
        )?;
        rows.iter().map(|row| Ok(maybe_bytes(row, 0)?.map(NodeHash))).collect()
    }
}

/// A number that is counted up, as a column.
fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Whether there is anything to append, or no head yet.
pub(super) fn is_behind(session: &mut Session) -> Result<bool, Failure> {
    let row = session.query_one(
        "SELECT EXISTS (SELECT 1 FROM log_awaited) OR NOT EXISTS (SELECT 1 FROM log_heads)",
        &[],
    )?;
    Ok(row.ok_or(Failure::Missing)?.try_get(0)?)
}

/// Appends what is not in the log yet, unless another server is at it. Tells whether there is more.
pub(super) fn append(session: &mut Session, sequence: &Sequence<'_>) -> Result<bool, Failure> {
    let damaged = |error: &dyn std::fmt::Display| StorageError::Log(error.to_string());
    // A statement of its own: the ones after it see what the server before had committed.
    let lock = "SELECT pg_try_advisory_xact_lock($1, $2)";
    let row = session.query_one(lock, &[&LOCKS, &SEQUENCING])?;
    if !row.ok_or(Failure::Missing)?.try_get::<_, bool>(0)? {
        return Ok(false);
    }
    let row = session.query_one("SELECT coalesce(max(leaf) + 1, 0) FROM log_leaves", &[])?;
    let size: u64 = number(&row.ok_or(Failure::Missing)?, 0)?;
    let mut frontier = Frontier::read(&mut StoredNodes(session), size).map_err(|error| damaged(&error))?;
    let transfers = awaited(session, sequence.most)?;
    let mut hashes = Vec::with_capacity(transfers.len());
    for transfer in &transfers {
        let (_, hash) = transfer.leaf(sequence.faucet).map_err(|error| damaged(&error))?;
        hashes.push(hash);
    }
    let nodes = frontier.append(&hashes).map_err(|error| damaged(&error))?;
    write_leaves(session, size, &transfers, &hashes)?;
    write_nodes(session, &nodes)?;
    let head = TreeHead { size: frontier.size(), root: frontier.root(), at_ms: sequence.now };
    if let Some(signed) = (sequence.sign)(head) {
        keep_head(session, &signed)?;
    }
    Ok(transfers.len() >= sequence.most)
}

/// The first transfers in line, by their ids.
fn awaited(session: &mut Session, most: usize) -> Result<Vec<Transfer>, Failure> {
    let rows = session.query(
        concat!(
            select_transfer!(),
            "WHERE t.id = ANY(ARRAY(SELECT transfer FROM log_awaited ORDER BY transfer LIMIT $1)) ORDER BY t.id"
        ),
        &[&i64::try_from(most).unwrap_or(i64::MAX)],
    )?;
    rows.iter().map(read_transfer).collect()
}

fn write_leaves(
    session: &mut Session,
    first: u64,
    transfers: &[Transfer],
    hashes: &[NodeHash],
) -> Result<(), Failure> {
    if transfers.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = transfers.iter().map(|transfer| whole(transfer.id)).collect();
    let hashes: Vec<&[u8]> = hashes.iter().map(|hash| &hash.0[..]).collect();
    let written = session.execute(
        "WITH left_line AS (DELETE FROM log_awaited WHERE transfer = ANY($2))
         INSERT INTO log_leaves (leaf, transfer, hash)
         SELECT $1 + new.nth - 1, new.transfer, new.hash
         FROM unnest($2::bigint[], $3::bytea[]) WITH ORDINALITY AS new (transfer, hash, nth)",
        &[&whole(first), &ids, &hashes],
    )?;
    all(written, transfers.len())
}

fn write_nodes(session: &mut Session, nodes: &[Node]) -> Result<(), Failure> {
    if nodes.is_empty() {
        return Ok(());
    }
    let levels: Vec<i64> = nodes.iter().map(|node| node.id.level.into()).collect();
    let numbers: Vec<i64> = nodes.iter().map(|node| whole(node.id.index)).collect();
    let hashes: Vec<&[u8]> = nodes.iter().map(|node| &node.hash.0[..]).collect();
    let written = session.execute(
        "INSERT INTO log_nodes (level, number, hash) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[])",
        &[&levels, &numbers, &hashes],
    )?;
    all(written, nodes.len())
}

fn keep_head(session: &mut Session, signed: &SignedTreeHead) -> Result<(), Failure> {
    let SignedTreeHead { head, key_id, signature, .. } = signed;
    session.execute(
        "INSERT INTO log_heads (size, root, at_ms, key, signature) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        &[&whole(head.size), &&head.root.0[..], &moment(head.at_ms), &key_id.as_str(), &&signature.0[..]],
    )?;
    session.execute(
        "DELETE FROM log_heads WHERE size < (SELECT size FROM log_heads ORDER BY size DESC LIMIT 1 OFFSET $1)",
        &[&HEADS_KEPT],
    )?;
    Ok(())
}

/// Leaves from this one on, at most so many.
pub(super) fn leaves(session: &mut Session, first: u64, most: usize) -> Result<Vec<StoredLeaf>, Failure> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = session.query(
        "SELECT leaf, hash FROM log_leaves WHERE leaf >= $1 ORDER BY leaf LIMIT $2",
        &[&whole(first), &most],
    )?;
    let transfers = session.query(
        concat!(
            select_transfer!(),
            "WHERE l.leaf = ANY(ARRAY(SELECT leaf FROM log_leaves WHERE leaf >= $1 ORDER BY leaf LIMIT $2))
             ORDER BY l.leaf"
        ),
        &[&whole(first), &most],
    )?;
    let mut transfers = transfers.iter().peekable();
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        let leaf: i64 = row.try_get(0)?;
        // What cannot be read as a transfer is damage; it stands for itself.
        let same = |row: &&Row| row.try_get::<_, Option<i64>>(13).is_ok_and(|of| of == Some(leaf));
        let transfer = transfers.next_if(same).and_then(|row| read_transfer(row).ok());
        found.push(StoredLeaf { leaf: number(row, 0)?, hash: NodeHash(bytes(row, 1)?), transfer });
    }
    Ok(found)
}

/// The transfer that is this leaf.
pub(super) fn leaf(session: &mut Session, leaf: u64) -> Result<Option<Transfer>, Failure> {
    let Ok(leaf) = i64::try_from(leaf) else { return Ok(None) };
    let row = session.query_one(concat!(select_transfer!(), "WHERE l.leaf = $1"), &[&leaf])?;
    row.as_ref().map(read_transfer).transpose()
}

/// The number of the leaf with this hash.
pub(super) fn leaf_of(session: &mut Session, hash: NodeHash) -> Result<Option<u64>, Failure> {
    let row = session.query_one("SELECT leaf FROM log_leaves WHERE hash = $1", &[&&hash.0[..]])?;
    row.map(|row| number(&row, 0)).transpose()
}

/// The signed heads that are kept, the newest first, at most so many.
pub(super) fn heads(session: &mut Session, faucet: Hash, most: u32) -> Result<Vec<SignedTreeHead>, Failure> {
    let rows = session.query(
        "SELECT size, root, at_ms, key, signature FROM log_heads ORDER BY size DESC LIMIT $1",
        &[&i64::from(most)],
    )?;
    let read = |row: &Row| {
        let head =
            TreeHead { size: number(row, 0)?, root: NodeHash(bytes(row, 1)?), at_ms: timestamp(row, 2)? };
        let signature = Signature(bytes(row, 4)?);
        Ok(SignedTreeHead { faucet, head, key_id: row.try_get(3)?, signature })
    };
    rows.iter().map(read).collect()
}

fn read_transfer(row: &Row) -> Result<Transfer, Failure> {
    let kind = Kind::parse(row.try_get(2)?).ok_or(Failure::Column("kind"))?;
    let round = maybe_bytes(row, 11)?.map(|id| Reference::Round(RoundId(id)));
    let withdrawal = maybe_bytes(row, 12)?.map(|id| Reference::Withdrawal(WithdrawalId(id)));
    let batch = maybe_bytes(row, 18)?.map(|id| Reference::Batch(BatchId(id)));
    Ok(Transfer {
        id: number(row, 0)?,
        at: timestamp(row, 1)?,
        kind,
        asset: text(row, 3)?,
        amount: amount(row, 4)?,
        debit: holder(row, 5, 16)?,
        credit: holder(row, 8, 17)?,
        reference: round.or(withdrawal).or(batch),
        worth: worth(row, 14)?,
    })
}

/// The holder from the kind of it, the wallet and the campaign, and the slot from a column of its own.
fn holder(row: &Row, first: usize, slot: usize) -> Result<Holder, Failure> {
    let (wallet, campaign) = (first.saturating_add(1), first.saturating_add(2));
    let wallet = maybe_bytes(row, wallet)?.map(Wallet);
    read_holder(row.try_get(first)?, wallet, maybe_text(row, campaign)?, maybe_number(row, slot)?)
        .ok_or(Failure::Column("holder"))
}
