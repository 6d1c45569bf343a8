//! Verifying a stored log of transfers: every leaf made anew from its transfer, every node from the leaves.

use dripline_shared::api::SignedTreeHead;
use dripline_shared::log::NodeHash;
use dripline_shared::round::Hash;

use crate::ledger::{Transfer, Verifier};
use crate::log::{LogVerifier, Nodes};

/// How many leaves are read at once.
const LEAVES_AT_ONCE: usize = 500;
/// The most signed heads that are read: more than are kept.
const HEADS_MAX: u32 = 100_000;

/// A leaf as it is stored.
pub(super) struct StoredLeaf {
    /// Its number.
    pub(super) leaf: u64,
    /// Its hash.
    pub(super) hash: NodeHash,
    /// The transfer that it is, where that can be read.
    pub(super) transfer: Option<Transfer>,
}

/// A log as a database has it: its rows, and its nodes.
pub(super) trait StoredLog: Nodes {
    /// Whether leaves come in the order of the ids of their transfers: where one server writes, all do; where several do, a
    /// transfer may be committed after one with a greater id.
    const IDS_RISE: bool;

    /// The signed heads that are kept, the newest first, at most so many.
    fn heads(&mut self, faucet: Hash, most: u32) -> Result<Vec<SignedTreeHead>, Self::Error>;

    /// Leaves from this one on, at most so many.
    fn leaves(&mut self, first: u64, most: usize) -> Result<Vec<StoredLeaf>, Self::Error>;

    /// How many transfers are in neither the log nor in line for it. `last` is the greatest id in the log.
    fn left_out(&mut self, last: u64) -> Result<u64, Self::Error>;
}

/// Feeds the log to a verifier, and compares it with heads that were kept elsewhere.
pub(super) fn verify<L: StoredLog>(
    log: &mut L,
    faucet: Hash,
    kept: &[SignedTreeHead],
    verifier: &mut Verifier<'_>,
) -> Result<(), L::Error> {
    let stored = log.heads(faucet, HEADS_MAX)?;
    let newest = stored.first().map_or(0, |signed| signed.head.size);
    for signed in stored.iter().chain(kept) {
        verifier.head(signed);
    }
    let mut tree = LogVerifier::new(stored.iter().chain(kept).map(|signed| signed.head));
    let (mut next, mut last_id) = (0_u64, 0_u64);
    loop {
        let leaves = log.leaves(next, LEAVES_AT_ONCE)?;
        let Some(last) = leaves.last().map(|leaf| leaf.leaf) else { break };
        let mut hashes = Vec::with_capacity(leaves.len());
        for leaf in leaves {
            verifier.expect(leaf.leaf == next, || format!("leaf {next} of the log is not stored"));
            next = leaf.leaf.saturating_add(1);
            hashes.push(leaf_hash::<L>(&leaf, faucet, &mut last_id, verifier));
        }
        tree.leaves(&hashes, log)?;
        next = last.saturating_add(1);
        for damage in tree.take_found() {
            verifier.expect(false, || format!("the log: {damage}"));
        }
    }
    let left_out = log.left_out(last_id)?;
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
fn leaf_hash<L: StoredLog>(
    leaf: &StoredLeaf,
    faucet: Hash,
    last_id: &mut u64,
    verifier: &mut Verifier<'_>,
) -> NodeHash {
    let number = leaf.leaf;
    let Some(transfer) = &leaf.transfer else {
        verifier.expect(false, || format!("leaf {number} of the log: there is no such transfer"));
        return leaf.hash;
    };
    let id = transfer.id;
    verifier.expect(!L::IDS_RISE || id > *last_id, || {
        format!("leaf {number} of the log: transfer {id} is out of order")
    });
    *last_id = id.max(*last_id);
    let hash = transfer.leaf(faucet).map(|(_, hash)| hash).ok();
    verifier.expect(hash == Some(leaf.hash), || {
        format!("leaf {number} of the log: transfer {id} is not what it was")
    });
    hash.unwrap_or(leaf.hash)
}
