//! Appending: the same nodes whatever the batches, each once, and no more than there must be.

use dripline_server::log::{Frontier, MemoryNodes, NodeId, TreeError, complete_subtrees};
use dripline_shared::log::{LEAVES_MAX, NodeHash, empty_root, leaf_hash, node_hash};
use proptest::prelude::*;

use crate::support::{SIZE_MAX, config, leaves, nodes_of, reference};

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_nodes_and_roots_are_the_same_in_whatever_batches_leaves_come(
        batches in proptest::collection::vec(0..40_u64, 0..12),
        restarts in any::<u16>(),
    ) {
        let total: u64 = batches.iter().sum();
        let all = leaves(total);
        let (mut nodes, mut frontier, mut rest) = (MemoryNodes::default(), Frontier::empty(), all.as_slice());
        for (at, batch) in batches.iter().enumerate() {
            if restarts >> at & 1 == 1 {
                let read = Frontier::read(&mut nodes, frontier.size());
                prop_assert_eq!(read.as_ref(), Ok(&frontier));
                frontier = read.unwrap();
            }
            let (these, others) = rest.split_at(usize::try_from(*batch).unwrap());
            let new = frontier.append(these).unwrap();
            let before = nodes.0.len();
            nodes.extend(new.iter().copied());
            prop_assert_eq!(nodes.0.len(), before + new.len(), "a node is stored once");
            rest = others;
            let tree = reference(frontier.size());
            prop_assert_eq!(frontier.root().0, <[u8; 32]>::from(*tree.root().as_bytes()));
        }
        prop_assert_eq!(frontier.size(), total);
        prop_assert_eq!(&nodes, &nodes_of(&all));
    }

    #[test]
    fn every_complete_subtree_is_stored_and_is_made_of_those_below_it(size in 0..=SIZE_MAX) {
        let all = leaves(size);
        let nodes = nodes_of(&all).0;
        let expected = (0..64).flat_map(|level| (0..size >> level).map(move |index| NodeId { level, index }));
        prop_assert_eq!(nodes.len(), expected.clone().count());
        for id in expected {
            let hash = match id.level.checked_sub(1) {
                None => all[usize::try_from(id.index).unwrap()],
                Some(level) => node_hash(
                    nodes[&NodeId { level, index: id.index * 2 }],
                    nodes[&NodeId { level, index: id.index * 2 + 1 }],
                ),
            };
            prop_assert_eq!(nodes[&id], hash, "{:?}", id);
        }
    }

    #[test]
    fn complete_subtrees_follow_one_another_and_get_smaller(end in 0..=LEAVES_MAX, shift in 0..54_u32) {
        let end = end >> shift;
        let found = complete_subtrees(0, end);
        prop_assert_eq!(found.len(), usize::try_from(end.count_ones()).unwrap());
        let mut next = 0;
        for id in &found {
            prop_assert_eq!(id.index << id.level, next);
            next += 1 << id.level;
        }
        prop_assert_eq!(next, end);
        prop_assert!(found.is_sorted_by(|one, other| one.level > other.level));
    }
}

#[test]
fn a_tree_without_leaves_has_the_hash_of_nothing_as_its_root() {
    assert_eq!(Frontier::empty().root(), empty_root());
    assert_eq!(Frontier::read(&mut MemoryNodes::default(), 0), Ok(Frontier::empty()));
    assert_eq!(Frontier::empty().append(&[]), Ok(Vec::new()));
}

#[test]
fn a_frontier_that_is_not_stored_is_not_made_up() {
    let mut nodes = nodes_of(&leaves(6));
    let missing = NodeId { level: 0, index: 6 };
    assert_eq!(Frontier::read(&mut nodes, 7), Err(TreeError::Missing(missing)));
}

/// Stored nodes of a tree so large that nobody has them: each has some hash.
struct Any;

impl dripline_server::log::Nodes for Any {
    type Error = std::convert::Infallible;

    fn read(&mut self, ids: &[NodeId]) -> Result<Vec<Option<NodeHash>>, Self::Error> {
        Ok(ids.iter().map(|id| Some(leaf_hash(&id.index.to_be_bytes()))).collect())
    }
}

#[test]
fn a_full_log_takes_no_more_leaves_and_stays_as_it_was() {
    let mut frontier = Frontier::read(&mut Any, LEAVES_MAX - 1).unwrap();
    let before = frontier.clone();
    assert!(frontier.append(&leaves(2)).is_err());
    assert_eq!(frontier, before);
    assert_eq!(frontier.append(&leaves(1)).unwrap().len(), 1);
    assert_eq!(frontier.size(), LEAVES_MAX);
    assert!(frontier.append(&leaves(1)).is_err());
    assert!(Frontier::read(&mut Any, LEAVES_MAX + 1).is_err());
}
