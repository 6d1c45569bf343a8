//! The log: lines for people, or JSON for machines, on standard error.

use std::io::{IsTerminal, stderr};

use serde::Deserialize;
use tracing::Subscriber;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt, registry};

use super::traces::{TRACES, TraceSettings, Traces};

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
    /// Traces cannot be sent as it was configured.
    #[error("traces: {0}")]
    Traces(String),
    /// There is a log already.
    #[error("the log is running already")]
    Running,
}

/// Whether a text is a level or directives.
pub fn is_filter(text: &str) -> bool {
    EnvFilter::try_new(text).is_ok()
}

/// What writes lines.
fn lines<S>(format: Format) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let lines = fmt::layer()
        .with_writer(stderr)
        // Where standard error is gone, nobody can be told so; writing there again would panic.
        .log_internal_errors(false)
        .with_ansi(stderr().is_terminal());
    match format {
        Format::Text => lines.with_target(false).boxed(),
        Format::Json => lines.json().boxed(),
    }
}

/// Starts the log of this process, and traces where somebody takes them. `filter` is a level (`info`) or directives
/// (`warn,dripline_server=debug`).
pub fn start(
    filter: &str,
    format: Format,
    traces: Option<&TraceSettings>,
) -> Result<Option<Traces>, LogError> {
    let filter = EnvFilter::try_new(filter)?;
    // Spans of traces are for the collector alone.
    let filter = filter.add_directive(format!("{TRACES}=off").parse()?);
    let traces = traces.map(Traces::open).transpose().map_err(LogError::Traces)?;
    let started = match &traces {
        // Without traces, what the log does not show is not even looked at.
        None => registry().with(filter).with(lines(format)).try_init(),
        Some(traces) => registry().with(lines(format).with_filter(filter)).with(traces.layer()).try_init(),
    };
    started.map_err(|_| LogError::Running)?;
    Ok(traces)
}
