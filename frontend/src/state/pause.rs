//! How long a round may still be paused. The server's clock runs on: what a pause takes comes out of one allowance.

use dripline_shared::round::Timing;
use dripline_shared::time::Timestamp;

/// What is kept in hand, in milliseconds, for the way of the last segment to the server.
pub(crate) const RESERVE_MS: u64 = 1_500;

/// A round's time as the server counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RoundClock {
    /// When the round was opened.
    pub(crate) opened_at: Timestamp,
    /// Its timing.
    pub(crate) timing: Timing,
}

impl RoundClock {
    /// How many milliseconds the play may still stand still (turn games: how long the player may still think) at
    /// `now`, after `length` ticks or turns. The reserve is taken off.
    pub(crate) fn left_ms(&self, length: u32, now: Timestamp) -> u64 {
        let (_, latest) = self.timing.arrival(self.opened_at, length);
        latest.minus(RESERVE_MS).since(now)
    }

    /// Whether play up to `length` can still reach the server in time.
    pub(crate) fn is_over(&self, length: u32, now: Timestamp) -> bool {
        let (_, latest) = self.timing.arrival(self.opened_at, length);
        now > latest
    }

    /// How many milliseconds must pass from `now` until play up to `length` may arrive.
    pub(crate) fn early_ms(&self, length: u32, now: Timestamp) -> u64 {
        let (earliest, _) = self.timing.arrival(self.opened_at, length);
        earliest.since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> RoundClock {
        let timing = Timing { segment_length: 240, length_max: 2_400, unit_us: 16_666, allowance_ms: 20_000 };
        RoundClock { opened_at: Timestamp(1_000_000), timing }
    }

    #[test]
    fn playing_on_time_leaves_the_allowance_whole_and_a_pause_eats_it() {
        let clock = clock();
        assert_eq!(clock.left_ms(0, Timestamp(1_000_000)), 18_500);
        // 600 ticks take 9,999 ms.
        assert_eq!(clock.left_ms(600, Timestamp(1_009_999)), 18_500);
        assert_eq!(clock.left_ms(600, Timestamp(1_014_999)), 13_500);
        assert_eq!(clock.left_ms(600, Timestamp(1_028_499)), 0);
        assert_eq!(clock.left_ms(600, Timestamp(1_090_000)), 0);
    }

    #[test]
    fn a_round_is_over_when_even_the_reserve_is_used_up() {
        let clock = clock();
        assert!(!clock.is_over(600, Timestamp(1_029_999)));
        assert!(clock.is_over(600, Timestamp(1_030_000)));
    }

    #[test]
    fn a_segment_waits_until_it_can_have_been_played() {
        let clock = clock();
        assert_eq!(clock.early_ms(240, Timestamp(1_000_000)), 3_999);
        assert_eq!(clock.early_ms(240, Timestamp(1_003_999)), 0);
        assert_eq!(clock.early_ms(240, Timestamp(1_009_000)), 0);
    }
}
