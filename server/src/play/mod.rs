//! The use cases: open a round, take its segments, claim it, look at a wallet. What `http` calls.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use dripline_shared::api::{
    CatalogView, ClaimRequest, FaucetKeys, HistoryPage, OpenAnswer, OpenRequest, Receipt, RoundView,
    SegmentAnswer, WalletView,
};
use dripline_shared::catalog::{Catalog, CatalogError};
use dripline_shared::error::Code;
use dripline_shared::round::{RoundId, RoundToken};
use dripline_shared::time::DAY_MS;
use dripline_shared::wallet::Wallet;

use crate::edge::Edge;
use crate::refusal::Refusal;

/// What a faucet is started with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The data directory, made where it is missing; `None` keeps everything in memory, for tests.
    pub data: Option<PathBuf>,
    /// What is in force.
    pub catalog: Catalog,
    /// The origins whose pages may prompt for this faucet, such as `https://play.example`.
    pub origins: Vec<String>,
    /// The emergency stop: ids of levels and of games that neither open nor pay.
    pub stopped: BTreeSet<String>,
    /// How many threads verify signatures and replay rounds; at least 1.
    pub prove_threads: usize,
    /// How many requests may wait for them; beyond that, 503.
    pub prove_queue: usize,
    /// How many changes may wait for the writer; beyond that, 503.
    pub write_queue: usize,
    /// The most changes in one transaction; at least 1.
    pub write_batch: usize,
    /// How many connections read; at least 1.
    pub readers: usize,
    /// How long transcripts of claimed rounds are kept, in milliseconds.
    pub transcript_keep_ms: u64,
}

impl Settings {
    /// The defaults: everything in memory, two threads, no origins.
    pub fn new(catalog: Catalog) -> Self {
        Self {
            data: None,
            catalog,
            origins: Vec::new(),
            stopped: BTreeSet::new(),
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
    /// A file or directory of the data directory.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// What happened.
        error: std::io::Error,
    },
    /// The store.
    #[error("the store: {0}")]
    Store(String),
}

/// Counts since the start, and how things stand, for `/metrics`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    /// Rounds opened (repeats of a request not counted).
    pub rounds_opened: u64,
    /// Rounds in play now.
    pub rounds_open: u64,
    /// Segments stored.
    pub segments: u64,
    /// Claims accepted.
    pub claims: u64,
    /// Ledger units dripped.
    pub drips_units: u64,
    /// Refusals, by code.
    pub refusals: BTreeMap<Code, u64>,
    /// Changes that wait for the writer.
    pub write_queue: u64,
    /// Requests that wait for a proving thread or are on one.
    pub prove_queue: u64,
    /// Transactions committed.
    pub batches: u64,
    /// Changes in these transactions.
    pub batched: u64,
    /// The largest transaction, in changes.
    pub batch_max: u64,
    /// Transactions rolled back because of the storage.
    pub storage_errors: u64,
}

/// A faucet at work. Cheap to clone; all clones are the same faucet.
#[derive(Debug, Clone)]
pub struct Faucet {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    #[expect(dead_code, reason = "the bodies come next")]
    edge: Edge,
}

impl Faucet {
    /// Opens the data directory, makes keys and funds campaigns at the first start, and starts the threads.
    pub fn start(settings: Settings, edge: Edge) -> Result<Self, StartError> {
        settings.catalog.validate().map_err(StartError::Catalog)?;
        Ok(Self { inner: Arc::new(Inner { edge }) })
    }

    /// Opens a round.
    pub async fn open(&self, request: OpenRequest, caller: &Caller) -> Result<OpenAnswer, Refusal> {
        let _ = (request, caller);
        Err(Code::StorageUnavailable.into())
    }

    /// Takes a segment of a round. `end` is the length of the round's final segment, in ticks or turns; `None` says
    /// that another segment will follow.
    pub async fn segment(
        &self,
        round: RoundId,
        token: Option<RoundToken>,
        segment: u32,
        end: Option<u32>,
        bytes: Vec<u8>,
    ) -> Result<SegmentAnswer, Refusal> {
        let _ = (round, token, segment, end, bytes);
        Err(Code::StorageUnavailable.into())
    }

    /// How a round stands.
    pub async fn round(&self, round: RoundId, token: Option<RoundToken>) -> Result<RoundView, Refusal> {
        let _ = (round, token);
        Err(Code::StorageUnavailable.into())
    }

    /// Closes a round that will not be claimed.
    pub async fn end(&self, round: RoundId, token: Option<RoundToken>) -> Result<RoundView, Refusal> {
        let _ = (round, token);
        Err(Code::StorageUnavailable.into())
    }

    /// Claims a round's reward.
    pub async fn claim(&self, request: ClaimRequest, caller: &Caller) -> Result<Receipt, Refusal> {
        let _ = (request, caller);
        Err(Code::StorageUnavailable.into())
    }

    /// What a wallet has. Asking creates nothing.
    pub async fn wallet(&self, wallet: Wallet) -> Result<WalletView, Refusal> {
        let _ = wallet;
        Err(Code::StorageUnavailable.into())
    }

    /// A page of a wallet's history, the newest first: entries with ids below `before`, at most `limit` (1 to 100).
    pub async fn history(
        &self,
        wallet: Wallet,
        before: Option<u64>,
        limit: u32,
    ) -> Result<HistoryPage, Refusal> {
        let _ = (wallet, before, limit);
        Err(Code::StorageUnavailable.into())
    }

    /// The catalog in force.
    pub fn catalog(&self) -> CatalogView {
        unreachable!("the bodies come next")
    }

    /// The keys that this faucet signs with.
    pub fn keys(&self) -> FaucetKeys {
        unreachable!("the bodies come next")
    }

    /// Whether it can work: the writer answers.
    pub async fn ready(&self) -> Result<(), Refusal> {
        Err(Code::StorageUnavailable.into())
    }

    /// Counters and gauges.
    pub fn figures(&self) -> Figures {
        Figures::default()
    }

    /// Deletes what is past its time: unclaimed rounds, old transcripts. To be called every minute or so.
    pub async fn sweep(&self) -> Result<(), Refusal> {
        Err(Code::StorageUnavailable.into())
    }

    /// Takes no more requests, finishes those that wait, and closes the store.
    pub async fn shutdown(self) {}
}
