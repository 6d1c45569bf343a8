//! Verification: the tree made anew from its leaves, and compared with the nodes that are stored and with heads that were
//! kept, here or elsewhere.

use dripline_shared::log::{NodeHash, TreeHead, empty_root};

use crate::log::frontier::{Frontier, LogFull};
use crate::log::node::{Node, NodeId, Nodes};

/// How many leaves are compared at once: they bring fewer than twice as many nodes.
const LEAVES_AT_ONCE: usize = 64;

/// Something of a log that is not as it must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// A node that the leaves give is not stored.
    #[error("node {} of level {} is not stored", .0.index, .0.level)]
    Missing(NodeId),
    /// A node is stored with another hash than the leaves give.
    #[error("node {} of level {} is not what the transfers give", .0.index, .0.level)]
    Other(NodeId),
    /// A head has another root than as many leaves give: one of them was altered, added or taken out since.
    #[error("the first {} transfers do not give the root {} of the tree head of {}", .0.size, .0.root, .0.at_ms)]
    OtherRoot(TreeHead),
    /// A head has more leaves than there are: the log was cut off since.
    #[error("the log has {size} transfers, and had {} at {}: it was cut off", .head.size, .head.at_ms)]
    CutOff {
        /// The head.
        head: TreeHead,
        /// How many leaves there are.
        size: u64,
    },
    /// There are more leaves than a log can have.
    #[error(transparent)]
    Full(#[from] LogFull),
}

/// Takes the leaves of a log in order.
#[derive(Debug)]
pub struct LogVerifier {
    frontier: Frontier,
    /// Heads that are yet to be reached, by falling sizes.
    heads: Vec<TreeHead>,
    found: Vec<Damage>,
}

impl LogVerifier {
    /// No leaf taken yet. `heads` are all that the log must have had, in any order; their signatures are the caller's to
    /// check.
    pub fn new(heads: impl IntoIterator<Item = TreeHead>) -> Self {
        let mut heads: Vec<TreeHead> = heads.into_iter().collect();
        heads.sort_by_key(|head| std::cmp::Reverse(head.size));
        let mut verifier = Self { frontier: Frontier::empty(), heads, found: Vec::new() };
        verifier.compare_heads(empty_root());
        verifier
    }

    /// Takes the hashes of the next leaves, as their transfers give them, and compares every node that they bring with
    /// `stored`.
    pub fn leaves<N: Nodes>(&mut self, leaves: &[NodeHash], stored: &mut N) -> Result<(), N::Error> {
        for some in leaves.chunks(LEAVES_AT_ONCE) {
            let mut nodes = Vec::new();
            for leaf in some {
                match self.frontier.append(&[*leaf]) {
                    Ok(new) => nodes.extend(new),
                    Err(full) => {
                        self.found.push(full.into());
                        break;
                    }
                }
                if self.heads.last().is_some_and(|head| head.size == self.frontier.size()) {
                    self.compare_heads(self.frontier.root());
                }
            }
            self.compare_nodes(&nodes, stored)?;
        }
        Ok(())
    }

    /// Compares the heads of this size with the root that it gives.
    fn compare_heads(&mut self, root: NodeHash) {
        while let Some(head) = self.heads.pop_if(|head| head.size == self.frontier.size()) {
            if head.root != root {
                self.found.push(Damage::OtherRoot(head));
            }
        }
    }

    fn compare_nodes<N: Nodes>(&mut self, nodes: &[Node], stored: &mut N) -> Result<(), N::Error> {
        let ids: Vec<NodeId> = nodes.iter().map(|node| node.id).collect();
        let mut hashes = stored.read(&ids)?.into_iter();
        self.found.extend(nodes.iter().filter_map(|node| match hashes.next().flatten() {
            None => Some(Damage::Missing(node.id)),
            Some(hash) => (hash != node.hash).then_some(Damage::Other(node.id)),
        }));
        Ok(())
    }

    /// What was found since the last time: a caller that tells only so much need not keep it all.
    pub fn take_found(&mut self) -> Vec<Damage> {
        std::mem::take(&mut self.found)
    }

    /// All leaves were taken: what was found, and the root over them.
    pub fn finish(mut self) -> (Vec<Damage>, NodeHash) {
        let size = self.frontier.size();
        let cut_off = |head| Damage::CutOff { head, size };
        self.found.extend(self.heads.into_iter().rev().map(cut_off));
        (self.found, self.frontier.root())
    }
}
