//! Read-only keys in the working set.

use dripline_shared::round::ClientId;
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;

use super::WorkingSet;
use crate::store::record::ReadKeyRecord;

impl WorkingSet {
    /// A wallet's read-only key by its id, also where it holds no more.
    pub fn read_key(&self, wallet: Wallet, id: ClientId) -> Option<&ReadKeyRecord> {
        self.read_keys.get(&(wallet, id))
    }

    /// All read-only keys of a wallet that are stored.
    pub fn read_keys(&self, wallet: Wallet) -> impl Iterator<Item = &ReadKeyRecord> {
        self.read_keys
            .range((wallet, ClientId([0; 16]))..=(wallet, ClientId([u8::MAX; 16])))
            .map(|(_, key)| key)
    }

    /// Takes a read-only key.
    pub fn load_read_key(&mut self, record: ReadKeyRecord) {
        self.read_keys.insert((record.wallet, record.client_id), record);
    }

    /// All read-only keys of all wallets (the store in memory has everything here).
    pub(crate) fn all_read_keys(&self) -> impl Iterator<Item = &ReadKeyRecord> {
        self.read_keys.values()
    }

    /// Forgets read-only keys that ended before this moment (the store in memory).
    pub(crate) fn forget_read_keys(&mut self, before: Timestamp) {
        self.read_keys.retain(|_, key| key.ends_at.is_none_or(|end| end >= before));
    }
}
