//! Turns the uneven time between frames into whole ticks: fixed steps, with bounded catching up.

/// The length of a tick, in milliseconds.
pub(crate) const TICK_MS: f64 = 1_000.0 / 60.0;
/// The most time that is caught up with in one frame, in milliseconds. What a longer stall took is gone: the game goes
/// on where it was, and the server's allowance for pauses covers the rest.
const CATCH_UP_MS: f64 = 200.0;

/// Time that has passed and was not stepped yet.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Accumulator {
    left_ms: f64,
}

impl Accumulator {
    /// Adds the time since the last frame.
    pub(crate) fn feed(&mut self, elapsed_ms: f64) {
        self.left_ms = (self.left_ms + elapsed_ms.max(0.0)).min(CATCH_UP_MS);
    }

    /// Takes one tick, if enough time has passed.
    pub(crate) fn take(&mut self) -> bool {
        let is_due = self.left_ms >= TICK_MS;
        if is_due {
            self.left_ms -= TICK_MS;
        }
        is_due
    }

    /// How much of the next tick has passed, 0 to 1.
    pub(crate) fn fraction(self) -> f64 {
        (self.left_ms / TICK_MS).clamp(0.0, 1.0)
    }

    /// Forgets what has passed: the game stood still.
    pub(crate) fn clear(&mut self) {
        self.left_ms = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(accumulator: &mut Accumulator, elapsed_ms: f64) -> u32 {
        accumulator.feed(elapsed_ms);
        let mut ticks = 0;
        while accumulator.take() {
            ticks += 1;
        }
        ticks
    }

    #[test]
    fn frames_of_any_rate_give_sixty_ticks_a_second_and_never_more() {
        for rate in [24_u32, 30, 59, 60, 90, 120, 144, 240] {
            let mut accumulator = Accumulator::default();
            let total: u32 = (0..rate * 10).map(|_| ticks(&mut accumulator, 1_000.0 / f64::from(rate))).sum();
            assert!((599..=600).contains(&total), "{rate} frames a second gave {total} ticks in ten seconds");
        }
    }

    #[test]
    fn a_stall_is_caught_up_with_only_so_far() {
        let mut accumulator = Accumulator::default();
        assert!(ticks(&mut accumulator, 60_000.0) <= 12);
        assert!(ticks(&mut accumulator, 16.7) <= 2);
    }

    #[test]
    fn a_clock_that_goes_back_gives_no_ticks() {
        let mut accumulator = Accumulator::default();
        assert_eq!(ticks(&mut accumulator, -1_000.0), 0);
        assert_eq!(ticks(&mut accumulator, 17.0), 1);
    }

    #[test]
    fn the_fraction_stays_between_zero_and_one() {
        let mut accumulator = Accumulator::default();
        accumulator.feed(8.0);
        assert!((accumulator.fraction() - 0.48).abs() < 0.01);
        accumulator.feed(900.0);
        assert!(accumulator.fraction() <= 1.0);
        accumulator.clear();
        assert!(accumulator.fraction() < f64::EPSILON);
    }
}
