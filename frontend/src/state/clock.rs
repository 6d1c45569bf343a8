//! The server's clock as the page knows it: this machine's clock may be wrong by days, and that must not matter.

use dripline_shared::time::Timestamp;

/// The least by which two clocks of this machine must have moved apart for one of them to have jumped, in milliseconds.
const JUMP_MS: u64 = 1_000;

/// An answer that is later than this by the clock was not slow: the server's clock was put, in milliseconds.
const SLOW_MS: i64 = 12_000;

/// How far this machine's steady clock is from the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ServerClock {
    /// The server's time minus this machine's, in milliseconds.
    offset_ms: i64,
}

impl ServerClock {
    /// Learns from an answer that says `server` and arrived at `local`. The answer was under way for a moment, so what
    /// this clock tells is slightly early, never late: what waits for the server's clock never comes too soon. Of all
    /// answers the quickest tells best, so a slow one changes nothing.
    pub(crate) fn learn(&mut self, server: Timestamp, local: Timestamp) {
        let offset_ms = server.0.cast_signed().saturating_sub(local.0.cast_signed());
        let later_by = self.offset_ms.saturating_sub(offset_ms);
        if !(0..SLOW_MS).contains(&later_by) {
            self.offset_ms = offset_ms;
        }
    }

    /// The server's time when this machine's clock tells `local`.
    pub(crate) fn at(self, local: Timestamp) -> Timestamp {
        Timestamp(local.0.saturating_add_signed(self.offset_ms))
    }
}

/// Notices when this machine's clock was put, or when the machine slept and its steady clock stood still. What was
/// learned of the server's time may not hold any more then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClockWatch {
    /// The wall clock minus the steady clock when they were last looked at, in milliseconds.
    apart_ms: i64,
}

impl ClockWatch {
    /// Begins to watch, with what the clocks tell now.
    pub(crate) fn new(wall: Timestamp, steady: Timestamp) -> Self {
        Self { apart_ms: wall.0.cast_signed().saturating_sub(steady.0.cast_signed()) }
    }

    /// Whether one of the clocks has jumped since they were last looked at.
    pub(crate) fn has_jumped(&mut self, wall: Timestamp, steady: Timestamp) -> bool {
        let before = std::mem::replace(self, Self::new(wall, steady));
        before.apart_ms.abs_diff(self.apart_ms) > JUMP_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_follows_the_server_whether_this_machine_is_ahead_or_behind() {
        let mut clock = ServerClock::default();
        clock.learn(Timestamp(5_000), Timestamp(1_000));
        assert_eq!(clock.at(Timestamp(1_500)), Timestamp(5_500));
        clock.learn(Timestamp(2_000), Timestamp(90_000));
        assert_eq!(clock.at(Timestamp(90_250)), Timestamp(2_250));
        assert_eq!(clock.at(Timestamp(0)), Timestamp(0));
    }

    #[test]
    fn the_quickest_answer_tells_the_time_and_slow_ones_do_not_put_the_clock_back() {
        let mut clock = ServerClock::default();
        clock.learn(Timestamp(100_000), Timestamp(1_100));
        assert_eq!(clock.at(Timestamp(2_000)), Timestamp(100_900));
        // Five seconds under way.
        clock.learn(Timestamp(101_000), Timestamp(7_050));
        assert_eq!(clock.at(Timestamp(8_000)), Timestamp(106_900));
        clock.learn(Timestamp(107_050), Timestamp(8_100));
        assert_eq!(clock.at(Timestamp(8_100)), Timestamp(107_050));
    }

    #[test]
    fn a_clock_that_was_put_and_a_machine_that_slept_are_noticed_once_and_a_slow_drift_never() {
        let mut watch = ClockWatch::new(Timestamp(5_000_000), Timestamp(1_000));
        assert!(!watch.has_jumped(Timestamp(5_000_250), Timestamp(1_250)));
        // Put back by an hour.
        assert!(watch.has_jumped(Timestamp(1_400_500), Timestamp(1_500)));
        assert!(!watch.has_jumped(Timestamp(1_400_750), Timestamp(1_750)));
        // Ten minutes of sleep, during which the steady clock stood.
        assert!(watch.has_jumped(Timestamp(2_001_000), Timestamp(2_000)));
        // A clock that is put right little by little.
        for step in 1..=100 {
            assert!(!watch.has_jumped(Timestamp(2_001_000 + step * 260), Timestamp(2_000 + step * 250)));
        }
    }
}
