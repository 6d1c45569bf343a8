//! The edge of the server: its clock and its source of randomness. Everything else gets them as arguments.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use dripline_shared::time::Timestamp;

type Clock = dyn Fn() -> Timestamp + Send + Sync;
type Randomness = dyn Fn(&mut [u8]) + Send + Sync;

/// Where `now` and random bytes come from. Tests bring their own.
#[derive(Clone)]
pub struct Edge {
    now: Arc<Clock>,
    random: Arc<Randomness>,
}

impl Edge {
    /// An edge of these functions.
    pub fn new(
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
        random: impl Fn(&mut [u8]) + Send + Sync + 'static,
    ) -> Self {
        Self { now: Arc::new(now), random: Arc::new(random) }
    }

    /// The system's clock and its random number generator.
    ///
    /// # Panics
    /// Its randomness panics where the system gives none: without it there are no secrets, and going on would be worse.
    #[expect(clippy::disallowed_methods, reason = "this is the server's edge")]
    pub fn system() -> Self {
        let now = || {
            let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Timestamp(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
        };
        Self::new(now, |bytes| getrandom::fill(bytes).expect("the system gives random bytes"))
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// So many random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.random)(&mut bytes);
        bytes
    }
}

impl std::fmt::Debug for Edge {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Edge")
    }
}
