//! Which store a command is about: the one that a server with the same configuration would have.

use std::path::PathBuf;

use clap::Args;

use super::{Failure, load};
use crate::config::{Config, Secrets};
use crate::store::BoxedReader;
use crate::store::postgres::{DatabaseAddress, PostgresReader};
use crate::store::sqlite::{MAIN_FILE, SqliteReader};

/// Where the store is.
#[derive(Debug, Args)]
pub(super) struct StoreSources {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data directory, in place of the configured one
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// A store.
#[derive(Debug)]
pub(super) struct Place {
    /// The data directory, which has the keys, and the store unless it is in a database.
    pub(super) data: PathBuf,
    /// The database that the store is in, if it is in one.
    pub(super) database: Option<DatabaseAddress>,
}

impl StoreSources {
    /// The configuration, and the store.
    pub(super) fn load(&self) -> Result<(Config, Place), Failure> {
        let config = load(self.config.as_deref(), Secrets::LeftOut)?;
        let data = self.data.clone().unwrap_or_else(|| config.server.data.clone());
        let database = config.store.database().map_err(Failure::Impossible)?;
        Ok((config, Place { data, database }))
    }

    /// The data directory alone.
    pub(super) fn data(&self) -> Result<PathBuf, Failure> {
        match &self.data {
            Some(data) => Ok(data.clone()),
            None => Ok(load(self.config.as_deref(), Secrets::LeftOut)?.server.data),
        }
    }

    /// The store.
    pub(super) fn place(&self) -> Result<Place, Failure> {
        Ok(self.load()?.1)
    }
}

impl Place {
    /// A reader of the store, beside whatever servers run; `None` where there is no store yet.
    pub(super) fn reader_if_any(&self) -> Result<Option<BoxedReader>, Failure> {
        let cannot = |error| Failure::impossible(self.name(), error);
        Ok(match &self.database {
            Some(database) => {
                PostgresReader::open(database).map_err(cannot)?.map(|reader| Box::new(reader) as BoxedReader)
            }
            None if !self.data.join(MAIN_FILE).exists() => None,
            None => Some(Box::new(SqliteReader::open(&self.data).map_err(cannot)?)),
        })
    }

    /// A reader of the store, which must be there.
    pub(super) fn reader(&self) -> Result<BoxedReader, Failure> {
        let reader = self.reader_if_any()?;
        reader.ok_or_else(|| Failure::Impossible(format!("{}: there is no store", self.name())))
    }

    /// What is said of a store that cannot be read.
    pub(super) fn name(&self) -> String {
        match &self.database {
            Some(database) => database.to_string(),
            None => self.data.display().to_string(),
        }
    }
}
