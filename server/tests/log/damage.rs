//! A log that was altered or cut off is noticed by whoever kept a head of it.

use dripline_server::log::{
    Damage, LogVerifier, MemoryNodes, NodeId, prove_consistency, prove_inclusion, root_at,
};
use dripline_shared::log::{NodeHash, ProofError, TreeHead, leaf_hash};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::support::{SIZE_MAX, config, head_at, leaf, leaves, nodes_of};

/// A tree that is altered: how many leaves it had when a head was kept, which of these is altered, and how many it has
/// now.
fn histories() -> impl Strategy<Value = (u64, u64, u64)> {
    (1..SIZE_MAX).prop_flat_map(|kept| (Just(kept), 0..kept, kept..=SIZE_MAX))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_log_of_which_a_leaf_was_altered_does_not_go_on_from_a_head_that_was_kept(
        (kept, altered, now) in histories(),
    ) {
        let mut all = leaves(now);
        let kept_head = head_at(&mut nodes_of(&all), kept);
        all[usize::try_from(altered).unwrap()] = leaf_hash(b"altered");
        let mut nodes = nodes_of(&all);
        prop_assert_ne!(root_at(&mut nodes, kept).unwrap(), kept_head.root);
        let new = head_at(&mut nodes, now);
        let proof = prove_consistency(&mut nodes, kept, now).unwrap();
        prop_assert!(proof.verify(&kept_head, &new).is_err());
    }

    #[test]
    fn a_log_of_which_a_leaf_was_taken_out_does_not_go_on_from_a_head_that_was_kept(
        (kept, out, now) in histories(),
    ) {
        let mut all = leaves(now + 1);
        let kept_head = head_at(&mut nodes_of(&all), kept);
        all.remove(usize::try_from(out).unwrap());
        let mut nodes = nodes_of(&all);
        let new = head_at(&mut nodes, now);
        prop_assert!(prove_consistency(&mut nodes, kept, now).unwrap().verify(&kept_head, &new).is_err());
    }

    #[test]
    fn a_log_that_was_cut_off_has_no_proof_for_a_head_that_was_kept((now, _, kept) in histories()) {
        let kept_head = head_at(&mut nodes_of(&leaves(kept)), kept);
        let mut cut = nodes_of(&leaves(now));
        if now < kept {
            prop_assert!(root_at(&mut cut, kept).is_err());
            prop_assert!(prove_consistency(&mut cut, kept, now).is_err());
            // And where other leaves have come in place of those that were cut off, it is another tree.
            let mut all = leaves(now);
            all.extend((now..=kept).map(|number| leaf_hash(&leaf(number + SIZE_MAX))));
            let mut nodes = nodes_of(&all);
            let new = head_at(&mut nodes, kept + 1);
            let proof = prove_consistency(&mut nodes, kept, kept + 1).unwrap();
            prop_assert!(proof.verify(&kept_head, &new).is_err());
        }
    }

    #[test]
    fn a_node_that_was_altered_spoils_every_proof_that_needs_it(
        (size, index, _) in histories(),
        pick in any::<Index>(),
    ) {
        let whole = nodes_of(&leaves(size));
        let head = head_at(&mut whole.clone(), size);
        let mut damaged = whole.clone();
        let ids: Vec<NodeId> = damaged.0.keys().copied().collect();
        damaged.0.insert(ids[pick.index(ids.len())], NodeHash([7; 32]));
        let sound = prove_inclusion(&mut whole.clone(), index, size).unwrap();
        let proof = prove_inclusion(&mut damaged, index, size).unwrap();
        let verified = proof.verify(leaf_hash(&leaf(index)), &head);
        prop_assert_eq!(verified.is_ok(), proof == sound);
    }

    #[test]
    fn a_sound_log_is_found_to_be_so_with_all_heads_that_it_had(
        (kept, _, now) in histories(),
        cut in any::<Index>(),
    ) {
        let all = leaves(now);
        let mut nodes = nodes_of(&all);
        let heads = [now, 0, kept, kept].map(|size| head_at(&mut nodes, size));
        let mut verifier = LogVerifier::new(heads);
        let (some, others) = all.split_at(cut.index(all.len() + 1));
        verifier.leaves(some, &mut nodes).unwrap();
        verifier.leaves(others, &mut nodes).unwrap();
        prop_assert_eq!(verifier.finish(), (Vec::new(), heads[0].root));
    }

    #[test]
    fn a_node_that_was_altered_or_lost_is_named((size, _, _) in histories(), pick in any::<Index>()) {
        let all = leaves(size);
        let mut nodes = nodes_of(&all);
        let ids: Vec<NodeId> = nodes.0.keys().copied().collect();
        let id = ids[pick.index(ids.len())];
        nodes.0.insert(id, NodeHash([7; 32]));
        let mut verifier = LogVerifier::new([]);
        verifier.leaves(&all, &mut nodes).unwrap();
        prop_assert_eq!(verifier.finish().0, [Damage::Other(id)]);
        nodes.0.remove(&id);
        let mut verifier = LogVerifier::new([]);
        verifier.leaves(&all, &mut nodes).unwrap();
        prop_assert_eq!(verifier.take_found(), [Damage::Missing(id)]);
        prop_assert_eq!(verifier.finish().0, []);
    }

    #[test]
    fn a_log_that_was_made_anew_with_other_leaves_or_fewer_differs_from_a_head_that_was_kept(
        (kept, altered, now) in histories(),
    ) {
        let mut all = leaves(now);
        let head = head_at(&mut nodes_of(&all), kept);
        all[usize::try_from(altered).unwrap()] = leaf_hash(b"altered");
        let mut verifier = LogVerifier::new([head]);
        verifier.leaves(&all, &mut nodes_of(&all)).unwrap();
        prop_assert_eq!(verifier.finish().0, [Damage::OtherRoot(head)]);

        let fewer = leaves(altered);
        let mut verifier = LogVerifier::new([head]);
        verifier.leaves(&fewer, &mut nodes_of(&fewer)).unwrap();
        prop_assert_eq!(verifier.finish().0, [Damage::CutOff { head, size: altered }]);
    }
}

#[test]
fn a_head_of_other_leaves_of_the_same_number_is_told_apart() {
    let mut nodes = nodes_of(&leaves(4));
    let new = head_at(&mut nodes, 4);
    let mut other: MemoryNodes = nodes_of(&[leaf_hash(b"other")]);
    let kept = head_at(&mut other, 1);
    let proof = prove_consistency(&mut nodes, 1, 4).unwrap();
    assert_eq!(proof.verify(&kept, &new), Err(ProofError::OtherRoot));
}

#[test]
fn a_head_of_no_leaves_has_the_hash_of_nothing() {
    let head = TreeHead { root: leaf_hash(b""), ..head_at(&mut MemoryNodes::default(), 0) };
    assert_eq!(LogVerifier::new([head]).finish().0, [Damage::OtherRoot(head)]);
}
