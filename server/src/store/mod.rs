//! The store: whole operations, each with all of its effects or none.
//!
//! A [`Store`] takes a batch of [`Command`]s, loads every fact that they need into a [`WorkingSet`], has them decided
//! in order (later ones see the effects of earlier ones), writes the effects, commits once, and only then gives the
//! answers. It knows no rule: decisions are functions of facts that are handed in. Nothing above this module knows
//! SQL.

use std::fmt::Debug;
use std::sync::Arc;

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::api::{HistoryPage, SignedTreeHead};
use dripline_shared::campaign::CLAIMS_AFTER_MS;
use dripline_shared::catalog::Catalog;
use dripline_shared::log::{NodeHash, TreeHead};
use dripline_shared::payout::WithdrawalId;
use dripline_shared::round::{Hash, RoundId};
use dripline_shared::time::{DAY_MS, HOUR_MS, Timestamp};
use dripline_shared::wallet::Wallet;

use crate::ledger::{AccountSum, Transfer};
use crate::log::NodeId;
use crate::refusal::Refusal;

mod columns;
pub mod command;
mod log_audit;
pub mod memory;
pub mod postgres;
pub mod record;
pub mod sqlite;
pub mod transcript;
pub mod working;

pub use command::{Answer, Command};
pub use dripline_shared::payout::AHEAD_MAX;
pub use record::{
    AuditRecord, BatchFacts, CampaignAmounts, DelegationRecord, DeliveryRecord, DeliveryStep, Document,
    DocumentKind, RailRecord, ReadKeyRecord, RoundFacts, SharedFacts, SiteTally, StoredSegment,
    VoucherRecord, WalletFacts, WalletRecord, WithdrawalFacts, WithdrawalRecord,
};
pub use working::WorkingSet;

/// Decides a command from the facts in the working set, and puts its effects there; on a refusal it puts nothing.
pub type Decide<'a> = dyn FnMut(&mut WorkingSet, &Command) -> Result<Answer, Refusal> + 'a;

/// What became of each command of a batch, in order.
pub type Answers = Vec<Result<Answer, Refusal>>;

/// The writing side of a store. There is one, on the writer's thread.
pub trait Store: Debug + Send {
    /// The catalog that was adopted last: the one in force where nobody says otherwise.
    fn adopted(&mut self) -> Result<Option<Catalog>, StorageError>;

    /// Takes a catalog into force, once, before the first batch: its levels are kept for the rounds that will pin them,
    /// and its campaigns are brought to their budgets.
    fn adopt(&mut self, adoption: &Adoption<'_>) -> Result<(), StorageError>;

    /// Another reader of what is committed, with a connection of its own where there are connections.
    fn reader(&self) -> Result<BoxedReader, StorageError>;

    /// The assets that were ever adopted.
    fn assets(&mut self) -> Result<Vec<Asset>, StorageError>;

    /// Learns assets that no catalog brings: the coins that chains are paid in. Fails where one is known with other decimals.
    fn learn_assets(&mut self, assets: &[Asset]) -> Result<(), StorageError>;

    /// Decides and commits a batch. When this returns, the effects are durable (a batch of segments alone, none
    /// of them a round's final one: they survive the process, not a loss of power).
    fn apply(&mut self, batch: &[Command], decide: &mut Decide<'_>) -> Result<Answers, StorageError>;

    /// Appends transfers that are not in the log yet, in the order of their ids, and keeps a signed head over all that are;
    /// all in one transaction. Tells whether there are more.
    fn sequence(&mut self, sequence: &Sequence<'_>) -> Result<bool, StorageError>;

    /// Deletes a bounded number of rows that are past their time, gives messages to webhooks up that nobody has sent, and tells whether
    /// there are more.
    fn sweep(&mut self, horizon: Horizon) -> Result<bool, StorageError>;

    /// Notes what came of messages to webhooks that were sent, and takes those that are to be sent now, so that nobody else takes
    /// them for a while; all in one transaction. In the order of their numbers.
    fn deliver(&mut self, step: &DeliveryStep) -> Result<Vec<DeliveryRecord>, StorageError>;

    /// Deletes the plays of a wallet's claimed rounds: their segments and transcripts. What they came to stays. Gives of how
    /// many rounds there was one.
    fn forget_plays(&mut self, wallet: Wallet) -> Result<u64, StorageError>;

    /// Does what can be done between two batches, such as moving a write-ahead log into its database.
    fn tidy(&mut self) -> Result<(), StorageError>;

    /// Leaves everything tidy behind.
    fn close(self: Box<Self>) -> Result<(), StorageError>;
}

/// The reading side of a store. It sees what is committed and nothing else.
pub trait Reader: Debug + Send {
    /// A round, with its claim if there is one.
    fn round(&mut self, round: RoundId) -> Result<Option<RoundFacts>, StorageError>;

    /// The segments of a round in order, while they are kept.
    fn segments(&mut self, round: RoundId) -> Result<Vec<StoredSegment>, StorageError>;

    /// A wallet with all that is shown of it and all that limits it.
    fn wallet(&mut self, wallet: Wallet) -> Result<WalletFacts, StorageError>;

    /// What all wallets share, as of one moment.
    fn shared(&mut self) -> Result<SharedFacts, StorageError>;

    /// A wallet's history, the newest first: at most `limit` entries with ids below `before`.
    fn history(
        &mut self,
        wallet: Wallet,
        before: Option<u64>,
        limit: u32,
    ) -> Result<HistoryPage, StorageError>;

    /// A withdrawal.
    fn withdrawal(&mut self, id: WithdrawalId) -> Result<Option<WithdrawalFacts>, StorageError>;

    /// A wallet's withdrawals, the newest first: at most `limit` with ids below `before`.
    fn withdrawals(
        &mut self,
        wallet: Wallet,
        before: Option<WithdrawalId>,
        limit: usize,
    ) -> Result<Vec<WithdrawalFacts>, StorageError>;

    /// The withdrawals that wait for an operator, of all rails, those that wait longest first: at most `limit` with ids above
    /// `after`.
    fn of_operators(
        &mut self,
        after: Option<WithdrawalId>,
        limit: usize,
    ) -> Result<Vec<WithdrawalRecord>, StorageError>;

    /// Wallets, those that came last first, each with its number in the order in which they came: at most `limit` with numbers
    /// below `before`.
    fn newest_wallets(
        &mut self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<(u64, WalletRecord)>, StorageError>;

    /// Wallets with keys from the first to the second one, both included, in their order: at most `limit`.
    fn wallets_between(
        &mut self,
        from: Wallet,
        to: Wallet,
        limit: usize,
    ) -> Result<Vec<WalletRecord>, StorageError>;

    /// The keys whose all was moved to this wallet, those that moved last first: at most `limit`.
    fn moved_to(&mut self, wallet: Wallet, limit: usize) -> Result<Vec<WalletRecord>, StorageError>;

    /// A wallet's rounds with their claims, the newest first: at most `limit` with ids below `before`. It looks at every round
    /// of the wallet.
    fn rounds_of(
        &mut self,
        wallet: Wallet,
        before: Option<RoundId>,
        limit: usize,
    ) -> Result<Vec<RoundFacts>, StorageError>;

    /// Wallets whose balance may lie dormant, among a bounded number of accounts.
    fn dormant(&mut self, query: &DormantQuery) -> Result<DormantPage, StorageError>;

    /// The read-only key with this hash, also where it holds no more.
    fn read_key(&mut self, hash: Hash) -> Result<Option<ReadKeyRecord>, StorageError>;

    /// The read-only keys of a wallet, also those that hold no more, in any order.
    fn read_keys(&mut self, wallet: Wallet) -> Result<Vec<ReadKeyRecord>, StorageError>;

    /// The delegations of a wallet, also those that hold no more, in no order.
    fn delegations(&mut self, wallet: Wallet) -> Result<Vec<DelegationRecord>, StorageError>;

    /// The documents of a kind with ids from `from` on, in their order, at most `limit`.
    fn documents(
        &mut self,
        kind: DocumentKind,
        from: &str,
        limit: usize,
    ) -> Result<Vec<Document>, StorageError>;

    /// A document.
    fn document(&mut self, kind: DocumentKind, id: &str) -> Result<Option<Document>, StorageError>;

    /// Entries of the audit log, the newest first: at most `limit` with numbers below `before`.
    fn audit(&mut self, before: Option<u64>, limit: usize) -> Result<Vec<AuditRecord>, StorageError>;

    /// The rails that are paused, whose last batches failed, or that have signed with nonces, by rising ids.
    fn rails(&mut self) -> Result<Vec<RailRecord>, StorageError>;

    /// How many withdrawals wait for each rail, by rising ids: of those for which anything waits or is under way.
    fn queues(&mut self) -> Result<Vec<(String, u64)>, StorageError>;

    /// The withdrawals that wait for a rail, those that wait longest first: at most `limit` with ids above `after`.
    fn waiting(
        &mut self,
        rail: &str,
        after: Option<WithdrawalId>,
        limit: usize,
    ) -> Result<Vec<WithdrawalRecord>, StorageError>;

    /// The wallets that have ever had this address by a rail, in the order of their keys. It reads every address.
    fn wallets_at(&mut self, rail: &str, address: &str) -> Result<Vec<Wallet>, StorageError>;

    /// The assets that were ever adopted.
    fn assets(&mut self) -> Result<Vec<Asset>, StorageError>;

    /// Which of these a rail has kept as candidates, ever.
    fn are_candidates(&mut self, rail: &str, ids: &[Arc<str>]) -> Result<Vec<bool>, StorageError>;

    /// The batches of a rail that have not ended, the oldest first.
    fn batches(&mut self, rail: &str) -> Result<Vec<BatchFacts>, StorageError>;

    /// What the accounts of each asset hold, by kind of holder, all as of one moment; in any order. It reads every account:
    /// whoever is asked by strangers has to keep the answer for a while.
    fn account_sums(&mut self) -> Result<Vec<AccountSum>, StorageError>;

    /// The newest signed head of the log; none before the first.
    fn log_head(&mut self) -> Result<Option<SignedTreeHead>, StorageError>;

    /// The transfer that is this leaf of the log.
    fn log_leaf(&mut self, leaf: u64) -> Result<Option<Transfer>, StorageError>;

    /// The number of the leaf with this hash.
    fn log_leaf_of(&mut self, hash: NodeHash) -> Result<Option<u64>, StorageError>;

    /// Nodes of the log's tree, in this order; `None` for one that is not stored.
    fn log_nodes(&mut self, ids: &[NodeId]) -> Result<Vec<Option<NodeHash>>, StorageError>;

    /// The voucher whose code has this hash.
    fn voucher(&mut self, hash: Hash) -> Result<Option<VoucherRecord>, StorageError>;

    /// How many vouchers were used, by the ids of the documents of those that were made together: of which any were, in their order.
    fn vouchers_used(&mut self) -> Result<Vec<(Arc<str>, u64)>, StorageError>;

    /// What came of a site from this day on (days since 1970), with amounts of this asset: of the days on which anything did, the
    /// newest first.
    fn site_days(
        &mut self,
        site: &str,
        asset: &str,
        from_day: u64,
    ) -> Result<Vec<(u64, SiteTally)>, StorageError>;

    /// Messages to a webhook, the newest first: at most `limit` with numbers below `before`.
    fn deliveries(
        &mut self,
        webhook: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<DeliveryRecord>, StorageError>;

    /// Which of these webhooks messages are to be sent to at `now`, in their order.
    fn deliveries_due(
        &mut self,
        webhooks: &[Arc<str>],
        now: Timestamp,
    ) -> Result<Vec<Arc<str>>, StorageError>;

    /// How many messages wait for webhooks, by their ids; of those for which any do.
    fn deliveries_waiting(&mut self) -> Result<Vec<(Arc<str>, u64)>, StorageError>;

    /// What campaigns were funded with so far, less what they returned, by the code of the asset and the campaign's id; of those
    /// that ever were.
    fn funded(&mut self) -> Result<CampaignAmounts, StorageError>;

    /// How many rounds are in play at `now`: neither ended, claimed nor past their time.
    fn rounds_open(&mut self, now: Timestamp) -> Result<u64, StorageError>;
}

/// What is looked for that may lie dormant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DormantQuery {
    /// The rail, by which an address has to be set.
    pub rail: Arc<str>,
    /// The code of the asset.
    pub asset: Arc<str>,
    /// The least balance.
    pub threshold: Amount,
    /// Wallets that opened no round and had no drip since then. What else they did is for the decision to look at.
    pub active_before: Timestamp,
    /// Where to go on: `next` of the page before, and 0 at first.
    pub after: u64,
    /// The most accounts that are looked at, at least 1.
    pub accounts_max: u64,
    /// The most wallets that are found, at least 1.
    pub found_max: u32,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DormantPage {
    /// Wallets, and the addresses that they have set.
    pub found: Vec<(Wallet, Arc<str>)>,
    /// Where to go on; `None` once all accounts were looked at.
    pub next: Option<u64>,
}

/// A reader of whatever store.
pub type BoxedReader = Box<dyn Reader>;

/// What a faucet starts with.
#[derive(Debug, Clone, Copy)]
pub struct Adoption<'a> {
    /// What is in force from now on.
    pub catalog: &'a Catalog,
    /// The fingerprint of the faucet. A store belongs to one for ever.
    pub faucet: Hash,
    /// When it starts.
    pub now: Timestamp,
}

/// A step of the log.
#[derive(Clone, Copy)]
pub struct Sequence<'a> {
    /// The fingerprint of the faucet.
    pub faucet: Hash,
    /// When it is.
    pub now: Timestamp,
    /// The most transfers that are appended.
    pub most: usize,
    /// Signs a head; where there is no key for it, none is kept.
    pub sign: &'a dyn Fn(TreeHead) -> Option<SignedTreeHead>,
}

/// How long a read-only key or a delegation that holds no more is remembered, in milliseconds: so that a repeated request for it is known
/// for one, and making and revoking in turns fills nothing.
pub(crate) const ENDED_KEEP_MS: u64 = DAY_MS;

/// How long at least a claim that earns nothing is kept after it could have been made last, in milliseconds.
const UNPAID_KEEP_MS: u64 = DAY_MS;

/// What a sweep deletes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Horizon {
    /// Unclaimed rounds that could be claimed until before this moment go, and segments that no claim can need.
    pub now: Timestamp,
    /// Transcripts of rounds opened before this moment go, and rounds as old whose claims earn nothing.
    pub transcripts_before: Timestamp,
    /// What network prefixes used before this moment holds nothing back any more.
    pub prefixes_before: Timestamp,
    /// How many messages may wait for a webhook; of more, the oldest are given up.
    pub waiting_max: u64,
}

impl Horizon {
    /// Delegations that ended before this moment go: nothing that was opened by one can be claimed any more.
    fn delegations_before(&self) -> Timestamp {
        self.now.minus(CLAIMS_AFTER_MS)
    }

    /// Claims that earn nothing go with their rounds and plays where they could be made until before this moment: with the plays that
    /// are as old, and a day later at least, so that what is asked once more has the answer that it had, long after the last token of
    /// one has expired.
    fn unpaid_before(&self) -> Timestamp {
        self.now.minus(UNPAID_KEEP_MS).min(self.transcripts_before)
    }

    /// Messages to webhooks that were kept until before this moment go. What waits although it was to be tried until before it is given
    /// up: nobody has taken it for an hour since, so its webhook is off or gone.
    fn deliveries_before(&self) -> Timestamp {
        self.now.minus(HOUR_MS)
    }

    /// Read-only keys that ended before this moment go.
    fn keys_before(&self) -> Timestamp {
        self.now.minus(ENDED_KEEP_MS)
    }
}

/// Why the storage did not do what it was asked to.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StorageError {
    /// Everything was rolled back; nothing has changed.
    #[error("rolled back: {0}")]
    RolledBack(String),
    /// Another process held the store for longer than is waited. Nothing has changed, and trying again at once would only
    /// meet it again.
    #[error("held by another process: {0}")]
    Held(String),
    /// The database cannot be reached. Nothing has changed, and trying again at once would not reach it either.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// The commit failed: whether it took effect is not known until the requests are repeated.
    #[error("the commit failed: {0}")]
    CommitFailed(String),
    /// The operating system could not sync. What it holds in memory may be lost without another error, so going on
    /// would be a lie: the process has to end and read again what is really there.
    #[error("the sync failed: {0}")]
    SyncFailed(String),
    /// The store was written by a newer build.
    #[error("the store is of version {version}, and this build knows versions up to {known}")]
    Newer {
        /// Its version.
        version: usize,
        /// The newest version that this build knows.
        known: usize,
    },
    /// The catalog in the store is of a form that this build does not know.
    #[error(
        "this build cannot read the catalog in the store ({0}); take another one into force with `dripline catalog \
         import`: `dripline catalog export --first-run` prints one to start from"
    )]
    UnreadableCatalog(String),
    /// An asset has other decimals than it had: every amount of it would mean something else.
    #[error("the asset {code} has {stored} decimals in this store, and the catalog gives it {wanted}")]
    AssetChanged {
        /// Its code.
        code: String,
        /// The decimals that its amounts are stored with.
        stored: u8,
        /// The decimals of the catalog.
        wanted: u8,
    },
    /// The log in the store is damaged: its nodes, or a transfer that cannot be a leaf.
    #[error("the log of transfers: {0}")]
    Log(String),
    /// The store was made by a faucet with other keys.
    #[error("the store belongs to a faucet with other keys")]
    OtherFaucet,
}
