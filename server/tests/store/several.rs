//! What the tests of several servers on one database share.

use std::sync::Arc;
use std::thread;

use dripline_server::faucet::decide::decide;
use dripline_server::in_force::InForce;
use dripline_server::ledger::{LedgerReport, Verifier};
use dripline_server::refusal::Refusal;
use dripline_server::store::postgres::audit;
use dripline_server::store::{Answer, Answers, Command, Sequence, StorageError};
use dripline_shared::amount::Amount;
use dripline_shared::catalog::Catalog;
use dripline_shared::limit::{CountLimit, MoneyLimit};
use dripline_shared::time::{HOUR_MS, MINUTE_MS, Timestamp};

use crate::bench::{Bench, START, in_force, round_of, settle, tight};
use crate::database::Database;

/// What the ledger's verification says.
pub(crate) fn report(in_force: &InForce, database: &Database) -> LedgerReport {
    let mut verifier = Verifier::new(&in_force.keys);
    audit::scan(&database.address(), &[], &mut verifier).unwrap();
    verifier.finish()
}

/// A step of the log.
pub(crate) fn sequence(bench: &mut Bench, now: Timestamp) -> bool {
    let keys = &bench.in_force.keys;
    let step = Sequence { faucet: bench.in_force.faucet, now, most: 20, sign: &|head| keys.sign_head(head) };
    bench.store.sequence(&step).unwrap()
}

/// An opening and, in the same breath, the claim.
pub(crate) fn win(bench: &Bench, wallet: u8, client: u8, now: Timestamp) -> [Command; 2] {
    [bench.open(wallet, client, 0, now), settle(round_of(wallet, client, now), wallet, now)]
}

/// Has a wallet of this number win, and set the address of its number.
pub(crate) fn rich(bench: &mut Bench, wallet: u8) {
    let mut batch = win(bench, wallet, 1, START).to_vec();
    batch.push(bench.set_address(wallet, 1, wallet, START));
    assert!(bench.apply(&batch).iter().all(Result::is_ok));
}

/// The only number that a question has for an answer.
pub(crate) fn count(database: &Database, question: &str) -> i64 {
    database.connect().query_one(question, &[]).unwrap().get(0)
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
pub(crate) fn no_limits() -> Catalog {
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
pub(crate) fn at_once(
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
