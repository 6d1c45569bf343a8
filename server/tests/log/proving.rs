//! Roots and proofs of a stored tree, at every size that it has had, are those of another implementation, and hold.

use std::convert::Infallible;

use dripline_server::log::{
    MemoryNodes, NodeId, Nodes, TreeError, prove_consistency, prove_inclusion, root_at,
};
use dripline_shared::log::{
    LEAVES_MAX, NodeHash, ProofError, empty_root, leaf_hash, verify_consistency, verify_inclusion,
};
use proptest::prelude::*;

use crate::support::{SIZE_MAX, config, hashes, head_at, leaf, leaves, nodes_of, reference};

/// How large a tree is, how large it was at some time, and a leaf that it had then.
fn histories() -> impl Strategy<Value = (u64, u64, u64)> {
    (1..=SIZE_MAX)
        .prop_flat_map(|now| (1..=now, Just(now)))
        .prop_flat_map(|(then, now)| (0..then, Just(then), Just(now)))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn roots_and_proofs_are_those_of_another_implementation_at_any_size((index, then, now) in histories()) {
        let mut nodes = nodes_of(&leaves(now));
        let (old_tree, new_tree) = (reference(then), reference(now));
        let (old, new) = (head_at(&mut nodes, then), head_at(&mut nodes, now));
        prop_assert_eq!(old.root.0, <[u8; 32]>::from(*old_tree.root().as_bytes()));
        prop_assert_eq!(new.root.0, <[u8; 32]>::from(*new_tree.root().as_bytes()));

        let leaf = leaf_hash(&leaf(index));
        let at = usize::try_from(index).unwrap();
        for (tree, head) in [(&old_tree, &old), (&new_tree, &new)] {
            let proof = prove_inclusion(&mut nodes, index, head.size).unwrap();
            prop_assert_eq!(&proof.hashes, &hashes(tree.prove_inclusion(at).as_bytes()));
            prop_assert_eq!(proof.verify(leaf, head), Ok(()));
        }
        let proof = prove_consistency(&mut nodes, then, now).unwrap();
        let added = usize::try_from(now - then).unwrap();
        prop_assert_eq!(&proof.hashes, &hashes(new_tree.prove_consistency(added).as_bytes()));
        prop_assert_eq!(proof.verify(&old, &new), Ok(()));
    }
}

#[test]
fn every_proof_of_every_small_tree_holds() {
    let all = leaves(33);
    let mut nodes = nodes_of(&all);
    for second in 0..=33 {
        let new = head_at(&mut nodes, second);
        for first in 0..=second {
            let old = head_at(&mut nodes, first);
            let proof = prove_consistency(&mut nodes, first, second).unwrap();
            assert_eq!(proof.verify(&old, &new), Ok(()), "{first} to {second}");
        }
        for (index, leaf) in (0..second).zip(&all) {
            let proof = prove_inclusion(&mut nodes, index, second).unwrap();
            assert_eq!(proof.verify(*leaf, &new), Ok(()), "{index} of {second}");
        }
    }
}

#[test]
fn what_no_tree_has_cannot_be_proved() {
    let mut nodes = nodes_of(&leaves(5));
    for (index, size) in [(0, 0), (5, 5), (u64::MAX, 5), (0, LEAVES_MAX + 1), (u64::MAX, u64::MAX)] {
        assert_eq!(prove_inclusion(&mut nodes, index, size), Err(TreeError::OutOfRange), "{index} of {size}");
    }
    for (first, second) in [(5, 4), (1, 0), (u64::MAX, 5), (0, u64::MAX), (1, LEAVES_MAX + 1)] {
        let proof = prove_consistency(&mut nodes, first, second);
        assert_eq!(proof, Err(TreeError::OutOfRange), "{first} to {second}");
    }
    assert_eq!(root_at(&mut nodes, LEAVES_MAX + 1), Err(TreeError::OutOfRange));
}

#[test]
fn a_size_that_the_tree_does_not_have_yet_cannot_be_proved() {
    let mut nodes = nodes_of(&leaves(5));
    let missing = Err(TreeError::Missing(NodeId { level: 0, index: 5 }));
    assert_eq!(root_at(&mut nodes, 6).map(|_| ()), Err(TreeError::Missing(NodeId { level: 1, index: 2 })));
    assert_eq!(prove_inclusion(&mut nodes, 4, 6).map(|_| ()), missing);
    assert_eq!(
        prove_inclusion(&mut nodes, 5, 7).map(|_| ()),
        Err(TreeError::Missing(NodeId { level: 0, index: 6 }))
    );
    assert!(prove_consistency(&mut nodes, 5, 7).is_err());
    assert_eq!(root_at(&mut MemoryNodes::default(), 0), Ok(empty_root()));
}

/// A tree so large that nobody has it, with some hash for each node; it counts what is read.
#[derive(Default)]
struct Counting {
    calls: u32,
    reads: usize,
}

impl Nodes for Counting {
    type Error = Infallible;

    fn read(&mut self, ids: &[NodeId]) -> Result<Vec<Option<NodeHash>>, Infallible> {
        self.calls += 1;
        self.reads += ids.len();
        Ok(ids
            .iter()
            .map(|id| Some(leaf_hash(&[id.level.to_be_bytes().as_slice(), &id.index.to_be_bytes()].concat())))
            .collect())
    }
}

#[test]
fn a_root_or_a_proof_of_the_largest_log_is_one_call_for_some_hundred_nodes_at_most() {
    let sizes = [LEAVES_MAX, LEAVES_MAX - 1, LEAVES_MAX / 2 + 1, LEAVES_MAX / 3, (1 << 52) + 1, 100_000_007];
    let count = |work: &mut dyn FnMut(&mut Counting)| {
        let mut nodes = Counting::default();
        work(&mut nodes);
        assert_eq!(nodes.calls, 1);
        assert!(nodes.reads <= 107, "{} reads", nodes.reads);
    };
    for size in sizes {
        count(&mut |nodes| assert!(root_at(nodes, size).is_ok()));
        for part in [1, 2, 3, 7, 1_000_003] {
            let within = size / part;
            count(&mut |nodes| {
                let proof = prove_inclusion(nodes, within.saturating_sub(1), size).unwrap();
                assert!(proof.hashes.len() <= 53, "{} hashes", proof.hashes.len());
            });
            count(&mut |nodes| {
                let proof = prove_consistency(nodes, within, size).unwrap();
                assert!(proof.hashes.len() <= 54, "{} hashes", proof.hashes.len());
            });
        }
    }
}

#[test]
fn proofs_are_walked_by_the_same_steps_however_large_the_log() {
    // Their shapes are right where the roots alone are wrong.
    for size in [LEAVES_MAX, (1 << 52) + 1, 100_000_007] {
        let root = leaf_hash(b"root");
        let inclusion = prove_inclusion(&mut Counting::default(), size / 3, size).unwrap();
        let wrong = verify_inclusion(root, size / 3, size, root, &inclusion.hashes);
        assert_eq!(wrong, Err(ProofError::OtherRoot));
        let consistency = prove_consistency(&mut Counting::default(), size / 3, size).unwrap();
        let wrong = verify_consistency(size / 3, root, size, root, &consistency.hashes);
        assert_eq!(wrong, Err(ProofError::OtherFirstRoot));
    }
}
