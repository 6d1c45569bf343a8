//! Several servers on one PostgreSQL database: how many claims a second two of them make, by how many one makes, and whether
//! they wait for each other.
//!
//! Each has a database of its own, so that the one is alone with its; both databases are of one PostgreSQL server on this
//! machine, which syncs every commit. Runs alternate, so that whatever else the machine does meets both, and the median of the
//! ratios of neighbouring runs counts. Claims are handed to the servers themselves, without HTTP, by as many clients in all. Meanwhile PostgreSQL is
//! asked every few milliseconds what its sessions wait for.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle, available_parallelism};
use std::time::Duration;

use dripline_server::faucet::{Caller, Settings};
use dripline_shared::api::{CatalogView, ClaimRequest};
use dripline_tests::clock::Clock;
use dripline_tests::faucet::{LocalFaucet, settings};
use dripline_tests::levels::{self, QUICK};
use dripline_tests::player::catalog;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::database::Database;
use crate::prepare;
use crate::stopwatch::{machine_time, now, processor_time, quantile};
use crate::table::Row;

/// Runs of each.
const RUNS: u64 = 9;
/// Claims of a run.
const CLAIMS: u64 = 3_000;
/// Clients at once, over all servers.
const CLIENTS: usize = 64;
/// What two servers have to make at least of what one does. Where one and its database fill the machine, two cannot make more;
/// what they must not do is hold each other up.
const LEAST: f64 = 0.9;
/// How often PostgreSQL is asked what is waited for.
const ASKED_EVERY: Duration = Duration::from_millis(5);

/// What sessions waited for, and how often they were seen to.
type Waits = BTreeMap<String, f64>;

pub(crate) fn measure() -> Vec<Row> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let (alone, both) = (Servers::start(&runtime, 1), Servers::start(&runtime, 2));
    let (mut of_one, mut of_two) = (Vec::new(), Vec::new());
    // The first of each makes all ready that is there afterwards: it does not count.
    for run in 0..=RUNS {
        for (servers, runs) in [(&alone, &mut of_one), (&both, &mut of_two)] {
            let measured = servers.run(&runtime, run);
            if run > 0 {
                runs.push(measured);
            }
        }
    }
    told("one server", &of_one);
    told("two servers", &of_two);
    let mut ratios: Vec<f64> =
        of_one.iter().zip(&of_two).map(|(one, two)| two.per_second / one.per_second).collect();
    let ratio = quantile(&mut ratios, 0.5);
    println!("two servers by one: {:.2} to {:.2}", ratios[0], ratios[ratios.len() - 1]);
    alone.shutdown(&runtime);
    both.shutdown(&runtime);
    vec![
        Row::at_least("claims per second of two servers ÷ of one, on one PostgreSQL", ratio, LEAST),
        Row::below("sessions of two servers that wait for a lock, at the mean", locked(&of_two), 0.05, ""),
    ]
}

/// Servers on a database of their own.
struct Servers {
    database: Database,
    faucets: Vec<LocalFaucet>,
    catalog: CatalogView,
    _folder: tempfile::TempDir,
}

/// How a run went.
struct Run {
    per_second: f64,
    /// How many processors were busy, with whatever.
    busy: f64,
    /// How many of them by this process: servers and clients, but not PostgreSQL.
    own: f64,
    waits: Waits,
}

impl Servers {
    fn start(runtime: &Runtime, count: usize) -> Self {
        let database = Database::new();
        durable(&database);
        let folder = tempfile::tempdir().expect("a folder");
        let mut faucets = Vec::new();
        for number in 0..count {
            let data = folder.path().join(number.to_string());
            if number > 0 {
                copy(&folder.path().join("0/keys"), &data.join("keys"));
            }
            let settings = Settings {
                data: Some(data),
                database: Some(database.address()),
                prove_threads: available_parallelism().map_or(1, usize::from),
                ..settings(levels::quick())
            };
            // Outside of the runtime, since the driver brings one of its own.
            faucets.push(LocalFaucet::start_with(settings, |_| ()));
        }
        let catalog = runtime.block_on(catalog(&mut faucets[0].wire()));
        Self { database, faucets, catalog, _folder: folder }
    }

    /// Has players win rounds by turns at all servers, and measures their claims.
    fn run(&self, runtime: &Runtime, run: u64) -> Run {
        let each = CLAIMS / u64::try_from(self.faucets.len()).expect("few");
        let mut queues = Vec::new();
        for (faucet, number) in self.faucets.iter().zip(0..) {
            let first = run * CLAIMS + number * each;
            let ready = runtime.block_on(prepare::won(faucet, &self.catalog, QUICK, first, each));
            queues.push(prepare::claims(&self.catalog, &ready));
        }
        // All servers' clocks agree.
        let latest = self.faucets.iter().map(|faucet| faucet.clock.now()).max();
        for faucet in &self.faucets {
            faucet.clock.move_to(latest.expect("there are servers"));
        }
        let count = queues.iter().map(Vec::len).sum::<usize>();
        let watch = Watch::start(&self.database);
        let (start, own, (busy, all)) = (now(), processor_time(), machine_time());
        runtime.block_on(claim(&self.faucets, queues));
        let (wall, own_then, (busy_then, all_then)) = (start.elapsed(), processor_time(), machine_time());
        let cores = available_parallelism().map_or(1, usize::from);
        Run {
            per_second: as_f64(count) / wall.as_secs_f64(),
            busy: (busy_then - busy) / (all_then - all) * as_f64(cores),
            own: own_then.saturating_sub(own).as_secs_f64() / wall.as_secs_f64(),
            waits: watch.stop(),
        }
    }

    fn shutdown(self, runtime: &Runtime) {
        for LocalFaucet { faucet, router, .. } in self.faucets {
            drop(router);
            runtime.block_on(faucet.shutdown());
        }
    }
}

/// Has every commit synced, as it is where money is: the server was set up for tests of other things.
fn durable(database: &Database) {
    let mut client = database.connect();
    for setting in ["ALTER SYSTEM SET fsync = on", "ALTER SYSTEM SET full_page_writes = on"] {
        client.batch_execute(setting).expect("a setting");
    }
    client.batch_execute("SELECT pg_reload_conf()").expect("the settings are read");
    // A session has a new setting from its next statement on.
    let is_on =
        || database.connect().query_one("SHOW fsync", &[]).expect("a setting").get::<_, String>(0) == "on";
    while !is_on() {
        thread::sleep(ASKED_EVERY);
    }
}

/// Hands each server its claims.
async fn claim(faucets: &[LocalFaucet], queues: Vec<Vec<ClaimRequest>>) {
    let mut tasks = JoinSet::new();
    for (server, (faucet, claims)) in faucets.iter().zip(queues).enumerate() {
        let (claims, next) = (Arc::new(claims), Arc::new(AtomicUsize::new(0)));
        for _ in 0..CLIENTS / faucets.len() {
            let (faucet, claims, next) = (faucet.faucet.clone(), Arc::clone(&claims), Arc::clone(&next));
            tasks.spawn(async move {
                while let Some((number, claim)) = take(&claims, &next) {
                    // Each of a network of its own: what a network may earn is one row, for which its claims wait.
                    let caller = Caller { prefix: format!("{server}.{number}") };
                    faucet.claim(*claim, &caller).await.expect("the claim is accepted");
                }
            });
        }
    }
    while let Some(task) = tasks.join_next().await {
        task.expect("every claim is accepted");
    }
}

/// The next claim, with its number.
fn take<'a>(claims: &'a [ClaimRequest], next: &AtomicUsize) -> Option<(usize, &'a ClaimRequest)> {
    let number = next.fetch_add(1, Ordering::Relaxed);
    claims.get(number).map(|claim| (number, claim))
}

/// Asks PostgreSQL what is waited for, until it is stopped.
struct Watch {
    is_over: Arc<AtomicBool>,
    thread: JoinHandle<Waits>,
}

impl Watch {
    fn start(database: &Database) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let (watched, mut client) = (Arc::clone(&is_over), database.connect());
        let thread = thread::spawn(move || {
            let question =
                "SELECT coalesce(wait_event_type || ' ' || wait_event, 'nothing') FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'";
            let (mut waits, mut asked) = (Waits::new(), 0);
            while !watched.load(Ordering::Relaxed) {
                for row in client.query(question, &[]).expect("an answer") {
                    *waits.entry(row.get(0)).or_default() += 1.0;
                }
                asked += 1;
                thread::sleep(ASKED_EVERY);
            }
            waits.into_iter().map(|(what, count)| (what, count / as_f64(asked))).collect()
        });
        Self { is_over, thread }
    }

    /// How many sessions waited for what, at the mean.
    fn stop(self) -> Waits {
        self.is_over.store(true, Ordering::Relaxed);
        self.thread.join().expect("it watches to the end")
    }
}

/// Prints what runs came to.
fn told(who: &str, runs: &[Run]) {
    let mut speeds: Vec<f64> = runs.iter().map(|run| run.per_second).collect();
    let per_second = quantile(&mut speeds, 0.5);
    let names: BTreeSet<&String> = runs.iter().flat_map(|run| run.waits.keys()).collect();
    let waits = names.into_iter().map(|name| (name, mean(runs, |run| run.waited(name))));
    // What is hardly ever waited for says nothing.
    let waits: Vec<String> =
        waits.filter(|(_, mean)| *mean >= 0.005).map(|(name, mean)| format!("{name} {mean:.2}")).collect();
    println!(
        "{who}: {per_second:.0} claims a second at the median, {:.0} to {:.0}; {:.2} processors busy, {:.2} of them not by \
         PostgreSQL; sessions at work, by what they wait for: {}",
        speeds[0],
        speeds[speeds.len() - 1],
        mean(runs, |run| run.busy),
        mean(runs, |run| run.own),
        waits.join(", "),
    );
}

/// How many sessions wait for a lock, at the mean.
fn locked(runs: &[Run]) -> f64 {
    mean(runs, |run| {
        let of_locks = run.waits.iter().filter(|(name, _)| name.starts_with("Lock "));
        of_locks.fold(0.0, |sum, (_, count)| sum + count)
    })
}

fn mean(runs: &[Run], of: impl Fn(&Run) -> f64) -> f64 {
    runs.iter().map(of).sum::<f64>() / as_f64(runs.len())
}

impl Run {
    /// How many sessions waited for this.
    fn waited(&self, name: &str) -> f64 {
        self.waits.get(name).copied().unwrap_or(0.0)
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("the first server's keys") {
        let file = entry.expect("a file");
        fs::copy(file.path(), to.join(file.file_name())).expect("a copy");
    }
}

fn as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("below 2^32"))
}
