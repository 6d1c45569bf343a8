//! Slots for connections: so many in all, and so many for one address, so that one client cannot take them all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::client::counted_as;

/// How many connections each address has, by whom it is counted as.
type Taken = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// Hands out slots.
#[derive(Debug, Clone)]
pub(super) struct Slots {
    all: Arc<Semaphore>,
    per_address_max: usize,
    taken: Taken,
}

/// A free slot, not yet of any address. Dropping it gives it back.
pub(super) type Free = Option<OwnedSemaphorePermit>;

/// The slot of a connection; free again when it is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    _free: Free,
    /// Whom it is counted for, unless the address is exempt.
    counted: Option<(IpAddr, Taken)>,
}

impl Slots {
    /// `max` slots, at most `per_address_max` of them for one address.
    pub(super) fn new(max: usize, per_address_max: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(max)), per_address_max, taken: Arc::default() }
    }

    /// Waits for a slot.
    pub(super) async fn free(&self) -> Free {
        // The semaphore is never closed, so there is always a permit in the end.
        Arc::clone(&self.all).acquire_owned().await.ok()
    }

    /// Gives a slot to an address; `None` where it has all that it may have. An exempt address may have any number.
    pub(super) fn take(&self, free: Free, address: IpAddr, is_exempt: bool) -> Option<Slot> {
        if is_exempt {
            return Some(Slot { _free: free, counted: None });
        }
        let address = counted_as(address);
        let mut taken = lock(&self.taken);
        let count = taken.entry(address).or_default();
        if *count >= self.per_address_max {
            return None;
        }
        *count += 1;
        Some(Slot { _free: free, counted: Some((address, Arc::clone(&self.taken))) })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let Some((address, taken)) = &self.counted else { return };
        let mut taken = lock(taken);
        if let Some(count) = taken.get_mut(address) {
            *count -= 1;
            if *count == 0 {
                taken.remove(address);
            }
        }
    }
}

/// The counts are whole between two statements, so a panic elsewhere leaves them right.
fn lock(taken: &Mutex<HashMap<IpAddr, usize>>) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_gets_its_share_and_gives_it_back() {
        let slots = Slots::new(10, 2);
        let [one, other]: [IpAddr; 2] = ["192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap()];
        let first = slots.take(slots.free().await, one, false).unwrap();
        let _second = slots.take(slots.free().await, one, false).unwrap();
        assert!(slots.take(slots.free().await, one, false).is_none());
        assert!(slots.take(slots.free().await, other, false).is_some());
        assert!(slots.take(slots.free().await, one, true).is_some());
        drop(first);
        assert!(slots.take(slots.free().await, one, false).is_some());
        assert_eq!(slots.all.available_permits(), 9);
        assert_eq!(lock(&slots.taken).len(), 1);
    }

    #[tokio::test]
    async fn a_host_that_picks_another_ipv6_address_gets_no_second_share() {
        let slots = Slots::new(10, 2);
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let first = slots.take(slots.free().await, address("2001:db8::1"), false).unwrap();
        let _second = slots.take(slots.free().await, address("2001:db8::2"), false).unwrap();
        assert!(slots.take(slots.free().await, address("2001:db8::ffff:3"), false).is_none());
        assert!(slots.take(slots.free().await, address("2001:db8:0:1::1"), false).is_some());
        drop(first);
        assert!(slots.take(slots.free().await, address("2001:db8::4"), false).is_some());
    }
}
