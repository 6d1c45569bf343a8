//! The data directory: made, locked, and its keys read or made.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::edge::Edge;
use crate::faucet::settings::StartError;
use crate::keys::{self, Keys};
use crate::store::sqlite::{Durability, MAIN_FILE};

/// The file that is there while a server runs, and after one that has not ended in order.
const RUNNING: &str = "running";

/// A data directory that this process has to itself until this is dropped.
#[derive(Debug)]
pub(crate) struct DataDirectory {
    path: PathBuf,
    durability: Durability,
    /// Held for its lock.
    lock: File,
}

impl DataDirectory {
    /// Opens the directory, or a temporary one where none is given.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, StartError> {
        let (path, durability) = match path {
            Some(path) => (path.to_owned(), Durability::Synced),
            None => (temporary_path(), Durability::Temporary),
        };
        let in_file = |error| StartError::File { path: path.clone(), error };
        DirBuilder::new().recursive(true).mode(0o700).create(&path).map_err(in_file)?;
        let lock_path = path.join("lock");
        let in_lock = |error| StartError::File { path: lock_path.clone(), error };
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&lock_path)
            .map_err(in_lock)?;
        if durability == Durability::Synced
            && let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty())
        {
            // What is synced in a directory that is gone after a loss of power is gone as well.
            File::open(parent).and_then(|parent| parent.sync_all()).map_err(in_file)?;
        }
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, durability, lock }),
            Err(TryLockError::WouldBlock) => Err(StartError::InUse(path)),
            Err(TryLockError::Error(error)) => Err(in_lock(error)),
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether what is written there is meant to stay.
    pub(crate) fn durability(&self) -> Durability {
        self.durability
    }

    /// Notes that a server runs on it. Tells whether another one did before that has not ended in order.
    pub(crate) fn begin(&self) -> bool {
        let path = self.path.join(RUNNING);
        let was_unclean = path.exists();
        // It only tells somebody something: without it, the server runs as well.
        if let Err(error) = File::create(&path) {
            tracing::warn!(%error, path = %path.display(), "cannot note that a server runs");
        }
        was_unclean
    }

    /// Notes that the server has ended in order.
    pub(crate) fn end(&self) {
        let path = self.path.join(RUNNING);
        if let Err(error) = fs::remove_file(&path) {
            tracing::warn!(%error, path = %path.display(), "cannot note that the server has ended in order");
        }
    }

    /// The keys in it. They are made at the first start, and never again: without its keys, a store is worth nothing.
    pub(crate) fn keys(&self, edge: &Edge) -> Result<Keys, StartError> {
        let directory = self.path.join(keys::DIRECTORY);
        let in_keys = |error| StartError::File { path: directory.clone(), error };
        match Keys::read(&directory).map_err(in_keys)? {
            Some(keys) if keys.has_log_key() => return Ok(keys),
            Some(keys) => {
                let keys = keys.with_log_key(edge);
                keys.replace(&directory).map_err(in_keys)?;
                return Ok(keys);
            }
            None => {}
        }
        if self.path.join(MAIN_FILE).exists() {
            return Err(StartError::KeysMissing(directory));
        }
        let keys = Keys::generate(edge);
        keys.write(&directory).map_err(in_keys)?;
        Ok(keys)
    }
}

impl Drop for DataDirectory {
    fn drop(&mut self) {
        // Closing is not enough: a program that this process is just starting has the file as well until it runs.
        if let Err(error) = self.lock.unlock() {
            tracing::warn!(%error, path = %self.path.display(), "the lock of a data directory stays until the file is closed");
        }
        if self.durability == Durability::Temporary
            && let Err(error) = fs::remove_dir_all(&self.path)
        {
            tracing::warn!(%error, path = %self.path.display(), "a temporary directory stays behind");
        }
    }
}

/// A path that no other faucet of this or another process has.
fn temporary_path() -> PathBuf {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("dripline-{}-{number}", std::process::id()))
}
