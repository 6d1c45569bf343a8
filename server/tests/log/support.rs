//! Trees that the tests build, and the one of another implementation that they are compared with.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use dripline_server::log::{Frontier, MemoryNodes, root_at};
use dripline_shared::log::{NodeHash, TreeHead, leaf_hash};
use dripline_shared::time::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use sha2::Sha256;

/// The largest tree that is tried.
pub(crate) const SIZE_MAX: u64 = 300;

/// The configuration of every property: the same cases in every run; with `DRIPLINE_LONG` set, far more and others.
pub(crate) fn config() -> ProptestConfig {
    let long = std::env::var_os("DRIPLINE_LONG").is_some();
    let (cases, seed) = if long { (5_000, 2) } else { (200, 1) };
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// The bytes of a leaf. All leaves differ.
pub(crate) fn leaf(number: u64) -> [u8; 8] {
    number.to_be_bytes()
}

/// The hashes of leaves `0..size`.
pub(crate) fn leaves(size: u64) -> Vec<NodeHash> {
    (0..size).map(|number| leaf_hash(&leaf(number))).collect()
}

/// The stored nodes of a tree of these leaves.
pub(crate) fn nodes_of(leaves: &[NodeHash]) -> MemoryNodes {
    let mut nodes = MemoryNodes::default();
    nodes.extend(Frontier::empty().append(leaves).unwrap());
    nodes
}

/// The head of a stored tree as it was at this size.
pub(crate) fn head_at(nodes: &mut MemoryNodes, size: u64) -> TreeHead {
    TreeHead { size, root: root_at(nodes, size).unwrap(), at_ms: Timestamp(0) }
}

/// The tree of another implementation over leaves `0..size`.
pub(crate) fn reference(size: u64) -> MemoryBackedTree<Sha256, [u8; 8]> {
    let mut tree = MemoryBackedTree::new();
    (0..size).for_each(|number| tree.push(leaf(number)));
    tree
}

/// The hashes of a proof of the other implementation.
pub(crate) fn hashes(bytes: &[u8]) -> Vec<NodeHash> {
    bytes.chunks_exact(32).map(|hash| NodeHash(hash.try_into().unwrap())).collect()
}
