//! The log of transfers: what a stranger needs to check that the faucet's books were only ever added to.
//!
//! Every transfer of the ledger is a leaf of an append-only Merkle tree, that of RFC 6962 section 2.1 (and RFC 9162
//! section 2.1) with SHA-256. The faucet signs *tree heads*: how many leaves there are, and the root over all of them.
//! Whoever keeps a head can later be shown, in a few hashes, that a transfer is among its leaves
//! ([`verify_inclusion`]), and that a newer head has the same leaves first ([`verify_consistency`]): so nothing of it
//! was altered, taken out or cut off. The bodies that carry the proofs are [`crate::api::InclusionProof`] and
//! [`crate::api::ConsistencyProof`].
//!
//! SHA-256 and the prefixes of the RFC instead of [`crate::round::hash`]: tools that read such logs exist.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::hex::hex_newtype;
use crate::json::NUMBER_END;
use crate::time::Timestamp;

mod entry;
mod head;
mod proof;

pub use entry::{LogEntry, NotAnEntry, WORD_MAX};
pub use head::{KEY_PURPOSE, head_text};
pub use proof::{ProofError, verify_consistency, verify_inclusion};

hex_newtype!(
    /// The hash of a node of the log's tree: of a leaf, of an interior node, or of the root. 32 bytes of SHA-256.
    NodeHash,
    32
);

/// The most leaves that a log can have: sizes and indices are numbers in JSON, and this is the last one that every
/// reader of it keeps apart from its neighbours.
pub const LEAVES_MAX: u64 = NUMBER_END.saturating_sub(1);

/// What comes before the bytes of a leaf; RFC 9162 section 2.1.1.
const LEAF_PREFIX: [u8; 1] = [0];
/// What comes before the two hashes of an interior node, so that none can pass for a leaf; RFC 9162 section 2.1.1.
const NODE_PREFIX: [u8; 1] = [1];

fn sha256(parts: [&[u8]; 3]) -> NodeHash {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    NodeHash(hasher.finalize().into())
}

/// The hash of a leaf that has these bytes: `SHA-256(0x00 ‖ entry)`.
pub fn leaf_hash(entry: &[u8]) -> NodeHash {
    sha256([&LEAF_PREFIX, entry, &[]])
}

/// The hash of an interior node over these two: `SHA-256(0x01 ‖ left ‖ right)`.
pub fn node_hash(left: NodeHash, right: NodeHash) -> NodeHash {
    sha256([&NODE_PREFIX, &left.0, &right.0])
}

/// The root of a tree without leaves: the hash of nothing.
pub fn empty_root() -> NodeHash {
    sha256([&[], &[], &[]])
}

/// What the log was at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct TreeHead {
    /// How many leaves it had, `0..=LEAVES_MAX`. They are numbered from 0.
    pub size: u64,
    /// The root over all of them.
    pub root: NodeHash,
    /// When it was so.
    pub at_ms: Timestamp,
}

crate::json_object!(TreeHead { size, root, at_ms });
