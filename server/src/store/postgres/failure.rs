//! What goes wrong, and what it means for a batch.

use std::error::Error;
use std::io;

use postgres::error::{Severity, SqlState};

use crate::store::StorageError;

/// Why a step of a transaction failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The database, or the way to it.
    #[error("{}", told(.0))]
    Database(#[from] postgres::Error),
    /// There is no way to it.
    #[error("{0}")]
    Unreachable(String),
    /// What was read is not what somebody else has made of it meanwhile.
    #[error("another server changed what was read")]
    Conflict,
    /// The part of what all share that this server has does not suffice, or is gone.
    #[error("this server's part of what all share does not suffice")]
    RanShort,
    /// A column that is not of the form in which it is written.
    #[error("the {0} of a row cannot be read")]
    Column(&'static str),
    /// A record that was written before and is not among what was loaded: the batch would not be what it was decided on.
    #[error("a record is missing that was there before")]
    Missing,
    /// What is no failure of the database.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// The error with what the database says of it.
fn told(error: &postgres::Error) -> String {
    match error.as_db_error() {
        Some(said) => format!("{}: {}", said.severity(), said.message()),
        // The driver's own words leave out why.
        None => match error.source() {
            Some(why) => format!("{error}: {why}"),
            None => error.to_string(),
        },
    }
}

impl Failure {
    fn code(&self) -> Option<&SqlState> {
        match self {
            Self::Database(error) => error.code(),
            _ => None,
        }
    }

    /// Whether another server was faster, so that the batch, decided anew from what is there now, may pass.
    pub(super) fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict | Self::RanShort)
            || self.code().is_some_and(|code| {
                [
                    SqlState::UNIQUE_VIOLATION,
                    SqlState::T_R_SERIALIZATION_FAILURE,
                    SqlState::T_R_DEADLOCK_DETECTED,
                ]
                .contains(code)
            })
    }

    /// Whether the database refused a statement and goes on listening: then what was to be committed is not.
    pub(super) fn is_refusal(&self) -> bool {
        match self {
            Self::Database(error) => error
                .as_db_error()
                .is_some_and(|said| matches!(said.parsed_severity(), Some(Severity::Error))),
            _ => false,
        }
    }

    /// Whether the connection is gone.
    pub(super) fn is_loss(&self) -> bool {
        match self {
            Self::Unreachable(_) => true,
            Self::Database(error) => {
                error.is_closed()
                    || error.as_db_error().is_some() && !self.is_refusal()
                    || error.source().is_some_and(<dyn Error>::is::<io::Error>)
            }
            _ => false,
        }
    }

    /// As the failure of a batch that was rolled back.
    pub(super) fn rolled_back(self) -> StorageError {
        match self {
            Self::Storage(error) => error,
            Self::Unreachable(why) => StorageError::Unreachable(why),
            failure if failure.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => {
                StorageError::Held(failure.to_string())
            }
            failure => StorageError::RolledBack(failure.to_string()),
        }
    }
}
