//! Nothing is acknowledged before its sync: the system calls of the real program, as `strace` sees them.
//!
//! The threads are followed through one log, in the order in which the calls were made. When an answer is written to its
//! connection, everything that was written before to the store that keeps it must have been synced.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::ExitStatusExt;

use dripline_shared::api::{OpenAnswer, Receipt, RoundView};
use dripline_tests::clock::{Clock, RealClock};
use dripline_tests::faucet::ORIGIN;
use dripline_tests::levels::{self, QUICK};
use dripline_tests::player::{Player, catalog, client_id, send, win};
use dripline_tests::program::Installation;
use dripline_tests::request;
use dripline_tests::wire::{Connection, Wire};

const ROUNDS: u64 = 5;
/// The signal of `abort`.
const SIGABRT: i32 = 6;
const CALLS: &str = "trace=openat,pwrite64,write,writev,sendto,sendmsg,fsync,fdatasync";

/// Runs `work` with a program under `strace`, and gives what that wrote.
async fn traced(work: impl AsyncFnOnce(&mut Connection)) -> String {
    let installation = Installation::new(&levels::quick());
    let log = installation.folder().join("strace.log");
    let path = log.to_str().expect("a path of letters").to_owned();
    // File names with every descriptor, and enough of what is sent to know an answer by.
    let wrapper = ["strace", "-f", "-y", "-s", "4096", "-e", CALLS, "-o", &path];
    let program = installation.serve(None, &wrapper);
    work(&mut Connection::to(program.address)).await;
    program.stop();
    fs::read_to_string(&log).expect("strace wrote its log")
}

/// Expects that whatever is kept in `file` was synced before any of so many answers that have all of these marks.
fn synced_before(text: &str, file: &str, marks: &[&str], answers: u64) {
    let mut reader = Reader { file, marks, syncing: BTreeSet::new() };
    let (mut unsynced, mut written, mut acknowledged) = (false, false, 0);
    for event in text.lines().filter_map(|line| reader.event(line)) {
        match event {
            Event::Written => (unsynced, written) = (true, true),
            Event::Synced => unsynced = false,
            Event::Acknowledged => {
                assert!(written, "{marks:?} went out, for which nothing was written");
                assert!(!unsynced, "{marks:?} went out before its sync");
                (written, acknowledged) = (false, acknowledged + 1);
            }
        }
    }
    assert_eq!(acknowledged, answers, "every answer with {marks:?} was seen going out");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_opening_final_segment_claim_or_end_is_acknowledged_before_its_sync() {
    let text = traced(async |wire| {
        let (catalog, clock) = (catalog(wire).await, RealClock::new());
        for number in 0..ROUNDS {
            let player = Player::number(number);
            let play = win(wire, &clock, &catalog, &player, QUICK, number * 1_000).await;
            let claim = play.claim(&player, ORIGIN, catalog.faucet);
            let _receipt: Receipt = send(wire, request::claim(&claim)).await.expect();
            let request = player.open(&catalog, QUICK, client_id(number * 1_000 + 999), clock.now());
            let open: OpenAnswer = send(wire, request::open(&request)).await.expect();
            let _ended: RoundView = send(wire, request::end(open.round, open.token)).await.expect();
        }
    })
    .await;
    // The bot may lose before it wins: then it opens, finishes and ends a round more.
    let ends = u64::try_from(text.matches("state\\\":\\\"ended").count()).expect("few");
    let opened = ends + ROUNDS;
    let (main, segments) = ("dripline.sqlite-wal", "segments.sqlite-wal");
    synced_before(&text, main, &["secret_hash", "opened_at_ms"], opened);
    synced_before(&text, segments, &["segment\\\":", "seed\\\":null"], ends);
    synced_before(&text, main, &["state\\\":\\\"ended"], ends);
    synced_before(&text, main, &["round_secret", "claimed_at_ms"], ROUNDS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_keys_and_their_directories_are_synced_before_the_server_says_where_it_listens() {
    let text = traced(async |_| {}).await;
    let lines: Vec<&str> = text.lines().collect();
    let position = |what: &dyn Fn(&str) -> bool| lines.iter().position(|line| what(line));
    let says = position(&|line| line.contains("listening on http://")).expect("it says where it listens");
    let written =
        position(&|line| line.contains("write(") && line.contains("/keys/")).expect("they are written");
    for file in ["/keys/faucet.json.new>", "/keys>", "/data>"] {
        let is_sync = |line: &&str| line.contains("sync(") && line.contains(file);
        assert!(lines[written..says].iter().any(is_sync), "{file} is synced in between");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_that_fails_ends_the_program_and_leaves_its_request_unanswered() {
    const LOG: &str = "dripline.sqlite-wal";
    let start = traced(async |_| {}).await;
    let begun = start.lines().take_while(|line| !line.contains("listening on http://"));
    let syncs = begun.filter(|line| line.contains("sync(") && line.contains(LOG)).count();

    let installation = Installation::new(&levels::quick());
    let log = installation.data().join(LOG);
    let inject = format!("inject=fsync,fdatasync:error=EIO:when={}+", syncs + 1);
    let path = log.to_str().expect("a path of letters");
    let wrapper = ["strace", "-f", "-o", "/dev/null", "-P", path, "-e", &inject];
    let program = installation.serve(None, &wrapper);
    let mut wire = Connection::to(program.address);
    let (catalog, clock) = (catalog(&mut wire).await, RealClock::new());
    // The tracer counts each thread's calls: those of the start may be another thread's than the writer's.
    let mut unanswered = None;
    for number in 1..=u64::try_from(syncs).expect("few syncs at the start") + 1 {
        let request = Player::number(number).open(&catalog, QUICK, client_id(number), clock.now());
        if wire.send(request::open(&request)).await.is_err() {
            unanswered = Some(request);
            break;
        }
    }
    let request = unanswered.expect("nothing is answered after a failed sync");
    assert_eq!(program.ended().signal(), Some(SIGABRT));

    // What is really there is read again, and the request has its one effect.
    let program = installation.serve(None, &[]);
    let mut wire = Connection::to(program.address);
    let open: OpenAnswer = send(&mut wire, request::open(&request)).await.expect();
    let again: OpenAnswer = send(&mut wire, request::open(&request)).await.expect();
    assert_eq!(again.round, open.round);
}

/// What a line of the log says that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    /// Bytes were written to the file.
    Written,
    /// They are on the disk.
    Synced,
    /// An answer went out that tells of them.
    Acknowledged,
}

/// Reads lines such as `71 pwrite64(9</data/dripline.sqlite-wal>, "…"…, 4096, 0) = 4096`. A call during which another
/// thread was seen has two lines, `… <unfinished ...>` and `<... fdatasync resumed>…`: a sync counts when it has ended,
/// all else when it was begun.
struct Reader<'a> {
    file: &'a str,
    marks: &'a [&'a str],
    /// Threads whose sync of the file has not ended.
    syncing: BTreeSet<String>,
}

impl Reader<'_> {
    fn event(&mut self, line: &str) -> Option<Event> {
        let (thread, call) = line.split_once(' ')?;
        let call = call.trim_start();
        let is_one_of = |names: &[&str]| names.iter().any(|name| call.starts_with(name));
        let on_file = call.contains(self.file);
        if is_one_of(&["fsync(", "fdatasync("]) && on_file {
            if !call.contains("<unfinished") {
                return Some(Event::Synced);
            }
            self.syncing.insert(thread.to_owned());
        } else if is_one_of(&["<... fsync", "<... fdatasync"]) && self.syncing.remove(thread) {
            return Some(Event::Synced);
        } else if is_one_of(&["pwrite64("]) && on_file {
            return Some(Event::Written);
        } else if is_one_of(&["write(", "writev(", "sendto(", "sendmsg("]) {
            let tells = self.marks.iter().all(|mark| call.contains(mark));
            return tells.then_some(Event::Acknowledged);
        }
        None
    }
}
