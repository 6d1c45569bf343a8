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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn identical_requests_are_done_once_and_others_on_their_own() {
        let flights = Arc::new(Flights::new());
        let done = Arc::new(AtomicU32::new(0));
        let (land, landing) = oneshot::channel::<()>();
        let mut landing = Some(landing);
        let requests: Vec<_> = [1, 1, 1, 2]
            .into_iter()
            .map(|key| {
                let (flights, done) = (Arc::clone(&flights), Arc::clone(&done));
                let landing = if key == 1 { landing.take() } else { None };
                tokio::spawn(async move {
                    let work = async {
                        if let Some(landing) = landing {
                            landing.await.unwrap();
                        }
                        done.fetch_add(1, Ordering::SeqCst);
                        key * 10
                    };
                    flights.join(key, work).await
                })
            })
            .collect();
        // All have joined once the list has both keys and the second flight has landed.
        while done.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        land.send(()).unwrap();
        let mut answers = Vec::new();
        for request in requests {
            answers.push(request.await.unwrap());
        }
        assert_eq!(answers, [10, 10, 10, 20]);
        assert_eq!(done.load(Ordering::SeqCst), 2);
        assert!(flights.with(|flights| flights.is_empty()));
    }

    #[tokio::test]
    async fn when_the_first_goes_away_the_next_takes_over_and_nothing_stays_behind() {
        let flights = Arc::new(Flights::<u8, u8>::new());
        let first = {
            let flights = Arc::clone(&flights);
            tokio::spawn(async move { flights.join(1, std::future::pending()).await })
        };
        while flights.with(|flights| flights.is_empty()) {
            tokio::task::yield_now().await;
        }
        let second = {
            let flights = Arc::clone(&flights);
            tokio::spawn(async move { flights.join(1, async { 7 }).await })
        };
        tokio::task::yield_now().await;
        first.abort();
        assert_eq!(second.await.unwrap(), 7);
        assert!(first.await.is_err());
        assert!(flights.with(|flights| flights.is_empty()));
    }

    #[tokio::test]
    async fn a_flight_that_everybody_left_is_forgotten() {
        let flights = Arc::new(Flights::<u8, u8>::new());
        let only = {
            let flights = Arc::clone(&flights);
            tokio::spawn(async move { flights.join(1, std::future::pending()).await })
        };
        while flights.with(|flights| flights.is_empty()) {
            tokio::task::yield_now().await;
        }
        only.abort();
        assert!(only.await.is_err());
        assert!(flights.with(|flights| flights.is_empty()));
    }
}
