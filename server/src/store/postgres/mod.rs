//! The store in PostgreSQL: one database for several servers.
//!
//! Every batch is a transaction of isolation level READ COMMITTED, on the one connection of the writer. What it changes is
//! locked when it is read, in one order by all ([`load`]); what it makes anew is inserted, and a key that is taken tells
//! that another server was faster ([`flush`]). Then the batch is rolled back and decided anew, a bounded number of
//! times. A batch takes the same number of round trips however many commands it has.
//!
//! A commit is synced when it returns, unless a batch has segments alone, none of them a round's final one: then
//! `synchronous_commit` is off, and a commit survives the server, and pages send again what a loss of power took. A
//! connection that is lost before the commit has rolled the batch back; one that is lost in it leaves the outcome
//! unknown. The next batch mends it. Where the database has a synchronous standby, a commit waits for it as well, and nothing is
//! acted upon that only a database has which was killed meanwhile ([`session`]).
//!
//! The log is written by whoever has an advisory lock of its transaction ([`sequence`]). A server that is cut off loses the
//! lock when, and only when, the database ends its transaction, so there is no moment at which it could still write: the
//! transaction is the lease, and its end the fence.
//!
//! Connections are encrypted where the address demands it ([`DatabaseAddress`]).

use dripline_shared::amount::Asset;
use dripline_shared::catalog::Catalog;
use dripline_shared::wallet::Wallet;

use crate::refusal::Refusal;
use crate::store::command::{Divide, Gather};
use crate::store::postgres::failure::Failure;
use crate::store::postgres::intern::{Levels, Names};
use crate::store::postgres::load_shared::Access;
use crate::store::postgres::session::Session;
use crate::store::record::ServerId;
use crate::store::{
    Adoption, Answers, BoxedReader, Command, Decide, DeliveryRecord, DeliveryStep, Horizon, Sequence,
    StorageError, Store, WorkingSet,
};

mod address;
mod adopt;
pub mod audit;
mod delegations;
mod deliveries;
mod documents;
mod dormant;
mod failure;
mod flush;
mod flush_ledger;
mod flush_payouts;
mod intern;
mod load;
mod load_shared;
mod payouts;
mod players;
mod read;
mod read_keys;
mod rows;
mod schema;
mod sequence;
mod session;
mod site_days;
mod sweep;
mod vouchers;
mod wanted;

pub use address::{AddressError, DatabaseAddress};
pub use adopt::adopted_catalog;
pub use read::PostgresReader;

/// How often a batch is decided before it is given up, where other servers change what it read.
pub const TRIES_MAX: u32 = 5;

/// Keys of advisory locks: of all that are Dripline's, and the number of one. The last is in the schema.
const LOCKS: i32 = 1_685_219_696;
/// Migrating.
const MIGRATING: i32 = 1;
/// Adopting a catalog.
const ADOPTING: i32 = 2;
/// Writing the log.
const SEQUENCING: i32 = 3;
/// Sweeping.
const SWEEPING: i32 = 4;
/// Gathering and dividing what all share. 5 is in the schema.
const SLICING: i32 = 6;
/// What whoever changes what operators change holds of [`LOCKS`], before anything else.
const OPERATING: i32 = 7;

/// What goes with a commit, in the same round trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Commit {
    /// Nothing.
    Plain,
    /// That it need not be synced.
    NotSynced,
    /// Ids of transfers that were taken and not given: the first of them, and the last.
    Unused(i64, i64),
}

/// The writing side. See the module.
#[derive(Debug)]
pub struct PostgresStore {
    session: Session,
    levels: Levels,
    names: Names,
    /// The network prefix that the sweep looked at last.
    swept_prefix: String,
    /// Which server this is to the others.
    server: ServerId,
}

impl PostgresStore {
    /// Opens the store in a database, which exists, and brings it to this build's version.
    pub fn open(address: &DatabaseAddress) -> Result<Self, StorageError> {
        let mut session = Session::of_server(address)?;
        schema::migrate(&mut session).map_err(Failure::rolled_back)?;
        let (levels, names) = (Levels::default(), Names::default());
        let server = new_server(&mut session).map_err(Failure::rolled_back)?;
        Ok(Self { session, levels, names, swept_prefix: String::new(), server })
    }

    /// How many round trips to the database the writer has made.
    pub fn round_trips(&self) -> u64 {
        self.session.round_trips()
    }

    /// Runs `work` in a transaction and commits it as it says. Where another server was faster, it is run again.
    fn transact<T>(
        &mut self,
        mut work: impl FnMut(&mut Self) -> Result<(T, Commit), Failure>,
    ) -> Result<T, StorageError> {
        let mut tried = 0;
        loop {
            tried += 1;
            let begun = self.session.begin("BEGIN ISOLATION LEVEL READ COMMITTED");
            match begun.and_then(|()| work(self)) {
                Ok((value, commit)) => return self.commit(commit).map(|()| value),
                Err(failure) => {
                    self.roll_back();
                    if tried == TRIES_MAX || !failure.is_conflict() {
                        return Err(failure.rolled_back());
                    }
                    tracing::debug!(%failure, "another server was faster: the batch is decided anew");
                }
            }
        }
    }

    fn commit(&mut self, commit: Commit) -> Result<(), StorageError> {
        let committed = match commit {
            Commit::Plain => self.session.run("COMMIT"),
            Commit::NotSynced => self.session.run("SET LOCAL synchronous_commit = off; COMMIT"),
            Commit::Unused(first, last) => {
                self.session.run(&format!("SELECT return_transfer_ids({first}, {last}); COMMIT"))
            }
        };
        committed.map_err(|failure| {
            self.names.forget();
            if failure.is_refusal() {
                self.session.roll_back();
                return failure.rolled_back();
            }
            self.session.disconnect();
            StorageError::CommitFailed(failure.to_string())
        })
    }

    fn roll_back(&mut self) {
        self.names.forget();
        self.session.roll_back();
    }

    /// Reads without a transaction, on a new connection where the old one is gone.
    fn read<T>(&mut self, read: impl FnMut(&mut Session) -> Result<T, Failure>) -> Result<T, StorageError> {
        self.session.mended(read).map_err(Failure::rolled_back)
    }
}

/// A random id, as the database gives it.
fn new_server(session: &mut Session) -> Result<ServerId, Failure> {
    let row = session.query_one("SELECT uuid_send(gen_random_uuid())", &[])?;
    Ok(ServerId(rows::bytes(&row.ok_or(Failure::Missing)?, 0)?))
}

/// Decides a batch; where it has claims, also what becomes of the parts of what all share. Fails where the part of this
/// server does not suffice for one of them.
fn decide_all(
    batch: &[Command],
    server: ServerId,
    set: &mut WorkingSet,
    decide: &mut Decide<'_>,
) -> Result<Answers, Failure> {
    let claimed = batch.iter().filter_map(|command| match command {
        Command::Settle(settle) => Some(settle.now),
        _ => None,
    });
    let now = claimed.max();
    let is_whole = set.own_slot().is_none();
    let never = |_| Failure::Missing;
    if let Some(now) = now.filter(|_| is_whole && set.slots().iter().any(|slot| slot.parts > 1)) {
        decide(set, &Command::Gather(Gather { now })).map_err(never)?;
    }
    let answers: Answers = batch.iter().map(|command| decide(set, command)).collect();
    let is_short = |answer: &Result<_, Refusal>| answer.as_ref().is_err_and(Refusal::is_of_shared);
    if !is_whole && answers.iter().any(is_short) {
        return Err(Failure::RanShort);
    }
    if let Some(now) = now {
        decide(set, &Command::Divide(Divide { now, server })).map_err(never)?;
    }
    Ok(answers)
}

impl Store for PostgresStore {
    fn adopted(&mut self) -> Result<Option<Catalog>, StorageError> {
        self.read(adopt::adopted)
    }

    fn adopt(&mut self, adoption: &Adoption<'_>) -> Result<(), StorageError> {
        self.transact(|store| Ok((adopt::adopt(&mut store.session, adoption)?, Commit::Plain)))
    }

    fn reader(&self) -> Result<BoxedReader, StorageError> {
        Ok(Box::new(PostgresReader::new(self.session.another()?)))
    }

    fn assets(&mut self) -> Result<Vec<Asset>, StorageError> {
        self.read(adopt::assets)
    }

    fn learn_assets(&mut self, assets: &[Asset]) -> Result<(), StorageError> {
        self.transact(|store| Ok((adopt::learn_assets(&mut store.session, assets)?, Commit::Plain)))
    }

    fn apply(&mut self, batch: &[Command], decide: &mut Decide<'_>) -> Result<Answers, StorageError> {
        let mut is_whole = false;
        self.transact(|store| {
            let access = Access { server: store.server, is_whole };
            let mut loaded = load::load(&mut store.session, &mut store.levels, batch, access)?;
            let answers =
                decide_all(batch, store.server, &mut loaded.set, decide).inspect_err(|_| is_whole = true)?;
            let changes = loaded.set.take_changes();
            flush::flush(&mut store.session, &mut store.names, &mut loaded, &changes)?;
            let (taken, end) = loaded.transfer_ids;
            let next = i64::try_from(loaded.set.next_transfer_id()).unwrap_or(i64::MAX);
            debug_assert!(
                changes.transfers.is_empty() || next <= end,
                "more transfers than ids were taken for"
            );
            let commit = if next < end {
                Commit::Unused(next.max(taken), end.saturating_sub(1))
            } else if changes.only_segments() && !loaded.set.finishes(&changes) {
                Commit::NotSynced
            } else {
                Commit::Plain
            };
            Ok((answers, commit))
        })
    }

    fn sequence(&mut self, sequence: &Sequence<'_>) -> Result<bool, StorageError> {
        if !self.read(sequence::is_behind)? {
            return Ok(false);
        }
        self.transact(|store| Ok((sequence::append(&mut store.session, sequence)?, Commit::Plain)))
    }

    fn sweep(&mut self, horizon: Horizon) -> Result<bool, StorageError> {
        self.transact(|store| {
            let more = sweep::sweep(&mut store.session, &mut store.swept_prefix, horizon)?;
            Ok((more, Commit::Plain))
        })
    }

    fn deliver(&mut self, step: &DeliveryStep) -> Result<Vec<DeliveryRecord>, StorageError> {
        self.transact(|store| Ok((deliveries::deliver(&mut store.session, step)?, Commit::Plain)))
    }

    fn forget_plays(&mut self, wallet: Wallet) -> Result<u64, StorageError> {
        self.transact(|store| Ok((sweep::forget_plays(&mut store.session, wallet)?, Commit::Plain)))
    }

    fn tidy(&mut self) -> Result<(), StorageError> {
        Ok(())
    }

    fn close(self: Box<Self>) -> Result<(), StorageError> {
        Ok(())
    }
}
