//! `[connections]`: how many, and how long each may keep the server waiting.

use std::time::Duration;

use ipnet::IpNet;
use serde::Deserialize;

use super::section::{Check, Section};
use crate::http::{BODY_TIMEOUT, Serving};

/// The longest time-out: ten minutes.
const TIMEOUT_MAX_MS: u64 = 600_000;

/// How connections are served.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Connections {
    /// How many may be open at once.
    pub max: usize,
    /// How many of them one address may have; proxies and loopback may have any number.
    pub per_address_max: usize,
    /// How long a request's headers may take, and how long an idle connection is kept, in milliseconds.
    pub header_timeout_ms: u64,
    /// How long a request's body may take, in milliseconds.
    pub body_timeout_ms: u64,
    /// How long a connection may neither take nor give a byte, in milliseconds.
    pub stall_timeout_ms: u64,
    /// How long requests in progress may take when the server is told to end, in milliseconds.
    pub shutdown_grace_ms: u64,
}

impl Default for Connections {
    fn default() -> Self {
        let serving = Serving::default();
        let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Self {
            max: serving.connections_max,
            per_address_max: serving.per_address_max,
            header_timeout_ms: ms(serving.header_timeout),
            body_timeout_ms: ms(BODY_TIMEOUT),
            stall_timeout_ms: ms(serving.stall_timeout),
            shutdown_grace_ms: ms(serving.shutdown_grace),
        }
    }
}

impl Section for Connections {
    const NAME: &'static str = "connections";

    fn validate(&self, check: &mut Check<'_>) {
        check.within(self.max, 1..=1_000_000, "max");
        check.within(self.per_address_max, 1..=1_000_000, "per_address_max");
        check.within(self.header_timeout_ms, 100..=TIMEOUT_MAX_MS, "header_timeout_ms");
        check.within(self.body_timeout_ms, 100..=TIMEOUT_MAX_MS, "body_timeout_ms");
        check.within(self.stall_timeout_ms, 100..=TIMEOUT_MAX_MS, "stall_timeout_ms");
        check.within(self.shutdown_grace_ms, 0..=TIMEOUT_MAX_MS, "shutdown_grace_ms");
    }
}

impl Connections {
    /// As the listener takes it, with the networks of the operator's proxies; not encrypted.
    pub fn serving(&self, proxies: &[IpNet]) -> Serving {
        Serving {
            connections_max: self.max,
            per_address_max: self.per_address_max,
            proxies: proxies.to_vec(),
            tls: None,
            header_timeout: Duration::from_millis(self.header_timeout_ms),
            stall_timeout: Duration::from_millis(self.stall_timeout_ms),
            shutdown_grace: Duration::from_millis(self.shutdown_grace_ms),
        }
    }
}
