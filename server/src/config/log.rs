//! `[log]`: what is written to standard error, and how.

use serde::Deserialize;

use super::section::{Check, Section};
use crate::telemetry::{Format, is_filter};

/// What is written, and how.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// A level (`info`) or directives (`warn,dripline_server=debug`). From `debug` on, every answer has a line.
    pub filter: String,
    /// Lines for people, or JSON.
    pub format: Format,
}

impl Default for Log {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: Format::Text }
    }
}

impl Section for Log {
    const NAME: &'static str = "log";

    fn validate(&self, check: &mut Check<'_>) {
        let expected =
            "error, warn, info, debug, trace, or directives such as \"warn,dripline_server=debug\"";
        check.holds(is_filter(&self.filter), "filter", expected);
    }
}
