//! What a faucet is started with, who calls it, and why it may not start.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::catalog::{Catalog, CatalogError};
use dripline_shared::time::DAY_MS;

use crate::faucet::alerts::AlertSettings;
use crate::faucet::outbox::WebhookSettings;
use crate::payout::{Rail, RailError, RailSettings, UnknownAsset};
use crate::price::PriceSettings;
use crate::store::StorageError;
use crate::store::postgres::DatabaseAddress;

/// What a faucet is started with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The data directory, made where it is missing; `None` takes a temporary one that goes with the faucet, for tests.
    pub data: Option<PathBuf>,
    /// The PostgreSQL database that the store is in, for several servers; they need the same keys in their data directories.
    /// `None` keeps the store in the data directory, in SQLite. With one, a faucet must be started where blocking is
    /// allowed: on no thread that an async runtime runs tasks on.
    pub database: Option<DatabaseAddress>,
    /// What is in force; `None` leaves in force what was so before, at the first start [`Catalog::first_run`].
    pub catalog: Option<Catalog>,
    /// The origins whose pages may prompt for this faucet, such as `https://play.example`.
    pub origins: Vec<String>,
    /// The rails, by their ids; `None` takes the sandbox alone.
    pub rails: Option<BTreeMap<String, RailSettings>>,
    /// What settles the rails of these ids, in place of what their kinds say: for tests.
    pub drivers: BTreeMap<String, Arc<dyn Rail>>,
    /// Where prices come from, for what drips were worth; `None` notes no worth.
    pub prices: Option<PriceSettings>,
    /// When something is the matter, and who is told.
    pub alerts: AlertSettings,
    /// How sites are told what happens.
    pub webhooks: WebhookSettings,
    /// The emergency stop: ids of levels and of games, campaigns as `campaign:<id>` and rails as `rail:<id>`, that neither
    /// open nor pay.
    pub stopped: BTreeSet<String>,
    /// From which amount on, in ledger units by the code of its asset, money is moved by two operators and not by one.
    pub second_operator_above: BTreeMap<String, Amount>,
    /// How many threads verify signatures and replay rounds; at least 1.
    pub prove_threads: usize,
    /// How many requests may wait for them; beyond that, 503.
    pub prove_queue: usize,
    /// How many changes may wait for the writer; beyond that, 503.
    pub write_queue: usize,
    /// The most changes in one transaction; at least 1.
    pub write_batch: usize,
    /// How many connections read what players ask for; at least 1.
    pub readers: usize,
    /// How long transcripts of claimed rounds are kept, in milliseconds.
    pub transcript_keep_ms: u64,
}

impl Settings {
    /// The defaults: a temporary directory, two threads, no origins.
    pub fn new(catalog: impl Into<Option<Catalog>>) -> Self {
        Self {
            data: None,
            database: None,
            catalog: catalog.into(),
            origins: Vec::new(),
            rails: None,
            drivers: BTreeMap::new(),
            prices: None,
            alerts: AlertSettings::default(),
            webhooks: WebhookSettings::default(),
            stopped: BTreeSet::new(),
            second_operator_above: BTreeMap::new(),
            prove_threads: 2,
            prove_queue: 1_024,
            write_queue: 4_096,
            write_batch: 256,
            readers: 2,
            transcript_keep_ms: 90 * DAY_MS,
        }
    }
}

/// Where a request came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The network prefix of the client's address, as `http` writes it (`192.0.2.7`, `2001:db8::/56`).
    pub prefix: String,
}

/// Why a faucet did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The catalog has mistakes.
    #[error("the catalog has mistakes: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Catalog(Vec<CatalogError>),
    /// A rail pays an asset that the faucet does not have.
    #[error(transparent)]
    Rails(#[from] UnknownAsset),
    /// A rail cannot work as it was configured.
    #[error("rails.{rail}: {error}")]
    Rail {
        /// The rail's id.
        rail: String,
        /// What is wrong.
        error: RailError,
    },
    /// Alerts cannot be told as it was configured.
    #[error("alerts: {0}")]
    Alerts(String),
    /// A file or directory of the data directory.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// What happened.
        error: std::io::Error,
    },
    /// Another process has this data directory open.
    #[error("{0}: another server is running on this data directory")]
    InUse(PathBuf),
    /// There is a store, but its keys are gone.
    #[error("{0}: the keys of this store are missing; restore them from a backup")]
    KeysMissing(PathBuf),
    /// There is no store to change.
    #[error("{0}: there is no store")]
    StoreMissing(String),
    /// The facts in the store contradict each other.
    #[error("what is in the store does not fit together: `dripline ledger verify` tells more")]
    Undecided,
    /// The store.
    #[error("the store: {0}")]
    Store(#[from] StorageError),
    /// A thread.
    #[error("a thread did not start: {0}")]
    Thread(std::io::Error),
}
