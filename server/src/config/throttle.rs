//! `[throttle]`: how many requests one address may make. It protects the server; limits on money are the catalog's.

use dripline_shared::limit::CountLimit;
use serde::Deserialize;

use super::section::{Check, Section};
use crate::http::{THROTTLE_ADDRESSES_MAX, THROTTLE_BURST, THROTTLE_PER_SECOND, throttle_limit};

/// How many requests one address may make.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Throttle {
    /// How many at once.
    pub burst: u32,
    /// How many a second after that; above 1,000, the throttle is off.
    pub per_second: u32,
    /// How many addresses are remembered at once; more than that share one throttle.
    pub addresses_max: usize,
}

impl Default for Throttle {
    fn default() -> Self {
        Self { burst: THROTTLE_BURST, per_second: THROTTLE_PER_SECOND, addresses_max: THROTTLE_ADDRESSES_MAX }
    }
}

impl Section for Throttle {
    const NAME: &'static str = "throttle";

    fn validate(&self, check: &mut Check<'_>) {
        check.within(self.burst, 1..=1_000_000_000, "burst");
        check.within(self.per_second, 1..=1_000_000, "per_second");
        check.within(self.addresses_max, 1..=10_000_000, "addresses_max");
    }
}

impl Throttle {
    /// As the throttle takes it.
    pub fn limit(&self) -> CountLimit {
        throttle_limit(self.burst, self.per_second)
    }
}
