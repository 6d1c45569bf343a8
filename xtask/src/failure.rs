//! Why a command could not be carried out, in words that say what to do next.

use std::{io, path::Path, process::ExitCode};

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The machine lacks something that this process may not install; the text ends with the line to type.
    #[error("{0}")]
    Needs(String),
    /// A program that was run ended badly.
    #[error("failed: {step}{detail}")]
    Step {
        /// What was being done.
        step: String,
        /// The end of its output and where the whole of it is.
        detail: String,
    },
    /// A file or folder could not be used.
    #[error("{what}: {source}")]
    File {
        /// What was attempted, with the path.
        what: String,
        /// What the system said.
        source: io::Error,
    },
    /// Anything else, already in words.
    #[error("{0}")]
    Other(String),
}

impl Failure {
    /// A failed use of `path`; `verb` is what was attempted: "read", "write".
    pub(crate) fn file(verb: &str, path: &Path, source: io::Error) -> Self {
        Self::File { what: format!("cannot {verb} {}", path.display()), source }
    }

    /// 2 when a person must do something first, else 1.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Needs(_) => ExitCode::from(2),
            Self::Step { .. } | Self::File { .. } | Self::Other(_) => ExitCode::FAILURE,
        }
    }
}
