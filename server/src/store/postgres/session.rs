//! A session with the database: one connection, the statements that are prepared on it, and how it is mended.
//!
//! Each call of [`Session::query`], [`Session::execute`] or [`Session::run`] is one round trip; the first time that a
//! connection sees a statement, preparing it is another one.

use std::collections::HashMap;
use std::fmt;
use std::thread;
use std::time::Duration;

use postgres::fallible_iterator::FallibleIterator;
use postgres::types::ToSql;
use postgres::{Client, Row, Statement};

use crate::store::StorageError;
use crate::store::postgres::address::DatabaseAddress;
use crate::store::postgres::failure::Failure;

/// How often a connection is tried for before a batch is given up.
const CONNECT_TRIES: u32 = 4;
/// How long is waited after the first try that failed; after each further one, twice as long.
const CONNECT_PAUSE: Duration = Duration::from_millis(100);

/// How a connection is set up. A lock is waited for as long as SQLite's would be. A server that stops in the middle of a
/// transaction loses its locks after a while. A commit waits for a synchronous standby, where there is one, also where all else
/// on this database does not (`local`, `remote_write`); what the operator set to be stricter than `on` stays.
const SETTINGS: &str = "
    SET lock_timeout = '5s';
    SET idle_in_transaction_session_timeout = '30s';
    SET client_min_messages = warning;
    SET jit = off;
    SELECT set_config('synchronous_commit', 'on', false)
        WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')";

/// What a server does first on a connection: a commit that changes nothing and waits for a synchronous standby all the same.
/// A database that was killed while a commit waited for the standby has it from its own log when it is back, and shows it to
/// everybody, though the standby may never have got it. Once this has returned, the standby has all that can be seen.
const CAUGHT_UP: &str = "SELECT pg_logical_emit_message(true, 'dripline', '') WHERE NOT pg_is_in_recovery()";

/// Parameters of a statement.
pub(super) type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

/// See the module.
pub(super) struct Session {
    address: DatabaseAddress,
    client: Option<Client>,
    statements: HashMap<&'static str, Statement>,
    /// Whether it is a server's, which acts upon what it reads, or of somebody who only looks.
    is_of_server: bool,
    /// Whether the last tries for a connection all failed.
    unreachable: bool,
    round_trips: u64,
}

impl Session {
    /// A session with a database, of somebody who only looks at what is there.
    pub(super) fn open(address: &DatabaseAddress) -> Result<Self, StorageError> {
        Self::begun(address, false)
    }

    /// A session of a server.
    pub(super) fn of_server(address: &DatabaseAddress) -> Result<Self, StorageError> {
        Self::begun(address, true)
    }

    fn begun(address: &DatabaseAddress, is_of_server: bool) -> Result<Self, StorageError> {
        let mut session = Self {
            address: address.clone(),
            client: None,
            statements: HashMap::new(),
            is_of_server,
            unreachable: false,
            round_trips: 0,
        };
        session.connect().map_err(Failure::rolled_back)?;
        Ok(session)
    }

    /// Another session with the same database.
    pub(super) fn another(&self) -> Result<Self, StorageError> {
        Self::begun(&self.address, self.is_of_server)
    }

    /// How many round trips there were.
    pub(super) fn round_trips(&self) -> u64 {
        self.round_trips
    }

    /// Begins a transaction with this statement, on a new connection where the old one is gone: nothing has been done yet
    /// that could be lost with it.
    pub(super) fn begin(&mut self, begin: &str) -> Result<(), Failure> {
        if self.client.is_some() {
            match self.run(begin) {
                Ok(()) => return Ok(()),
                Err(error) => tracing::warn!(%error, "the connection to the database was lost"),
            }
            self.disconnect();
        }
        self.connect()?;
        self.run(begin)
    }

    /// Runs what only reads, and once more on a new connection where the old one was lost.
    pub(super) fn mended<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        match read(self) {
            Err(failure) if failure.is_loss() => {
                tracing::warn!(%failure, "the connection to the database was lost");
                self.disconnect();
                self.connect()?;
                read(self)
            }
            result => result,
        }
    }

    /// Ends whatever transaction is open. Where even this fails, the connection is given up, and the transaction with it.
    pub(super) fn roll_back(&mut self) {
        // A lock of the session may be left of a reservation that was interrupted.
        if self.client.is_some() && self.run("ROLLBACK; SELECT pg_advisory_unlock_all()").is_err() {
            self.disconnect();
        }
    }

    /// Gives the connection up.
    pub(super) fn disconnect(&mut self) {
        self.client = None;
        self.statements.clear();
    }

    /// Runs statements without parameters.
    pub(super) fn run(&mut self, sql: &str) -> Result<(), Failure> {
        self.round_trips = self.round_trips.saturating_add(1);
        Ok(self.client()?.batch_execute(sql)?)
    }

    /// Runs a prepared statement, and gives the rows.
    pub(super) fn query(
        &mut self,
        sql: &'static str,
        parameters: Parameters<'_>,
    ) -> Result<Vec<Row>, Failure> {
        let statement = self.prepared(sql)?;
        Ok(self.client()?.query(&statement, parameters)?)
    }

    /// Runs a prepared statement, and gives its only row, if there is one.
    pub(super) fn query_one(
        &mut self,
        sql: &'static str,
        parameters: Parameters<'_>,
    ) -> Result<Option<Row>, Failure> {
        Ok(self.query(sql, parameters)?.into_iter().next())
    }

    /// Runs a prepared statement, and gives how many rows it changed.
    pub(super) fn execute(&mut self, sql: &'static str, parameters: Parameters<'_>) -> Result<u64, Failure> {
        let statement = self.prepared(sql)?;
        Ok(self.client()?.execute(&statement, parameters)?)
    }

    /// Runs a prepared statement without parameters, and takes its rows as they come: there may be any number of them.
    pub(super) fn each(
        &mut self,
        sql: &'static str,
        mut take: impl FnMut(&Row) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let statement = self.prepared(sql)?;
        let mut rows = self.client()?.query_raw(&statement, std::iter::empty::<i64>())?;
        while let Some(row) = rows.next()? {
            take(&row)?;
        }
        Ok(())
    }

    /// Counts a round trip, and gives the statement for it.
    fn prepared(&mut self, sql: &'static str) -> Result<Statement, Failure> {
        self.round_trips = self.round_trips.saturating_add(1);
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        self.round_trips = self.round_trips.saturating_add(1);
        let statement = self.client()?.prepare(sql)?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }

    fn client(&mut self) -> Result<&mut Client, Failure> {
        self.client.as_mut().ok_or_else(|| Failure::Unreachable("the connection was lost".to_owned()))
    }

    /// Connects, unless there is a connection. While the database cannot be reached, each further batch tries once, so that
    /// what waits is told soon.
    fn connect(&mut self) -> Result<(), Failure> {
        let most = if self.unreachable { 1 } else { CONNECT_TRIES };
        let mut pause = CONNECT_PAUSE;
        let mut tried = 0;
        while self.client.is_none() {
            tried += 1;
            match connect(&self.address, self.is_of_server) {
                Ok(client) => self.client = Some(client),
                Err(error) if tried == most => {
                    self.unreachable = true;
                    return Err(Failure::Unreachable(Failure::from(error).to_string()));
                }
                Err(_) => thread::sleep(pause),
            }
            pause *= 2;
        }
        self.unreachable = false;
        Ok(())
    }
}

fn connect(address: &DatabaseAddress, is_of_server: bool) -> Result<Client, postgres::Error> {
    let mut client = address.connect()?;
    client.batch_execute(SETTINGS)?;
    if is_of_server {
        client.batch_execute(CAUGHT_UP)?;
    }
    Ok(client)
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_connected = self.client.is_some();
        formatter.debug_struct("Session").field("is_connected", &is_connected).finish_non_exhaustive()
    }
}
