//! Single flight: identical requests at once are done once, and all get the one answer.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

/// Requests under way, by what makes them identical.
#[derive(Debug)]
pub(crate) struct Flights<K, T> {
    flights: Mutex<HashMap<K, Arc<OnceCell<T>>>>,
}

impl<K: Eq + Hash + Clone, T: Clone> Flights<K, T> {
    /// None under way.
    pub(crate) fn new() -> Self {
        Self { flights: Mutex::new(HashMap::new()) }
    }

    /// Does `work`, or waits for the answer of the one who does it for this `key`. If that one goes away, the next
    /// waiter does it.
    pub(crate) async fn join(&self, key: K, work: impl Future<Output = T>) -> T {
        let cell = self.with(|flights| Arc::clone(flights.entry(key.clone()).or_default()));
        let landing = Landing { flights: self, key, cell };
        landing.cell.get_or_init(|| work).await.clone()
    }

    fn with<R>(&self, look: impl FnOnce(&mut HashMap<K, Arc<OnceCell<T>>>) -> R) -> R {
        look(&mut self.flights.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Takes a flight off the list when it has its answer, or when the last one who waited for it has gone.
struct Landing<'a, K: Eq + Hash + Clone, T: Clone> {
    flights: &'a Flights<K, T>,
    key: K,
    cell: Arc<OnceCell<T>>,
}

impl<K: Eq + Hash + Clone, T: Clone> Drop for Landing<'_, K, T> {
    fn drop(&mut self) {
        self.flights.with(|flights| {
            let ours = flights.get(&self.key).is_some_and(|listed| Arc::ptr_eq(listed, &self.cell));
            // Two hold it: the list, and this one.
            if ours && (self.cell.initialized() || Arc::strong_count(&self.cell) <= 2) {
                flights.remove(&self.key);
            }
        });
    }
}
