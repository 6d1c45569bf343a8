//! How a faucet stands, for its operator's metrics: what is in the store is read now and then, in the background, and shown
//! as it was read last, so that whoever asks for metrics costs nothing; what came of payouts since the start is counted.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dripline_shared::amount::Amount;
use dripline_shared::api::{AssetBooks, RailTreasury};
use dripline_shared::campaign::{Campaign, CampaignStage};
use dripline_shared::limit::{Bucket, MoneyLimit, OUTFLOW_NEWCOMERS};
use dripline_shared::time::Timestamp;

use crate::check;
use crate::faucet::flight::Flights;
use crate::faucet::{Faucet, unreadable};
use crate::in_force::InForce;
use crate::payout::pause::{is_in_recovery, is_short};
use crate::play::slices;
use crate::refusal::Refusal;
use crate::store::command::Ending;
use crate::store::record::{CampaignAmounts, SharedBucket, SharedFacts};
use crate::store::{BoxedReader, StorageError};

/// For how long what was read is kept at least, in milliseconds, where somebody looks.
const KEEP_MS: u64 = 2_000;
/// For how many times as long as reading took it is kept at least: it takes a twentieth of a reader's time at most.
const KEEP_PER_COST: u64 = 20;
/// How many withdrawals that wait for an operator are counted: that many stand for as many or more.
pub const OF_OPERATORS_MAX: usize = 1_000;
/// What the ceiling over all claims is called, as refusals call it.
const OUTFLOW: &str = "outflow";

/// How a faucet stood when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insight {
    /// When that was.
    pub read_at: Timestamp,
    /// The books, by rising codes of their assets.
    pub books: Arc<[AssetBooks]>,
    /// The campaigns of the catalog.
    pub campaigns: Vec<CampaignInsight>,
    /// The ceilings of claims and of payouts, but for those of network prefixes.
    pub ceilings: Vec<CeilingInsight>,
    /// The rails that are configured, or that something waits for, by rising ids.
    pub rails: BTreeMap<Arc<str>, RailInsight>,
    /// How many leaves the log has, and when its newest head was signed; `None` before the first.
    pub log: Option<(u64, Timestamp)>,
}

/// How a campaign stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignInsight {
    /// Its id.
    pub id: Arc<str>,
    /// The code of the asset that it pays.
    pub asset: Arc<str>,
    /// Where it is in its time.
    pub stage: CampaignStage,
    /// Whether it has ended before its time, because its budget is used up.
    pub is_used_up: bool,
    /// All that it may ever pay, in ledger units.
    pub budget: Amount,
    /// What it has paid, in ledger units.
    pub paid: Amount,
    /// What it still has, in ledger units.
    pub left: Amount,
}

impl CampaignInsight {
    /// Whether it opens rounds, for whoever it is for.
    pub fn is_open(&self) -> bool {
        self.stage == CampaignStage::Running && !self.is_used_up
    }
}

/// How a ceiling stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CeilingInsight {
    /// What it is called: as in refusals, and `rail:<id>` for payouts by a rail.
    pub name: String,
    /// The code of the asset.
    pub asset: Arc<str>,
    /// How much is in its bucket, in ledger units.
    pub level: Amount,
    /// The limit: where its burst is in the bucket, what wants to pass has to wait.
    pub limit: MoneyLimit,
}

/// How a rail stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RailInsight {
    /// Withdrawals that wait.
    pub queued: u64,
    /// When the one was requested that waits longest.
    pub oldest_requested_at: Option<Timestamp>,
    /// Withdrawals that wait for an operator, of the first [`OF_OPERATORS_MAX`] of all rails.
    pub for_operators: u64,
    /// Withdrawals in batches that have not ended.
    pub sending: u64,
    /// Batches that have not ended.
    pub batches: u64,
    /// Why it is paused, if it is.
    pub paused: Option<Arc<str>>,
    /// Whether that is because its treasury has too little.
    pub is_short: bool,
    /// Whether that is because its chain shows what the store does not.
    pub is_in_recovery: bool,
    /// Whether the operator's emergency stop has stopped it.
    pub is_stopped: bool,
    /// How many batches failed since the last one that was settled.
    pub failures: u32,
}

/// What came of a rail's payouts at this server since it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PayoutFigures {
    /// Batches of which it could not be told, by the last step, what became of them.
    pub unknown: u64,
    /// What failed of steps: the endpoints did not answer, there is too little in the treasury.
    pub failures: u64,
    /// Withdrawals that were paid.
    pub paid: u64,
    /// Batches that ended: settled, expired, failed, cancelled.
    pub ended: [u64; 4],
}

impl PayoutFigures {
    /// What the numbers of [`ended`](Self::ended) are called, in their order.
    pub const ENDINGS: [&'static str; 4] = ["settled", "expired", "failed", "cancelled"];
}

/// The counters behind [`PayoutFigures`].
#[derive(Debug, Default)]
pub(super) struct PayoutCounts {
    unknown: AtomicU64,
    failures: AtomicU64,
    paid: AtomicU64,
    ended: [AtomicU64; 4],
}

impl PayoutCounts {
    /// A step was taken, of which so much failed.
    pub(super) fn failed(&self, failures: usize) {
        self.failures.fetch_add(whole(failures), Ordering::Relaxed);
    }

    /// Of so many batches it cannot be told what became of them.
    pub(super) fn set_unknown(&self, batches: usize) {
        self.unknown.store(whole(batches), Ordering::Relaxed);
    }

    /// A batch of so many withdrawals has ended.
    pub(super) fn ended(&self, ending: &Ending, withdrawals: usize) {
        let [settled, expired, failed, cancelled] = &self.ended;
        let ended = match ending {
            Ending::Settled { .. } => settled,
            Ending::Expired => expired,
            Ending::Failed { .. } => failed,
            Ending::Cancelled => cancelled,
        };
        ended.fetch_add(1, Ordering::Relaxed);
        if matches!(ending, Ending::Settled { .. }) {
            self.paid.fetch_add(whole(withdrawals), Ordering::Relaxed);
        }
    }

    fn figures(&self) -> PayoutFigures {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        PayoutFigures {
            unknown: read(&self.unknown),
            failures: read(&self.failures),
            paid: read(&self.paid),
            ended: self.ended.each_ref().map(read),
        }
    }
}

fn whole(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// What is kept for whoever asks.
#[derive(Debug)]
pub(super) struct Kept {
    read: Mutex<Option<Read>>,
    /// Those who find nothing that is new enough wait for one who reads.
    reading: Flights<(), Result<Arc<Insight>, Refusal>>,
    sequenced: Mutex<Option<Timestamp>>,
}

/// What was read.
#[derive(Debug, Clone)]
struct Read {
    insight: Arc<Insight>,
    /// When all of it was there.
    answered_at: Timestamp,
}

impl Read {
    /// Whether it need not be read again yet.
    fn is_good(&self, now: Timestamp) -> bool {
        let read_at = self.insight.read_at;
        let keep = self.answered_at.since(read_at).saturating_mul(KEEP_PER_COST).max(KEEP_MS);
        now >= read_at && now.since(self.answered_at) < keep
    }
}

impl Default for Kept {
    fn default() -> Self {
        Self { read: Mutex::default(), reading: Flights::new(), sequenced: Mutex::default() }
    }
}

impl Kept {
    /// Everything that was transferred until then is in the log.
    pub(super) fn sequenced(&self, at: Timestamp) {
        *locked(&self.sequenced) = Some(at);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Faucet {
    /// Reads how everything stands. To be called every few seconds, where anybody wants to know.
    pub async fn refresh_insight(&self) -> Result<(), Refusal> {
        self.read_insight().await.map(drop)
    }

    /// How everything stands: read now, unless that was done two seconds ago or less, or a reader would be busy with it. However
    /// many ask at once, it is read once.
    pub async fn fresh_insight(&self) -> Result<Arc<Insight>, Refusal> {
        match self.good_insight() {
            Some(insight) => Ok(insight),
            None => self.inner.insight.reading.join((), self.read_insight_anew()).await,
        }
    }

    fn good_insight(&self) -> Option<Arc<Insight>> {
        let now = self.inner.edge.now();
        let read = locked(&self.inner.insight.read);
        read.as_ref().filter(|read| read.is_good(now)).map(|read| Arc::clone(&read.insight))
    }

    async fn read_insight_anew(&self) -> Result<Arc<Insight>, Refusal> {
        // The one before may have landed since this one looked.
        match self.good_insight() {
            Some(insight) => Ok(insight),
            None => self.read_insight().await,
        }
    }

    async fn read_insight(&self) -> Result<Arc<Insight>, Refusal> {
        let books = self.sums().await?.assets;
        let (in_force, now) = (self.inner.in_force(), self.inner.edge.now());
        let read = move |reader: &mut BoxedReader| read(reader, &in_force, books, now).map_err(unreadable);
        let insight = Arc::new(self.inner.readers.run(read).await??);
        let read = Read { insight: Arc::clone(&insight), answered_at: self.inner.edge.now() };
        *locked(&self.inner.insight.read) = Some(read);
        Ok(insight)
    }

    /// How everything stood when it was read last; `None` where it never was.
    pub fn insight(&self) -> Option<Arc<Insight>> {
        locked(&self.inner.insight.read).as_ref().map(|read| Arc::clone(&read.insight))
    }

    /// Until when every transfer is known to be in the log, unless another server was at it then; `None` before it was looked at
    /// first.
    pub fn sequenced_at(&self) -> Option<Timestamp> {
        *locked(&self.inner.insight.sequenced)
    }

    /// What came of payouts, by rail.
    pub fn payout_figures(&self) -> impl Iterator<Item = (&str, PayoutFigures)> {
        self.inner.rails.iter().map(|(id, at_work)| (&**id, at_work.counts.figures()))
    }

    /// What treasuries held when their chains answered last.
    pub fn treasury_figures(&self) -> Vec<RailTreasury> {
        self.treasuries()
    }
}

fn read(
    reader: &mut BoxedReader,
    in_force: &InForce,
    books: Arc<[AssetBooks]>,
    now: Timestamp,
) -> Result<Insight, StorageError> {
    let shared = reader.shared()?;
    let head = reader.log_head()?.map(|signed| signed.head);
    Ok(Insight {
        read_at: now,
        books,
        campaigns: campaigns(in_force, &shared, &reader.funded()?, now),
        ceilings: ceilings(in_force, &shared, now),
        rails: rails(reader, in_force)?,
        log: head.map(|head| (head.size, head.at_ms)),
    })
}

fn campaigns(
    in_force: &InForce,
    shared: &SharedFacts,
    funded: &CampaignAmounts,
    now: Timestamp,
) -> Vec<CampaignInsight> {
    let campaign = |campaign: &Campaign| {
        let key: (Arc<str>, Arc<str>) = (Arc::clone(&in_force.asset), campaign.id.as_str().into());
        let of = |amounts: &BTreeMap<_, Amount>| amounts.get(&key).copied().unwrap_or(Amount::ZERO);
        let (left, funded) = (of(&shared.campaigns), of(funded));
        let range = in_force.ranges.get(&campaign.id);
        let stage = campaign.stage(now);
        CampaignInsight {
            stage,
            is_used_up: stage == CampaignStage::Running
                && range.is_some_and(|range| campaign.is_used_up(left, *range)),
            budget: campaign.budget,
            paid: funded.saturating_sub(left),
            left,
            asset: key.0,
            id: key.1,
        }
    };
    in_force.catalog.campaigns.iter().map(campaign).collect()
}

fn ceilings(in_force: &InForce, shared: &SharedFacts, now: Timestamp) -> Vec<CeilingInsight> {
    let limits = &in_force.catalog.limits;
    let left = |campaign: &Arc<str>| {
        let key = (Arc::clone(&in_force.asset), Arc::clone(campaign));
        shared.campaigns.get(&key).copied().unwrap_or(Amount::ZERO)
    };
    let of_campaign = |id: &str| in_force.campaign_limits(id, left(&id.into()), now);
    let campaigns = in_force.catalog.campaigns.iter().map(|campaign| {
        let name = SharedBucket::Campaign(campaign.id.as_str().into());
        let limits = of_campaign(&campaign.id);
        let outflow = limits.map_or(campaign.outflow, |limits| limits.outflow);
        (check::campaign::name(&campaign.id), name, outflow, &in_force.asset)
    });
    let for_newcomers = in_force.catalog.campaigns.iter().filter_map(|campaign| {
        let name = SharedBucket::CampaignNewcomers(campaign.id.as_str().into());
        let share = of_campaign(&campaign.id)?.newcomers?;
        Some((check::campaign::newcomers_name(&campaign.id), name, share, &in_force.asset))
    });
    let rails = in_force.rails.iter().flat_map(|(id, rules)| {
        rules.assets.iter().filter_map(move |(code, rules)| {
            let name = SharedBucket::Rail(Arc::clone(id), Arc::clone(code));
            Some((format!("rail:{id}"), name, rules.outflow?, code))
        })
    });
    let for_all = [
        (OUTFLOW.to_owned(), SharedBucket::Outflow, limits.outflow, &in_force.asset),
        (OUTFLOW_NEWCOMERS.to_owned(), SharedBucket::Newcomers, limits.outflow_newcomers, &in_force.asset),
    ];
    let ceiling = |(name, bucket, limit, asset): (String, SharedBucket, MoneyLimit, &Arc<str>)| {
        let stored = |name: &SharedBucket| shared.buckets.get(name).copied().unwrap_or_default();
        let whole: Bucket = slices::whole(in_force, &bucket, &shared.slots, (stored, left), now);
        let level = limit.drained(whole, now).level;
        CeilingInsight { name, asset: Arc::clone(asset), level, limit }
    };
    for_all.into_iter().chain(campaigns).chain(for_newcomers).chain(rails).map(ceiling).collect()
}

fn rails(
    reader: &mut BoxedReader,
    in_force: &InForce,
) -> Result<BTreeMap<Arc<str>, RailInsight>, StorageError> {
    let mut rails: BTreeMap<Arc<str>, RailInsight> =
        in_force.rails.keys().map(|id| (Arc::clone(id), RailInsight::default())).collect();
    for (id, queued) in reader.queues()? {
        rails.entry(id.into()).or_default().queued = queued;
    }
    for withdrawal in reader.of_operators(None, OF_OPERATORS_MAX)? {
        let rail = rails.entry(withdrawal.rail).or_default();
        rail.for_operators = rail.for_operators.saturating_add(1);
    }
    for record in reader.rails()? {
        // One that is not configured any more, and for which nothing waits, is nobody's concern.
        if let Some(rail) = rails.get_mut(&record.id) {
            rail.paused = record.pause.as_ref().map(|pause| Arc::clone(&pause.why));
            rail.is_short = record.pause.as_ref().is_some_and(is_short);
            rail.is_in_recovery = record.pause.as_ref().is_some_and(is_in_recovery);
            rail.failures = record.failures;
        }
    }
    for (id, rail) in &mut rails {
        rail.is_stopped = !check::rail::is_running(&in_force.stopped, id);
        let batches = reader.batches(id)?;
        rail.batches = whole(batches.len());
        rail.sending = whole(batches.iter().map(|batch| batch.withdrawals.len()).sum());
        if rail.queued > 0 {
            let oldest = reader.waiting(id, None, 1)?.into_iter().next();
            rail.oldest_requested_at = oldest.map(|withdrawal| withdrawal.requested_at);
        }
    }
    Ok(rails)
}
