//! Whether the clock may be deleted by: what a sweep takes because of one wrong reading is gone for good.
//!
//! A clock that jumps may be wrong now or may have been wrong before, and nothing here can tell which. So after a jump,
//! either way, and after a start, deleting waits until the clock has run on for an hour. What waits is only longer
//! there.

use dripline_shared::time::{HOUR_MS, MINUTE_MS, Timestamp};

/// For how long the clock must have run steadily.
const STEADY_MS: u64 = HOUR_MS;
/// What is not a jump between two readings, which are a minute apart.
const STEP_MAX_MS: u64 = 10 * MINUTE_MS;

/// The readings of the clock so far.
#[derive(Debug)]
pub(crate) struct Steady {
    last: Timestamp,
    since: Timestamp,
}

impl Steady {
    /// The first reading.
    pub(crate) fn new(now: Timestamp) -> Self {
        Self { last: now, since: now }
    }

    /// Takes a reading, and tells whether the clock has run steadily for long enough.
    pub(crate) fn read(&mut self, now: Timestamp) -> bool {
        if now < self.last || now.since(self.last) > STEP_MAX_MS {
            self.since = now;
        }
        self.last = now;
        now.since(self.since) >= STEADY_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp(1_700_000_000_000);

    /// Reads every minute, and gives after how many minutes the clock was found steady.
    fn minutes_until_steady(steady: &mut Steady, from: Timestamp) -> u64 {
        (1..10_000).find(|minute| steady.read(from.plus(minute * MINUTE_MS))).unwrap()
    }

    #[test]
    fn a_clock_is_steady_an_hour_after_the_start_and_after_every_jump() {
        let mut steady = Steady::new(START);
        assert_eq!(minutes_until_steady(&mut steady, START), 60);
        let later = START.plus(HOUR_MS);
        assert!(steady.read(later.plus(STEP_MAX_MS)));
        for jump in [later.plus(1_000 * HOUR_MS), later] {
            assert!(!steady.read(jump));
            assert_eq!(minutes_until_steady(&mut steady, jump), 60);
        }
    }

    #[test]
    fn one_wrong_reading_is_two_jumps() {
        let mut steady = Steady::new(START);
        minutes_until_steady(&mut steady, START);
        let later = START.plus(HOUR_MS + MINUTE_MS);
        assert!(!steady.read(later.plus(1_000 * HOUR_MS)));
        assert!(!steady.read(later.plus(MINUTE_MS)));
    }
}
