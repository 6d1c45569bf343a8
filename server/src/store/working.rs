//! The working set: every fact that a batch needs, loaded before the first decision and written after the last.
//!
//! Decisions read it and give [`Effect`]s; the set applies them, so that the next decision sees them, and remembers what
//! has to be written. A record that is not here is not in the store.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::limit::Bucket;
use dripline_shared::progress::LevelProgress;
use dripline_shared::round::{ClientId, RoundId};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;

use crate::ledger::{Account, Balance, Posted};
use crate::store::record::{
    ClaimRecord, PrefixRecord, RoundRecord, SharedBucket, StoredSegment, Tail, WalletRecord,
};

/// A change of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// The wallet is now like this.
    Wallet(WalletRecord),
    /// The round is now like this.
    Round(RoundRecord),
    /// The wallet has now reached this in the level of this id.
    Progress(Wallet, String, LevelProgress),
    /// The network prefix has now used this.
    Prefix(String, PrefixRecord),
    /// The bucket is now like this.
    Bucket(SharedBucket, Bucket),
    /// Money moved.
    Transfer(Posted),
    /// The round has this segment.
    Segment(RoundId, StoredSegment),
    /// The round was claimed, with this play.
    Claim(Box<ClaimRecord>, Vec<u8>),
}

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
    changes: Changes,
}

/// What has to be written. Records are named once however often they changed; what is only ever added comes in order.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Wallets.
    pub wallets: BTreeSet<Wallet>,
    /// Rounds.
    pub rounds: BTreeSet<RoundId>,
    /// Progress.
    pub progress: BTreeSet<(Wallet, String)>,
    /// Network prefixes.
    pub prefixes: BTreeSet<String>,
    /// Shared buckets.
    pub buckets: BTreeSet<SharedBucket>,
    /// Balances.
    pub balances: BTreeSet<Account>,
    /// Transfers.
    pub transfers: Vec<Posted>,
    /// Segments.
    pub segments: Vec<(RoundId, u32)>,
    /// Claims and their transcripts.
    pub claims: Vec<(RoundId, Vec<u8>)>,
}

impl Changes {
    /// Whether nothing but segments changed.
    pub fn only_segments(&self) -> bool {
        self.wallets.is_empty()
            && self.rounds.is_empty()
            && self.progress.is_empty()
            && self.prefixes.is_empty()
            && self.buckets.is_empty()
            && self.balances.is_empty()
            && self.transfers.is_empty()
            && self.claims.is_empty()
    }
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

    /// A shared bucket.
    pub fn bucket(&self, bucket: &SharedBucket) -> Bucket {
        self.buckets.get(bucket).copied().unwrap_or_default()
    }

    /// The balance of an account; zero where there is none.
    pub fn balance(&self, account: &Account) -> Balance {
        self.balances.get(account).copied().unwrap_or_default()
    }

    /// What a campaign still has.
    pub fn campaign_balance(&self, campaign: &Arc<str>) -> Amount {
        self.balance(&Account::Campaign(Arc::clone(campaign))).amount()
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

    /// Takes a shared bucket.
    pub fn load_bucket(&mut self, name: SharedBucket, bucket: Bucket) {
        self.buckets.insert(name, bucket);
    }

    /// Takes a balance.
    pub fn load_balance(&mut self, account: Account, balance: Balance) {
        self.balances.insert(account, balance);
    }
}

/// Effects.
impl WorkingSet {
    /// Applies effects, and remembers what they changed.
    pub fn apply(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            self.apply_one(effect);
        }
    }

    fn apply_one(&mut self, effect: Effect) {
        match effect {
            Effect::Wallet(record) => {
                self.changes.wallets.insert(record.wallet);
                self.load_wallet(record);
            }
            Effect::Round(record) => {
                self.changes.rounds.insert(record.id);
                self.load_round(record);
            }
            Effect::Progress(wallet, level, progress) => {
                self.changes.progress.insert((wallet, level.clone()));
                self.load_progress(wallet, level, progress);
            }
            Effect::Prefix(prefix, record) => {
                self.changes.prefixes.insert(prefix.clone());
                self.load_prefix(prefix, record);
            }
            Effect::Bucket(name, bucket) => {
                self.changes.buckets.insert(name.clone());
                self.load_bucket(name, bucket);
            }
            Effect::Transfer(posted) => {
                for (account, balance) in [
                    (&posted.transfer.debit, posted.debit_balance),
                    (&posted.transfer.credit, posted.credit_balance),
                ] {
                    self.changes.balances.insert(account.clone());
                    self.load_balance(account.clone(), balance);
                }
                self.changes.transfers.push(posted);
            }
            Effect::Segment(round, segment) => {
                let tail = StoredSegment::tail(std::slice::from_ref(&segment));
                self.changes.segments.push((round, segment.number));
                self.load_tail(round, tail);
                self.load_segment(round, segment);
            }
            Effect::Claim(claim, transcript) => {
                self.changes.claims.push((claim.receipt.round, transcript));
                self.load_claim(*claim);
            }
        }
    }

    /// Whether one of these changes is a round's final segment.
    pub fn finishes(&self, changes: &Changes) -> bool {
        let is_last = |(round, number): &(RoundId, u32)| {
            self.segment(*round, *number).is_some_and(|segment| segment.last)
        };
        changes.segments.iter().any(is_last)
    }

    /// What has to be written, and forgets it.
    pub fn take_changes(&mut self) -> Changes {
        std::mem::take(&mut self.changes)
    }

    /// Forgets network prefixes that used nothing since `before` (the store in memory).
    pub(crate) fn forget_prefixes(&mut self, before: Timestamp, now: Timestamp) {
        self.prefixes
            .retain(|_, record| record.outflow.at >= before || record.opens.is_some_and(|opens| opens > now));
    }

    /// All rounds, in no order (the store in memory has everything here).
    pub(crate) fn rounds(&self) -> impl Iterator<Item = &RoundRecord> {
        self.rounds.values()
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
