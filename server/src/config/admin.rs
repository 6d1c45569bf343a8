//! `[admin]`: a listener of its own for what operators do, apart from the public one.

use std::net::SocketAddr;

use serde::Deserialize;

use super::section::{Check, Section};
use super::text;

/// Where operators are served.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Admin {
    /// The address of `/admin`; port 0 takes a free one. Beside what players do, on the public address, where it is not set.
    #[serde(deserialize_with = "text::address_if_any")]
    pub listen: Option<SocketAddr>,
}

impl Section for Admin {
    const NAME: &'static str = "admin";

    fn validate(&self, _: &mut Check<'_>) {}
}
