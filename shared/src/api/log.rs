//! The log of transfers on the wire: tree heads, proofs and entries. What they mean is in [`crate::log`].

use serde::{Deserialize, Serialize};

use crate::log::{NodeHash, ProofError, TreeHead, leaf_hash, verify_consistency, verify_inclusion};
use crate::round::Hash;
use crate::time::Timestamp;
use crate::wallet::Signature;

/// A tree head that the faucet stands by. The signature is over [`head_text`](crate::log::head_text).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SignedTreeHead {
    /// The fingerprint of the faucet.
    pub faucet: Hash,
    /// What the log was, and when.
    pub head: TreeHead,
    /// Which of the keys in `/.well-known/dripline-keys.json` signed.
    pub key_id: String,
    /// By that key.
    pub signature: Signature,
}

/// What the faucet promises of a transfer: that it will be a leaf of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct LogPromise {
    /// The hash of the leaf.
    pub leaf: NodeHash,
    /// From this moment on at the latest, tree heads have it.
    pub by_ms: Timestamp,
}

/// That a leaf is among those of a tree head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct InclusionProof {
    /// The number of the leaf, counted from 0.
    pub leaf_index: u64,
    /// The size of the tree, as its head has it.
    pub tree_size: u64,
    /// The siblings on the way up, that of the leaf first: `PATH(leaf_index, D[tree_size])` of RFC 9162 section 2.1.3.1.
    /// At most 53.
    pub hashes: Vec<NodeHash>,
}

impl InclusionProof {
    /// Checks it for the leaf with this hash, against a head whose signature was checked.
    pub fn verify(&self, leaf: NodeHash, head: &TreeHead) -> Result<(), ProofError> {
        if self.tree_size != head.size {
            return Err(ProofError::OtherHead);
        }
        verify_inclusion(leaf, self.leaf_index, head.size, head.root, &self.hashes)
    }
}

/// That the leaves of one tree head are the first ones of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ConsistencyProof {
    /// The size of the older tree, as its head has it.
    pub first: u64,
    /// The size of the newer tree, as its head has it.
    pub second: u64,
    /// The nodes that both are made of: `PROOF(first, D[second])` of RFC 9162 section 2.1.4.1; none where `first` is 0.
    /// At most 54.
    pub hashes: Vec<NodeHash>,
}

impl ConsistencyProof {
    /// Checks it against two heads whose signatures were checked.
    pub fn verify(&self, first: &TreeHead, second: &TreeHead) -> Result<(), ProofError> {
        if (self.first, self.second) != (first.size, second.size) {
            return Err(ProofError::OtherHead);
        }
        verify_consistency(first.size, first.root, second.size, second.root, &self.hashes)
    }
}

/// A leaf of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct LogEntryView {
    /// Its number, counted from 0.
    pub index: u64,
    /// The text that its bytes are; [`LogEntry::parse`](crate::log::LogEntry::parse) reads it.
    pub text: String,
    /// Its hash.
    pub leaf_hash: NodeHash,
}

impl LogEntryView {
    /// Whether the hash is that of the text.
    pub fn is_hash_of_text(&self) -> bool {
        leaf_hash(self.text.as_bytes()) == self.leaf_hash
    }
}
