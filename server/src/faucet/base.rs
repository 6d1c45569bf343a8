//! What a faucet stands on: its data directory, its keys, its store, and the catalog in force; and how an operator changes
//! keys and catalog while no server runs.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use dripline_shared::api::FaucetKeys;
use dripline_shared::catalog::Catalog;
use dripline_shared::payout::BatchId;

use crate::edge::Edge;
use crate::faucet::data::DataDirectory;
use crate::faucet::decide::decide;
use crate::faucet::settings::StartError;
use crate::in_force::InForce;
use crate::keys::{self, Keys, Purpose};
use crate::store::command::{Answer, CancelBatch, SetPause};
use crate::store::postgres::PostgresStore;
use crate::store::sqlite::{MAIN_FILE, SqliteStore};
use crate::store::{Adoption, Command, Store};

/// All of it, open: nothing else has the data directory meanwhile.
#[derive(Debug)]
pub(crate) struct Base {
    pub(crate) keys: Keys,
    pub(crate) store: Box<dyn Store>,
    pub(crate) catalog: Catalog,
    pub(crate) data: DataDirectory,
}

impl Base {
    /// Opens all of it, with the store in the data directory or in a database, and takes a catalog into force: the one that
    /// is given, else the one that was in force before, else that of a first run. Keys and store are made at the first
    /// start.
    pub(crate) fn open(
        path: Option<&Path>,
        database: Option<&str>,
        pinned: Option<Catalog>,
        edge: &Edge,
    ) -> Result<Self, StartError> {
        let data = DataDirectory::open(path)?;
        let keys = data.keys(edge)?;
        let mut store: Box<dyn Store> = match database {
            Some(url) => Box::new(PostgresStore::open(url)?),
            None => Box::new(SqliteStore::open(data.path(), data.durability())?),
        };
        let catalog = match pinned {
            Some(catalog) => catalog,
            None => store.adopted()?.unwrap_or_else(Catalog::first_run),
        };
        catalog.validate().map_err(StartError::Catalog)?;
        store.adopt(&Adoption { catalog: &catalog, faucet: keys.fingerprint(), now: edge.now() })?;
        Ok(Self { keys, store, catalog, data })
    }
}

/// Takes a catalog into force in the data directory at `path`, while no server runs on it: from the next start on it
/// counts wherever none is given.
pub fn import_catalog(path: &Path, catalog: Catalog, edge: &Edge) -> Result<(), StartError> {
    let base = Base::open(Some(path), None, Some(catalog), edge)?;
    Ok(base.store.close()?)
}

/// Pauses a rail for this reason, or lets it run again, in the data directory at `path`, while no server runs on it. Where
/// `next_nonce` is said, the next batch is signed with it.
pub fn set_pause(
    path: &Path,
    rail: &str,
    why: Option<&str>,
    next_nonce: Option<u64>,
    edge: &Edge,
) -> Result<(), StartError> {
    let pause = SetPause { now: edge.now(), rail: rail.into(), why: why.map(Arc::from), next_nonce };
    change(path, Command::SetPause(pause), edge).map(drop)
}

/// Wants a batch not to be paid any more, in the data directory at `path`, while no server runs on it. Tells whether there is
/// such a batch that has not ended.
pub fn cancel_batch(path: &Path, batch: BatchId, edge: &Edge) -> Result<bool, StartError> {
    let cancel = CancelBatch { now: edge.now(), batch };
    let answer = change(path, Command::CancelBatch(cancel), edge)?;
    Ok(matches!(answer, Some(Answer::Cancelling { open: true })))
}

/// Takes one command, which nothing can refuse.
fn change(path: &Path, command: Command, edge: &Edge) -> Result<Option<Answer>, StartError> {
    if !path.join(MAIN_FILE).exists() {
        return Err(StartError::StoreMissing(path.to_owned()));
    }
    let mut base = Base::open(Some(path), None, None, edge)?;
    let in_force = InForce::new(base.catalog, base.keys, Vec::new(), BTreeSet::new());
    let answers = base.store.apply(&[command], &mut |set, command| decide(&in_force, set, command))?;
    base.store.close()?;
    Ok(answers.into_iter().next().and_then(Result::ok))
}

/// Makes a new key of this purpose for the faucet whose data directory is at `path`, while no server runs on it. Gives the
/// public halves of all keys.
pub fn rotate_key(path: &Path, purpose: Purpose, edge: &Edge) -> Result<FaucetKeys, StartError> {
    let directory = path.join(keys::DIRECTORY);
    let missing = || StartError::KeysMissing(directory.clone());
    if !directory.exists() {
        return Err(missing());
    }
    let _lock = DataDirectory::open(Some(path))?;
    let in_keys = |error| StartError::File { path: directory.clone(), error };
    let keys = Keys::read(&directory).map_err(in_keys)?.ok_or_else(missing)?.rotated(purpose, edge);
    keys.replace(&directory).map_err(in_keys)?;
    Ok(keys.public())
}
