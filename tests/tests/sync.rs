//! No claim is acknowledged before its sync: the system calls of the real program, as `strace` sees them.
//!
//! The threads are followed through one log, in the order in which the calls were made. When a receipt is written to its
//! connection, everything that was written to the main store's log before must have been synced.

use std::collections::BTreeSet;
use std::fs;

use dripline_shared::api::Receipt;
use dripline_tests::clock::RealClock;
use dripline_tests::faucet::ORIGIN;
use dripline_tests::levels::{self, QUICK};
use dripline_tests::player::{Player, catalog, send, win};
use dripline_tests::program::Installation;
use dripline_tests::request;
use dripline_tests::wire::Connection;

const CLAIMS: u64 = 5;
/// The main store's log, where claims are written.
const LOG: &str = "dripline.sqlite-wal";
const CALLS: &str = "trace=openat,pwrite64,write,writev,sendto,sendmsg,fsync,fdatasync";

/// What a line of the log says that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    /// Bytes were written to the log of the main store.
    Written,
    /// They are on the disk.
    Synced,
    /// A receipt went out.
    Acknowledged,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_claim_is_acknowledged_before_its_sync() {
    let installation = Installation::new(&levels::quick());
    let log = installation.folder().join("strace.log");
    let path = log.to_str().expect("a path of letters").to_owned();
    // File names with every descriptor, and enough of what is sent to know a receipt by.
    let wrapper = ["strace", "-f", "-y", "-s", "4096", "-e", CALLS, "-o", &path];
    let program = installation.serve(None, &wrapper);
    let mut wire = Connection::to(program.address);
    let (catalog, clock) = (catalog(&mut wire).await, RealClock::new());
    let mut rounds = Vec::new();
    for number in 0..CLAIMS {
        let player = Player::number(number);
        let play = win(&mut wire, &clock, &catalog, &player, QUICK, number * 1_000).await;
        let claim = play.claim(&player, ORIGIN, catalog.faucet);
        let receipt: Receipt = send(&mut wire, request::claim(&claim)).await.expect();
        rounds.push(receipt.round.to_string());
    }
    program.stop();

    let text = fs::read_to_string(&log).expect("strace wrote its log");
    let mut reader = Reader { rounds, syncing: BTreeSet::new() };
    let (mut unsynced, mut written, mut acknowledged) = (false, false, 0);
    for event in text.lines().filter_map(|line| reader.event(line)) {
        match event {
            Event::Written => (unsynced, written) = (true, true),
            Event::Synced => unsynced = false,
            Event::Acknowledged => {
                assert!(written, "a receipt went out for which nothing was written");
                assert!(!unsynced, "a receipt went out before its sync");
                (written, acknowledged) = (false, acknowledged + 1);
            }
        }
    }
    assert_eq!(acknowledged, CLAIMS, "every receipt was seen going out");
}

/// Reads lines such as `71 pwrite64(9</data/dripline.sqlite-wal>, "…"…, 4096, 0) = 4096`. A call during which another
/// thread was seen has two lines, `… <unfinished ...>` and `<... fdatasync resumed>…`: a sync counts when it has ended,
/// all else when it was begun.
struct Reader {
    rounds: Vec<String>,
    /// Threads whose sync of the log has not ended.
    syncing: BTreeSet<String>,
}

impl Reader {
    fn event(&mut self, line: &str) -> Option<Event> {
        let (thread, call) = line.split_once(' ')?;
        let call = call.trim_start();
        let is_one_of = |names: &[&str]| names.iter().any(|name| call.starts_with(name));
        let on_log = call.contains(LOG);
        if is_one_of(&["fsync(", "fdatasync("]) && on_log {
            if !call.contains("<unfinished") {
                return Some(Event::Synced);
            }
            self.syncing.insert(thread.to_owned());
        } else if is_one_of(&["<... fsync", "<... fdatasync"]) && self.syncing.remove(thread) {
            return Some(Event::Synced);
        } else if is_one_of(&["pwrite64("]) && on_log {
            return Some(Event::Written);
        } else if is_one_of(&["write(", "writev(", "sendto(", "sendmsg("]) {
            // A receipt tells the secret of its round.
            let receipt =
                call.contains("round_secret") && self.rounds.iter().any(|round| call.contains(round));
            return receipt.then_some(Event::Acknowledged);
        }
        None
    }
}
