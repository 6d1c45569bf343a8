//! What the operator sees of a running server: the log, the metrics and traces.
//!
//! **Never in any of them:** addresses of clients, wallets, round ids, client ids, tokens, signatures, keys. A line names
//! the route as it is written in the code (`/api/v1/wallets/{wallet}`), never the address that was asked for, so that
//! nobody can put together who played from where. A request id joins a line to what the client saw.

mod log;
mod metrics;
mod traces;

use std::time::{Duration, Instant};

pub use log::{Format, LogError, is_filter, start};
pub(crate) use metrics::Answered;
pub use metrics::{METRICS_CONTENT_TYPE, Metrics};
pub(crate) use traces::TRACES;
pub use traces::{TraceSettings, Traces};

/// Measures how long something takes.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(
        clippy::disallowed_methods,
        reason = "durations are only shown to the operator; nothing depends on them"
    )]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
