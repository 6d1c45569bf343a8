//! What is stored of read-only keys.

use dripline_shared::round::{ClientId, Hash};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;

/// A read-only key of a wallet's history. The key itself is not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadKeyRecord {
    /// Whose history it reads.
    pub wallet: Wallet,
    /// The client's id of the request, which is the key's.
    pub client_id: ClientId,
    /// The hash of the statement of the request.
    pub request: Hash,
    /// The hash of the key.
    pub hash: Hash,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// Until when it holds, or held where it was revoked; `None` holds for good.
    pub ends_at: Option<Timestamp>,
    /// Whether it was revoked.
    pub is_revoked: bool,
}

impl ReadKeyRecord {
    /// Whether it holds at `now`.
    pub fn holds(&self, now: Timestamp) -> bool {
        !self.is_revoked && self.ends_at.is_none_or(|end| now < end)
    }
}
