//! The store in embedded SQLite: two files in the data directory.
//!
//! `dripline.sqlite` is written with `synchronous=FULL`: a commit has been synced when it returns. `segments.sqlite` is
//! written with `synchronous=NORMAL`: it survives the process, and after a loss of power pages send again what is
//! missing. A final segment is synced as well, and all before it with it: a round may be claimed for a day, but sent
//! again only for moments. One connection writes each; [`SqliteReader`]s read what is committed.
//!
//! A batch commits its segments first. If the process ends in between, segments of an effect that never was are there,
//! which is harmless: they get the same answer when they are sent again.

use std::path::{Path, PathBuf};
use std::time::Duration;

use dripline_shared::amount::Asset;
use dripline_shared::catalog::Catalog;
use dripline_shared::wallet::Wallet;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, ffi};

use crate::store::sqlite::intern::Interner;
use crate::store::sqlite::load::{Loaded, Loader};
use crate::store::sqlite::log::Log;
use crate::store::{
    Adoption, Answers, BoxedReader, Command, Decide, DeliveryRecord, DeliveryStep, Horizon, Sequence,
    StorageError, Store,
};

mod adopt;
pub mod audit;
mod audit_log;
mod delegations;
mod deliveries;
mod documents;
mod dormant;
mod flush;
mod flush_ledger;
mod flush_payouts;
mod intern;
mod load;
mod log;
mod payouts;
mod players;
mod read;
mod read_keys;
mod rows;
mod schema;
mod sequence;
mod site_days;
mod sweep;
#[cfg(test)]
mod tests;
mod vouchers;

pub use adopt::adopted_catalog;
pub use read::SqliteReader;

/// The name of the main file.
pub const MAIN_FILE: &str = "dripline.sqlite";
/// The name of the segments' file.
pub const SEGMENTS_FILE: &str = "segments.sqlite";

/// `synchronous` where a commit has been synced when it returns.
const SYNCED: &str = "FULL";
/// `synchronous` where a commit survives the process alone.
const NOT_SYNCED: &str = "NORMAL";
/// What the writer's connections may keep of their databases in memory, in KiB.
const CACHE_KIB: i32 = 8 * 1_024;
/// How long is waited for another process that holds the store.
const BUSY_WAIT: Duration = Duration::from_secs(5);
/// How many prepared statements a connection keeps.
const STATEMENTS_MAX: usize = 64;

/// Whether what is written is meant to outlive the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Yes: commits are synced.
    Synced,
    /// No: a temporary store, for tests.
    Temporary,
}

/// The writing side. See the module.
#[derive(Debug)]
pub struct SqliteStore {
    main: Connection,
    segments: Connection,
    durability: Durability,
    /// Whether a commit of segments is synced.
    segments_synced: bool,
    interner: Interner,
    directory: PathBuf,
    main_log: Log,
    segments_log: Log,
    /// The network prefix that the sweep looked at last.
    swept_prefix: String,
}

impl SqliteStore {
    /// Opens the store in `directory`, which exists, and brings it to this build's version.
    pub fn open(directory: &Path, durability: Durability) -> Result<Self, StorageError> {
        let (full, normal) = match durability {
            Durability::Synced => (SYNCED, NOT_SYNCED),
            Durability::Temporary => ("OFF", "OFF"),
        };
        let open = |file, synchronous| {
            open_to_write(&directory.join(file), synchronous).map_err(|error| rolled_back(&error))
        };
        let (mut main, mut segments) = (open(MAIN_FILE, full)?, open(SEGMENTS_FILE, normal)?);
        schema::migrate_main(&mut main)?;
        schema::migrate_segments(&mut segments)?;
        let watch = |connection, file, synchronous| {
            Log::watch(connection, directory.join(file), synchronous).map_err(|error| rolled_back(&error))
        };
        let main_log = watch(&mut main, MAIN_FILE, full)?;
        let segments_log = watch(&mut segments, SEGMENTS_FILE, normal)?;
        Ok(Self {
            main,
            segments,
            durability,
            segments_synced: false,
            interner: Interner::default(),
            directory: directory.to_owned(),
            main_log,
            segments_log,
            swept_prefix: String::new(),
        })
    }

    fn load(&mut self, batch: &[Command]) -> rusqlite::Result<Loaded> {
        // With the right to write from the start, although a batch of segments alone does not need it. A reader that
        // meets a commit halfway takes that right for some microseconds. Here SQLite waits until it is free; where a
        // transaction asks for it later, it is refused at once.
        self.main.execute_batch("BEGIN IMMEDIATE")?;
        let mut loader = Loader {
            main: &self.main,
            segments: &self.segments,
            interner: &mut self.interner,
            loaded: Loaded::default(),
        };
        batch.iter().try_for_each(|command| loader.load(command))?;
        Ok(loader.loaded)
    }

    fn write(&mut self, loaded: &mut Loaded) -> Result<(), StorageError> {
        let changes = loaded.set.take_changes();
        if !changes.segments.is_empty() {
            self.begin_segments(loaded.set.finishes(&changes)).map_err(|error| rolled_back(&error))?;
            flush::flush_segments(&self.segments, &loaded.set, &changes)
                .map_err(|error| rolled_back(&error))?;
        }
        if !changes.only_segments() {
            flush::flush_main(&self.main, &mut self.interner, loaded, &changes)
                .map_err(|error| rolled_back(&error))?;
        }
        if !changes.segments.is_empty() {
            self.segments.execute_batch("COMMIT").map_err(|error| commit_failed(&error))?;
        }
        self.main.execute_batch("COMMIT").map_err(|error| commit_failed(&error))
    }

    /// Begins a transaction of segments; `finishes` says whether it finishes a round.
    fn begin_segments(&mut self, finishes: bool) -> rusqlite::Result<()> {
        let synced = finishes && self.durability == Durability::Synced;
        if synced != self.segments_synced {
            // Before the transaction: within one, this cannot be changed.
            self.segments.pragma_update(None, "synchronous", if synced { SYNCED } else { NOT_SYNCED })?;
            self.segments_synced = synced;
        }
        self.segments.execute_batch("BEGIN IMMEDIATE")
    }

    /// Ends whatever transaction is open. Where even this fails, the next `BEGIN` fails too, and says so.
    fn roll_back(&mut self) {
        self.interner.forget_ids();
        for connection in [&self.main, &self.segments] {
            if !connection.is_autocommit()
                && let Err(error) = connection.execute_batch("ROLLBACK")
            {
                tracing::error!(%error, "rolling back failed");
            }
        }
    }

    /// Runs `work`, and rolls back where it fails.
    fn or_roll_back<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let result = work(self);
        if result.is_err() {
            self.roll_back();
        }
        result
    }
}

impl Store for SqliteStore {
    fn adopted(&mut self) -> Result<Option<Catalog>, StorageError> {
        adopt::adopted(&self.main)
    }

    fn adopt(&mut self, adoption: &Adoption<'_>) -> Result<(), StorageError> {
        self.or_roll_back(|store| adopt::adopt(&mut store.main, adoption))
    }

    fn reader(&self) -> Result<BoxedReader, StorageError> {
        Ok(Box::new(SqliteReader::open(&self.directory)?))
    }

    fn assets(&mut self) -> Result<Vec<Asset>, StorageError> {
        adopt::assets(&self.main).map_err(|error| rolled_back(&error))
    }

    fn learn_assets(&mut self, assets: &[Asset]) -> Result<(), StorageError> {
        adopt::learn_assets(&mut self.main, assets)
    }

    fn apply(&mut self, batch: &[Command], decide: &mut Decide<'_>) -> Result<Answers, StorageError> {
        self.or_roll_back(|store| {
            let mut loaded = store.load(batch).map_err(|error| rolled_back(&error))?;
            let answers = batch.iter().map(|command| decide(&mut loaded.set, command)).collect();
            store.write(&mut loaded)?;
            Ok(answers)
        })
    }

    fn sequence(&mut self, sequence: &Sequence<'_>) -> Result<bool, StorageError> {
        sequence::sequence(&mut self.main, sequence)
    }

    fn sweep(&mut self, horizon: Horizon) -> Result<bool, StorageError> {
        self.or_roll_back(|store| {
            sweep::sweep(&mut store.main, &mut store.segments, &mut store.swept_prefix, horizon)
        })
    }

    fn deliver(&mut self, step: &DeliveryStep) -> Result<Vec<DeliveryRecord>, StorageError> {
        self.or_roll_back(|store| deliveries::deliver(&mut store.main, step))
    }

    fn forget_plays(&mut self, wallet: Wallet) -> Result<u64, StorageError> {
        self.or_roll_back(|store| sweep::forget_plays(&mut store.main, &mut store.segments, wallet))
    }

    fn tidy(&mut self) -> Result<(), StorageError> {
        self.main_log.tidy(&self.main)?;
        self.segments_log.tidy(&self.segments)
    }

    fn close(self: Box<Self>) -> Result<(), StorageError> {
        self.main_log.close(&self.main)?;
        self.segments_log.close(&self.segments)
    }
}

fn open_to_write(path: &Path, synchronous: &str) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    configure(&connection)?;
    Ok(connection)
}

fn open_to_read(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    configure(&connection)?;
    Ok(connection)
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    connection.pragma_update(None, "foreign_keys", false)?;
    // Plans must not depend on bound values: otherwise cached statements are prepared again whenever one changes,
    // which takes longer than running them.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.busy_timeout(BUSY_WAIT)
}

/// An error before the commit. A failed sync is one whenever it happens.
fn rolled_back(error: &rusqlite::Error) -> StorageError {
    if is_sync(error) {
        StorageError::SyncFailed(error.to_string())
    } else if is_held(error) {
        StorageError::Held(error.to_string())
    } else {
        StorageError::RolledBack(error.to_string())
    }
}

fn commit_failed(error: &rusqlite::Error) -> StorageError {
    if is_sync(error) {
        StorageError::SyncFailed(error.to_string())
    } else {
        StorageError::CommitFailed(error.to_string())
    }
}

/// Whether another process holds what is to be written, and has held it for as long as [`configure`] lets it.
fn is_held(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|error| error.code == ffi::ErrorCode::DatabaseBusy)
}

fn is_sync(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error().map(|error| error.extended_code);
    matches!(code, Some(ffi::SQLITE_IOERR_FSYNC | ffi::SQLITE_IOERR_DIR_FSYNC))
}
