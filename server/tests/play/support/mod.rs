//! What the tests of the server's core share: a faucet with a clock of the test's own, players, and bots that play
//! whole rounds through it in no time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dripline_server::edge::Edge;
use dripline_server::faucet::{Caller, Faucet, Settings};
use dripline_server::refusal::Refusal;
use dripline_shared::api::{
    ClaimRequest, OpenAnswer, OpenRequest, Receipt, RoundView, SegmentAnswer, WalletView,
};
use dripline_shared::catalog::{Catalog, DEFAULT_CAMPAIGN};
use dripline_shared::error::Code;
use dripline_shared::game::{Skill, Status};
use dripline_shared::round::{ClientId, RoundId, RoundToken, hash};
use dripline_shared::time::{DAY_MS, MINUTE_MS, Timestamp};
use dripline_shared::transcript::Segment;
use dripline_shared::wallet::Signature;
use tokio::runtime::Runtime;
use tokio::sync::Barrier;

pub(crate) use directory::{Directory, copy_keys};
pub(crate) use drive::{Play, drive};
pub(crate) use player::{Player, add_group_order, sign};

pub(crate) mod chain;
pub(crate) mod directory;
mod drive;
pub(crate) mod dump;
pub(crate) mod feed;
mod money;
mod player;

/// The origin of the pages that play here.
pub(crate) const ORIGIN: &str = "https://play.example";
/// When tests start: noon of some day.
pub(crate) const START: Timestamp = Timestamp(20_000 * DAY_MS + DAY_MS / 2);

/// A faucet, its clock, and the runtime that drives it.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) runtime: Runtime,
    pub(crate) faucet: Faucet,
    pub(crate) catalog: Catalog,
    clock: Arc<AtomicU64>,
    clients: AtomicU64,
}

/// An edge whose clock is an integer, and whose random bytes are the sequence of this number.
pub(crate) fn test_edge(clock: &Arc<AtomicU64>, number: u64) -> Edge {
    let (clock, count) = (Arc::clone(clock), AtomicU64::new(number << 48));
    let now = move || Timestamp(clock.load(Ordering::SeqCst));
    Edge::new(now, move |bytes| {
        for chunk in bytes.chunks_mut(32) {
            let number = count.fetch_add(1, Ordering::SeqCst);
            let bytes = hash(b"dripline/tests/r", &[&number.to_be_bytes()]).0;
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    })
}

impl World {
    /// A faucet with the catalog of a first run and no data directory.
    pub(crate) fn new() -> Self {
        Self::with(Settings::new(Catalog::first_run()))
    }

    /// A faucet that keeps its data in `directory`.
    pub(crate) fn on(directory: &Directory, catalog: Catalog) -> Self {
        Self::with(Settings { data: Some(directory.path().to_owned()), ..Settings::new(catalog) })
    }

    /// A faucet with these settings, at [`START`].
    pub(crate) fn with(settings: Settings) -> Self {
        Self::at(settings, START)
    }

    /// A faucet with these settings, at `now`.
    pub(crate) fn at(settings: Settings, now: Timestamp) -> Self {
        Self::numbered(settings, now, 0)
    }

    /// One of several faucets, by a number that its random bytes and client ids come from.
    pub(crate) fn numbered(mut settings: Settings, now: Timestamp, number: u64) -> Self {
        settings.origins.push(ORIGIN.to_owned());
        let clock = Arc::new(AtomicU64::new(now.0));
        let edge = test_edge(&clock, number);
        let catalog = settings.catalog.clone().unwrap_or_else(Catalog::first_run);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        let faucet = Faucet::start(settings, edge).unwrap();
        Self { runtime, faucet, catalog, clock, clients: AtomicU64::new(now.0 + (number << 48)) }
    }

    /// Shuts the faucet down, and gives the time at which that was.
    pub(crate) fn shutdown(self) -> Timestamp {
        let now = self.now();
        self.runtime.block_on(self.faucet.shutdown());
        now
    }

    /// The time.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(self.clock.load(Ordering::SeqCst))
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, duration_ms: u64) {
        self.clock.fetch_add(duration_ms, Ordering::SeqCst);
    }

    /// Lets time pass until `moment`, unless it is later already.
    pub(crate) fn wait_until(&self, moment: Timestamp) {
        self.clock.fetch_max(moment.0, Ordering::SeqCst);
    }

    /// Sets the clock, back if need be.
    pub(crate) fn set_clock(&self, moment: Timestamp) {
        self.clock.store(moment.0, Ordering::SeqCst);
    }

    /// Lets time pass until `moment`, the last hour of it steadily, and sweeps.
    pub(crate) fn sweep_at(&self, moment: Timestamp) {
        for before in (0..=7).rev() {
            self.wait_until(moment.minus(before * 10 * MINUTE_MS));
            self.runtime.block_on(self.faucet.sweep()).unwrap();
        }
    }

    /// The id of the first level of the first game.
    pub(crate) fn first_level(&self) -> &str {
        &self.catalog.levels[0].id
    }

    /// A client id that was not used before.
    pub(crate) fn client_id(&self) -> ClientId {
        let number = self.clients.fetch_add(1, Ordering::SeqCst);
        let mut id = [7; 16];
        id[8..].copy_from_slice(&number.to_be_bytes());
        ClientId(id)
    }

    /// A request to open a level, well made and signed.
    pub(crate) fn request(&self, player: &Player, level: &str) -> OpenRequest {
        let rules_version = self.catalog.level(level).map_or(1, |level| level.play.facts().rules_version);
        let request = OpenRequest {
            wallet: player.wallet,
            level: level.to_owned(),
            campaign: DEFAULT_CAMPAIGN.to_owned(),
            site: None,
            delegate: None,
            client_id: self.client_id(),
            issued_at_ms: self.now(),
            origin: ORIGIN.to_owned(),
            faucet: self.faucet.catalog().faucet,
            rules_version,
            abandon: None,
            voucher: None,
            signature: Signature([0; 64]),
        };
        sign(player, request)
    }

    /// Opens what is requested.
    pub(crate) fn try_open(&self, request: OpenRequest) -> Result<OpenAnswer, Refusal> {
        self.try_open_from(request, "192.0.2.1")
    }

    /// Opens what is requested from a network prefix.
    pub(crate) fn try_open_from(&self, request: OpenRequest, prefix: &str) -> Result<OpenAnswer, Refusal> {
        let caller = Caller { prefix: prefix.to_owned() };
        self.runtime.block_on(self.faucet.open(request, &caller))
    }

    /// Opens a level.
    pub(crate) fn open(&self, player: &Player, level: &str) -> OpenAnswer {
        self.try_open(self.request(player, level)).unwrap()
    }

    /// Sends a segment.
    pub(crate) fn send(
        &self,
        open: &OpenAnswer,
        number: u32,
        segment: &Segment,
        last: bool,
    ) -> Result<SegmentAnswer, Refusal> {
        let end = last.then_some(segment.length);
        let sent = self.faucet.segment(open.round, Some(open.token), number, end, segment.bytes.clone());
        self.runtime.block_on(sent)
    }

    /// Has a fair bot play an open round to its end, sending each segment as soon as it can have been played.
    pub(crate) fn play(&self, open: &OpenAnswer, bot: u32) -> Play {
        self.play_as(open, Skill::Fair, bot)
    }

    /// Has a bot of this skill play.
    pub(crate) fn play_as(&self, open: &OpenAnswer, skill: Skill, bot: u32) -> Play {
        let mut length = 0;
        drive(open, skill, bot, |number, segment, last| {
            length += segment.length;
            self.wait_until(open.timing.arrival(open.opened_at_ms, length).0);
            self.send(open, number, segment, last).unwrap().seed
        })
    }

    /// The claim of a played round, signed.
    pub(crate) fn claim_request(&self, player: &Player, open: &OpenAnswer, play: &Play) -> ClaimRequest {
        let faucet = self.faucet.catalog().faucet;
        let statement = open.claim_statement(player.wallet, ORIGIN, faucet, play.transcript);
        ClaimRequest {
            round: open.round,
            signature: Signature::of(&player.key, statement.to_string().as_bytes()),
        }
    }

    /// Claims.
    pub(crate) fn try_claim(&self, request: ClaimRequest) -> Result<Receipt, Refusal> {
        self.try_claim_from(request, "192.0.2.1")
    }

    /// Claims from a network prefix.
    pub(crate) fn try_claim_from(&self, request: ClaimRequest, prefix: &str) -> Result<Receipt, Refusal> {
        let caller = Caller { prefix: prefix.to_owned() };
        self.runtime.block_on(self.faucet.claim(request, &caller))
    }

    /// Opens and plays a level until a round is won; ends the lost ones.
    pub(crate) fn win(&self, player: &Player, level: &str) -> (OpenAnswer, Play) {
        for bot in 0..30 {
            let open = self.open(player, level);
            let play = self.play(&open, bot);
            if play.status == Status::Won {
                return (open, play);
            }
            self.runtime.block_on(self.faucet.end(open.round, Some(open.token))).unwrap();
        }
        panic!("thirty rounds of {level} were lost");
    }

    /// Wins and claims a level.
    pub(crate) fn earn(&self, player: &Player, level: &str) -> Receipt {
        let (open, play) = self.win(player, level);
        self.try_claim(self.claim_request(player, &open, &play)).unwrap()
    }

    /// What the wallet of a player has.
    pub(crate) fn wallet(&self, player: &Player) -> WalletView {
        self.runtime.block_on(self.faucet.wallet(player.wallet, None)).unwrap()
    }
}

impl World {
    /// Sends bytes as a segment, with a token or without.
    pub(crate) fn put(
        &self,
        round: RoundId,
        token: Option<RoundToken>,
        number: u32,
        end: Option<u32>,
        bytes: &[u8],
    ) -> Result<SegmentAnswer, Refusal> {
        self.runtime.block_on(self.faucet.segment(round, token, number, end, bytes.to_vec()))
    }

    /// How a round stands, for whoever has this token.
    pub(crate) fn view(&self, round: RoundId, token: Option<RoundToken>) -> Result<RoundView, Refusal> {
        self.runtime.block_on(self.faucet.round(round, token))
    }

    /// Ends a round.
    pub(crate) fn end(&self, open: &OpenAnswer) -> RoundView {
        self.runtime.block_on(self.faucet.end(open.round, Some(open.token))).unwrap()
    }
}

/// The code of a refusal.
pub(crate) fn code<T: std::fmt::Debug>(result: Result<T, Refusal>) -> Code {
    result.expect_err("it should have been refused").code()
}

/// Does `work` so many times at once.
pub(crate) fn at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    world: &World,
    times: usize,
    mut work: impl FnMut(usize) -> F,
) -> Vec<T> {
    world.runtime.block_on(async {
        let barrier = Arc::new(Barrier::new(times));
        let tasks: Vec<_> = (0..times)
            .map(|number| {
                let (barrier, work) = (Arc::clone(&barrier), work(number));
                tokio::spawn(async move {
                    barrier.wait().await;
                    work.await
                })
            })
            .collect();
        let mut results = Vec::new();
        for task in tasks {
            results.push(task.await.unwrap());
        }
        results
    })
}
