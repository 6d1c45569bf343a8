//! Nodes in memory: what a store's are compared with.

use std::collections::BTreeMap;
use std::convert::Infallible;

use dripline_shared::log::NodeHash;

use crate::log::node::{Node, NodeId, Nodes};

/// Nodes in memory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemoryNodes(pub BTreeMap<NodeId, NodeHash>);

impl Extend<Node> for MemoryNodes {
    fn extend<I: IntoIterator<Item = Node>>(&mut self, nodes: I) {
        self.0.extend(nodes.into_iter().map(|node| (node.id, node.hash)));
    }
}

impl Nodes for MemoryNodes {
    type Error = Infallible;

    fn read(&mut self, ids: &[NodeId]) -> Result<Vec<Option<NodeHash>>, Infallible> {
        Ok(ids.iter().map(|id| self.0.get(id).copied()).collect())
    }
}
