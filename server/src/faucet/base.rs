//! What a faucet stands on: its data directory, its keys, its store, and the catalog in force; and how an operator changes
//! keys, catalog and rails by a command.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use dripline_shared::api::FaucetKeys;
use dripline_shared::api::access::{ApiKeyRequest, ApiKeyRotation, ApiKeySecret};
use dripline_shared::api::operate::By;
use dripline_shared::api::sign_in::InvitationRequest;
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::payout::BatchId;
use dripline_shared::round::Hash;
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;

use crate::access::ApiKeyRecord;
use crate::edge::Edge;
use crate::faucet::data::DataDirectory;
use crate::faucet::decide::decide;
use crate::faucet::settings::StartError;
use crate::faucet::{Invited, access, operators};
use crate::in_force::InForce;
use crate::keys::{self, Keys, Purpose};
use crate::operate;
use crate::refusal::Refusal;
use crate::site::{SITES_REVISION_ID, SiteRecord, SitesRevision};
use crate::store::command::{
    AccessChange, Adopt, Answer, CancelBatch, Change, Correction, Known, Operation, RotateKey, Second,
    SetPause,
};
use crate::store::postgres::{DatabaseAddress, PostgresReader, PostgresStore};
use crate::store::record::{
    CatalogRecord, Document, DocumentKind, EMERGENCY_ID, EmergencyRecord, PublicationRecord, ServerId,
    StopRecord,
};
use crate::store::sqlite::{MAIN_FILE, SqliteStore};
use crate::store::{Adoption, Command, Reader, StorageError, Store};

/// All of it, open: nothing else has the data directory meanwhile.
#[derive(Debug)]
pub(crate) struct Base {
    pub(crate) keys: Keys,
    pub(crate) store: Box<dyn Store>,
    pub(crate) catalog: Catalog,
    /// The publication that it was found in force by; 0 where it was not.
    pub(crate) publication: u64,
    pub(crate) data: DataDirectory,
    /// Which one of the servers on the store this is.
    pub(crate) server: ServerId,
}

impl Base {
    /// Opens all of it, with the store in the data directory or in a database, and takes a catalog into force: the one that
    /// is given, else the one that was in force before, else that of a first run. Keys and store are made at the first
    /// start.
    pub(crate) fn open(
        path: Option<&Path>,
        database: Option<&DatabaseAddress>,
        pinned: Option<Catalog>,
        edge: &Edge,
    ) -> Result<Self, StartError> {
        let data = DataDirectory::open(path)?;
        let keys = data.keys(edge)?;
        let (mut store, server): (Box<dyn Store>, _) = match database {
            Some(address) => (Box::new(PostgresStore::open(address)?), ServerId(edge.random())),
            None => {
                (Box::new(SqliteStore::open(data.path(), data.durability())?), ServerId::OF_THE_DIRECTORY)
            }
        };
        let (publication, catalog) = match pinned {
            Some(catalog) => (0, catalog),
            None => match published(&mut *store.reader()?, edge.now())? {
                Some((record, catalog)) => (record.number, catalog),
                // Older stores have no publications.
                None => (0, store.adopted()?.unwrap_or_else(Catalog::first_run)),
            },
        };
        catalog.validate().map_err(StartError::Catalog)?;
        store.adopt(&Adoption { catalog: &catalog, faucet: keys.fingerprint(), now: edge.now() })?;
        Ok(Self { keys, store, catalog, publication, data, server })
    }
}

/// All publications, by rising numbers.
pub fn publications(reader: &mut dyn Reader) -> Result<Vec<PublicationRecord>, StorageError> {
    let documents = reader.documents(DocumentKind::Publication, "", usize::MAX)?;
    Document::read_all(documents).map_err(unreadable)
}

/// The catalog of a version that was published.
pub fn catalog_of(reader: &mut dyn Reader, version: Hash) -> Result<Option<Catalog>, StorageError> {
    let document = reader.document(DocumentKind::Catalog, &version.to_string())?;
    let record: Option<CatalogRecord> = Document::read_one(document).map_err(unreadable)?;
    Ok(record.map(|record| record.catalog))
}

/// What operators have stopped at once, besides what the configuration stops.
pub(super) fn stopped_by_operators(
    reader: &mut dyn Reader,
) -> Result<BTreeMap<String, StopRecord>, StorageError> {
    let document = reader.document(DocumentKind::Emergency, EMERGENCY_ID)?;
    let record: Option<EmergencyRecord> = Document::read_one(document).map_err(unreadable)?;
    Ok(record.unwrap_or_default().stopped)
}

/// All sites, also those that have ended, and how often sites were changed.
pub(super) fn sites(reader: &mut dyn Reader) -> Result<(u64, Vec<SiteRecord>), StorageError> {
    // First the number: what is changed meanwhile has another one, and is read once more.
    let revision = reader.document(DocumentKind::SitesRevision, SITES_REVISION_ID)?;
    let revision: Option<SitesRevision> = Document::read_one(revision).map_err(unreadable)?;
    let records = reader.documents(DocumentKind::Site, "", usize::MAX)?;
    Ok((revision.unwrap_or_default().revision, Document::read_all(records).map_err(unreadable)?))
}

/// The publication that is in force, and its catalog; none in a store from before there were publications.
pub fn published(
    reader: &mut dyn Reader,
    now: Timestamp,
) -> Result<Option<(PublicationRecord, Catalog)>, StorageError> {
    let records = publications(reader)?;
    let Some(live) = operate::live(&records, now) else { return Ok(None) };
    Ok(catalog_of(reader, live.version)?.map(|catalog| (live.clone(), catalog)))
}

fn unreadable(_: Code) -> StorageError {
    StorageError::UnreadableCatalog("the log says what is wrong with it".to_owned())
}

/// Notes that this is in force, where another catalog was, or none. Gives the number of its publication.
pub(super) fn note_in_force(
    store: &mut dyn Store,
    in_force: &InForce,
    by: By,
    note: &str,
    now: Timestamp,
) -> Result<u64, StartError> {
    // What was only found in force yields to what was published meanwhile.
    let seen = (by == By::Server).then_some(in_force.publication);
    let adopt = Adopt { catalog: Arc::new(in_force.catalog.clone()), seen, note: note.to_owned() };
    let change = Change::Adopt(adopt);
    let operation = Operation { now, by, from: None, session: None, change, second: Second::Unasked };
    let command = Command::Operate(Box::new(operation));
    let answers = store.apply(&[command], &mut |set, command| decide(in_force, set, command))?;
    match answers.into_iter().next() {
        Some(Ok(Answer::Published { publication, .. })) if publication.version == in_force.version => {
            Ok(publication.number)
        }
        Some(Ok(Answer::Published { .. })) => Ok(in_force.publication),
        _ => Err(StartError::Undecided),
    }
}

/// Takes a catalog into force in a store, and notes why. The store is in a database, where servers that run on it take it into
/// force by themselves, or in the data directory at `path`, on which none may run.
pub fn import_catalog(
    path: &Path,
    database: Option<&DatabaseAddress>,
    catalog: Catalog,
    note: &str,
    edge: &Edge,
) -> Result<(), StartError> {
    let Some(address) = database else {
        let Base { keys, mut store, catalog, data: _data, .. } =
            Base::open(Some(path), None, Some(catalog), edge)?;
        let in_force = InForce::new(catalog, keys, Vec::new(), BTreeSet::new());
        note_in_force(&mut *store, &in_force, By::CommandLine, note, edge.now())?;
        return Ok(store.close()?);
    };
    catalog.validate().map_err(StartError::Catalog)?;
    let directory = path.join(keys::DIRECTORY);
    let in_keys = |error| StartError::File { path: directory.clone(), error };
    let keys = match Keys::read(&directory).map_err(in_keys)? {
        // A server may have the directory: its keys are there for the reading.
        Some(keys) => keys,
        None => DataDirectory::open(Some(path))?.keys(edge)?,
    };
    let mut store = PostgresStore::open(address)?;
    store.adopt(&Adoption { catalog: &catalog, faucet: keys.fingerprint(), now: edge.now() })?;
    let in_force = InForce::new(catalog, keys, Vec::new(), BTreeSet::new());
    note_in_force(&mut store, &in_force, By::CommandLine, note, edge.now())?;
    Ok(Box::new(store).close()?)
}

/// Pauses a rail for this reason, or lets it run again. `known` is what an operator says who has looked at the chain. The store
/// is in a database, beside whatever servers run on it, or in the data directory at `path`, on which none may run.
pub fn set_pause(
    path: &Path,
    database: Option<&DatabaseAddress>,
    rail: &str,
    why: Option<&str>,
    known: Known,
    edge: &Edge,
) -> Result<(), StartError> {
    let pause = SetPause { now: edge.now(), rail: rail.into(), why: why.map(Arc::from), known };
    payout(path, database, Command::SetPause(pause), edge.now()).map(drop)
}

/// Wants a batch not to be paid any more. Tells whether there is such a batch that has not ended. Where the store is, and
/// whether servers may run, is as for [`set_pause`].
pub fn cancel_batch(
    path: &Path,
    database: Option<&DatabaseAddress>,
    batch: BatchId,
    edge: &Edge,
) -> Result<bool, StartError> {
    let cancel = CancelBatch { now: edge.now(), batch };
    let answer = payout(path, database, Command::CancelBatch(cancel), edge.now())?;
    Ok(matches!(answer, Answer::Cancelling { open: true }))
}

/// Takes a [`Command::GiveBackWithdrawal`], a [`Command::ImportPayout`] or a [`Command::RecordPayout`], and tells what came of it. Where the store is, and
/// whether servers may run, is as for [`set_pause`].
pub fn correct_withdrawal(
    path: &Path,
    database: Option<&DatabaseAddress>,
    command: Command,
    edge: &Edge,
) -> Result<Correction, StartError> {
    match payout(path, database, command, edge.now())? {
        Answer::Corrected(correction) => Ok(correction),
        _ => Err(StartError::Undecided),
    }
}

/// Deletes the plays of a wallet's claimed rounds, and what operators have noted about it; what the rounds came to stays. Gives
/// of how many rounds there was a play. Where the store is, and whether servers may run, is as for [`set_pause`].
pub fn forget_player(
    path: &Path,
    database: Option<&DatabaseAddress>,
    wallet: Wallet,
    edge: &Edge,
) -> Result<u64, StartError> {
    let forgotten = with_store(path, database, |store| Ok(store.forget_plays(wallet)?))?;
    let forget = Change::ForgetNotes { wallet };
    operate(path, database, forget, edge.now())?.map_err(|_| StartError::Undecided)?;
    Ok(forgotten)
}

/// Makes an API key, or tells why not. Where the store is, and whether servers may run, is as for [`set_pause`].
pub fn make_api_key(
    path: &Path,
    database: Option<&DatabaseAddress>,
    request: ApiKeyRequest,
    edge: &Edge,
) -> Result<Result<ApiKeySecret, Refusal>, StartError> {
    let (key, make) = access::new_key(request, edge);
    let answer = operate(path, database, Change::MakeKey(make), edge.now())?;
    Ok(answer.and_then(|answer| access::with_secret(&key, answer, edge.now())))
}

/// Gives an API key a new secret, or tells why not. Where the store is, and whether servers may run, is as for [`set_pause`].
pub fn rotate_api_key(
    path: &Path,
    database: Option<&DatabaseAddress>,
    record: &ApiKeyRecord,
    rotation: ApiKeyRotation,
    edge: &Edge,
) -> Result<Result<ApiKeySecret, Refusal>, StartError> {
    let key = match access::new_secret(record, edge) {
        Ok(key) => key,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let rotate = RotateKey { id: record.id.as_str().into(), hash: key.hash(), rotation };
    let answer = operate(path, database, Change::RotateKey(rotate), edge.now())?;
    Ok(answer.and_then(|answer| access::with_secret(&key, answer, edge.now())))
}

/// Revokes an API key, or tells why not. Where the store is, and whether servers may run, is as for [`set_pause`].
pub fn revoke_api_key(
    path: &Path,
    database: Option<&DatabaseAddress>,
    id: &str,
    edge: &Edge,
) -> Result<Result<(), Refusal>, StartError> {
    let answer = operate(path, database, Change::RevokeKey { id: id.into() }, edge.now())?;
    Ok(answer.map(drop))
}

/// Invites an operator, or tells why not. Where the store is, and whether servers may run, is as for [`set_pause`].
pub fn invite_operator(
    path: &Path,
    database: Option<&DatabaseAddress>,
    request: InvitationRequest,
    edge: &Edge,
) -> Result<Result<Invited, Refusal>, StartError> {
    let (token, invite) = operators::new_invitation(request, edge);
    let answer = operate(path, database, Change::Access(AccessChange::Invite(invite)), edge.now())?;
    let invited = answer.and_then(|answer| operators::invited(token, answer));
    Ok(invited.and_then(|invited| invited.ok_or_else(|| Code::Internal.into())))
}

/// Dismisses an operator, or tells why not. Where the store is, and whether servers may run, is as for [`set_pause`].
pub fn dismiss_operator(
    path: &Path,
    database: Option<&DatabaseAddress>,
    id: &str,
    edge: &Edge,
) -> Result<Result<(), Refusal>, StartError> {
    let change = AccessChange::Dismiss { id: id.into() };
    Ok(operate(path, database, Change::Access(change), edge.now())?.map(drop))
}

/// Has a change by whoever runs commands decided and stored with its entry in the audit log.
fn operate(
    path: &Path,
    database: Option<&DatabaseAddress>,
    change: Change,
    now: Timestamp,
) -> Result<Result<Answer, Refusal>, StartError> {
    let operation =
        Operation { now, by: By::CommandLine, from: None, session: None, change, second: Second::Unasked };
    let command = Command::Operate(Box::new(operation.clone()));
    let answers = with_store(path, database, |store| {
        Ok(store.apply(std::slice::from_ref(&command), &mut |set, _| {
            let (answer, effects) = operate::decide_apart(set, &operation)?;
            set.apply(effects);
            Ok(answer)
        })?)
    })?;
    answers.into_iter().next().ok_or(StartError::Undecided)
}

/// Has a command about payouts decided and stored with its entry in the audit log.
fn payout(
    path: &Path,
    database: Option<&DatabaseAddress>,
    command: Command,
    now: Timestamp,
) -> Result<Answer, StartError> {
    let answer = operate(path, database, Change::Payout(Box::new(command)), now)?;
    answer.map_err(|_| StartError::Undecided)
}

/// Does something with the store, which must be there: beside whatever servers run on a database, or in the data directory at
/// `path`, on which none may run.
fn with_store<T>(
    path: &Path,
    database: Option<&DatabaseAddress>,
    work: impl FnOnce(&mut dyn Store) -> Result<T, StartError>,
) -> Result<T, StartError> {
    // Held until the store is closed.
    let mut data = None;
    let mut store: Box<dyn Store> = match database {
        Some(address) if PostgresReader::open(address)?.is_none() => {
            return Err(StartError::StoreMissing(address.to_string()));
        }
        Some(address) => Box::new(PostgresStore::open(address)?),
        None if !path.join(MAIN_FILE).exists() => {
            return Err(StartError::StoreMissing(path.display().to_string()));
        }
        None => {
            let data = data.insert(DataDirectory::open(Some(path))?);
            Box::new(SqliteStore::open(data.path(), data.durability())?)
        }
    };
    let done = work(&mut *store)?;
    store.close()?;
    Ok(done)
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
