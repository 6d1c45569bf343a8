//! The use cases: open a round, take its segments, claim it, look at a wallet. What `http` calls.
//!
//! A [`Faucet`] does the cheap checks at once, signatures and replays on proving threads, and has everything that
//! changes something decided by pure functions of facts ([`decide`]) on the writer's thread, inside the transaction
//! of its effect. Times come from the edge, once a request.

use std::sync::{Arc, Mutex, PoisonError};

use dripline_shared::amount::Amount;
use dripline_shared::api::{
    CatalogView, ClaimRequest, FaucetKeys, HistoryPage, OpenAnswer, OpenRequest, Receipt, RoundState,
    RoundView, SegmentAnswer, WalletView,
};
use dripline_shared::error::Code;
use dripline_shared::round::{RoundId, RoundToken};
use dripline_shared::time::Timestamp;
use dripline_shared::transcript::SEGMENT_BYTES_MAX;
use dripline_shared::wallet::{Signature, Wallet};

use crate::edge::Edge;
use crate::play::base::Base;
use crate::play::data::DataDirectory;
use crate::play::figures::Counters;
use crate::play::flight::Flights;
use crate::play::pool::Pool;
use crate::play::prove::Proof;
use crate::play::steady::Steady;
use crate::play::writer::{Writer, WriterThread};
use crate::refusal::Refusal;
use crate::store::command::{End, GiveBack, Open, PutSegment, Settle};
use crate::store::record::{RoundFacts, StoredSegment};
use crate::store::sqlite::SqliteReader;
use crate::store::{Answer, Command, Horizon, Reader, StorageError};

mod base;
mod data;
pub mod decide;
mod end;
mod estimate;
mod figures;
mod flight;
pub mod in_force;
pub mod limits;
mod open;
mod pool;
mod prove;
mod segment;
mod settings;
mod settle;
mod steady;
mod view;
mod writer;

pub use base::{import_catalog, rotate_key};
pub use figures::Figures;
pub use settings::{Caller, Settings, StartError};

/// The most entries of a page of history.
pub const HISTORY_MAX: u32 = 100;

/// A faucet at work. Cheap to clone; all clones are the same faucet.
#[derive(Debug, Clone)]
pub struct Faucet {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    edge: Edge,
    in_force: Arc<in_force::InForce>,
    writer: Writer,
    writer_thread: Mutex<Option<WriterThread>>,
    /// For signatures and replays; each thread has a reader to fetch what it proves.
    provers: Pool<SqliteReader>,
    /// For what players ask to see.
    readers: Pool<SqliteReader>,
    claims: Flights<(RoundId, Signature), Result<Receipt, Refusal>>,
    /// Whether it is ready may be asked by anybody, as often as they like: one question at a time reaches the writer.
    ready: Flights<(), Result<(), Refusal>>,
    counters: Arc<Counters>,
    typical_hour: Amount,
    transcript_keep_ms: u64,
    steady: Mutex<Steady>,
    /// The last to go: a temporary directory goes with it.
    _data: DataDirectory,
}

/// What was found of a round that is to be claimed.
enum Found {
    /// It was claimed before.
    Claimed(Box<Receipt>),
    /// It is finished, and its play proves this.
    Proven(Box<RoundFacts>, Proof),
}

impl Faucet {
    /// Opens the data directory, takes the catalog into force, makes keys at the first start, and starts the threads.
    pub fn start(settings: Settings, edge: Edge) -> Result<Self, StartError> {
        let Base { keys, store, catalog, data } =
            Base::open(settings.data.as_deref(), settings.catalog, &edge)?;
        let typical_hour = estimate::typical_hour(&catalog);
        let in_force = Arc::new(in_force::InForce::new(catalog, keys, settings.origins, settings.stopped));
        for name in in_force.stopped_elsewhere() {
            tracing::warn!(name, "what is stopped is neither a game nor in the catalog: is it misspelt?");
        }

        let readers = |count: usize| -> Result<Vec<SqliteReader>, StorageError> {
            (0..count.max(1)).map(|_| store.reader()).collect()
        };
        let (for_provers, mut for_readers) = (readers(settings.prove_threads)?, readers(settings.readers)?);
        let counters = Arc::new(Counters::default());
        if let Some(reader) = for_readers.first_mut() {
            counters.set_open(reader.rounds_open(edge.now())?);
        }
        let provers = Pool::start("prover", for_provers, settings.prove_queue).map_err(StartError::Thread)?;
        let readers = Pool::start("reader", for_readers, settings.prove_queue).map_err(StartError::Thread)?;
        let (writer, thread) = Writer::start(
            Box::new(store),
            Arc::clone(&in_force),
            Arc::clone(&counters),
            settings.write_queue,
            settings.write_batch,
        )
        .map_err(StartError::Thread)?;
        let steady = Mutex::new(Steady::new(edge.now()));
        let inner = Inner {
            edge,
            in_force,
            writer,
            writer_thread: Mutex::new(Some(thread)),
            provers,
            readers,
            claims: Flights::new(),
            ready: Flights::new(),
            counters,
            typical_hour,
            transcript_keep_ms: settings.transcript_keep_ms,
            steady,
            _data: data,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Opens a round.
    pub async fn open(&self, request: OpenRequest, caller: &Caller) -> Result<OpenAnswer, Refusal> {
        self.counted(self.inner.open(request, caller).await)
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
        let put = PutSegment { now: self.inner.edge.now(), round, number: segment, end, bytes };
        self.counted(self.inner.segment(put, token).await)
    }

    /// How a round stands.
    pub async fn round(&self, round: RoundId, token: Option<RoundToken>) -> Result<RoundView, Refusal> {
        self.counted(self.inner.round(round, token).await)
    }

    /// Closes a round that will not be claimed, also one whose time ran out. A round that is closed already stays as it
    /// is.
    pub async fn end(&self, round: RoundId, token: Option<RoundToken>) -> Result<RoundView, Refusal> {
        self.counted(self.inner.end(round, token).await)
    }

    /// Claims a round's reward.
    pub async fn claim(&self, request: ClaimRequest, caller: &Caller) -> Result<Receipt, Refusal> {
        let key = (request.round, request.signature);
        self.counted(self.inner.claims.join(key, self.inner.claim(request, caller)).await)
    }

    /// What a wallet has. Asking creates nothing.
    pub async fn wallet(&self, wallet: Wallet) -> Result<WalletView, Refusal> {
        let (in_force, now) = (Arc::clone(&self.inner.in_force), self.inner.edge.now());
        let read = move |reader: &mut SqliteReader| {
            reader.wallet(wallet).map(|facts| view::wallet(&in_force, facts, now)).map_err(unreadable)
        };
        self.counted(self.inner.readers.run(read).await.and_then(|view| view))
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
        let read = move |reader: &mut SqliteReader| reader.history(wallet, before, limit).map_err(unreadable);
        self.counted(self.inner.readers.run(read).await.and_then(|page| page))
    }

    /// The catalog in force.
    pub fn catalog(&self) -> CatalogView {
        view::catalog(&self.inner.in_force, self.inner.typical_hour, self.inner.edge.now())
    }

    /// The keys that this faucet signs with.
    pub fn keys(&self) -> FaucetKeys {
        self.inner.in_force.keys.public()
    }

    /// Whether it can work: the writer answers, and the storage takes a transaction.
    pub async fn ready(&self) -> Result<(), Refusal> {
        self.inner.ready.join((), self.inner.writer.ping()).await
    }

    /// Counters and gauges.
    pub fn figures(&self) -> Figures {
        self.inner.counters.figures(self.inner.writer.depth(), self.inner.provers.depth())
    }

    /// Deletes what is past its time: unclaimed rounds, their segments, old transcripts; and counts the open rounds. To
    /// be called every minute or so: nothing is deleted before the clock has run steadily for an hour. Other changes go
    /// in between.
    pub async fn sweep(&self) -> Result<(), Refusal> {
        let now = self.inner.edge.now();
        if self.inner.steady.lock().unwrap_or_else(PoisonError::into_inner).read(now) {
            self.delete_old(now).await?;
        }
        let count = move |reader: &mut SqliteReader| reader.rounds_open(now).map_err(unreadable);
        let open = self.inner.readers.run(count).await??;
        self.inner.counters.set_open(open);
        Ok(())
    }

    async fn delete_old(&self, now: Timestamp) -> Result<(), Refusal> {
        let horizon = Horizon {
            now,
            transcripts_before: now.minus(self.inner.transcript_keep_ms),
            // A full bucket has drained within a third of its window.
            prefixes_before: now.minus(self.inner.in_force.catalog.limits.outflow_per_prefix.window_ms),
        };
        while self.inner.writer.sweep(horizon).await? {}
        Ok(())
    }

    /// Takes no more changes, finishes those that wait, moves the logs into the databases, and closes the store. Other
    /// clones go on answering what needs no change.
    pub async fn shutdown(self) {
        self.inner.writer.close().await;
        let thread = self.inner.writer_thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // Joining blocks, so it is done where that hurts nobody.
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }

    fn counted<T>(&self, result: Result<T, Refusal>) -> Result<T, Refusal> {
        result.inspect_err(|refusal| self.inner.counters.refusal(refusal.code()))
    }
}

impl Inner {
    async fn open(&self, request: OpenRequest, caller: &Caller) -> Result<OpenAnswer, Refusal> {
        let now = self.edge.now();
        open::addressed(&self.in_force, &request)?;
        let (request, statement) =
            self.provers.run(move |_| prove::open(&request).map(|statement| (request, statement))).await??;
        let round = RoundId::new(now, self.edge.random());
        let open = Open { now, round, request, statement, prefix: caller.prefix.clone() };
        match self.writer.change(Command::Open(Box::new(open))).await? {
            Answer::Opened { round, limits, .. } => {
                view::opened(&self.in_force, &round, limits, self.edge.now())
            }
            _ => Err(Code::Internal.into()),
        }
    }

    async fn segment(&self, put: PutSegment, token: Option<RoundToken>) -> Result<SegmentAnswer, Refusal> {
        self.authorize(put.round, token).await?;
        if put.bytes.len() > SEGMENT_BYTES_MAX {
            let message = format!("a segment has at most {SEGMENT_BYTES_MAX} bytes");
            return Err(Refusal::new(Code::BodyTooLarge, message));
        }
        let segment = put.number;
        match self.writer.change(Command::Segment(Box::new(put))).await? {
            Answer::Stored { seed, .. } => {
                Ok(SegmentAnswer { segment, seed, server_time_ms: self.edge.now() })
            }
            _ => Err(Code::Internal.into()),
        }
    }

    /// Whether whoever asks has the round's token. Without it, only whether there is such a round is told.
    async fn authorize(&self, round: RoundId, token: Option<RoundToken>) -> Result<(), Refusal> {
        if token.is_some_and(|token| self.in_force.keys.is_token_of(token, round)) {
            return Ok(());
        }
        let found = self.readers.run(move |reader| reader.round(round).map_err(unreadable)).await??;
        Err(found.map_or(Code::RoundUnknown, |_| Code::WrongToken).into())
    }

    async fn round(&self, round: RoundId, token: Option<RoundToken>) -> Result<RoundView, Refusal> {
        self.authorize(round, token).await?;
        let (in_force, now) = (Arc::clone(&self.in_force), self.edge.now());
        let read = move |reader: &mut SqliteReader| -> Result<RoundView, Refusal> {
            let facts = reader.round(round).map_err(unreadable)?.ok_or(Code::RoundUnknown)?;
            let segments = reader.segments(round).map_err(unreadable)?;
            let receipt = facts.claim.map(|claim| claim.receipt);
            Ok(view::round(&in_force, &facts.record, &segments, receipt, now))
        };
        self.readers.run(read).await?
    }

    async fn end(&self, round: RoundId, token: Option<RoundToken>) -> Result<RoundView, Refusal> {
        self.authorize(round, token).await?;
        self.writer.change(Command::End(End { now: self.edge.now(), round })).await?;
        self.round(round, token).await
    }

    async fn claim(&self, request: ClaimRequest, caller: &Caller) -> Result<Receipt, Refusal> {
        let (in_force, now) = (Arc::clone(&self.in_force), self.edge.now());
        let found = self.provers.run(move |reader| find_claim(reader, &in_force, &request, now)).await??;
        let (facts, proof) = match found {
            Found::Claimed(receipt) => return Ok(*receipt),
            Found::Proven(facts, proof) => (facts, proof),
        };
        let round = facts.record;
        let Proof::Won { outcome, hash, play } = proof else {
            let give = GiveBack { now, round: round.id, wallet: round.wallet };
            self.writer.change(Command::GiveBack(give)).await?;
            return Err(Code::RulesChanged.into());
        };
        let settle = Settle {
            now,
            round: round.id,
            wallet: round.wallet,
            signature: request.signature,
            outcome,
            transcript_hash: hash,
            transcript: play,
            prefix: caller.prefix.clone(),
        };
        match self.writer.change(Command::Settle(Box::new(settle))).await? {
            Answer::Settled { receipt, .. } => Ok(receipt),
            _ => Err(Code::Internal.into()),
        }
    }
}

/// Looks a round up that is to be claimed, and proves its play. On a proving thread.
fn find_claim(
    reader: &mut SqliteReader,
    in_force: &in_force::InForce,
    request: &ClaimRequest,
    now: Timestamp,
) -> Result<Found, Refusal> {
    let facts = reader.round(request.round).map_err(unreadable)?.ok_or(Code::RoundUnknown)?;
    if let Some(claim) = &facts.claim {
        return settle::repeated(claim, &request.signature).map(|receipt| Found::Claimed(Box::new(receipt)));
    }
    let segments = reader.segments(request.round).map_err(unreadable)?;
    let round = &facts.record;
    match round.state(&StoredSegment::tail(&segments), now) {
        RoundState::Finished => {}
        RoundState::Open => return Err(Code::RoundNotFinished.into()),
        RoundState::Ended => return Err(Code::RoundEnded.into()),
        RoundState::Claimed | RoundState::Expired => return Err(segment::expired(round)),
    }
    if let Ok(level) = round.level.pinned() {
        in_force.running(level, &round.campaign)?;
    }
    let proof = prove::claim(in_force, round, segments, request)?;
    Ok(Found::Proven(Box::new(facts), proof))
}

/// What a reader that failed is answered with.
#[expect(clippy::needless_pass_by_value, reason = "given to map_err")]
fn unreadable(error: StorageError) -> Refusal {
    tracing::error!(%error, "reading the store failed");
    Refusal { retry_after_ms: Some(1_000), ..Refusal::from(Code::StorageUnavailable) }
}
