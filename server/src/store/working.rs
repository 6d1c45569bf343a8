//! The working set: every fact that a batch needs, loaded before the first decision and written after the last.
//!
//! Decisions read it and give [`Effect`]s; the set applies them, so that the next decision sees them, and remembers what
//! has to be written. A record that is not here is not in the store.

mod delegations;
mod documents;
mod effect;
mod moves;
mod payouts;
mod read_keys;
mod slices;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::limit::Bucket;
use dripline_shared::payout::{BatchId, WithdrawalId};
use dripline_shared::progress::LevelProgress;
use dripline_shared::round::{ClientId, Hash, RoundId};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;

use crate::ledger::{Account, Balance, Holder};
use crate::store::record::{
    AddressRecord, BatchRecord, ClaimRecord, DelegationRecord, DocumentKind, PrefixRecord, RailRecord,
    ReadKeyRecord, RoundRecord, SharedBucket, SiteDayKey, SiteTally, SlotRecord, StoredSegment, Tail,
    VoucherRecord, WalletRecord, WithdrawalRecord,
};

pub use effect::{Changes, Effect};
pub(crate) use moves::Moves;

/// The records of a batch as they are now, and which of them have to be written.
#[derive(Debug, Clone, Default)]
pub struct WorkingSet {
    wallets: HashMap<Wallet, WalletRecord>,
    rounds: HashMap<RoundId, RoundRecord>,
    clients: HashMap<(Wallet, ClientId), RoundId>,
    tails: HashMap<RoundId, Tail>,
    segments: HashMap<(RoundId, u32), StoredSegment>,
    claims: HashMap<RoundId, ClaimRecord>,
    progress: HashMap<Wallet, BTreeMap<String, LevelProgress>>,
    prefixes: HashMap<String, PrefixRecord>,
    buckets: HashMap<SharedBucket, Bucket>,
    balances: HashMap<Account, Balance>,
    slots: BTreeMap<u32, SlotRecord>,
    own_slot: Option<u32>,
    last_transfer: u64,
    addresses: HashMap<(Wallet, Arc<str>), AddressRecord>,
    address_clients: HashMap<(Wallet, ClientId), AddressRecord>,
    withdrawals: HashMap<WithdrawalId, WithdrawalRecord>,
    withdrawal_clients: HashMap<(Wallet, ClientId), WithdrawalId>,
    /// Those that wait, by their rail, in the order in which they were requested.
    queues: HashMap<Arc<str>, BTreeSet<WithdrawalId>>,
    batches: HashMap<BatchId, BatchRecord>,
    rails: HashMap<Arc<str>, RailRecord>,
    read_keys: BTreeMap<(Wallet, ClientId), ReadKeyRecord>,
    delegations: BTreeMap<(Wallet, ClientId), DelegationRecord>,
    vouchers: HashMap<Hash, VoucherRecord>,
    /// What came of sites (the store in memory has everything here, others what this batch has added).
    site_days: BTreeMap<SiteDayKey, SiteTally>,
    documents: BTreeMap<(DocumentKind, Arc<str>), Arc<str>>,
    audit_head: Option<(u64, Hash)>,
    changes: Changes,
}

/// Facts.
impl WorkingSet {
    /// A wallet, if it was ever seen.
    pub fn wallet(&self, wallet: Wallet) -> Option<&WalletRecord> {
        self.wallets.get(&wallet)
    }

    /// A round.
    pub fn round(&self, round: RoundId) -> Option<&RoundRecord> {
        self.rounds.get(&round)
    }

    /// The round that this wallet opened under this client id.
    pub fn round_of_client(&self, wallet: Wallet, client_id: ClientId) -> Option<&RoundRecord> {
        self.clients.get(&(wallet, client_id)).and_then(|round| self.rounds.get(round))
    }

    /// The rounds of a wallet that were loaded, in no order.
    pub fn rounds_of(&self, wallet: Wallet) -> impl Iterator<Item = &RoundRecord> {
        self.rounds.values().filter(move |round| round.wallet == wallet)
    }

    /// How far a round has been sent.
    pub fn tail(&self, round: RoundId) -> Tail {
        self.tails.get(&round).copied().unwrap_or_default()
    }

    /// A stored segment.
    pub fn segment(&self, round: RoundId, number: u32) -> Option<&StoredSegment> {
        self.segments.get(&(round, number))
    }

    /// The claim of a claimed round.
    pub fn claim(&self, round: RoundId) -> Option<&ClaimRecord> {
        self.claims.get(&round)
    }

    /// What a wallet has reached, by level id.
    pub fn progress(&self, wallet: Wallet) -> Option<&BTreeMap<String, LevelProgress>> {
        self.progress.get(&wallet)
    }

    /// What a wallet has reached in one level.
    pub fn progress_in(&self, wallet: Wallet, level: &str) -> LevelProgress {
        self.progress(wallet).and_then(|reached| reached.get(level)).copied().unwrap_or_default()
    }

    /// What a network prefix has used.
    pub fn prefix(&self, prefix: &str) -> PrefixRecord {
        self.prefixes.get(prefix).copied().unwrap_or_default()
    }

    /// The voucher with this hash.
    pub fn voucher(&self, hash: Hash) -> Option<&VoucherRecord> {
        self.vouchers.get(&hash)
    }

    /// A shared bucket.
    pub fn bucket(&self, bucket: &SharedBucket) -> Bucket {
        self.buckets.get(bucket).copied().unwrap_or_default()
    }

    /// The balance of an account; zero where there is none.
    pub fn balance(&self, account: &Account) -> Balance {
        self.balances.get(account).copied().unwrap_or_default()
    }

    /// What a holder has of each asset that it has anything of, in the order of their codes.
    pub fn balances_of(&self, holder: &Holder) -> Vec<(Arc<str>, Amount)> {
        let is_theirs =
            |(account, balance): &(&Account, &Balance)| account.holder == *holder && balance.0 > 0;
        let each = self.balances.iter().filter(is_theirs);
        let mut found: Vec<_> =
            each.map(|(account, balance)| (Arc::clone(&account.asset), balance.amount())).collect();
        found.sort_unstable();
        found
    }

    /// The id that the next transfer gets.
    pub fn next_transfer_id(&self) -> u64 {
        self.last_transfer.saturating_add(1)
    }

    /// What a campaign still has of an asset.
    pub fn campaign_balance(&self, asset: &Arc<str>, campaign: &Arc<str>) -> Amount {
        self.balance(&Account::new(asset, Holder::Campaign(Arc::clone(campaign)))).amount()
    }
}

/// Loading, before the first decision: a store's affair.
impl WorkingSet {
    /// Takes a wallet.
    pub fn load_wallet(&mut self, record: WalletRecord) {
        self.wallets.insert(record.wallet, record);
    }

    /// Takes a round.
    pub fn load_round(&mut self, record: RoundRecord) {
        self.clients.insert((record.wallet, record.client_id), record.id);
        self.rounds.insert(record.id, record);
    }

    /// Takes how far a round has been sent.
    pub fn load_tail(&mut self, round: RoundId, tail: Tail) {
        self.tails.insert(round, tail);
    }

    /// Takes a segment.
    pub fn load_segment(&mut self, round: RoundId, segment: StoredSegment) {
        self.segments.insert((round, segment.number), segment);
    }

    /// Takes a claim.
    pub fn load_claim(&mut self, claim: ClaimRecord) {
        self.claims.insert(claim.receipt.round, claim);
    }

    /// Takes what a wallet reached in a level.
    pub fn load_progress(&mut self, wallet: Wallet, level: String, progress: LevelProgress) {
        self.progress.entry(wallet).or_default().insert(level, progress);
    }

    /// Takes what a network prefix has used.
    pub fn load_prefix(&mut self, prefix: String, record: PrefixRecord) {
        self.prefixes.insert(prefix, record);
    }

    /// Takes a voucher.
    pub fn load_voucher(&mut self, record: VoucherRecord) {
        self.vouchers.insert(record.hash, record);
    }

    /// Takes a shared bucket.
    pub fn load_bucket(&mut self, name: SharedBucket, bucket: Bucket) {
        self.buckets.insert(name, bucket);
    }

    /// Takes the id of the last transfer, 0 where there is none.
    pub fn load_last_transfer(&mut self, id: u64) {
        self.last_transfer = id;
    }

    /// Takes a balance.
    pub fn load_balance(&mut self, account: Account, balance: Balance) {
        self.balances.insert(account, balance);
    }
}

/// What the store in memory needs, which has everything here.
impl WorkingSet {
    /// Forgets network prefixes that used nothing since `before` (the store in memory).
    pub(crate) fn forget_prefixes(&mut self, before: Timestamp, now: Timestamp) {
        self.prefixes
            .retain(|_, record| record.outflow.at >= before || record.opens.is_some_and(|opens| opens > now));
    }

    /// All vouchers, in no order (the store in memory has everything here).
    pub(crate) fn vouchers(&self) -> impl Iterator<Item = &VoucherRecord> {
        self.vouchers.values()
    }

    /// Adds what came of a site.
    fn add_site_day(&mut self, key: SiteDayKey, more: SiteTally) {
        let tally = self.site_days.entry(key).or_default();
        *tally = tally.plus(more);
    }

    /// What came of sites, in the order of their ids and of days (the store in memory has everything here).
    pub(crate) fn site_days(&self) -> &BTreeMap<SiteDayKey, SiteTally> {
        &self.site_days
    }

    /// All rounds, in no order (the store in memory has everything here).
    pub(crate) fn rounds(&self) -> impl Iterator<Item = &RoundRecord> {
        self.rounds.values()
    }

    /// Forgets the segments of a round (the store in memory); tells whether there were any.
    pub(crate) fn forget_play(&mut self, round: RoundId) -> bool {
        let before = self.segments.len();
        self.segments.retain(|(of, _), _| *of != round);
        self.segments.len() < before
    }

    /// Forgets a round and its segments (the store in memory).
    pub(crate) fn forget_round(&mut self, round: RoundId) {
        if let Some(record) = self.rounds.remove(&round) {
            self.clients.remove(&(record.wallet, record.client_id));
            if let Some(wallet) = self.wallets.get_mut(&record.wallet) {
                wallet.open_round = wallet.open_round.filter(|open| *open != round);
            }
        }
        self.tails.remove(&round);
        self.segments.retain(|(of, _), _| *of != round);
    }
}
