//! Payouts in the working set.

use std::cmp::Reverse;
use std::sync::Arc;

use dripline_shared::payout::{BatchId, WithdrawalId};
use dripline_shared::round::ClientId;
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;

use super::WorkingSet;
use crate::store::record::{AddressRecord, BatchRecord, RailRecord, SharedBucket, Stage, WithdrawalRecord};

/// Facts.
impl WorkingSet {
    /// Where a wallet is paid by a rail.
    pub fn address(&self, wallet: Wallet, rail: &Arc<str>) -> Option<&AddressRecord> {
        self.addresses.get(&(wallet, Arc::clone(rail)))
    }

    /// Where a wallet is paid, rail by rail, in no order.
    pub fn addresses_of(&self, wallet: Wallet) -> impl Iterator<Item = &AddressRecord> {
        self.addresses.values().filter(move |address| address.wallet == wallet)
    }

    /// What this wallet set under this client id.
    pub fn address_of_client(&self, wallet: Wallet, client_id: ClientId) -> Option<&AddressRecord> {
        self.address_clients.get(&(wallet, client_id))
    }

    /// When a wallet said where a rail pays it, as far as that was loaded, the last time first.
    pub fn address_times(&self, wallet: Wallet, rail: &str) -> Vec<Timestamp> {
        let ever = self.address_clients.values().filter(|it| it.wallet == wallet && *it.rail == *rail);
        let mut times: Vec<Timestamp> = ever.map(|it| it.set_at).collect();
        times.sort_unstable_by_key(|at| Reverse(*at));
        times
    }

    /// A withdrawal.
    pub fn withdrawal(&self, id: WithdrawalId) -> Option<&WithdrawalRecord> {
        self.withdrawals.get(&id)
    }

    /// What this wallet requested under this client id.
    pub fn withdrawal_of_client(&self, wallet: Wallet, client_id: ClientId) -> Option<&WithdrawalRecord> {
        self.withdrawal_clients.get(&(wallet, client_id)).and_then(|id| self.withdrawals.get(id))
    }

    /// The first withdrawals that wait for a rail, as far as they were loaded.
    pub fn queue(&self, rail: &str) -> impl Iterator<Item = &WithdrawalRecord> {
        self.queues.get(rail).into_iter().flatten().filter_map(|id| self.withdrawals.get(id))
    }

    /// How a rail stands.
    pub fn rail(&self, id: &Arc<str>) -> RailRecord {
        self.rails.get(id).cloned().unwrap_or_else(|| RailRecord::new(Arc::clone(id)))
    }

    /// A batch.
    pub fn batch(&self, id: BatchId) -> Option<&BatchRecord> {
        self.batches.get(&id)
    }
}

/// Loading.
impl WorkingSet {
    /// Takes an address: of a wallet and a rail, the one that was set last comes last.
    pub fn load_address(&mut self, record: AddressRecord) {
        self.address_clients.insert((record.wallet, record.client_id), record.clone());
        self.addresses.insert((record.wallet, Arc::clone(&record.rail)), record);
    }

    /// Takes an address that another one may have replaced since, for the request that set it.
    pub fn load_older_address(&mut self, record: AddressRecord) {
        self.address_clients.insert((record.wallet, record.client_id), record);
    }

    /// Takes a withdrawal.
    pub fn load_withdrawal(&mut self, record: WithdrawalRecord) {
        self.withdrawal_clients.insert((record.wallet, record.client_id), record.id);
        let queue = self.queues.entry(Arc::clone(&record.rail)).or_default();
        if record.stage == Stage::Queued {
            queue.insert(record.id);
        } else {
            queue.remove(&record.id);
        }
        self.withdrawals.insert(record.id, record);
    }

    /// Takes how a rail stands.
    pub fn load_rail(&mut self, record: RailRecord) {
        self.rails.insert(Arc::clone(&record.id), record);
    }

    /// Takes a batch.
    pub fn load_batch(&mut self, record: BatchRecord) {
        self.batches.insert(record.id, record);
    }
}

/// What the store in memory needs, which has everything here.
impl WorkingSet {
    /// All addresses that count.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = &AddressRecord> {
        self.addresses.values()
    }

    /// All addresses that ever counted.
    pub(crate) fn addresses_ever(&self) -> impl Iterator<Item = &AddressRecord> {
        self.address_clients.values()
    }

    /// All withdrawals.
    pub(crate) fn withdrawals(&self) -> impl Iterator<Item = &WithdrawalRecord> {
        self.withdrawals.values()
    }

    /// The rails to which anything has happened.
    pub(crate) fn rails(&self) -> impl Iterator<Item = &RailRecord> {
        let has_happened = |rail: &&RailRecord| **rail != RailRecord::new(Arc::clone(&rail.id));
        self.rails.values().filter(has_happened)
    }

    /// The buckets that are only there once something went through them: those of rails, and of campaigns' shares for newcomers.
    pub(crate) fn buckets_of_some(&self) -> impl Iterator<Item = &SharedBucket> {
        let is_of_some = |bucket: &&SharedBucket| {
            matches!(bucket, SharedBucket::Rail(..) | SharedBucket::CampaignNewcomers(_))
        };
        self.buckets.keys().filter(is_of_some)
    }

    /// All batches.
    pub(crate) fn batches(&self) -> impl Iterator<Item = &BatchRecord> {
        self.batches.values()
    }
}
