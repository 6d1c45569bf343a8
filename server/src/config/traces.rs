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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Secrets};

    fn parse(settings: &str) -> Result<Option<TraceSettings>, String> {
        let (file, text) = (std::path::Path::new("dripline.toml"), format!("[traces]\n{settings}\n"));
        let parsed = Config::parse(Some((file, &text)), [], Secrets::Checked);
        parsed.map(|config| config.traces.settings()).map_err(|findings| findings[0].to_string())
    }

    #[test]
    fn traces_are_sent_where_a_collector_is_named() {
        assert_eq!(parse("service = 'faucet'"), Ok(None));
        let expected = TraceSettings {
            endpoint: "http://collector.example:4318".to_owned(),
            service: "dripline".to_owned(),
            sample_percent: 5,
        };
        assert_eq!(
            parse("endpoint = 'http://collector.example:4318'\nsample_percent = 5"),
            Ok(Some(expected))
        );
    }

    #[test]
    fn what_is_wrong_is_told_by_its_setting() {
        for (settings, place) in [
            (
                "endpoint = 'collector.example'",
                "dripline.toml:2: traces.endpoint: expected an address such as",
            ),
            ("service = ''", "dripline.toml:2: traces.service: expected 1 to 80 characters"),
            (
                "sample_percent = 0",
                "dripline.toml:2: traces.sample_percent: expected a whole number from 1 to 100",
            ),
        ] {
            let told = parse(settings).unwrap_err();
            assert!(told.starts_with(place), "{settings}: {told}");
        }
    }
}
