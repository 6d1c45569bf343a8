//! A faucet at work: what `http` calls.
//!
//! A [`Faucet`] does the cheap checks at once, signatures and replays on proving threads, and has everything that
//! changes something decided by pure functions of facts ([`decide`]) on the writer's thread, inside the transaction
//! of its effect. Times come from the edge, once a request.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use dripline_shared::amount::Asset;
use dripline_shared::api::operate::By;
use dripline_shared::api::{CampaignView, CatalogView, FaucetKeys, HistoryPage, Receipt, WalletView};
use dripline_shared::error::Code;
use dripline_shared::payout::BatchId;
use dripline_shared::round::{Hash, RoundId};
use dripline_shared::site::Site;
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::{Signature, Wallet};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;

use crate::edge::Edge;
use crate::faucet::alerts::Alerts;
use crate::faucet::base::Base;
use crate::faucet::books::Books;
use crate::faucet::data::DataDirectory;
use crate::faucet::figures::Counters;
use crate::faucet::flight::Flights;
use crate::faucet::live::Live;
use crate::faucet::outbox::Outbox;
use crate::faucet::pool::Pool;
use crate::faucet::series::Series;
use crate::faucet::steady::Steady;
use crate::faucet::writer::{Writer, WriterThread};
use crate::in_force::InForce;
use crate::payout::{Rail, RailDriver, RailRules, RailSettings, UnknownAsset};
use crate::play::view;
use crate::price::PriceBook;
use crate::refusal::Refusal;
use crate::simulate;
use crate::store::record::{ServerId, WAITING_MAX};
use crate::store::{BoxedReader, Horizon, StorageError};

mod access;
mod alerts;
mod base;
mod books;
mod catalog;
mod data;
pub mod decide;
mod delegations;
mod desk;
mod dormant;
mod emergency;
mod export;
mod figures;
mod flight;
mod insight;
mod live;
mod log;
mod operators;
mod outbox;
mod overview;
mod payer;
mod payouts;
mod players;
mod pool;
mod proposals;
mod read_keys;
pub mod recovery;
mod rounds;
mod search;
mod series;
mod settings;
mod sign_in;
mod site_webhooks;
mod sites;
mod steady;
mod verification;
mod vouchers;
mod writer;

pub use access::{AUDIT_EXPORT_MAX, AUDIT_PAGE_MAX, Denied};
pub use alerts::{AlertReceiver, AlertSettings};
pub use base::{
    cancel_batch, catalog_of, correct_withdrawal, dismiss_operator, forget_player, import_catalog,
    invite_operator, make_api_key, publications, published, revoke_api_key, rotate_api_key, rotate_key,
    set_pause,
};
pub use catalog::{Checked, Operator};
pub use desk::{QUEUE_MAX, WaitingFor};
pub use figures::Figures;
pub use insight::{CampaignInsight, CeilingInsight, Insight, OF_OPERATORS_MAX, PayoutFigures, RailInsight};
pub use operators::Invited;
pub use outbox::{WebhookFigures, WebhookSettings};
pub use overview::OfServer;
use payer::{Began, Told, Tried};
pub use payer::{Payer, Progress};
pub use site_webhooks::DELIVERIES_MAX;
pub use sites::STATISTICS_DAYS_MAX;

pub use players::PLAYERS_MAX;
pub use proposals::Acted;
pub use settings::{Caller, Settings, StartError};
pub use sign_in::{NotLetIn, OpenSession, SignedIn};

/// The most entries of a page of history.
pub const HISTORY_MAX: u32 = 100;
/// How many requests ask a rail at the same time.
const ASKING_MAX: usize = 4;

/// A faucet at work. Cheap to clone; all clones are the same faucet.
#[derive(Debug, Clone)]
pub struct Faucet {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    edge: Edge,
    live: Arc<Live>,
    /// Whether the catalog is pinned to a file, and cannot be published here.
    is_pinned: bool,
    /// Lets one simulation run at a time.
    simulating: Arc<Semaphore>,
    /// For what moment the budgets of campaigns were brought to what they are to be.
    funded_at: Mutex<Timestamp>,
    /// The campaigns that had ended because of their budgets, when that was looked at last.
    used_up: Mutex<Arc<BTreeSet<String>>>,
    /// Held by whoever brings into force what was published.
    following: tokio::sync::Mutex<()>,
    writer: Writer,
    writer_thread: Mutex<Option<WriterThread>>,
    /// For signatures and replays; each thread has a reader to fetch what it proves.
    provers: Pool<BoxedReader>,
    /// For what players ask to see.
    readers: Pool<BoxedReader>,
    claims: Flights<(RoundId, Signature), Result<Receipt, Refusal>>,
    /// Whether it is ready may be asked by anybody, as often as they like: one question at a time reaches the writer.
    ready: Flights<(), Result<(), Refusal>>,
    /// The books in sums, and what treasuries hold: what strangers may ask for as often as they like.
    books: Books,
    /// How things stood when that was read last, for the operator.
    insight: insight::Kept,
    /// What pays out, by the id of the rail.
    rails: BTreeMap<Arc<str>, Arc<RailAtWork>>,
    prices: PriceBook,
    /// Which one of the servers on the same store this is.
    server: ServerId,
    /// The assets that the faucet has or had.
    assets: Vec<Asset>,
    counters: Arc<Counters>,
    /// What was counted in the newest minutes and hours, for the operator.
    series: Mutex<Series>,
    started_at: Timestamp,
    /// What somebody should look at.
    alerts: Alerts,
    /// Sends what sites are told.
    outbox: Arc<Outbox>,
    transcript_keep_ms: u64,
    steady: Mutex<Steady>,
    /// The key under which what passkeys are asked is sealed, once it was needed.
    ceremony_key: OnceLock<Hash>,
    /// The last to go: a temporary directory goes with it.
    data: DataDirectory,
}

/// A rail, the bell that says that something was requested of it, and what is remembered of it while the process lives.
#[derive(Debug)]
struct RailAtWork {
    rail: Arc<dyn Rail>,
    wanted: Notify,
    /// Lets few requests at a time ask the rail.
    asking: Semaphore,
    /// When which candidate was sent last.
    sent: Mutex<HashMap<Arc<str>, Timestamp>>,
    /// Since when this server pays by it.
    began: Mutex<Option<Began>>,
    /// When the treasury was examined last while nothing was to be signed.
    examined: Mutex<Option<Timestamp>>,
    /// When it was tried last whether a treasury that had too little has enough.
    tried: Mutex<Tried>,
    /// Since when it cannot be found out what executing batches has cost.
    unpriced: Mutex<HashMap<BatchId, Timestamp>>,
    /// What the operator was told last.
    told: Mutex<Told>,
    /// Up to where accounts were looked at for what lies dormant, by asset.
    looked: Mutex<HashMap<Arc<str>, u64>>,
    /// What came of it since the start.
    counts: insight::PayoutCounts,
}

impl RailAtWork {
    fn new(rail: Arc<dyn Rail>) -> Self {
        Self {
            rail,
            wanted: Notify::new(),
            asking: Semaphore::new(ASKING_MAX),
            sent: Mutex::default(),
            began: Mutex::default(),
            examined: Mutex::default(),
            tried: Mutex::default(),
            unpriced: Mutex::default(),
            told: Mutex::default(),
            looked: Mutex::default(),
            counts: insight::PayoutCounts::default(),
        }
    }
}

/// Warns of amounts from which on two operators are wanted, of assets that are not there: they are misspelt.
fn warn_of_unknown_assets(in_force: &InForce, assets: &[Asset]) {
    let is_unknown = |code: &&String| !assets.iter().any(|asset| asset.code == **code);
    for code in in_force.second_operator_above.keys().filter(is_unknown) {
        tracing::warn!(asset = code, "two operators are wanted for an asset that the faucet does not have");
    }
}

/// Warns of what is stopped and is not there: it has gone, or is misspelt.
fn warn_of_unknown_stops(in_force: &InForce) {
    for name in in_force.stopped_elsewhere() {
        let there_are = in_force.likes_of(name);
        tracing::warn!(
            name,
            there_are,
            "what is stopped is neither a game nor in the catalog: is it misspelt?"
        );
    }
}

impl Faucet {
    /// Opens the data directory, takes the catalog into force, makes keys at the first start, and starts the threads.
    pub fn start(settings: Settings, edge: Edge) -> Result<Self, StartError> {
        let is_pinned = settings.catalog.is_some();
        // Before they are funded: what comes into another stage meanwhile is looked at once more.
        let funded_at = edge.now();
        let Base { keys, mut store, catalog, publication, data, server } =
            Base::open(settings.data.as_deref(), settings.database.as_ref(), settings.catalog, &edge)?;
        let alerts = Alerts::open(&settings.alerts).map_err(StartError::Alerts)?;
        let mut in_force = InForce::new(catalog, keys, settings.origins, settings.stopped);
        in_force.publication = publication;
        in_force.typical_hour = simulate::typical_hour(&in_force.catalog);
        let (by, note) = if is_pinned { (By::File, "pinned") } else { (By::Server, "in force at a start") };
        in_force.second_operator_above = settings.second_operator_above;
        let stopped = base::stopped_by_operators(&mut *store.reader()?)?;
        let (revision, sites) = base::sites(&mut *store.reader()?)?;
        let mut in_force = in_force.with_stopped(stopped.into_keys()).with_registered(revision, sites);
        in_force.publication = base::note_in_force(&mut *store, &in_force, by, note, edge.now())?;
        let assets = store.assets()?;
        warn_of_unknown_assets(&in_force, &assets);
        if let Some(rails) = &settings.rails {
            let rules =
                |(id, rail): (&String, &RailSettings)| Ok((id.as_str().into(), rail.rules(id, &assets)?));
            in_force.rails = rails.iter().map(rules).collect::<Result<_, UnknownAsset>>()?;
        }
        let coins: Vec<Asset> = in_force.rails.values().filter_map(|rules| rules.coin.clone()).collect();
        store.learn_assets(&coins)?;
        let at_work = |(id, rules): (&Arc<str>, &RailRules)| {
            let rail = match (settings.drivers.get(&**id), &settings.rails) {
                (Some(rail), _) => Ok(Arc::clone(rail)),
                (None, Some(rails)) => {
                    rails.get(&**id).map_or(&RailDriver::Sandbox, |it| &it.driver).open(rules, &edge)
                }
                (None, None) => RailDriver::Sandbox.open(rules, &edge),
            };
            let rail = rail.map_err(|error| StartError::Rail { rail: id.to_string(), error })?;
            Ok((Arc::clone(id), Arc::new(RailAtWork::new(rail))))
        };
        let rails = in_force.rails.iter().map(at_work).collect::<Result<_, StartError>>()?;
        warn_of_unknown_stops(&in_force);

        let readers = |count: usize| -> Result<Vec<BoxedReader>, StorageError> {
            (0..count.max(1)).map(|_| store.reader()).collect()
        };
        let (for_provers, mut for_readers) = (readers(settings.prove_threads)?, readers(settings.readers)?);
        let counters = Arc::new(Counters::default());
        if let Some(reader) = for_readers.first_mut() {
            counters.set_open(reader.rounds_open(edge.now())?);
            for (rail, waiting) in reader.queues()? {
                if !in_force.rails.contains_key(&*rail) {
                    tracing::warn!(
                        rail,
                        waiting,
                        "withdrawals wait for a rail that is not configured any more"
                    );
                }
            }
        }
        let provers = Pool::start("prove", for_provers, settings.prove_queue).map_err(StartError::Thread)?;
        let readers = Pool::start("read", for_readers, settings.prove_queue).map_err(StartError::Thread)?;
        let live = Arc::new(Live::new(in_force));
        let (writer, thread) = Writer::start(
            store,
            Arc::clone(&live),
            Arc::clone(&counters),
            settings.write_queue,
            settings.write_batch,
        )
        .map_err(StartError::Thread)?;
        let started_at = edge.now();
        let steady = Mutex::new(Steady::new(started_at));
        // The last of all: a start that fails is none.
        let alerts = alerts.begin(data.begin());
        let inner = Inner {
            edge,
            live,
            is_pinned,
            simulating: Arc::new(Semaphore::new(1)),
            funded_at: Mutex::new(funded_at),
            used_up: Mutex::default(),
            following: tokio::sync::Mutex::default(),
            writer,
            writer_thread: Mutex::new(Some(thread)),
            provers,
            readers,
            claims: Flights::new(),
            ready: Flights::new(),
            books: Books::default(),
            insight: insight::Kept::default(),
            counters,
            series: Mutex::new(Series::new(started_at)),
            started_at,
            alerts,
            outbox: Arc::new(Outbox::new(settings.webhooks)),
            rails,
            prices: PriceBook::new(settings.prices),
            server,
            assets,
            transcript_keep_ms: settings.transcript_keep_ms,
            steady,
            ceremony_key: OnceLock::new(),
            data,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// What a wallet has, and what would refuse its claims, on this site where one is named. Asking creates nothing.
    pub async fn wallet(&self, wallet: Wallet, site: Option<&str>) -> Result<WalletView, Refusal> {
        self.counted(self.inner.wallet(wallet, site).await)
    }

    /// A page of a wallet's history, the newest first: entries with ids below `before`, at most `limit`, which is taken
    /// as 1 to [`HISTORY_MAX`].
    pub async fn history(
        &self,
        wallet: Wallet,
        before: Option<u64>,
        limit: u32,
    ) -> Result<HistoryPage, Refusal> {
        let limit = limit.clamp(1, HISTORY_MAX);
        let read = move |reader: &mut BoxedReader| reader.history(wallet, before, limit).map_err(unreadable);
        self.counted(self.inner.readers.run(read).await.and_then(|page| page))
    }

    /// The catalog in force.
    pub fn catalog(&self) -> CatalogView {
        self.catalog_of(&self.inner.in_force(), None)
    }

    /// What a site shows of the catalog in force.
    pub fn catalog_of_site(&self, site: &str) -> Result<CatalogView, Refusal> {
        let in_force = self.inner.in_force();
        let found = in_force.site(site).ok_or_else(|| Refusal::from(Code::UnknownSite));
        self.counted(found.map(|site| self.catalog_of(&in_force, Some(site))))
    }

    fn catalog_of(&self, in_force: &InForce, site: Option<&Site>) -> CatalogView {
        let used_up = Arc::clone(&*self.inner.used_up.lock().unwrap_or_else(PoisonError::into_inner));
        view::catalog(in_force, &self.inner.assets, &used_up, site, self.inner.edge.now())
    }

    /// The campaigns that are not over, and what they have left; of these, that which pays on this site, where one is named.
    pub async fn campaigns(&self, site: Option<&str>) -> Result<Vec<CampaignView>, Refusal> {
        self.counted(self.inner.campaigns(site).await)
    }

    /// The keys that this faucet signs with.
    pub fn keys(&self) -> FaucetKeys {
        self.inner.in_force().keys.public()
    }

    /// Whether it can work: the writer answers, and the storage takes a transaction.
    pub async fn ready(&self) -> Result<(), Refusal> {
        self.inner.ready.join((), self.inner.writer.ping()).await
    }

    /// Counters and gauges.
    pub fn figures(&self) -> Figures {
        self.inner.counters.figures(self.inner.writer.depth(), self.inner.provers.depth())
    }

    /// Asks every feed for its price, all at once: one that answers late holds up no other. To be called every few minutes.
    pub async fn refresh_prices(&self) {
        let mut asked = JoinSet::new();
        for (asset, feed) in self.inner.prices.feeds() {
            asked.spawn_blocking(move || (asset, feed.ask()));
        }
        while let Some(answer) = asked.join_next().await {
            match answer {
                Ok((asset, Ok(price))) => {
                    if !self.inner.prices.answered(&asset, price, self.inner.edge.now()) {
                        tracing::warn!(asset, "a price is not believed: it has jumped");
                    }
                }
                Ok((asset, Err(error))) => tracing::warn!(asset, %error, "a feed gave no price"),
                Err(_) => tracing::error!("asking a feed panicked"),
            }
        }
    }

    /// Appends every transfer that is not in the log yet, and signs a head over all of them. To be called every second or
    /// so: receipts promise that it takes at most [`LOG_WITHIN_MS`](crate::log::LOG_WITHIN_MS).
    pub async fn sequence(&self) -> Result<(), Refusal> {
        let now = self.inner.edge.now();
        while self.inner.writer.sequence(self.inner.edge.now()).await? {}
        self.inner.insight.sequenced(now);
        Ok(())
    }

    /// Deletes what is past its time: unclaimed rounds, their segments, old transcripts; withdraws what lies dormant; and counts
    /// the open rounds. To be called every minute or so: nothing is deleted or withdrawn before the clock has run steadily for
    /// an hour. Other changes go in between.
    pub async fn sweep(&self) -> Result<(), Refusal> {
        let now = self.inner.edge.now();
        if self.inner.steady.lock().unwrap_or_else(PoisonError::into_inner).read(now) {
            self.delete_old(now).await?;
            self.pay_dormant(now).await?;
        }
        let count = move |reader: &mut BoxedReader| reader.rounds_open(now).map_err(unreadable);
        let open = self.inner.readers.run(count).await??;
        self.inner.counters.set_open(open);
        Ok(())
    }

    async fn delete_old(&self, now: Timestamp) -> Result<(), Refusal> {
        let horizon = Horizon {
            now,
            transcripts_before: now.minus(self.inner.transcript_keep_ms),
            // A full bucket has drained within a third of its window.
            prefixes_before: now.minus(self.inner.in_force().catalog.limits.outflow_per_prefix.window_ms),
            waiting_max: WAITING_MAX,
        };
        while self.inner.writer.sweep(horizon).await? {}
        Ok(())
    }

    /// Takes no more changes, finishes those that wait, moves the logs into the databases, and closes the store. Other
    /// clones go on answering what needs no change.
    pub async fn shutdown(self) {
        self.note_delivered().await;
        self.inner.writer.close().await;
        let thread = self.inner.writer_thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // Joining blocks, so it is done where that hurts nobody.
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
            self.inner.data.end();
        }
    }

    fn counted<T>(&self, result: Result<T, Refusal>) -> Result<T, Refusal> {
        result.inspect_err(|refusal| self.inner.counters.refusal(refusal.code()))
    }
}

impl Inner {
    /// What is in force.
    fn in_force(&self) -> Arc<InForce> {
        self.live.get()
    }

    async fn wallet(&self, wallet: Wallet, site: Option<&str>) -> Result<WalletView, Refusal> {
        let (in_force, now) = (self.in_force(), self.edge.now());
        let site = in_force.site_asked(site)?.cloned();
        let read = move |reader: &mut BoxedReader| {
            let facts = reader.wallet(wallet).map_err(unreadable)?;
            Ok(view::wallet(&in_force, facts, site.as_deref(), now))
        };
        self.readers.run(read).await?
    }

    async fn campaigns(&self, site: Option<&str>) -> Result<Vec<CampaignView>, Refusal> {
        let (in_force, now) = (self.in_force(), self.edge.now());
        let site = in_force.site_asked(site)?;
        let read = |reader: &mut BoxedReader| reader.shared().map_err(unreadable);
        let shared = self.readers.run(read).await??;
        Ok(view::campaigns(&in_force, &shared.campaigns, site.map(|site| &**site), now))
    }
}

/// What a reader that failed is answered with.
#[expect(clippy::needless_pass_by_value, reason = "given to map_err")]
fn unreadable(error: StorageError) -> Refusal {
    tracing::error!(%error, "reading the store failed");
    Refusal { retry_after_ms: Some(1_000), ..Refusal::from(Code::StorageUnavailable) }
}
