//! The server's clock as the page knows it: this machine's clock may be wrong by days, and that must not matter.

use dripline_shared::time::Timestamp;

/// How far this machine's clock is from the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ServerClock {
    /// The server's time minus this machine's, in milliseconds.
    offset_ms: i64,
}

impl ServerClock {
    /// Learns from an answer that says `server` and arrived at `local`. The answer was under way for a moment, so what
    /// this clock tells is slightly early, never late: what waits for the server's clock never comes too soon.
    pub(crate) fn learn(&mut self, server: Timestamp, local: Timestamp) {
        self.offset_ms = server.0.cast_signed().saturating_sub(local.0.cast_signed());
    }

    /// The server's time when this machine's clock tells `local`.
    pub(crate) fn at(self, local: Timestamp) -> Timestamp {
        Timestamp(local.0.saturating_add_signed(self.offset_ms))
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
}
