//! The log of transfers as its verification reads it.

use dripline_shared::api::SignedTreeHead;
use dripline_shared::round::Hash;

use crate::store::log_audit::{StoredLeaf, StoredLog};
use crate::store::sqlite::sequence::{self, StoredNodes};

impl StoredLog for StoredNodes<'_> {
    const IDS_RISE: bool = true;

    fn heads(&mut self, faucet: Hash, most: u32) -> rusqlite::Result<Vec<SignedTreeHead>> {
        sequence::heads(self.0, faucet, most)
    }

    fn leaves(&mut self, first: u64, most: usize) -> rusqlite::Result<Vec<StoredLeaf>> {
        sequence::leaves(self.0, first, most)
    }

    fn left_out(&mut self, last: u64) -> rusqlite::Result<u64> {
        self.0.query_row(
            "SELECT count(*) FROM transfers WHERE id <= ?1 AND id NOT IN (SELECT transfer FROM log_leaves)",
            [i64::try_from(last).unwrap_or(i64::MAX)],
            |row| row.get(0),
        )
    }
}
