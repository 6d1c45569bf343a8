//! The log of transfers: an append-only Merkle tree whose nodes a store keeps.
//!
//! Every complete subtree's root is stored once and never changes: `n` leaves have fewer than `2·n` stored nodes. So a
//! root or a proof, of the tree as it is or was at any size, takes about as many reads as the tree is high. What the
//! leaves, the hashes and the proofs are is in [`dripline_shared::log`]: strangers check them.
//!
//! To append, keep a [`Frontier`], give it the hashes of new leaves, and store every node that it returns in the same
//! transaction. To answer, [`root_at`], [`prove_inclusion`] and [`prove_consistency`] read the stored nodes.
//! [`LogVerifier`] makes it all anew from the leaves. Pure: where the nodes are is behind [`Nodes`].

use dripline_shared::time::SECOND_MS;

mod frontier;
mod memory;
mod node;
mod tree;
mod verify;

/// How soon a transfer is a leaf under a signed head, at the latest.
pub const LOG_WITHIN_MS: u64 = 10 * SECOND_MS;

pub use frontier::{Frontier, LogFull};
pub use memory::MemoryNodes;
pub use node::{Node, NodeId, Nodes, complete_subtrees};
pub use tree::{TreeError, prove_consistency, prove_inclusion, root_at};
pub use verify::{Damage, LogVerifier};
