//! What only PostgreSQL can do: connections that are lost, migrations at once, and what the database itself refuses.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use dripline_server::faucet::decide::decide;
use dripline_server::store::postgres::{DatabaseAddress, PostgresStore};
use dripline_server::store::{Answer, Command, StorageError, Store};
use dripline_shared::time::HOUR_MS;

use crate::bench::{
    Bench, START, batch_of, end_batch, in_force, make_batch, round_of, segment, settle, settled, tight,
    wallet_of,
};
use crate::database::Database;
use crate::several::{apply_while, count, no_limits, report, rich, win};

/// Ends all connections of servers to this database.
fn cut_off(database: &Database) {
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    database.connect().execute(others, &[]).unwrap();
}

#[test]
fn a_rail_is_told_as_long_as_a_withdrawal_waits_for_it_or_is_under_way() {
    let database = Database::new();
    let mut bench = Bench::postgres(&in_force(no_limits()), &database);
    let queues = |bench: &mut Bench| bench.reader.queues().unwrap();
    rich(&mut bench, 1);
    assert_eq!(queues(&mut bench), []);
    bench.one(bench.withdraw(1, 1, 2_000, 1, START)).unwrap();
    assert_eq!(queues(&mut bench), [("sandbox".to_owned(), 1)]);
    bench.one(make_batch(1, 5, START)).unwrap();
    assert_eq!(queues(&mut bench), [("sandbox".to_owned(), 0)]);
    bench.one(end_batch(batch_of(1, START), settled("paid"), START)).unwrap();
    assert_eq!(queues(&mut bench), []);
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
