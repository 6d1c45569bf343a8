//! A write-ahead log, and moving it into its database: mostly beside the writer.
//!
//! It takes two steps. A thread with a connection of its own moves the bulk while the writer goes on; then the writer
//! moves what it has written meanwhile, which is little, and its next commit begins the log anew. If the writer did all
//! of it, every answer would now and then wait until megabytes were synced.
//!
//! Nobody is refused for it. Both steps are what SQLite calls passive: they neither take the right to write nor wait for
//! anybody, and leave what cannot be moved yet. The writer does not write during its own step, so that this moves all
//! but what a reader's older state stands against; then it is taken again a little later. Where readers come so thick that
//! this never works out, the writer waits for them once the log is large, a short while: who comes to read after the step
//! began is not in its way. So the log stays small, but for a reader who stays.
//!
//! This replaces SQLite's own automatic checkpoint, which would hide a failed sync.

use std::panic;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;

use crate::store::StorageError;
use crate::store::sqlite::{BUSY_WAIT, rolled_back};

/// After so many pages of 4 KiB a log is moved.
const BULK_PAGES: i32 = 2_000;
/// The writer's step is taken again once there is so much more to move.
const REST_PAGES: i32 = 100;
/// At so many pages the writer waits for readers. Where that was in vain, at twice as many the next time.
const LARGE_PAGES: i32 = 4 * BULK_PAGES;
/// How long it waits, at most.
const READERS_WAIT: Duration = Duration::from_millis(100);

/// The write-ahead log of one database.
#[derive(Debug)]
pub(super) struct Log {
    /// The database.
    path: PathBuf,
    /// How `PRAGMA synchronous` stands for moving.
    synchronous: &'static str,
    /// How many pages the log had after the writer's last commit.
    pages: Arc<AtomicI32>,
    /// How many it had when its bulk was moved; 0 if it has begun anew since.
    tried: i32,
    /// How many of its pages are in the database, as far as the writer knows.
    moved: i32,
    /// At how many pages the writer waits for readers.
    large: i32,
    /// The thread that moves the bulk, and gives back its connection.
    bulk: Option<JoinHandle<rusqlite::Result<Connection>>>,
    /// The connection for the next one.
    beside: Option<Connection>,
}

impl Log {
    /// Watches the log that `writer` writes.
    pub(super) fn watch(
        writer: &mut Connection,
        path: PathBuf,
        synchronous: &'static str,
    ) -> rusqlite::Result<Self> {
        let pages = Arc::new(AtomicI32::new(0));
        let seen = Arc::clone(&pages);
        writer.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, count| {
            seen.store(count, Ordering::Relaxed);
            Ok(())
        }))?;
        Ok(Self {
            path,
            synchronous,
            pages,
            tried: 0,
            moved: 0,
            large: LARGE_PAGES,
            bulk: None,
            beside: None,
        })
    }

    /// Takes the next step, if there is one to take. The writer calls it between two transactions.
    pub(super) fn tidy(&mut self, writer: &Connection) -> Result<(), StorageError> {
        let pages = self.pages.load(Ordering::Relaxed);
        if pages < self.tried {
            (self.tried, self.moved, self.large) = (0, 0, LARGE_PAGES);
        }
        // Where the machine is so busy that the thread hardly gets to run, the writer waits for it once the log is large.
        let is_large = pages >= self.large;
        if let Some(bulk) = self.bulk.take_if(|bulk| is_large || bulk.is_finished()) {
            self.beside = Some(finished(bulk).inspect_err(|_| {
                // A full disk, perhaps: tried again only once as much more was written.
                (self.tried, self.moved) = (pages, pages);
            })?);
            self.after_bulk(writer, pages)
        } else if self.bulk.is_some() {
            Ok(())
        } else if pages.saturating_sub(self.tried) >= BULK_PAGES {
            self.start()
        } else if self.tried > 0 && (REST_PAGES..BULK_PAGES).contains(&pages.saturating_sub(self.moved)) {
            // A reader was in the way, of the last step or of beginning anew after it.
            self.move_rest(writer)
        } else {
            Ok(())
        }
    }

    /// Leaves an empty log.
    pub(super) fn close(self, writer: &Connection) -> Result<(), StorageError> {
        if let Some(bulk) = self.bulk {
            finished(bulk)?;
        }
        checkpoint(writer, "TRUNCATE").map(drop).map_err(|error| rolled_back(&error))
    }

    fn start(&mut self) -> Result<(), StorageError> {
        let beside = match self.beside.take() {
            Some(beside) => beside,
            None => self.open().map_err(|error| rolled_back(&error))?,
        };
        let bulk = thread::Builder::new()
            .name("checkpoint".to_owned())
            .spawn(move || checkpoint(&beside, "PASSIVE").map(|_| beside));
        self.bulk = Some(bulk.map_err(|error| StorageError::RolledBack(error.to_string()))?);
        Ok(())
    }

    fn open(&self) -> rusqlite::Result<Connection> {
        let beside = Connection::open(&self.path)?;
        beside.pragma_update(None, "synchronous", self.synchronous)?;
        Ok(beside)
    }

    fn after_bulk(&mut self, writer: &Connection, pages: i32) -> Result<(), StorageError> {
        if pages < BULK_PAGES {
            // The writer rested meanwhile, so the bulk was all, and the log has begun anew already.
            return Ok(());
        }
        self.tried = pages;
        if pages >= self.large { self.wait_and_move_rest(writer) } else { self.move_rest(writer) }
    }

    fn move_rest(&mut self, writer: &Connection) -> Result<(), StorageError> {
        let moved = checkpoint(writer, "PASSIVE").map_err(|error| rolled_back(&error))?;
        self.moved = moved.unwrap_or(self.moved);
        Ok(())
    }

    fn wait_and_move_rest(&mut self, writer: &Connection) -> Result<(), StorageError> {
        self.large = self.tried.saturating_mul(2);
        let waited = writer.busy_timeout(READERS_WAIT).and_then(|()| checkpoint(writer, "RESTART"));
        let moved = writer.busy_timeout(BUSY_WAIT).and(waited).map_err(|error| rolled_back(&error))?;
        self.moved = moved.unwrap_or(self.moved);
        Ok(())
    }
}

/// The connection of a thread that has moved the bulk. A panic there goes on here.
fn finished(bulk: JoinHandle<rusqlite::Result<Connection>>) -> Result<Connection, StorageError> {
    match bulk.join() {
        Ok(result) => result.map_err(|error| rolled_back(&error)),
        Err(panic) => panic::resume_unwind(panic),
    }
}

/// Moves what can be moved. Gives how many pages of the log are in the database now; `None` where another process is
/// moving it.
fn checkpoint(connection: &Connection, mode: &str) -> rusqlite::Result<Option<i32>> {
    let moved: i32 = connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| row.get(2))?;
    Ok((moved >= 0).then_some(moved))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rusqlite::OpenFlags;

    use super::*;

    /// A database in a folder that goes with the test.
    struct Written {
        folder: PathBuf,
        writer: Connection,
        log: Log,
    }

    impl Written {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("dripline-{name}-{}", std::process::id()));
            fs::create_dir_all(&folder).unwrap();
            let path = folder.join("main.sqlite");
            let mut writer = Connection::open(&path).unwrap();
            writer.pragma_update(None, "journal_mode", "WAL").unwrap();
            writer.pragma_update(None, "synchronous", "OFF").unwrap();
            writer.execute_batch("CREATE TABLE rows (id INTEGER PRIMARY KEY, bytes BLOB)").unwrap();
            let log = Log::watch(&mut writer, path, "OFF").unwrap();
            Self { folder, writer, log }
        }

        /// Commits about this many pages, ten at a time, tidying in between.
        fn write(&mut self, pages: usize) {
            for _ in 0..pages / 10 {
                self.writer.execute_batch("BEGIN IMMEDIATE").unwrap();
                self.writer.execute("INSERT INTO rows (bytes) VALUES (zeroblob(40000))", []).unwrap();
                self.writer.execute_batch("COMMIT").unwrap();
                self.log.tidy(&self.writer).unwrap();
            }
        }

        /// Waits until the thread has moved the bulk, and tidies.
        fn settle(&mut self) {
            while self.log.bulk.as_ref().is_some_and(|bulk| !bulk.is_finished()) {
                thread::yield_now();
            }
            self.log.tidy(&self.writer).unwrap();
        }

        fn reader(&self) -> Connection {
            let path = self.folder.join("main.sqlite");
            Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
        }

        /// How large the log has ever been: the file does not shrink.
        fn log_pages(&self) -> u64 {
            fs::metadata(self.folder.join("main.sqlite-wal")).unwrap().len() / 4_096
        }
    }

    impl Drop for Written {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }

    #[test]
    fn a_log_begins_anew_once_it_was_moved_and_is_empty_at_the_end() {
        let mut written = Written::new("log");
        for _ in 0..10 {
            written.write(2_100);
            written.settle();
        }
        assert!(written.log_pages() < 5_000, "{} pages", written.log_pages());
        let Written { writer, log, .. } = &mut written;
        let log = std::mem::replace(log, Log::watch(writer, PathBuf::new(), "OFF").unwrap());
        log.close(writer).unwrap();
        assert_eq!(written.log_pages(), 0);
    }

    #[test]
    fn a_log_that_began_anew_while_its_bulk_was_moved_is_left_alone() {
        let mut written = Written::new("anew");
        while written.log.bulk.is_none() {
            written.write(10);
        }
        while !written.log.bulk.as_ref().unwrap().is_finished() {
            thread::yield_now();
        }
        written.write(10);
        assert!(written.log.pages.load(Ordering::Relaxed) < 100);
        assert_eq!((written.log.tried, written.log.moved), (0, 0));
    }

    #[test]
    fn a_log_stays_small_though_most_of_the_time_somebody_reads_an_old_state() {
        let mut written = Written::new("busy");
        let reader = written.reader();
        for _ in 0..400 {
            reader.execute_batch("BEGIN; SELECT count(*) FROM rows").unwrap();
            written.write(70);
            written.settle();
            reader.execute_batch("COMMIT").unwrap();
            written.write(30);
        }
        assert!(written.log_pages() < 9_000, "{} pages", written.log_pages());
    }

    #[test]
    fn a_log_that_is_large_waits_for_a_thread_that_hardly_gets_to_run() {
        let mut written = Written::new("starved");
        let (path, pages) = (written.folder.join("main.sqlite"), Arc::clone(&written.log.pages));
        written.log.bulk = Some(thread::spawn(move || {
            while pages.load(Ordering::Relaxed) < LARGE_PAGES {
                thread::yield_now();
            }
            let beside = Connection::open(path)?;
            checkpoint(&beside, "PASSIVE").map(|_| beside)
        }));
        written.write(3 * usize::try_from(LARGE_PAGES).unwrap());
        let most = u64::try_from(LARGE_PAGES + BULK_PAGES).unwrap();
        assert!(written.log_pages() < most, "{} pages", written.log_pages());
    }

    #[test]
    fn while_somebody_reads_an_old_state_the_log_is_not_moved_over_and_over() {
        let mut written = Written::new("reader");
        let reader = written.reader();
        reader.execute_batch("BEGIN; SELECT count(*) FROM rows").unwrap();
        written.write(2_100);
        written.settle();
        let tried = written.log.tried;
        assert!(tried >= BULK_PAGES);
        written.write(100);
        assert!(written.log.bulk.is_none() && written.log.tried == tried);
        reader.execute_batch("COMMIT").unwrap();
        written.write(2_100);
        written.settle();
        written.write(100);
        assert!(written.log.pages.load(Ordering::Relaxed) < 1_000, "it began anew");
    }

    #[test]
    #[should_panic(expected = "a mistake")]
    fn a_panic_beside_the_writer_goes_on_in_it() {
        let mut written = Written::new("panic");
        written.log.bulk = Some(thread::spawn(|| panic!("a mistake")));
        written.settle();
    }
}
