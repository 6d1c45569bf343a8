//! The lease of a rail: which of several servers pays by it, and the fence that keeps all others from it. Pure.
//!
//! Each time that a lease goes to another server, its epoch rises. Whatever a server wants of batches carries the epoch
//! that it has, and where the rail's is another one by then, nothing follows from it. So clocks say when a lease goes over,
//! and never whether anything is made, signed or ended twice: a server that was held up for however long, or whose clock
//! is wrong, is told no. What it may still do is send again what was kept, which is harmless on any rail.

use std::sync::Arc;

use dripline_shared::time::{MINUTE_MS, SECOND_MS, Timestamp};

use crate::store::command::{Answer, TakeLease};
use crate::store::record::{Lease, RailRecord, ServerId};
use crate::store::working::{Effect, WorkingSet};

/// How long a lease lasts that is not renewed, in milliseconds.
pub const LEASE_MS: u64 = 15 * SECOND_MS;
/// How far the clocks of servers may be apart, in milliseconds. A lease that lasts for longer than by this was taken with a
/// clock that was wrong, and counts as run out.
pub const CLOCKS_APART_MS: u64 = 5 * MINUTE_MS;
/// Until when a lease lasts that nobody else can want: the end of the year 9999.
const FOR_EVER: Timestamp = Timestamp(253_402_300_799_999);

/// Until when a server takes a lease. Whoever has a data directory to itself has it for good: its lock tells that no other
/// process is there.
pub(crate) fn until(server: ServerId, now: Timestamp) -> Timestamp {
    if server == ServerId::OF_THE_DIRECTORY { FOR_EVER } else { now.plus(LEASE_MS) }
}

/// Decides to take a rail's lease, or to renew it: it is free, has run out, or is this server's. One that runs out at once is
/// given back. Nothing is written while more than half of it is left.
pub(crate) fn take(set: &WorkingSet, command: &TakeLease) -> (Answer, Vec<Effect>) {
    let TakeLease { now, rail, owner, until } = command;
    let rail = set.rail(rail);
    let leased = |lease: Lease| {
        let record = RailRecord { lease: Some(lease), ..rail.clone() };
        (Answer::Leased { epoch: Some(lease.epoch) }, vec![Effect::Rail(record)])
    };
    match rail.lease {
        // Whose lease has run out begins anew, as another one would: another one may have paid meanwhile, and a database that
        // has failed over may not know it.
        Some(lease) if lease.owner == *owner && *now < lease.until => {
            let wanted_ms = until.since(*now);
            if wanted_ms > 0 && lease.until >= now.plus(wanted_ms / 2) && lease.until <= *until {
                return (Answer::Leased { epoch: Some(lease.epoch) }, Vec::new());
            }
            leased(Lease { until: *until, ..lease })
        }
        Some(lease) if holds(lease, *now) => (Answer::Leased { epoch: None }, Vec::new()),
        before => {
            let epoch = before.map_or(0, |lease| lease.epoch).saturating_add(1);
            leased(Lease { owner: *owner, epoch, until: *until })
        }
    }
}

/// Whether a lease keeps others out at `now`.
fn holds(lease: Lease, now: Timestamp) -> bool {
    now < lease.until && lease.until <= now.plus(LEASE_MS + CLOCKS_APART_MS)
}

/// Whether what was wanted under this epoch may still be: the rail's lease has not gone over since.
pub(crate) fn is_current(set: &WorkingSet, rail: &Arc<str>, epoch: u64) -> bool {
    set.rail(rail).lease.map_or(0, |lease| lease.epoch) == epoch
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: ServerId = ServerId([1; 16]);
    const OTHER: ServerId = ServerId([2; 16]);
    const NOW: Timestamp = Timestamp(1_000_000);

    /// Takes a lease as a server does, and gives its epoch, and whether anything is written.
    fn take_by(set: &mut WorkingSet, owner: ServerId, now: Timestamp) -> (Option<u64>, bool) {
        ask(set, &TakeLease { now, rail: "rail".into(), owner, until: until(owner, now) })
    }

    fn ask(set: &mut WorkingSet, command: &TakeLease) -> (Option<u64>, bool) {
        let (answer, effects) = take(set, command);
        let is_written = !effects.is_empty();
        set.apply(effects);
        let Answer::Leased { epoch } = answer else { panic!("another answer") };
        (epoch, is_written)
    }

    #[test]
    fn a_lease_is_its_takers_until_it_has_run_out_and_then_whose_who_comes_first() {
        let mut set = WorkingSet::default();
        assert!(is_current(&set, &"rail".into(), 0));
        assert_eq!(take_by(&mut set, ONE, NOW), (Some(1), true));
        assert_eq!(take_by(&mut set, OTHER, NOW.plus(LEASE_MS - 1)), (None, false));
        assert!(is_current(&set, &"rail".into(), 1));
        assert_eq!(take_by(&mut set, OTHER, NOW.plus(LEASE_MS)), (Some(2), true));
        assert_eq!(take_by(&mut set, ONE, NOW.plus(LEASE_MS)), (None, false));
        assert!(!is_current(&set, &"rail".into(), 1));
    }

    #[test]
    fn a_lease_is_renewed_once_half_of_it_is_over_and_keeps_its_epoch() {
        let mut set = WorkingSet::default();
        assert_eq!(take_by(&mut set, ONE, NOW), (Some(1), true));
        assert_eq!(take_by(&mut set, ONE, NOW.plus(LEASE_MS / 2)), (Some(1), false));
        assert_eq!(take_by(&mut set, ONE, NOW.plus(LEASE_MS / 2 + 1)), (Some(1), true));
        assert_eq!(take_by(&mut set, OTHER, NOW.plus(LEASE_MS)), (None, false));
        // Nobody took it while it had run out, as far as this store knows.
        assert_eq!(take_by(&mut set, ONE, NOW.plus(10 * LEASE_MS)), (Some(2), true));
    }

    #[test]
    fn a_lease_that_is_given_back_is_free_at_once() {
        let mut set = WorkingSet::default();
        take_by(&mut set, ONE, NOW);
        let back = TakeLease { now: NOW, rail: "rail".into(), owner: ONE, until: NOW };
        assert_eq!(ask(&mut set, &back), (Some(1), true));
        assert_eq!(take_by(&mut set, OTHER, NOW), (Some(2), true));
    }

    #[test]
    fn a_lease_of_a_clock_that_was_years_ahead_holds_nobody_up() {
        let mut set = WorkingSet::default();
        take_by(&mut set, ONE, NOW.plus(CLOCKS_APART_MS));
        assert_eq!(take_by(&mut set, OTHER, NOW), (None, false));
        assert_eq!(
            take_by(&mut set, ONE, NOW.plus(1_000 * LEASE_MS)),
            (Some(2), true),
            "its former one ran out"
        );
        assert_eq!(take_by(&mut set, OTHER, NOW), (Some(3), true));
        // Its own clock is put back: its lease is as long as any.
        let mut set = WorkingSet::default();
        take_by(&mut set, ONE, NOW.plus(1_000 * LEASE_MS));
        assert_eq!(take_by(&mut set, ONE, NOW), (Some(1), true));
        assert_eq!(take_by(&mut set, OTHER, NOW.plus(LEASE_MS)), (Some(2), true));
    }

    #[test]
    fn whoever_has_the_directory_has_the_lease_for_good_and_writes_it_once() {
        let mut set = WorkingSet::default();
        assert_eq!(take_by(&mut set, ServerId::OF_THE_DIRECTORY, NOW), (Some(1), true));
        assert_eq!(
            take_by(&mut set, ServerId::OF_THE_DIRECTORY, NOW.plus(1_000 * LEASE_MS)),
            (Some(1), false)
        );
    }
}
