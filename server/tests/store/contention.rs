//! Several servers that do everything at once: nothing is overspent, and nobody waits in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::thread;

use dripline_server::in_force::InForce;
use dripline_server::store::{Answer, Command, Horizon};
use dripline_shared::amount::Amount;
use dripline_shared::api::operate::players::Standing;
use dripline_shared::catalog::Catalog;
use dripline_shared::payout::{BatchId, WithdrawalId};
use dripline_shared::round::RoundId;
use dripline_shared::time::{HOUR_MS, MINUTE_MS, Timestamp};

use crate::bench::{
    Bench, START, batch_of, end, end_batch, failed, give_back_withdrawal, import_payout, in_force,
    keep_candidate, make_batch, record_payout, round_of, set_pause, settled, stand, withdrawal_of,
};
use crate::database::Database;
use crate::several::{count, report, sequence, shared_limits, small_drips, win};

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
    /// Withdrawals that it was asked for.
    withdrawals: Vec<WithdrawalId>,
    /// What it paid as the first one, and when.
    paid: Vec<(RoundId, Timestamp, Amount)>,
}

impl Server {
    fn new(number: u8, in_force: &Arc<InForce>, database: &Database) -> Self {
        let bench = Bench::postgres(in_force, database);
        let numbers = Numbers(0x9e37_79b9 + u64::from(number));
        Self {
            bench,
            numbers,
            number,
            batches: Vec::new(),
            ids: 0,
            withdrawals: Vec::new(),
            paid: Vec::new(),
        }
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
        match self.numbers.below(14) {
            0..=5 => win(&self.bench, wallet, client, now).to_vec(),
            6 => vec![self.bench.open(wallet, client, 1, now), end(round, now)],
            7 => vec![self.bench.set_address(wallet, client, wallet, now)],
            8 | 9 => {
                let units = 100 + u32::from(self.numbers.below(200));
                self.withdrawals.push(withdrawal_of(wallet, client, now));
                vec![self.bench.withdraw(wallet, client, units, wallet, now)]
            }
            10 => vec![make_batch(self.id(now), 3, now)],
            11 => self.correct(wallet, now),
            12 => {
                let standing = Standing::ALL[usize::from(self.numbers.below(3))];
                vec![stand(wallet, standing, now)]
            }
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

    /// What an operator says of a withdrawal while the rail is paused, which others may be paying this moment.
    fn correct(&mut self, wallet: u8, now: Timestamp) -> Vec<Command> {
        let id = self.id(now);
        // It is no batch that this server pays.
        self.batches.pop();
        let correction = match self.withdrawals.pop() {
            Some(withdrawal) if id.is_multiple_of(2) => give_back_withdrawal(withdrawal, now),
            Some(withdrawal) => import_payout(withdrawal, id, "imported", now),
            None => record_payout(wallet, id, 100, now),
        };
        vec![set_pause(Some("an operator looks"), now), correction, set_pause(None, now)]
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
    // Each server takes the leases of its rails before anything else: they are there.
    servers[0].bench.one(set_pause(None, START)).unwrap();
    for step in 0..STEPS {
        let now = START.plus(step * 20 * MINUTE_MS);
        thread::scope(|scope| {
            for server in &mut servers {
                scope.spawn(move || {
                    server.work(now);
                    let horizon =
                        Horizon { now, transcripts_before: now, prefixes_before: now, waiting_max: 50_000 };
                    while server.bench.store.sweep(horizon).unwrap() {}
                });
            }
        });
    }

    let out_of_place = "SELECT count(*) FROM withdrawals w JOIN wallets o ON o.id = w.wallet
        WHERE w.stage = 0 AND o.standing <> 0 OR w.stage = 5 AND o.standing = 0";
    assert_eq!(count(&database, out_of_place), 0, "what is held waits, and nothing else does");
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
