//! What only PostgreSQL can do: several servers on one database, connections that are lost, migrations at once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use dripline_server::faucet::decide::decide;
use dripline_server::in_force::InForce;
use dripline_server::ledger::{LedgerReport, Verifier};
use dripline_server::refusal::Refusal;
use dripline_server::store::postgres::{DatabaseAddress, PostgresStore, audit};
use dripline_server::store::{Answer, Answers, Command, Horizon, Sequence, StorageError, Store};
use dripline_shared::amount::Amount;
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::limit::{CountLimit, MoneyLimit};
use dripline_shared::payout::BatchId;
use dripline_shared::round::RoundId;
use dripline_shared::time::{HOUR_MS, MINUTE_MS, Timestamp};

use crate::bench::{
    Bench, START, batch_of, end, end_batch, failed, in_force, keep_candidate, make_batch, round_of, segment,
    set_pause, settle, settled, tight, wallet_of,
};
use crate::database::Database;

/// What the ledger's verification says.
pub(crate) fn report(in_force: &InForce, database: &Database) -> LedgerReport {
    let mut verifier = Verifier::new(&in_force.keys);
    audit::scan(&database.address(), &[], &mut verifier).unwrap();
    verifier.finish()
}

/// A step of the log.
fn sequence(bench: &mut Bench, now: Timestamp) -> bool {
    let keys = &bench.in_force.keys;
    let step = Sequence { faucet: bench.in_force.faucet, now, most: 20, sign: &|head| keys.sign_head(head) };
    bench.store.sequence(&step).unwrap()
}

/// An opening and, in the same breath, the claim.
pub(crate) fn win(bench: &Bench, wallet: u8, client: u8, now: Timestamp) -> [Command; 2] {
    [bench.open(wallet, client, 0, now), settle(round_of(wallet, client, now), wallet, now)]
}

/// The only number that a question has for an answer.
pub(crate) fn count(database: &Database, question: &str) -> i64 {
    database.connect().query_one(question, &[]).unwrap().get(0)
}

/// Ends all connections of servers to this database.
fn cut_off(database: &Database) {
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    database.connect().execute(others, &[]).unwrap();
}

/// Waits until nobody but the asker is connected: then all that they counted is known.
fn wait_until_alone(database: &Database) {
    let others = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert!((0..10_000).any(|_| {
        thread::yield_now();
        count(database, others) == 0
    }));
}

/// Numbers that look random and are the same every time.
struct Numbers(u64);

impl Numbers {
    /// One below `end`.
    fn below(&mut self, end: u8) -> u8 {
        // xorshift64
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u8::try_from(self.0 % u64::from(end)).unwrap()
    }
}

/// A catalog whose limits many players meet together, rather than each alone.
pub(crate) fn shared_limits() -> Catalog {
    limits(1)
}

/// The same with drips so small that what servers share is worth dividing.
pub(crate) fn small_drips(mut catalog: Catalog) -> Catalog {
    for level in &mut catalog.levels {
        level.base = Amount::from_units(100);
    }
    catalog.rewards.drip_max = Amount::from_units(250);
    catalog
}

/// A catalog whose limits nobody meets.
fn no_limits() -> Catalog {
    limits(100)
}

fn limits(times: u32) -> Catalog {
    let per_hour = |units: u32| MoneyLimit { ceiling: Amount::from_units(times * units), window_ms: HOUR_MS };
    let mut catalog = tight();
    catalog.limits.attempts = CountLimit { burst: 100, every_ms: MINUTE_MS };
    catalog.limits.opens_per_prefix = CountLimit { burst: 100, every_ms: MINUTE_MS };
    catalog.limits.drips = CountLimit { burst: 100, every_ms: MINUTE_MS };
    catalog.limits.outflow_per_prefix = per_hour(60_000);
    catalog.limits.outflow_newcomers = per_hour(100_000);
    catalog.limits.outflow = per_hour(120_000);
    catalog.campaigns[0].outflow = per_hour(110_000);
    catalog.campaigns[0].budget = Amount::from_units(times * 100_000);
    catalog
}

/// How many servers there are, and how many wallets.
const SERVERS: usize = 3;
const WALLETS: u8 = 24;
/// For how many steps of the clock they work, and how many batches each applies at each.
const STEPS: u64 = 6;
const BATCHES: usize = 12;

/// A server with what it has seen.
struct Server {
    bench: Bench,
    numbers: Numbers,
    number: u8,
    /// Batches of withdrawals that it made, and how many ids of them it gave.
    batches: Vec<BatchId>,
    ids: u8,
    /// What it paid as the first one, and when.
    paid: Vec<(RoundId, Timestamp, Amount)>,
}

impl Server {
    fn new(number: u8, in_force: &Arc<InForce>, database: &Database) -> Self {
        let bench = Bench::postgres(in_force, database);
        let numbers = Numbers(0x9e37_79b9 + u64::from(number));
        Self { bench, numbers, number, batches: Vec::new(), ids: 0, paid: Vec::new() }
    }

    /// The id of a batch that no other server gives.
    fn id(&mut self, now: Timestamp) -> u8 {
        self.ids += 1;
        let id = self.ids * u8::try_from(SERVERS).unwrap() + self.number;
        self.batches.push(batch_of(id, now));
        id
    }

    /// Something that happens, to wallets that all servers share.
    fn commands(&mut self, now: Timestamp) -> Vec<Command> {
        let wallet = 1 + self.numbers.below(WALLETS);
        // Two servers may well get the same request.
        let client = self.numbers.below(40);
        let round = round_of(wallet, client, now);
        match self.numbers.below(12) {
            0..=5 => win(&self.bench, wallet, client, now).to_vec(),
            6 => vec![self.bench.open(wallet, client, 1, now), end(round, now)],
            7 => vec![self.bench.set_address(wallet, client, wallet, now)],
            8 | 9 => {
                let units = 100 + u32::from(self.numbers.below(200));
                vec![self.bench.withdraw(wallet, client, units, wallet, now)]
            }
            10 => vec![make_batch(self.id(now), 3, now)],
            _ => self.pay(now),
        }
    }

    /// What becomes of a batch of withdrawals.
    fn pay(&mut self, now: Timestamp) -> Vec<Command> {
        let Some(batch) = self.batches.pop() else { return Vec::new() };
        let ending = if self.numbers.below(3) == 0 {
            failed(self.id(now), self.id(now), now)
        } else {
            settled("transaction")
        };
        vec![keep_candidate(batch, "candidate", now), end_batch(batch, ending, now)]
    }

    fn work(&mut self, now: Timestamp) {
        for _ in 0..BATCHES {
            let size = 1 + self.numbers.below(4);
            let batch: Vec<Command> = (0..size).flat_map(|_| self.commands(now)).collect();
            for answer in self.bench.apply(&batch).into_iter().flatten() {
                if let Answer::Settled { receipt, new: true } = answer {
                    self.paid.push((receipt.round, receipt.claimed_at_ms, receipt.amount));
                }
            }
            sequence(&mut self.bench, now);
        }
    }
}

#[test]
fn several_servers_overspend_nothing_and_wait_for_each_other_in_no_circle() {
    contend(shared_limits());
}

#[test]
fn several_servers_that_have_parts_of_what_they_share_overspend_nothing_either() {
    let database = contend(small_drips(shared_limits()));
    assert!(count(&database, "SELECT count(*) FROM transfers WHERE kind = 'slice'") > 0);
}

/// Has several servers do everything at once.
fn contend(catalog: Catalog) -> Database {
    let database = Database::new();
    let in_force = in_force(catalog);
    let mut servers: Vec<Server> =
        (0..SERVERS).map(|number| Server::new(u8::try_from(number).unwrap(), &in_force, &database)).collect();
    for step in 0..STEPS {
        let now = START.plus(step * 20 * MINUTE_MS);
        thread::scope(|scope| {
            for server in &mut servers {
                scope.spawn(move || {
                    server.work(now);
                    let horizon = Horizon { now, transcripts_before: now, prefixes_before: now };
                    while server.bench.store.sweep(horizon).unwrap() {}
                });
            }
        });
    }

    while sequence(&mut servers[0].bench, START.plus(DAY)) {}
    let paid: Vec<(RoundId, Timestamp, Amount)> =
        servers.iter().flat_map(|server| server.paid.iter().copied()).collect();
    let rounds: BTreeSet<RoundId> = paid.iter().map(|(round, ..)| *round).collect();
    assert_eq!(rounds.len(), paid.len(), "no round is paid twice");
    assert!(paid.len() > 20, "{} drips", paid.len());
    let total: i64 = paid.iter().map(|(.., amount)| amount.units()).sum();
    let campaign = &in_force.catalog.campaigns[0];
    assert!(total <= campaign.budget.units(), "{total}");
    let mut by_moment: BTreeMap<Timestamp, i64> = BTreeMap::new();
    for (_, at, amount) in &paid {
        *by_moment.entry(*at).or_default() += amount.units();
    }
    for from in by_moment.keys() {
        let hour: i64 = by_moment.range(*from..from.plus(HOUR_MS)).map(|(_, units)| units).sum();
        assert!(hour <= campaign.outflow.ceiling.units(), "{hour} in an hour");
    }
    let report = report(&in_force, &database);
    assert_eq!(report.findings, Vec::<String>::new());
    assert_eq!(report.claims, u64::try_from(paid.len()).unwrap());
    assert_eq!(report.log.unwrap().leaves, report.transfers);
    assert!(report.withdrawals > 0);
    drop(servers);
    wait_until_alone(&database);
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(count(&database, deadlocks), 0);
    database
}

const DAY: u64 = 24 * HOUR_MS;

/// Two servers on one database.
pub(crate) fn two_servers(database: &Database, catalog: Catalog) -> (Bench, Bench) {
    let in_force = in_force(catalog);
    (Bench::postgres(&in_force, database), Bench::postgres(&in_force, database))
}

/// Applies a batch to `bench`, and has `meanwhile` happen once, between loading it and deciding it.
pub(crate) fn apply_while(
    bench: &mut Bench,
    batch: &[Command],
    mut meanwhile: impl FnMut(),
) -> Result<Answers, StorageError> {
    let in_force = Arc::clone(&bench.in_force);
    let mut is_first = true;
    bench.store.apply(batch, &mut |set, command| {
        if std::mem::take(&mut is_first) {
            meanwhile();
        }
        decide(&in_force, set, command)
    })
}

/// Has two servers apply a command each: the second begins when the first has loaded its facts, and the first goes on once
/// the second waits for it (or has not had to).
fn at_once(
    database: &Database,
    [one, other]: [&mut Bench; 2],
    [mine, theirs]: [Command; 2],
) -> [Result<Answer, Refusal>; 2] {
    let waiting = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let mut second = Some((other, theirs));
    thread::scope(|scope| {
        let mut thread = None;
        let mine = apply_while(one, &[mine], || {
            let (other, theirs) = second.take().unwrap();
            let spawned = scope.spawn(move || other.one(theirs));
            assert!((0..10_000).any(|_| count(database, waiting) > 0 || spawned.is_finished()));
            thread = Some(spawned);
        });
        [mine.unwrap().remove(0), thread.unwrap().join().unwrap()]
    })
}

/// That the first one passed, and the second was refused for this reason.
fn assert_one_passed(answers: &[Result<Answer, Refusal>; 2], code: Code) {
    let [first, second] = answers;
    assert!(first.is_ok(), "{first:?}");
    assert_eq!(second.as_ref().unwrap_err().code(), code);
}

#[test]
fn of_what_is_left_of_a_networks_limit_two_servers_take_no_more_than_there_is() {
    let database = Database::new();
    let mut catalog = tight();
    catalog.limits.opens_per_prefix = CountLimit { burst: 2, every_ms: HOUR_MS };
    let (mut one, mut other) = two_servers(&database, catalog);
    // These two wallets are of one network.
    let open = one.open(2, 1, 0, START);
    one.apply(&[open, end(round_of(2, 1, START), START)]);
    let opens = [one.open(2, 2, 0, START), one.open(3, 1, 0, START)];
    assert_one_passed(&at_once(&database, [&mut one, &mut other], opens), Code::OpensUsedUp);
}

#[test]
fn of_what_is_left_of_a_budget_two_servers_take_no_more_than_there_is() {
    let database = Database::new();
    let mut catalog = no_limits();
    catalog.campaigns[0].budget = Amount::from_units(5_000);
    let (mut one, mut other) = two_servers(&database, catalog);
    let won = win(&one, 1, 1, START);
    one.apply(&won);
    let opens = [2, 4].map(|wallet| one.open(wallet, 1, 0, START));
    one.apply(&opens);
    let claims = [2, 4].map(|wallet| settle(round_of(wallet, 1, START), wallet, START));
    assert_one_passed(&at_once(&database, [&mut one, &mut other], claims), Code::BudgetUsedUp);
    assert_eq!(report(&one.in_force, &database).findings, Vec::<String>::new());
}

#[test]
fn of_what_is_left_of_a_balance_two_servers_take_no_more_than_there_is() {
    let database = Database::new();
    let (mut one, mut other) = two_servers(&database, no_limits());
    let won = win(&one, 1, 1, START);
    one.apply(&won);
    let address = one.set_address(1, 1, 1, START);
    one.one(address).unwrap();
    let withdrawals = [1, 2].map(|client| one.withdraw(1, client, 2_000, 1, START));
    assert_one_passed(&at_once(&database, [&mut one, &mut other], withdrawals), Code::BalanceTooLow);
    assert_eq!(report(&one.in_force, &database).findings, Vec::<String>::new());
}

#[test]
fn a_withdrawal_is_taken_into_one_batch_though_two_servers_make_one_at_once() {
    let database = Database::new();
    let (mut one, mut other) = two_servers(&database, no_limits());
    let won = win(&one, 1, 1, START);
    one.apply(&won);
    let address = one.set_address(1, 1, 1, START);
    one.one(address).unwrap();
    let withdrawal = one.withdraw(1, 1, 2_000, 1, START);
    one.one(withdrawal).unwrap();
    let batches = [make_batch(1, 5, START), make_batch(2, 5, START)];
    let answers = at_once(&database, [&mut one, &mut other], batches);
    assert!(matches!(answers[0], Ok(Answer::Batched { batch: Some(_) })), "{answers:?}");
    assert_eq!(answers[1], Ok(Answer::Batched { batch: None }));
    let batch = batch_of(1, START);
    let endings = [end_batch(batch, settled("paid"), START), end_batch(batch, failed(3, 4, START), START)];
    let answers = at_once(&database, [&mut one, &mut other], endings);
    assert_eq!(answers, [Ok(Answer::BatchEnded { new: true }), Ok(Answer::BatchEnded { new: false })]);
    assert_eq!(report(&one.in_force, &database).findings, Vec::<String>::new());
}

#[test]
fn a_rail_is_told_as_long_as_a_withdrawal_waits_for_it_or_is_under_way() {
    let database = Database::new();
    let mut bench = Bench::postgres(&in_force(no_limits()), &database);
    let queues = |bench: &mut Bench| bench.reader.queues().unwrap();
    let won = win(&bench, 1, 1, START);
    bench.apply(&won);
    bench.one(bench.set_address(1, 1, 1, START)).unwrap();
    assert_eq!(queues(&mut bench), []);
    bench.one(bench.withdraw(1, 1, 2_000, 1, START)).unwrap();
    assert_eq!(queues(&mut bench), [("sandbox".to_owned(), 1)]);
    bench.one(make_batch(1, 5, START)).unwrap();
    assert_eq!(queues(&mut bench), [("sandbox".to_owned(), 0)]);
    bench.one(end_batch(batch_of(1, START), settled("paid"), START)).unwrap();
    assert_eq!(queues(&mut bench), []);
}

#[test]
fn nothing_is_kept_for_a_rail_that_another_server_pauses_at_once() {
    let database = Database::new();
    let (mut one, mut other) = two_servers(&database, no_limits());
    let won = win(&one, 1, 1, START);
    one.apply(&won);
    for command in [one.set_address(1, 1, 1, START), one.withdraw(1, 1, 2_000, 1, START)] {
        one.one(command).unwrap();
    }
    one.one(make_batch(1, 5, START)).unwrap();
    let both = [set_pause(Some("a test"), START), keep_candidate(batch_of(1, START), "candidate", START)];
    let answers = at_once(&database, [&mut one, &mut other], both);
    assert_eq!(answers[1], Ok(Answer::Kept { new: false }), "{answers:?}");
    assert_eq!(other.reader.rails().unwrap().len(), 1);
}

#[test]
fn a_round_that_has_its_final_segment_is_not_abandoned_though_another_server_opens_one_at_once() {
    let database = Database::new();
    let (mut one, mut other) = two_servers(&database, Catalog::first_run());
    let open = one.open(1, 1, 0, START);
    one.one(open).unwrap();
    let round = round_of(1, 1, START);
    let later = START.plus(10_000);
    let mut open = one.open(1, 2, 0, later);
    if let Command::Open(open) = &mut open {
        open.request.abandon = Some(round);
    }
    let answers = at_once(&database, [&mut one, &mut other], [segment(round, 0, Some(9), later), open]);
    assert!(matches!(answers[0], Ok(Answer::Stored { new: true, .. })), "{answers:?}");
    assert!(matches!(answers[1], Ok(Answer::Opened { abandoned: false, .. })), "{answers:?}");
    assert!(matches!(one.one(settle(round, 1, later)), Ok(Answer::Settled { new: true, .. })));
}

#[test]
fn a_request_that_two_servers_get_at_once_has_one_effect_and_one_answer() {
    let database = Database::new();
    let (mut one, mut other) = two_servers(&database, tight());
    let [open, claim] = win(&one, 1, 1, START);
    let slower = apply_while(&mut one, std::slice::from_ref(&open), || {
        assert!(matches!(other.one(open.clone()), Ok(Answer::Opened { new: true, .. })));
    });
    assert!(matches!(slower.unwrap()[0], Ok(Answer::Opened { new: false, .. })));
    let Ok(Answer::Settled { receipt, new: true }) = one.one(claim.clone()) else { panic!() };
    assert_eq!(other.one(claim), Ok(Answer::Settled { receipt, new: false }));
    assert_eq!(count(&database, "SELECT count(*) FROM transfers WHERE kind = 'drip'"), 1);
}

#[test]
fn a_segment_that_two_servers_get_at_once_is_the_one_that_came_first() {
    let database = Database::new();
    let (mut one, mut other) = two_servers(&database, Catalog::first_run());
    let open = one.open(1, 1, 0, START);
    one.one(open).unwrap();
    let round = round_of(1, 1, START);
    let later = START.plus(10_000);
    let (mine, theirs) = (segment(round, 0, None, later), segment(round, 0, Some(9), later));
    let slower = apply_while(&mut one, &[mine], || {
        assert!(matches!(other.one(theirs.clone()), Ok(Answer::Stored { new: true, .. })));
    });
    let refused = slower.unwrap().remove(0).unwrap_err();
    assert_eq!(refused.code(), Code::SegmentConflict);
}

#[test]
fn the_log_takes_what_is_committed_after_transfers_with_greater_ids() {
    let database = Database::new();
    let (mut one, mut other) = two_servers(&database, Catalog::first_run());
    for wallet in [1, 2] {
        let mut batch = win(&one, wallet, 1, START).to_vec();
        batch.push(one.set_address(wallet, 1, wallet, START));
        one.apply(&batch);
    }
    sequence(&mut one, START);
    let (mine, theirs) = (one.withdraw(1, 1, 200, 1, START), one.withdraw(2, 1, 200, 2, START));
    let answers = apply_while(&mut one, &[mine], || {
        other.one(theirs.clone()).unwrap();
        assert!(!sequence(&mut other, START));
    });
    assert!(answers.unwrap()[0].is_ok());
    let before = other.reader.log_head().unwrap().unwrap().head.size;
    assert!(!sequence(&mut other, START));
    assert_eq!(other.reader.log_head().unwrap().unwrap().head.size, before + 1);
    let last = |leaf| one.reader.log_leaf(leaf).unwrap().unwrap().id;
    let ids: Vec<u64> = [before - 1, before].into_iter().map(last).collect();
    assert!(ids[0] > ids[1], "{ids:?}");
    let report = report(&other.in_force, &database);
    assert_eq!(report.findings, Vec::<String>::new());
    assert_eq!(report.log.unwrap().leaves, report.transfers);
}

#[test]
fn while_one_server_writes_the_log_another_leaves_it_to_it() {
    let database = Database::new();
    let (mut one, mut other) = two_servers(&database, tight());
    let keys = &one.in_force.keys;
    let faucet = one.in_force.faucet;
    let other = std::cell::RefCell::new(&mut other);
    let sign = |head| {
        assert!(!sequence(&mut other.borrow_mut(), START));
        keys.sign_head(head)
    };
    one.store.sequence(&Sequence { faucet, now: START, most: 1, sign: &sign }).unwrap();
    assert_eq!(one.reader.log_head().unwrap().unwrap().head.size, 1);
}

#[test]
fn a_batch_whose_connection_is_lost_is_rolled_back_and_the_next_one_mends_it() {
    let database = Database::new();
    let mut bench = Bench::postgres(&in_force(tight()), &database);
    let batch = win(&bench, 1, 1, START);
    let lost = apply_while(&mut bench, &batch, || cut_off(&database));
    assert!(matches!(lost, Err(StorageError::RolledBack(_))), "{lost:?}");
    assert_eq!(count(&database, "SELECT count(*) FROM wallets"), 0);
    assert!(matches!(bench.apply(&batch)[1], Ok(Answer::Settled { new: true, .. })));
    // Between two batches it is not even noticed; nor by readers.
    cut_off(&database);
    assert!(matches!(bench.apply(&batch)[1], Ok(Answer::Settled { new: false, .. })));
    assert_eq!(bench.reader.wallet(wallet_of(1)).unwrap().record.drips, 1);
}

#[test]
fn whatever_connections_are_lost_what_was_acknowledged_is_there_and_nothing_is_twice() {
    const WINS: u8 = 40;
    const WINS_MAX: u8 = 250;
    let database = Database::new();
    let in_force = in_force(no_limits());
    let mut bench = Bench::postgres(&in_force, &database);
    let (done, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    let (mut wins, mut failures) = (0, 0);
    thread::scope(|scope| {
        scope.spawn(|| {
            // Once for each batch that was answered: somewhere in the next one.
            let mut seen = 0;
            while !is_over.load(Ordering::Relaxed) {
                let now = done.load(Ordering::Relaxed);
                if now > seen {
                    seen = now;
                    cut_off(&database);
                }
                thread::yield_now();
            }
        });
        // On a busy machine every loss may come between two batches, where it is mended unseen. So it goes on until one
        // comes in a batch.
        while wins < WINS || failures == 0 && wins < WINS_MAX {
            wins += 1;
            let batch = win(&bench, wins, 1, START);
            let answers = (0..20).find_map(|_| match bench.try_apply(&batch) {
                Ok(answers) => Some(answers),
                Err(
                    StorageError::RolledBack(_)
                    | StorageError::CommitFailed(_)
                    | StorageError::Unreachable(_),
                ) => {
                    failures += 1;
                    None
                }
                Err(error) => panic!("{error}"),
            });
            assert!(answers.unwrap().iter().all(Result::is_ok));
            done.fetch_add(1, Ordering::Relaxed);
        }
        is_over.store(true, Ordering::Relaxed);
    });
    assert!(failures > 0, "no connection was lost in a batch");
    let report = report(&in_force, &database);
    assert_eq!(report.findings, Vec::<String>::new());
    for wallet in 1..=wins {
        assert_eq!(bench.reader.wallet(wallet_of(wallet)).unwrap().record.drips, 1);
    }
    assert_eq!(report.claims, u64::from(wins));
}

#[test]
fn servers_that_start_at_once_take_every_migration_once() {
    let database = Database::new();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| PostgresStore::open(&database.address()).unwrap());
        }
    });
    assert_eq!(count(&database, "SELECT count(*) FROM version"), 1);
    let version = count(&database, "SELECT version FROM version");
    assert!(version > 0);
    PostgresStore::open(&database.address()).unwrap();
    assert_eq!(count(&database, "SELECT version FROM version"), version);
    database.connect().execute("UPDATE version SET version = version + 1", &[]).unwrap();
    let newer = PostgresStore::open(&database.address());
    assert!(matches!(newer, Err(StorageError::Newer { .. })), "{newer:?}");
}

#[test]
fn a_transfer_neither_changes_nor_goes() {
    let database = Database::new();
    let mut bench = Bench::postgres(&in_force(tight()), &database);
    let won = win(&bench, 1, 1, START);
    bench.apply(&won);
    let before = count(&database, "SELECT sum(amount)::bigint FROM transfers");
    for change in ["UPDATE transfers SET amount = 1", "DELETE FROM transfers", "TRUNCATE transfers"] {
        assert!(database.connect().batch_execute(change).is_err(), "{change}");
    }
    assert_eq!(count(&database, "SELECT sum(amount)::bigint FROM transfers"), before);
}

#[test]
fn a_batch_takes_as_many_round_trips_as_any_other_of_its_kind() {
    let database = Database::new();
    let in_force = in_force(no_limits());
    drop(Bench::postgres(&in_force, &database));
    let mut store = PostgresStore::open(&database.address()).unwrap();
    let bench = Bench::memory(&in_force);
    let mut trips = |batch: &[Command]| {
        let before = store.round_trips();
        let answers = store.apply(batch, &mut |set, command| decide(&in_force, set, command)).unwrap();
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        store.round_trips() - before
    };
    let opens = |wallets: std::ops::Range<u8>, client, now| -> Vec<Command> {
        wallets.map(|wallet| bench.open(wallet, client, 0, now)).collect()
    };
    let rounds = |wallets: std::ops::Range<u8>| wallets.map(|wallet| round_of(wallet, 1, START));
    let later = START.plus(10_000);
    let puts = |wallets, number, end| -> Vec<Command> {
        rounds(wallets).map(|round| segment(round, number, end, later)).collect()
    };
    let claims = |wallets: std::ops::Range<u8>| -> Vec<Command> {
        wallets.map(|wallet| settle(round_of(wallet, 1, START), wallet, later)).collect()
    };
    // Each statement is prepared once.
    trips(&opens(1..2, 1, START));
    trips(&opens(1..2, 1, START));
    trips(&puts(1..2, 0, None));
    trips(&puts(1..2, 1, Some(9)));
    trips(&claims(1..2));
    trips(&opens(1..2, 2, later));

    let found = [
        (trips(&opens(2..3, 1, START)), trips(&opens(3..30, 1, START))),
        (trips(&puts(2..3, 0, None)), trips(&puts(3..30, 0, None))),
        (trips(&puts(2..3, 1, Some(9))), trips(&puts(3..30, 1, Some(9)))),
        (trips(&claims(2..3)), trips(&claims(3..30))),
    ];
    assert_eq!(found, [(10, 10), (5, 5), (6, 6), (21, 21)]);
}

#[test]
fn a_row_that_another_server_holds_is_waited_for_and_then_given_up() {
    let database = Database::new();
    let mut bench = Bench::postgres(&in_force(tight()), &database);
    let won = win(&bench, 1, 1, START);
    bench.apply(&won);
    let mut outside = database.connect();
    outside.batch_execute("BEGIN; SELECT * FROM wallets FOR UPDATE").unwrap();
    let open = bench.open(1, 2, 0, START.plus(HOUR_MS));
    let held = bench.try_apply(std::slice::from_ref(&open));
    assert!(matches!(held, Err(StorageError::Held(_))), "{held:?}");
    outside.batch_execute("ROLLBACK").unwrap();
    assert!(bench.one(open).is_ok());
}

#[test]
fn a_database_that_is_not_there_is_told_apart_from_one_that_fails() {
    let database = Database::new();
    let nowhere = format!("{}_that_is_not_there", database.url).parse().unwrap();
    let unreachable = PostgresStore::open(&nowhere);
    assert!(matches!(unreachable, Err(StorageError::Unreachable(_))), "{unreachable:?}");
}

#[test]
fn an_encrypted_connection_is_made_to_a_server_whose_certificate_is_known_and_to_no_other() {
    let database = Database::new();
    let encrypted: DatabaseAddress = format!("{}?sslmode=require", database.url).parse().unwrap();
    let refused = PostgresStore::open(&encrypted);
    let Err(StorageError::Unreachable(why)) = refused else { panic!("{refused:?}") };
    assert!(why.contains("invalid peer certificate: UnknownIssuer"), "{why}");

    let authorities = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/store/certificates/authority.pem");
    let known = encrypted.with_authorities(&authorities).unwrap();
    let mut store = PostgresStore::open(&known).unwrap();
    assert_eq!(store.assets().unwrap(), []);
    let encrypted = "SELECT count(*) FROM pg_stat_ssl s JOIN pg_stat_activity a ON a.pid = s.pid
        WHERE a.datname = current_database() AND s.ssl";
    assert_eq!(count(&database, encrypted), 1);
    // Its certificate is not for this name of the same machine.
    let other = database.url.replace("127.0.0.1", "127.0.0.2");
    let elsewhere: DatabaseAddress = format!("{other}?sslmode=require&hostaddr=127.0.0.1").parse().unwrap();
    let refused = PostgresStore::open(&elsewhere.with_authorities(&authorities).unwrap());
    let Err(StorageError::Unreachable(why)) = refused else { panic!("{refused:?}") };
    assert!(why.contains("not valid for name"), "{why}");
}
