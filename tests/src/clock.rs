//! Clocks to play by: the real one, and one that stands still until somebody moves it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use dripline_server::edge::Edge;
use dripline_shared::time::Timestamp;

/// A clock that players wait by.
pub trait Clock: Send + Sync {
    /// The time.
    fn now(&self) -> Timestamp;

    /// Comes back at `moment` or later.
    fn reach(&self, moment: Timestamp) -> impl Future<Output = ()> + Send;
}

/// The system's clock.
#[derive(Debug, Clone)]
pub struct RealClock(Edge);

impl RealClock {
    /// It.
    pub fn new() -> Self {
        Self(Edge::system())
    }
}

impl Default for RealClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for RealClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    async fn reach(&self, moment: Timestamp) {
        tokio::time::sleep(Duration::from_millis(moment.since(self.now()))).await;
    }
}

/// A clock that is moved by hand: waiting for a moment makes it that moment.
#[derive(Debug, Clone)]
pub struct HandClock(Arc<AtomicU64>);

impl HandClock {
    /// It, at `start`.
    pub fn at(start: Timestamp) -> Self {
        Self(Arc::new(AtomicU64::new(start.0)))
    }

    /// Moves it on.
    pub fn pass(&self, duration_ms: u64) {
        self.0.fetch_add(duration_ms, Ordering::SeqCst);
    }

    /// Moves it to `moment`, unless it is later already.
    pub fn move_to(&self, moment: Timestamp) {
        self.0.fetch_max(moment.0, Ordering::SeqCst);
    }

    /// An edge for a server: this clock, and the system's randomness.
    pub fn edge(&self) -> Edge {
        let (clock, system) = (self.clone(), Edge::system());
        Edge::new(
            move || clock.now(),
            move |bytes| {
                for chunk in bytes.chunks_mut(32) {
                    chunk.copy_from_slice(&system.random::<32>()[..chunk.len()]);
                }
            },
        )
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }

    async fn reach(&self, moment: Timestamp) {
        self.move_to(moment);
    }
}
