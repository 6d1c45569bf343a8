//! The growing edge of a tree: all that appending needs to know of it.

use dripline_shared::log::{LEAVES_MAX, NodeHash, empty_root, node_hash};

use crate::log::node::{Node, NodeId, Nodes, complete_subtrees};
use crate::log::tree::{TreeError, read_all};

/// How many leaves a tree has, and the roots of the complete subtrees that it consists of: at most 53 hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// From left to right, so from the largest to the smallest: one for each bit of the size that is set.
    roots: Vec<NodeHash>,
}

/// The log has [`LEAVES_MAX`] leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the log is full")]
pub struct LogFull;

impl Frontier {
    /// Of a tree without leaves.
    pub const fn empty() -> Self {
        Self { size: 0, roots: Vec::new() }
    }

    /// Of the stored tree as it was when it had `size` leaves.
    pub fn read<N: Nodes>(nodes: &mut N, size: u64) -> Result<Self, TreeError<N::Error>> {
        if size > LEAVES_MAX {
            return Err(TreeError::OutOfRange);
        }
        Ok(Self { size, roots: read_all(nodes, &complete_subtrees(0, size))? })
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root over all leaves: `MTH` of RFC 9162 section 2.1.1.
    pub fn root(&self) -> NodeHash {
        join(&self.roots).unwrap_or_else(empty_root)
    }

    /// Appends leaves with these hashes. Gives the nodes to be stored: those leaves, and every subtree that they complete,
    /// each after the nodes below it. In whatever batches leaves come, the nodes are the same.
    ///
    /// Where the log is full, nothing is appended.
    pub fn append(&mut self, leaves: &[NodeHash]) -> Result<Vec<Node>, LogFull> {
        let more = u64::try_from(leaves.len()).unwrap_or(u64::MAX);
        if self.size.saturating_add(more) > LEAVES_MAX {
            return Err(LogFull);
        }
        let mut new = Vec::with_capacity(leaves.len().saturating_mul(2));
        for leaf in leaves {
            self.push(*leaf, &mut new);
        }
        Ok(new)
    }

    fn push(&mut self, leaf: NodeHash, new: &mut Vec<Node>) {
        let mut hash = leaf;
        new.push(Node { id: NodeId { level: 0, index: self.size }, hash });
        // The new leaf completes a subtree for each bit that is set at the end of the size, as adding one carries there.
        for level in 1..=self.size.trailing_ones() {
            let Some(left) = self.roots.pop() else { break };
            hash = node_hash(left, hash);
            new.push(Node { id: NodeId { level, index: self.size >> level }, hash });
        }
        self.roots.push(hash);
        self.size += 1;
    }
}

/// The hash over subtrees from left to right, each smaller than the one before; `None` where there are none.
pub(super) fn join(roots: &[NodeHash]) -> Option<NodeHash> {
    let (last, others) = roots.split_last()?;
    Some(others.iter().rev().fold(*last, |right, left| node_hash(*left, right)))
}
