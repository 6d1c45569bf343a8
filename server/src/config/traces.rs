//! `[traces]`: where traces are sent to.

use serde::Deserialize;

use super::section::{Check, Section};
use crate::payout::rpc::is_endpoint;
use crate::telemetry::TraceSettings;

/// The longest name of a service, in characters.
const SERVICE_CHARS_MAX: usize = 80;

/// Where traces are sent to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Traces {
    /// The address of a collector of OpenTelemetry; none are made where it is not set.
    endpoint: Option<String>,
    /// What the server is called there.
    service: String,
    /// How many of a hundred traces are sent.
    sample_percent: u32,
}

impl Default for Traces {
    fn default() -> Self {
        Self { endpoint: None, service: "dripline".to_owned(), sample_percent: 100 }
    }
}

impl Section for Traces {
    const NAME: &'static str = "traces";

    fn validate(&self, check: &mut Check<'_>) {
        check.holds(
            self.endpoint.as_deref().is_none_or(is_endpoint),
            "endpoint",
            "an address such as \"http://127.0.0.1:4318\", or \"env:NAME\" for one in a variable of the environment",
        );
        let is_name = (1..=SERVICE_CHARS_MAX).contains(&self.service.chars().count())
            && !self.service.chars().any(char::is_control);
        check.holds(is_name, "service", format!("1 to {SERVICE_CHARS_MAX} characters in one line"));
        check.within(self.sample_percent, 1..=100, "sample_percent");
    }
}

impl Traces {
    /// What the telemetry is started with, if there is anybody to send them to.
    pub fn settings(&self) -> Option<TraceSettings> {
        let (service, sample_percent) = (self.service.clone(), self.sample_percent);
        self.endpoint.clone().map(|endpoint| TraceSettings { endpoint, service, sample_percent })
    }
}
