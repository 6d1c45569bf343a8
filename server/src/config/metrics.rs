//! `[metrics]`: the listener of `/metrics`, apart from the public one.

use std::net::SocketAddr;

use serde::Deserialize;

use super::section::{Check, Section};
use super::text;

/// The metrics' own listener.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metrics {
    /// Its address; port 0 takes a free one. None where it is not set.
    #[serde(deserialize_with = "text::address_if_any")]
    pub listen: Option<SocketAddr>,
}

impl Section for Metrics {
    const NAME: &'static str = "metrics";

    fn validate(&self, _: &mut Check<'_>) {}
}
