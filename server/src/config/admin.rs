//! `[admin]`: a listener of its own for what operators do, apart from the public one.

use std::net::SocketAddr;

use serde::Deserialize;

use super::section::{Check, Section};
use super::text;
use crate::access::passkey::domain_of;

/// Where operators are served.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Admin {
    /// The address of `/admin`; port 0 takes a free one. Beside what players do, on the public address, where it is not set.
    #[serde(deserialize_with = "text::address_if_any")]
    pub listen: Option<SocketAddr>,
    /// The origin of the page where operators sign in, where it is another one than players'. Passkeys are for its domain, and
    /// work with no other.
    pub origin: Option<String>,
}

impl Section for Admin {
    const NAME: &'static str = "admin";

    fn validate(&self, check: &mut Check<'_>) {
        let works = self.origin.as_deref().is_none_or(|origin| domain_of(origin).is_ok());
        let expected = "an origin with a name, such as \"https://console.example\": passkeys work by https and not for addresses \
                        in numbers, and by http on localhost alone";
        check.holds(works, "origin", expected);
    }
}
