//! What a storage error leaves behind: nothing.

use std::thread;
use std::time::Duration;

use dripline_server::store::{Answer, StorageError};
use dripline_shared::game::Pace;
use rusqlite::Connection;

use crate::bench::{Bench, Directory, START, in_force, round_of, segment, tight, wallet_of};

#[test]
fn a_store_that_another_process_holds_is_told_apart_from_one_that_fails() {
    let directory = Directory::new();
    let mut bench = Bench::sqlite(&in_force(tight()), &directory);
    let clocked = bench.in_force.catalog.levels.iter().position(|level| level.play.pace() == Pace::Clocked);
    let open = bench.open(1, 1, clocked.unwrap(), START);
    let put = segment(round_of(1, 1, START), 0, None, START.plus(5_000));
    for (file, command) in [("dripline.sqlite", open), ("segments.sqlite", put)] {
        let outside = Connection::open(directory.path().join(file)).unwrap();
        outside.execute_batch("BEGIN IMMEDIATE").unwrap();
        let held = bench.try_apply(std::slice::from_ref(&command));
        assert!(matches!(held, Err(StorageError::Held(_))), "{file}: {held:?}");
        outside.execute_batch("ROLLBACK").unwrap();
        assert!(bench.one(command).is_ok());
    }
}

#[test]
fn a_store_that_is_held_for_a_moment_is_waited_for() {
    let directory = Directory::new();
    let mut bench = Bench::sqlite(&in_force(tight()), &directory);
    let outside = Connection::open(directory.path().join("dripline.sqlite")).unwrap();
    outside.execute_batch("BEGIN IMMEDIATE").unwrap();
    let moment = thread::spawn(move || {
        thread::sleep(Duration::from_millis(50));
        outside.execute_batch("ROLLBACK").unwrap();
    });
    let open = bench.open(1, 1, 0, START);
    assert!(bench.one(open).is_ok());
    moment.join().unwrap();
}

#[test]
fn a_batch_that_cannot_be_written_is_rolled_back_as_a_whole_and_can_be_written_later() {
    let directory = Directory::new();
    let mut bench = Bench::sqlite(&in_force(tight()), &directory);
    let outside = Connection::open(directory.path().join("dripline.sqlite")).unwrap();
    let broken = "ALTER TABLE prefixes RENAME TO prefixes_elsewhere";
    outside.execute_batch(broken).unwrap();
    // The row of the wallet is written before that of its network prefix.
    let batch = [bench.open(1, 1, 0, START), bench.open(2, 1, 0, START)];
    assert!(matches!(bench.try_apply(&batch), Err(StorageError::RolledBack(_))));
    outside.execute_batch("ALTER TABLE prefixes_elsewhere RENAME TO prefixes").unwrap();
    let rows: i64 = outside.query_row("SELECT count(*) FROM wallets", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 0);
    outside
        .execute_batch("CREATE TRIGGER full BEFORE INSERT ON prefixes BEGIN SELECT RAISE(ABORT, 'full'); END")
        .unwrap();
    assert!(matches!(bench.try_apply(&batch), Err(StorageError::RolledBack(_))));
    let facts = bench.reader.wallet(wallet_of(1)).unwrap();
    assert_eq!((facts.record.attempts, facts.open_round), (None, None));
    outside.execute_batch("DROP TRIGGER full").unwrap();
    let answers = bench.apply(&batch);
    assert!(answers.iter().all(|answer| matches!(answer, Ok(Answer::Opened { new: true, .. }))));
}
