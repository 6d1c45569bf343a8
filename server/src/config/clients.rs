//! `[clients]`: how clients' addresses are found and grouped into networks.

use ipnet::IpNet;
use serde::Deserialize;

use super::section::{Check, Section};
use super::text;
use crate::http::{self, ForwardedHeader};

/// The most networks of proxies.
const PROXIES_MAX: usize = 256;

/// How clients' addresses are found and grouped.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Clients {
    /// The networks of the operator's own proxies: only what comes from there is believed about addresses.
    #[serde(deserialize_with = "text::networks")]
    pub proxies: Vec<IpNet>,
    /// The header in which they tell the client's address.
    pub forwarded_header: ForwardedHeader,
    /// Whether the ids are believed that they give requests, in `X-Request-Id`.
    pub believe_request_ids: bool,
    /// How many bits of an IPv4 address are the network that limits count by.
    pub prefix_v4: u8,
    /// How many bits of an IPv6 address are the network that limits count by.
    pub prefix_v6: u8,
}

impl Default for Clients {
    fn default() -> Self {
        let http::Clients { proxies, header, believe_request_ids, prefix_v4, prefix_v6 } =
            http::Clients::default();
        Self { proxies, forwarded_header: header, believe_request_ids, prefix_v4, prefix_v6 }
    }
}

impl Section for Clients {
    const NAME: &'static str = "clients";
    const LISTS: &'static [&'static str] = &["proxies"];

    fn validate(&self, check: &mut Check<'_>) {
        check.holds(self.proxies.len() <= PROXIES_MAX, "proxies", format!("at most {PROXIES_MAX} networks"));
        check.within(self.prefix_v4, 8..=32, "prefix_v4");
        check.within(self.prefix_v6, 16..=64, "prefix_v6");
    }
}

impl Clients {
    /// Whether any proxy is named that is not on this machine: one that is needs no address that others reach.
    pub(super) fn has_remote_proxy(&self) -> bool {
        self.proxies.iter().any(|network| !network.network().is_loopback())
    }
}

impl From<&Clients> for http::Clients {
    fn from(clients: &Clients) -> Self {
        Self {
            proxies: clients.proxies.clone(),
            header: clients.forwarded_header,
            believe_request_ids: clients.believe_request_ids,
            prefix_v4: clients.prefix_v4,
            prefix_v6: clients.prefix_v6,
        }
    }
}
