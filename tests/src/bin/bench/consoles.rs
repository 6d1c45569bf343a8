//! What operators' consoles cost the players: how many claims a second a server takes while ten of them listen to its events, by
//! how many it takes while none does.
//!
//! One server in this process, its store on the disk and synced, takes claims over connections of this machine. Runs alternate, and
//! so does which of two neighbours comes first; the median of their ratios counts, once of the claims a second and once of the
//! processor time that this process takes for one, which what else runs on the machine disturbs less. The consoles are told four times as often as a
//! server tells them, and its clock is moved on as if it were not, so that everything is read anew each time.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::available_parallelism;
use std::time::Duration;

use dripline_server::edge::Edge;
use dripline_server::faucet::{Settings, make_api_key};
use dripline_server::http::EVENTS_EVERY;
use dripline_shared::api::CatalogView;
use dripline_shared::api::access::{ApiKeyRequest, KeyMode, Role};
use dripline_tests::faucet::{LocalFaucet, settings};
use dripline_tests::levels::{self, QUICK};
use dripline_tests::player::catalog;
use dripline_tests::request;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::interval;

use crate::claims::{Load, flood, listen};
use crate::prepare;
use crate::stopwatch::quantile;
use crate::table::{Row, target};

/// Consoles that listen.
const CONSOLES: u64 = 10;
/// Runs with them, and as many without.
const RUNS: u64 = 7;
/// Claims of a run.
const CLAIMS: u64 = 10_000;
/// How many times as often as by a server they are told.
const OFTEN: u32 = 4;
/// What they may cost at most.
const MOST: f64 = 1.05;

pub(crate) fn measure() -> Vec<Row> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(run())
}

async fn run() -> Vec<Row> {
    let folder = tempfile::tempdir_in(target().expect("a target folder")).expect("a folder on the disk");
    let (faucet, key) = start(&folder.path().join("data")).await;
    let catalog = catalog(&mut faucet.wire()).await;
    let address = listen(&faucet).await;
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    let (mut slowed, mut dearer) = (Vec::new(), Vec::new());
    // The first two make all ready that is there afterwards: they do not count.
    for run in 0..=RUNS {
        let (mut speeds, mut costs) = ([0.0, 0.0], [0.0, 0.0]);
        for turn in 0..2 {
            let first = (2 * run + turn) * CLAIMS;
            let with_consoles = (run + turn) % 2 == 1;
            let load = claims(&faucet, &catalog, address, first, with_consoles.then_some(&*key)).await;
            speeds[usize::from(with_consoles)] = load.per_second;
            costs[usize::from(with_consoles)] = load.processor_us;
        }
        if run > 0 {
            alone.push(speeds[0]);
            beside.push(speeds[1]);
            slowed.push(speeds[0] / speeds[1]);
            dearer.push(costs[1] / costs[0]);
        }
    }
    let (time, cost) = (quantile(&mut slowed, 0.5), quantile(&mut dearer, 0.5));
    println!(
        "{:.0} claims a second at the median without consoles, {:.0} with {CONSOLES}: slowed by {:.2} to {:.2}, dearer by \
         {:.2} to {:.2}",
        quantile(&mut alone, 0.5),
        quantile(&mut beside, 0.5),
        slowed[0],
        slowed[slowed.len() - 1],
        dearer[0],
        dearer[dearer.len() - 1],
    );
    vec![
        Row::at_most(&format!("a server under load, slowed by {CONSOLES} open consoles"), time, MOST, ""),
        Row::at_most(&format!("processor time of a claim beside {CONSOLES} open consoles"), cost, MOST, ""),
    ]
}

/// A faucet on the disk, and a key of an operator.
async fn start(data: &Path) -> (LocalFaucet, String) {
    let on_disk = || Settings {
        data: Some(data.to_owned()),
        prove_threads: available_parallelism().map_or(1, usize::from),
        ..settings(levels::quick())
    };
    let LocalFaucet { faucet, router, .. } = LocalFaucet::start_with(on_disk(), |_| ());
    drop(router);
    faucet.shutdown().await;
    let request = ApiKeyRequest {
        name: "console".to_owned(),
        role: Role::Viewer,
        scopes: None,
        mode: KeyMode::Live,
        ranges: Vec::new(),
        expires_at_ms: None,
    };
    let made = make_api_key(data, None, request, &Edge::system()).expect("the store is there");
    let key = made.expect("a key is made").secret;
    (LocalFaucet::start_with(on_disk(), |options| options.events_every = EVENTS_EVERY / OFTEN), key)
}

/// How claims are taken, while consoles listen with this key, if there is one.
async fn claims(
    faucet: &LocalFaucet,
    catalog: &CatalogView,
    address: SocketAddr,
    first: u64,
    key: Option<&str>,
) -> Load {
    let ready = prepare::won(faucet, catalog, QUICK, first, CLAIMS).await;
    let claims = prepare::claims(catalog, &ready).iter().map(request::claim).collect();
    let clock = faucet.clock.clone();
    let moved = tokio::spawn(async move {
        let mut ticks = interval(EVENTS_EVERY / OFTEN);
        loop {
            ticks.tick().await;
            clock.pass(EVENTS_EVERY.as_secs() * 1_000);
        }
    });
    let consoles = match key {
        Some(key) => Some(Consoles::open(address, key).await),
        None => None,
    };
    let load = flood(address, claims).await;
    moved.abort();
    if let Some(consoles) = consoles {
        consoles.close().await;
    }
    load
}

/// Consoles that listen.
struct Consoles {
    tasks: JoinSet<()>,
    /// Events that all of them together were told.
    told: Arc<AtomicU64>,
    before: u64,
}

impl Consoles {
    /// Opens them, and waits until each was told something.
    async fn open(address: SocketAddr, key: &str) -> Self {
        let (told, mut tasks) = (Arc::new(AtomicU64::new(0)), JoinSet::new());
        for _ in 0..CONSOLES {
            let mut stream = TcpStream::connect(address).await.expect("the server listens");
            let head = format!(
                "GET /admin/v1/events HTTP/1.1\r\nhost: console\r\nauthorization: Bearer {key}\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).await.expect("the server reads");
            let told = Arc::clone(&told);
            tasks.spawn(async move {
                let mut buffer = vec![0; 65_536];
                loop {
                    let length = stream.read(&mut buffer).await.expect("the server writes");
                    assert_ne!(length, 0, "the server ended it");
                    let text = String::from_utf8_lossy(&buffer[..length]);
                    let events = text.matches("event: overview").count();
                    told.fetch_add(u64::try_from(events).expect("few"), Ordering::Relaxed);
                }
            });
        }
        while told.load(Ordering::Relaxed) < CONSOLES {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let before = told.load(Ordering::Relaxed);
        Self { tasks, told, before }
    }

    /// Closes them; they must have been told something meanwhile.
    async fn close(mut self) {
        let told = self.told.load(Ordering::Relaxed) - self.before;
        assert!(told >= CONSOLES, "{told} events: the run was too short to measure anything");
        self.tasks.shutdown().await;
    }
}
