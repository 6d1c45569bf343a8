//! Checking proofs: the algorithms of RFC 9162, sections 2.1.3.2 and 2.1.4.2, step by step.
//!
//! Both walk up the tree from a node near its leaves. `place` and `last` are the numbers, on the level that the walk has
//! reached, of the node that it is at and of the level's last node (`fn` and `sn` in the RFC). Neither ever takes more
//! than 64 steps, however long the list of hashes is.

use super::{LEAVES_MAX, NodeHash, empty_root, node_hash};

/// Why a proof does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// It speaks of trees of other sizes than the heads that it was held against.
    #[error("the proof is not for these tree heads")]
    OtherHead,
    /// There is no such leaf, the newer tree has fewer leaves than the older one, or a tree has more than
    /// [`LEAVES_MAX`].
    #[error("no tree has that leaf, or grows that way")]
    OutOfRange,
    /// It has too many hashes or too few.
    #[error("the proof has too many hashes or too few")]
    WrongLength,
    /// Its hashes do not lead to the root of the older tree: that tree was another one.
    #[error("the hashes do not lead to the root of the older tree head")]
    OtherFirstRoot,
    /// Its hashes do not lead to the root of the tree.
    #[error("the hashes do not lead to the root of the tree head")]
    OtherRoot,
}

/// Checks that the leaf with this hash is number `leaf_index`, counted from 0, of a tree of `tree_size` leaves with this
/// root. `hashes` are those of the siblings on the way up, that of the leaf first; RFC 9162 section 2.1.3.2.
///
/// Root and size must come from one signed head: a tree of another size with the same root would have other leaves, but
/// some proofs would hold for both.
pub fn verify_inclusion(
    leaf: NodeHash,
    leaf_index: u64,
    tree_size: u64,
    root: NodeHash,
    hashes: &[NodeHash],
) -> Result<(), ProofError> {
    if leaf_index >= tree_size || tree_size > LEAVES_MAX {
        return Err(ProofError::OutOfRange);
    }
    let mut walk = Walk { place: leaf_index, last: tree_size.saturating_sub(1) };
    let mut reached = leaf;
    for sibling in hashes {
        reached = match walk.step()? {
            Sibling::Left => node_hash(*sibling, reached),
            Sibling::Right => node_hash(reached, *sibling),
        };
    }
    walk.finish()?;
    if reached == root { Ok(()) } else { Err(ProofError::OtherRoot) }
}

/// Checks that the leaves of a tree of `first` leaves with the root `first_root` are the first ones of a tree of
/// `second` leaves with the root `second_root`; RFC 9162 section 2.1.4.2.
///
/// The RFC leaves out the tree without leaves, of which every tree is a continuation: here the proof for it, as for two
/// trees of the same size, has no hashes.
pub fn verify_consistency(
    first: u64,
    first_root: NodeHash,
    second: u64,
    second_root: NodeHash,
    hashes: &[NodeHash],
) -> Result<(), ProofError> {
    if first > second || second > LEAVES_MAX {
        return Err(ProofError::OutOfRange);
    }
    if first == 0 && first_root != empty_root() {
        return Err(ProofError::OtherFirstRoot);
    }
    if first == second && first_root != second_root {
        return Err(ProofError::OtherRoot);
    }
    if first == 0 || first == second {
        return if hashes.is_empty() { Ok(()) } else { Err(ProofError::WrongLength) };
    }
    let mut walk = Walk { place: first.saturating_sub(1), last: second.saturating_sub(1) };
    while walk.place & 1 == 1 {
        walk.up();
    }
    // A tree whose size is a power of two is a node of every later one: its root is where the walk starts.
    let (start, hashes) = if first.is_power_of_two() {
        (&first_root, hashes)
    } else {
        hashes.split_first().ok_or(ProofError::WrongLength)?
    };
    let (mut reached_first, mut reached_second) = (*start, *start);
    for sibling in hashes {
        match walk.step()? {
            Sibling::Left => {
                reached_first = node_hash(*sibling, reached_first);
                reached_second = node_hash(*sibling, reached_second);
            }
            Sibling::Right => reached_second = node_hash(reached_second, *sibling),
        }
    }
    walk.finish()?;
    if reached_first != first_root {
        return Err(ProofError::OtherFirstRoot);
    }
    if reached_second == second_root { Ok(()) } else { Err(ProofError::OtherRoot) }
}

/// On which side of a node its sibling is.
enum Sibling {
    Left,
    Right,
}

/// A walk from a node up to the root.
struct Walk {
    place: u64,
    last: u64,
}

impl Walk {
    fn up(&mut self) {
        self.place >>= 1;
        self.last >>= 1;
    }

    /// Joins the node with its sibling and goes up to the node above both.
    fn step(&mut self) -> Result<Sibling, ProofError> {
        if self.last == 0 {
            return Err(ProofError::WrongLength);
        }
        let sibling = if self.place & 1 == 1 || self.place == self.last {
            // The last node of a level has no sibling there where it is a left one: it counts as a node of the levels
            // above, up to the one on which it is a right one.
            while self.place & 1 == 0 && self.place != 0 {
                self.up();
            }
            Sibling::Left
        } else {
            Sibling::Right
        };
        self.up();
        Ok(sibling)
    }

    /// Whether the root is reached.
    fn finish(&self) -> Result<(), ProofError> {
        if self.last == 0 { Ok(()) } else { Err(ProofError::WrongLength) }
    }
}
