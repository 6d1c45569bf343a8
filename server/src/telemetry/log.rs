//! The log: lines for people, or JSON for machines, on standard error.

use std::io::{IsTerminal, stderr};

use serde::Deserialize;
use tracing_subscriber::EnvFilter;

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Why the log did not start.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter is not one.
    #[error("the filter: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// There is a log already.
    #[error("the log is running already")]
    Running,
}

/// Whether a text is a level or directives.
pub fn is_filter(text: &str) -> bool {
    EnvFilter::try_new(text).is_ok()
}

/// Starts the log of this process. `filter` is a level (`info`) or directives (`warn,dripline_server=debug`).
pub fn start(filter: &str, format: Format) -> Result<(), LogError> {
    let filter = EnvFilter::try_new(filter)?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        // Where standard error is gone, nobody can be told so; writing there again would panic.
        .log_internal_errors(false)
        .with_ansi(stderr().is_terminal());
    let started = match format {
        Format::Text => lines.with_target(false).try_init(),
        Format::Json => lines.json().try_init(),
    };
    started.map_err(|_| LogError::Running)
}
