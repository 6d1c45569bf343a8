//! Roots and proofs of a stored tree, at any size that it has had.
//!
//! Which nodes a proof is made of, `ct-merkle` says: as numbers of an array that has leaves at even places and between
//! them the nodes above (RFC 9420, appendix C). A node at the right edge may not be complete, and then is not
//! stored: its hash is made from those of the complete subtrees that it consists of.

use ct_merkle::{indices_for_consistency_proof, indices_for_inclusion_proof};
use dripline_shared::api::{ConsistencyProof, InclusionProof};
use dripline_shared::log::{LEAVES_MAX, NodeHash};

use crate::log::frontier::{Frontier, join};
use crate::log::node::{NodeId, Nodes, complete_subtrees};

/// Why there is no root or proof.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeError<E> {
    /// A leaf that is not below the tree's size, an older size above the newer one, or a size above [`LEAVES_MAX`].
    #[error("the log has no such leaf or size")]
    OutOfRange,
    /// A node is not stored: the tree never had that size, or was damaged.
    #[error("node {} of level {} is not stored", .0.index, .0.level)]
    Missing(NodeId),
    /// The nodes could not be read.
    #[error(transparent)]
    Unreadable(#[from] E),
}

/// The root over the first `size` leaves.
pub fn root_at<N: Nodes>(nodes: &mut N, size: u64) -> Result<NodeHash, TreeError<N::Error>> {
    Frontier::read(nodes, size).map(|frontier| frontier.root())
}

/// Proves that leaf `leaf_index` is among the first `tree_size` leaves; RFC 9162 section 2.1.3.1.
pub fn prove_inclusion<N: Nodes>(
    nodes: &mut N,
    leaf_index: u64,
    tree_size: u64,
) -> Result<InclusionProof, TreeError<N::Error>> {
    if leaf_index >= tree_size || tree_size > LEAVES_MAX {
        return Err(TreeError::OutOfRange);
    }
    let places = indices_for_inclusion_proof(tree_size, leaf_index);
    Ok(InclusionProof { leaf_index, tree_size, hashes: hashes_at(nodes, &places, tree_size)? })
}

/// Proves that the first `first` leaves are the first ones of the first `second` leaves; RFC 9162 section 2.1.4.1. For the
/// tree without leaves, which the RFC leaves out, the proof has no hashes.
pub fn prove_consistency<N: Nodes>(
    nodes: &mut N,
    first: u64,
    second: u64,
) -> Result<ConsistencyProof, TreeError<N::Error>> {
    let added = second.checked_sub(first).filter(|_| second <= LEAVES_MAX).ok_or(TreeError::OutOfRange)?;
    let places = if first == 0 { Vec::new() } else { indices_for_consistency_proof(first, added) };
    Ok(ConsistencyProof { first, second, hashes: hashes_at(nodes, &places, second)? })
}

/// The hashes of the nodes at these places of the array of a tree of `size` leaves.
fn hashes_at<N: Nodes>(
    nodes: &mut N,
    places: &[u64],
    size: u64,
) -> Result<Vec<NodeHash>, TreeError<N::Error>> {
    let parts: Vec<Vec<NodeId>> = places.iter().map(|place| parts_of(*place, size)).collect();
    let stored = read_all(nodes, &parts.concat())?;
    let mut rest = stored.as_slice();
    let hash_of = |parts: &Vec<NodeId>| {
        let (these, others) = rest.split_at(parts.len());
        rest = others;
        join(these)
    };
    // Every node has at least one leaf, so at least one part.
    Ok(parts.iter().filter_map(hash_of).collect())
}

/// The complete subtrees that the node at this place consists of, in a tree of `size` leaves.
fn parts_of(place: u64, size: u64) -> Vec<NodeId> {
    let level = place.trailing_ones();
    let index = place >> (level + 1);
    complete_subtrees(index << level, ((index + 1) << level).min(size))
}

/// The hashes of these nodes, all of which must be stored.
pub(super) fn read_all<N: Nodes>(
    nodes: &mut N,
    ids: &[NodeId],
) -> Result<Vec<NodeHash>, TreeError<N::Error>> {
    let mut found = nodes.read(ids)?.into_iter();
    ids.iter().map(|id| found.next().flatten().ok_or(TreeError::Missing(*id))).collect()
}
