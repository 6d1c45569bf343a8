//! Reading the log of transfers for its verification: every leaf made anew from its transfer, every node from the leaves.

use dripline_shared::api::SignedTreeHead;
use dripline_shared::log::NodeHash;
use dripline_shared::round::Hash;
use rusqlite::Connection;

use crate::ledger::Verifier;
use crate::log::LogVerifier;
use crate::store::sqlite::sequence::{self, StoredLeaf, StoredNodes};

/// How many leaves are read at once.
const LEAVES_AT_ONCE: usize = 500;
/// The most signed heads that are read: more than are kept.
const HEADS_MAX: u32 = 100_000;

/// Feeds the log to a verifier, and compares it with heads that were kept elsewhere.
pub(super) fn log(
    main: &Connection,
    faucet: Hash,
    kept: &[SignedTreeHead],
    verifier: &mut Verifier<'_>,
) -> rusqlite::Result<()> {
    let stored = sequence::heads(main, faucet, HEADS_MAX)?;
    let newest = stored.first().map_or(0, |signed| signed.head.size);
    for signed in stored.iter().chain(kept) {
        verifier.head(signed);
    }
    let mut tree = LogVerifier::new(stored.iter().chain(kept).map(|signed| signed.head));
    let (mut next, mut last_id) = (0_u64, 0_u64);
    loop {
        let leaves = sequence::leaves(main, next, LEAVES_AT_ONCE)?;
        let Some(last) = leaves.last().map(|leaf| leaf.leaf) else { break };
        let mut hashes = Vec::with_capacity(leaves.len());
        for leaf in leaves {
            verifier.expect(leaf.leaf == next, || format!("leaf {next} of the log is not stored"));
            next = leaf.leaf.saturating_add(1);
            hashes.push(leaf_hash(&leaf, faucet, &mut last_id, verifier));
        }
        tree.leaves(&hashes, &mut StoredNodes(main))?;
        next = last.saturating_add(1);
        for damage in tree.take_found() {
            verifier.expect(false, || format!("the log: {damage}"));
        }
    }
    let left_out: u64 = main.query_row(
        "SELECT count(*) FROM transfers WHERE id <= ?1 AND id NOT IN (SELECT transfer FROM log_leaves)",
        [i64::try_from(last_id).unwrap_or(i64::MAX)],
        |row| row.get(0),
    )?;
    verifier.expect(left_out == 0, || {
        format!("the log leaves {left_out} transfers out that are older than its last")
    });
    verifier
        .expect(newest == next, || format!("the log has {next} leaves, and its newest head has {newest}"));
    let (found, root) = tree.finish();
    for damage in found {
        verifier.expect(false, || format!("the log: {damage}"));
    }
    verifier.log_is(next, root);
    Ok(())
}

/// The hash that a leaf's transfer gives; that which is stored where there is no such transfer.
fn leaf_hash(leaf: &StoredLeaf, faucet: Hash, last_id: &mut u64, verifier: &mut Verifier<'_>) -> NodeHash {
    let number = leaf.leaf;
    let Some(transfer) = &leaf.transfer else {
        verifier.expect(false, || format!("leaf {number} of the log: there is no such transfer"));
        return leaf.hash;
    };
    let id = transfer.id;
    verifier.expect(id > *last_id, || format!("leaf {number} of the log: transfer {id} is out of order"));
    *last_id = id.max(*last_id);
    let hash = transfer.leaf(faucet).map(|(_, hash)| hash).ok();
    verifier.expect(hash == Some(leaf.hash), || {
        format!("leaf {number} of the log: transfer {id} is not what it was")
    });
    hash.unwrap_or(leaf.hash)
}
