//! How long to wait before something is tried again.

/// The first wait, in milliseconds.
const FIRST_MS: u32 = 400;
/// The longest wait, in milliseconds: short enough that a network that is back is noticed at once.
const LONGEST_MS: u32 = 5_000;

/// The waits between tries: each twice the one before, up to a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Backoff {
    next_ms: u32,
    longest_ms: u32,
}

impl Backoff {
    /// Before the first failure.
    pub(crate) const fn new() -> Self {
        Self::between(FIRST_MS, LONGEST_MS)
    }

    /// With these as the first and the longest wait, in milliseconds.
    pub(crate) const fn between(first_ms: u32, longest_ms: u32) -> Self {
        Self { next_ms: first_ms, longest_ms }
    }

    /// The milliseconds to wait after one more failure; at least what the server asked for, if anything.
    pub(crate) fn next(&mut self, asked_ms: u64) -> u32 {
        let wait = self.next_ms;
        self.next_ms = self.next_ms.saturating_mul(2).min(self.longest_ms);
        wait.max(u32::try_from(asked_ms).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_are_never_shorter_than_asked() {
        let mut backoff = Backoff::new();
        let waits: Vec<u32> = (0..6).map(|_| backoff.next(0)).collect();
        assert_eq!(waits, [400, 800, 1_600, 3_200, 5_000, 5_000]);
        assert_eq!(backoff.next(60_000), 60_000);
        assert_eq!(backoff.next(1), 5_000);
    }
}
