//! The throttle: how many requests one address may make, in memory and bounded. It protects the server, not the money:
//! limits that must survive a restart are the store's.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use dripline_shared::limit::CountLimit;
use dripline_shared::time::{SECOND_MS, Timestamp};

/// How often at most a full table is searched for addresses that have gone quiet.
const PRUNE_EVERY_MS: u64 = SECOND_MS;

/// How many requests one address may make at once, where nothing else is said.
pub const THROTTLE_BURST: u32 = 200;
/// How many a second after that, where nothing else is said.
pub const THROTTLE_PER_SECOND: u32 = 50;
/// How many addresses are remembered, where nothing else is said.
pub const THROTTLE_ADDRESSES_MAX: usize = 65_536;

/// So many requests of one address at once, and then each second, as the throttle takes it: whole milliseconds from one
/// request to the next, so at least that rate; 0 lets every request pass.
pub fn throttle_limit(burst: u32, per_second: u32) -> CountLimit {
    CountLimit { burst, every_ms: SECOND_MS / u64::from(per_second.max(1)) }
}

/// Counts requests by address.
#[derive(Debug)]
pub(super) struct Throttle {
    limit: CountLimit,
    addresses_max: usize,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    /// The theoretical arrival time of each address; see [`CountLimit::take`].
    states: HashMap<IpAddr, Timestamp>,
    /// That of all addresses together that found the table full.
    crowd: Option<Timestamp>,
    pruned_at: Timestamp,
    latest: Timestamp,
}

impl Throttle {
    /// A throttle of `limit` an address, which remembers at most `addresses_max` of them.
    pub(super) fn new(limit: CountLimit, addresses_max: usize) -> Self {
        Self { limit, addresses_max, table: Mutex::default() }
    }

    /// Takes one request of `address` at `now`, or tells from when one would pass.
    pub(super) fn take(&self, address: IpAddr, now: Timestamp) -> Result<(), Timestamp> {
        // Nothing to count, and nothing to compare: of two requests at once, the later one may have read the clock earlier.
        if self.limit.every_ms == 0 {
            return Ok(());
        }
        // A table is whole between two statements: nothing in here can leave it half changed.
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.observe(now);
        let state = match table.states.get(&address).copied() {
            Some(state) => Some(state),
            None if table.has_room(self.addresses_max, now) => None,
            // More addresses than anybody has at once: they share what one may do, and the table stays bounded.
            None => {
                table.crowd = Some(self.limit.take(table.crowd, now)?);
                return Ok(());
            }
        };
        let next = self.limit.take(state, now)?;
        table.states.insert(address, next);
        Ok(())
    }
}

impl Table {
    /// A clock that was set back would make everybody wait for the old time: the table starts anew instead.
    fn observe(&mut self, now: Timestamp) {
        if now.plus(SECOND_MS) < self.latest {
            *self = Self::default();
        }
        self.latest = now.max(self.latest);
    }

    /// Whether another address fits, after addresses have been forgotten that could make a whole burst again.
    fn has_room(&mut self, addresses_max: usize, now: Timestamp) -> bool {
        if self.states.len() >= addresses_max && now.since(self.pruned_at) >= PRUNE_EVERY_MS {
            self.pruned_at = now;
            self.states.retain(|_, theoretical| *theoretical > now);
        }
        self.states.len() < addresses_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: CountLimit = CountLimit { burst: 3, every_ms: 100 };

    fn address(number: u32) -> IpAddr {
        IpAddr::from(number.to_be_bytes())
    }

    #[test]
    fn a_burst_passes_and_then_one_at_a_time() {
        let throttle = Throttle::new(LIMIT, 10);
        let now = Timestamp(1_000_000);
        for _ in 0..3 {
            assert_eq!(throttle.take(address(1), now), Ok(()));
        }
        assert_eq!(throttle.take(address(1), now), Err(now.plus(100)));
        assert_eq!(throttle.take(address(2), now), Ok(()), "another address has its own burst");
        assert_eq!(throttle.take(address(1), now.plus(100)), Ok(()));
        assert!(throttle.take(address(1), now.plus(100)).is_err());
    }

    #[test]
    fn without_a_time_between_requests_all_pass() {
        let throttle = Throttle::new(CountLimit { burst: 1, every_ms: 0 }, 10);
        // Of requests at once, not all read the clock in the order in which they are counted.
        let moments = (0..100).map(|number| Timestamp(1_000_000 - number));
        assert!(moments.into_iter().all(|now| throttle.take(address(1), now).is_ok()));
    }

    #[test]
    fn a_full_table_stays_bounded_and_the_crowd_shares_one_burst() {
        let throttle = Throttle::new(LIMIT, 10);
        let now = Timestamp(1_000_000);
        let passed = (0..1_000).filter(|number| throttle.take(address(*number), now).is_ok()).count();
        assert_eq!(passed, 10 + 3);
        assert_eq!(throttle.table.lock().unwrap().states.len(), 10);
        assert_eq!(throttle.take(address(5_000), now.plus(PRUNE_EVERY_MS)), Ok(()), "the others went quiet");
        assert_eq!(throttle.table.lock().unwrap().states.len(), 1);
    }

    #[test]
    fn a_clock_that_was_set_back_makes_nobody_wait() {
        let throttle = Throttle::new(LIMIT, 10);
        let now = Timestamp(10_000_000);
        while throttle.take(address(1), now).is_ok() {}
        assert_eq!(throttle.take(address(1), now.minus(3_600_000)), Ok(()));
    }
}
