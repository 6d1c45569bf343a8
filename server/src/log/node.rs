//! Nodes of the tree: what is stored, by which key, and how it is read.

use dripline_shared::log::NodeHash;

/// Which node: the complete subtree over leaves `index · 2^level` up to, not including, `(index + 1) · 2^level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId {
    /// How high it is, `0..=53`. Leaves are on level 0.
    pub level: u32,
    /// Its number on its level, counted from 0.
    pub index: u64,
}

/// A node that is stored. Once its subtree is complete, it never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// Which one.
    pub id: NodeId,
    /// Its hash.
    pub hash: NodeHash,
}

/// Stored nodes.
pub trait Nodes {
    /// Why nodes could not be read.
    type Error;

    /// Reads these nodes, in this order; `None` for one that is not stored. A root or a proof is one call, of at most
    /// some hundred nodes, so that a store can answer it with one query over one snapshot.
    fn read(&mut self, ids: &[NodeId]) -> Result<Vec<Option<NodeHash>>, Self::Error>;
}

impl<N: Nodes> Nodes for &mut N {
    type Error = N::Error;

    fn read(&mut self, ids: &[NodeId]) -> Result<Vec<Option<NodeHash>>, Self::Error> {
        (**self).read(ids)
    }
}

/// The complete subtrees that leaves `start..end` consist of, the largest ones that fit, from left to right. `start` is a
/// multiple of a power of two that is at least `end - start`, as it is for every node of a tree; from 0 it is the whole
/// tree of `end` leaves.
pub fn complete_subtrees(start: u64, end: u64) -> Vec<NodeId> {
    let mut found = Vec::new();
    let mut next = start;
    while let Some(level) = end.checked_sub(next).and_then(u64::checked_ilog2) {
        found.push(NodeId { level, index: next >> level });
        next += 1 << level;
    }
    found
}
