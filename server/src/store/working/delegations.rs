//! Delegations in the working set.

use dripline_shared::round::ClientId;
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;

use super::WorkingSet;
use crate::store::record::DelegationRecord;

impl WorkingSet {
    /// A wallet's delegation by its id, also where it holds no more.
    pub fn delegation(&self, wallet: Wallet, id: ClientId) -> Option<&DelegationRecord> {
        self.delegations.get(&(wallet, id))
    }

    /// All delegations of a wallet that are stored.
    pub fn delegations(&self, wallet: Wallet) -> impl Iterator<Item = &DelegationRecord> {
        self.delegations
            .range((wallet, ClientId([0; 16]))..=(wallet, ClientId([u8::MAX; 16])))
            .map(|(_, delegation)| delegation)
    }

    /// Takes a delegation.
    pub fn load_delegation(&mut self, record: DelegationRecord) {
        self.delegations.insert((record.wallet, record.client_id), record);
    }

    /// Forgets delegations that ended before this moment (the store in memory).
    pub(crate) fn forget_delegations(&mut self, before: Timestamp) {
        self.delegations.retain(|_, delegation| delegation.ends_at >= before);
    }
}
