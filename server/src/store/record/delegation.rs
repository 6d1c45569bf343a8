//! What is stored of delegations.

use std::sync::Arc;

use dripline_shared::round::{ClientId, Hash};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;

/// That the key of a browser plays for a wallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DelegationRecord {
    /// For whom it plays.
    pub wallet: Wallet,
    /// The client's id of the request, which is the delegation's.
    pub client_id: ClientId,
    /// The key of the browser.
    pub delegate: Wallet,
    /// The only site on which it may; anywhere where there is none.
    pub site: Option<Arc<str>>,
    /// The hash of the statement of the request.
    pub request: Hash,
    /// When it was made.
    pub issued_at: Timestamp,
    /// Until when it holds, or held where it was revoked.
    pub ends_at: Timestamp,
    /// Whether it was revoked.
    pub is_revoked: bool,
}

impl DelegationRecord {
    /// Whether it holds at `now`.
    pub fn holds(&self, now: Timestamp) -> bool {
        !self.is_revoked && now < self.ends_at
    }
}
