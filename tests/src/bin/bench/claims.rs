//! Durable claims: how many a second, against the processor time of their parts; and how long one takes at half of that.
//!
//! The rounds are made ready beforehand. Claims then come over connections of this machine to the service in this process,
//! with its store on the disk and synced: the processor time of the clients is in every figure, also in that of the no-op
//! route. What a claim costs without HTTP (verify, replay, sign, store) is measured by handing claims to the faucet itself.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::available_parallelism;
use std::time::Duration;

use dripline_server::faucet::{Caller, Settings};
use dripline_server::http::{Serving, serve};
use dripline_server::telemetry::Metrics;
use dripline_shared::api::{CatalogView, ClaimRequest};
use dripline_shared::wallet::Signature;
use dripline_tests::faucet::{LocalFaucet, settings};
use dripline_tests::levels;
use dripline_tests::player::{Player, catalog, send};
use dripline_tests::request::{self, Message};
use dripline_tests::wire::Connection;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::prepare::{self, Ready};
use crate::replay::signature_us;
use crate::stopwatch::{now, processor_time, quantile, shortest_us};
use crate::table::{Row, target};

/// What is played: 40 seconds of Catch.
const LEVEL: &str = "catch-1";
/// Connections at once.
const CONNECTIONS: usize = 64;
/// Claims of each measurement.
const CLAIMS: u64 = 6_000;
/// Requests of the no-op route.
const NO_OPS: usize = 30_000;

pub(crate) fn measure() -> Vec<Row> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(run())
}

async fn run() -> Vec<Row> {
    let cores = available_parallelism().map_or(1, usize::from);
    let folder = tempfile::tempdir_in(target().expect("a target folder")).expect("a folder on the disk");
    let on_disk = Settings {
        data: Some(folder.path().join("data")),
        prove_threads: cores,
        ..settings(levels::generous())
    };
    let faucet = LocalFaucet::start_with(on_disk, |_| ());
    let catalog = catalog(&mut faucet.wire()).await;
    let address = listen(&faucet).await;
    println!("playing {} rounds of {LEVEL} …", 3 * CLAIMS);
    let over_http = prepare::won(&faucet, &catalog, LEVEL, 0, CLAIMS).await;
    let direct = prepare::won(&faucet, &catalog, LEVEL, CLAIMS, CLAIMS).await;
    let paced = prepare::won(&faucet, &catalog, LEVEL, 2 * CLAIMS, CLAIMS).await;

    let no_ops = (0..NO_OPS).map(|_| request::get("/healthz")).collect();
    let no_op = flood(address, no_ops).await;
    let (verify_us, replay_us, sign_us) = (signature_us(), replay_us(&direct), sign_us());
    let alone = claim_directly(&faucet, prepare::claims(&catalog, &direct)).await;
    let claims = prepare::claims(&catalog, &over_http);
    let http = flood(address, claims.iter().map(request::claim).collect()).await;
    let store_us = alone.processor_us - verify_us - replay_us - sign_us;
    println!(
        "a claim: no-op route {:.0} us, verify {verify_us:.0}, replay {replay_us:.0}, sign {sign_us:.0}, store and the \
         rest {store_us:.0}; {:.0} us in all over HTTP; {:.0} claims a second on {cores} cores",
        no_op.processor_us, http.processor_us, http.per_second
    );
    let parts_us = no_op.processor_us + alone.processor_us;
    let used = http.per_second * parts_us / 1e6 / as_f64(cores);
    let p99_ms = latency(&faucet, &catalog, address, &paced, http.per_second / 2.0).await;
    vec![
        Row::at_least("durable claims per second × processor time of their parts ÷ cores", used, 0.6),
        Row::below("claim p99 at half of that load, with segment traffic, ms", p99_ms, 20.0, " ms"),
    ]
}

/// Serves the faucet on a free port.
pub(crate) async fn listen(faucet: &LocalFaucet) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let (router, metrics) = (faucet.router.clone(), Metrics::new(faucet.faucet.clone()));
    tokio::spawn(serve(listener, router, Serving::default(), metrics, std::future::pending()));
    address
}

/// How a load went.
pub(crate) struct Load {
    /// Answered, each second.
    pub(crate) per_second: f64,
    /// Of this process, for each request.
    pub(crate) processor_us: f64,
}

impl Load {
    fn of(count: usize, wall: Duration, processor: Duration) -> Self {
        let count = as_f64(count);
        Self { per_second: count / wall.as_secs_f64(), processor_us: processor.as_secs_f64() * 1e6 / count }
    }
}

/// Sends all requests as quickly as they are answered; every answer must be a success.
pub(crate) async fn flood(address: SocketAddr, requests: Vec<Message>) -> Load {
    let count = requests.len();
    let mut queues: Vec<Vec<Message>> = (0..CONNECTIONS).map(|_| Vec::new()).collect();
    for (index, request) in requests.into_iter().enumerate() {
        queues[index % CONNECTIONS].push(request);
    }
    let (start, before) = (now(), processor_time());
    let mut tasks = JoinSet::new();
    for queue in queues {
        tasks.spawn(async move {
            let mut wire = Connection::to(address);
            for request in queue {
                let answer = send(&mut wire, request).await;
                assert!(answer.status.is_success(), "{answer}");
            }
        });
    }
    while let Some(task) = tasks.join_next().await {
        task.expect("every request is answered");
    }
    Load::of(count, start.elapsed(), processor_time().saturating_sub(before))
}

/// Hands claims to the faucet itself.
async fn claim_directly(faucet: &LocalFaucet, claims: Vec<ClaimRequest>) -> Load {
    let (count, claims, next) = (claims.len(), Arc::new(claims), Arc::new(AtomicUsize::new(0)));
    let (start, before) = (now(), processor_time());
    let mut tasks = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (faucet, claims, next) = (faucet.faucet.clone(), Arc::clone(&claims), Arc::clone(&next));
        tasks.spawn(async move {
            let caller = Caller { prefix: "127.0.0.1".to_owned() };
            while let Some(claim) = claims.get(next.fetch_add(1, Ordering::Relaxed)) {
                faucet.claim(*claim, &caller).await.expect("the claim is accepted");
            }
        });
    }
    while let Some(task) = tasks.join_next().await {
        task.expect("every claim is accepted");
    }
    Load::of(count, start.elapsed(), processor_time().saturating_sub(before))
}

/// What replaying these rounds costs, one with another.
fn replay_us(rounds: &[Ready]) -> f64 {
    let rounds = &rounds[..rounds.len().min(200)];
    let all_us = shortest_us(5, 1, || {
        for Ready { play, .. } in rounds {
            let outcome = play.opened.level.play.replay(play.segments(), |segment| play.seed(segment));
            assert!(outcome.is_ok());
        }
    });
    all_us / as_f64(rounds.len())
}

fn sign_us() -> f64 {
    let (player, text) = (Player::number(0), "x".repeat(900));
    shortest_us(100, 20, || {
        std::hint::black_box(Signature::of(&player.key, text.as_bytes()));
    })
}

/// The 99th percentile of the time from when a claim was due until its answer, in milliseconds, with as many segments of
/// other rounds coming at the same pace.
async fn latency(
    faucet: &LocalFaucet,
    catalog: &CatalogView,
    address: SocketAddr,
    ready: &[Ready],
    per_second: f64,
) -> f64 {
    let claims: Vec<Message> = prepare::claims(catalog, ready).iter().map(request::claim).collect();
    // Half of the allowance after the opening, five segments of a round may arrive one after the other.
    let rounds = prepare::opened(faucet, catalog, LEVEL, 10 * CLAIMS, CLAIMS / 5).await;
    faucet.clock.pass(20_000);
    let segments = tokio::spawn(play_on(address, rounds, per_second));
    let mut times = paced(address, claims, per_second).await;
    segments.await.expect("segments are taken");
    quantile(&mut times, 0.99)
}

/// Sends claims at this pace; gives the time of each in milliseconds, from when it was due.
async fn paced(address: SocketAddr, requests: Vec<Message>, per_second: f64) -> Vec<f64> {
    let start = now();
    let mut queues: Vec<Vec<(f64, Message)>> = (0..CONNECTIONS).map(|_| Vec::new()).collect();
    for (index, request) in requests.into_iter().enumerate() {
        queues[index % CONNECTIONS].push((as_f64(index) / per_second, request));
    }
    let mut tasks = JoinSet::new();
    for queue in queues {
        tasks.spawn(async move {
            let mut wire = Connection::to(address);
            let mut times = Vec::with_capacity(queue.len());
            for (due, request) in queue {
                let due = start + Duration::from_secs_f64(due);
                tokio::time::sleep_until(due.into()).await;
                let answer = send(&mut wire, request).await;
                assert!(answer.status.is_success(), "{answer}");
                times.push(due.elapsed().as_secs_f64() * 1e3);
            }
            times
        });
    }
    let mut times = Vec::new();
    while let Some(task) = tasks.join_next().await {
        times.extend(task.expect("every claim is accepted"));
    }
    times
}

/// Sends segments of these rounds at this pace, each round's in order.
async fn play_on(address: SocketAddr, rounds: Vec<Ready>, per_second: f64) {
    let start = now();
    let mut wire = Connection::to(address);
    let mut sent = 0;
    let mut rounds = rounds;
    for _ in 0..5 {
        for Ready { play, .. } in &mut rounds {
            let segment = play.next_segment().expect("the seed is known");
            let (round, token) = (play.opened.round, play.opened.token);
            let due = start + Duration::from_secs_f64(as_f64(sent) / per_second);
            tokio::time::sleep_until(due.into()).await;
            let put = request::segment(round, token, segment.number, segment.end, segment.bytes);
            play.learn(&send(&mut wire, put).await.expect());
            sent += 1;
        }
    }
}

fn as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("below 2^32"))
}
