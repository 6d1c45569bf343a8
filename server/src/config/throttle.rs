//! `[throttle]`: how many requests one address may make. It protects the server; limits on money are the catalog's.

use dripline_shared::limit::CountLimit;
use dripline_shared::time::SECOND_MS;
use serde::Deserialize;

use super::section::{Check, Section};

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
        Self { burst: 200, per_second: 50, addresses_max: 65_536 }
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
    /// As the throttle takes it: whole milliseconds from one request to the next, so at least the configured rate; 0
    /// lets every request pass.
    pub fn limit(&self) -> CountLimit {
        CountLimit { burst: self.burst, every_ms: SECOND_MS / u64::from(self.per_second.max(1)) }
    }
}
