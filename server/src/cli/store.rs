//! Which store a command is about: the one that a server with the same configuration would have.

use std::path::PathBuf;

use clap::Args;

use super::{Failure, load};
use crate::config::Config;
use crate::store::postgres::DatabaseAddress;

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
        let config = load(self.config.as_deref())?;
        let data = self.data.clone().unwrap_or_else(|| config.server.data.clone());
        let database = config.store.database().map_err(Failure::Impossible)?;
        Ok((config, Place { data, database }))
    }

    /// The store.
    pub(super) fn place(&self) -> Result<Place, Failure> {
        Ok(self.load()?.1)
    }
}

impl Place {
    /// What is said of a store that cannot be read.
    pub(super) fn name(&self) -> String {
        match &self.database {
            Some(database) => database.to_string(),
            None => self.data.display().to_string(),
        }
    }
}
