//! Whether a transaction is in none of the finalized blocks that could hold it. Pure.
//!
//! The blocks must be a whole chain: each names the slot of the one before it and has the next height, the first is not
//! after the signing, and the last is above the last valid block height. A gap proves nothing.

use super::verdict::{Scan, Signed};

/// A finalized block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) slot: u64,
    pub(super) parent_slot: u64,
    pub(super) height: u64,
    /// Whether the transaction is in it.
    pub(super) holds_it: bool,
}

/// What the blocks, in their order, show. Otherwise: what is missing.
pub(super) fn scanned(blocks: &[Block], signed: &Signed) -> Result<Scan, String> {
    if blocks.iter().any(|block| block.holds_it) {
        return Ok(Scan::Present);
    }
    let (Some(first), Some(last)) = (blocks.first(), blocks.last()) else {
        return Err("there are no blocks".to_owned());
    };
    if first.slot > signed.signing_slot && first.parent_slot >= signed.signing_slot {
        return Err(format!("the blocks begin at slot {}, after the signing", first.slot));
    }
    for (before, after) in blocks.iter().zip(blocks.iter().skip(1)) {
        if after.parent_slot != before.slot || after.height != before.height.saturating_add(1) {
            return Err(format!("blocks are missing between slots {} and {}", before.slot, after.slot));
        }
    }
    if last.height <= signed.last_valid_block_height {
        return Err(format!("the blocks end at height {}, too early", last.height));
    }
    Ok(Scan::Absent)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED: Signed = Signed { last_valid_block_height: 103, signing_slot: 200 };

    /// Four blocks; slot 202 was skipped.
    fn chain() -> Vec<Block> {
        let block = |slot, parent_slot, height| Block { slot, parent_slot, height, holds_it: false };
        vec![
            block(200, 199, 100),
            block(201, 200, 101),
            block(203, 201, 102),
            block(204, 203, 103),
            block(205, 204, 104),
        ]
    }

    #[test]
    fn a_whole_chain_without_it_shows_that_it_is_absent() {
        assert_eq!(scanned(&chain(), &SIGNED), Ok(Scan::Absent));
        // The slot of the signing was skipped: the first block after it follows one before it.
        let signed = Signed { signing_slot: 202, ..SIGNED };
        assert_eq!(scanned(&chain()[2..], &signed), Ok(Scan::Absent));
    }

    #[test]
    fn a_block_that_holds_it_is_found_in_any_chain() {
        for index in 0..5 {
            let mut blocks = chain();
            blocks[index].holds_it = true;
            assert_eq!(scanned(&blocks, &SIGNED), Ok(Scan::Present));
            assert_eq!(scanned(&blocks[index..], &SIGNED), Ok(Scan::Present));
        }
    }

    #[test]
    fn a_gap_anywhere_proves_nothing() {
        assert!(scanned(&[], &SIGNED).is_err());
        for index in 0..5 {
            let mut blocks = chain();
            blocks.remove(index);
            assert!(scanned(&blocks, &SIGNED).is_err(), "without block {index}");
        }
        let mut blocks = chain();
        blocks[2].height += 1;
        assert!(scanned(&blocks, &SIGNED).is_err());
        blocks.reverse();
        assert!(scanned(&blocks, &SIGNED).is_err());
    }
}
