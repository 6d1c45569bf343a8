//! When a message is sent again. Pure.

use dripline_shared::payout::BatchId;
use dripline_shared::time::{HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};

/// How long it takes after each attempt to the next one, in milliseconds; after further ones, as long as after the last. It
/// begins as the example of the specification does, but never waits for more than an hour: somebody waits for the money.
const DELAYS_MS: [u64; 7] = [
    5 * SECOND_MS,
    30 * SECOND_MS,
    2 * MINUTE_MS,
    5 * MINUTE_MS,
    15 * MINUTE_MS,
    30 * MINUTE_MS,
    DELAY_MAX_MS,
];
/// The longest delay, also of those that a receiver asks for, in milliseconds.
const DELAY_MAX_MS: u64 = HOUR_MS;
/// The shortest delay that a receiver can ask for, in milliseconds.
const DELAY_MIN_MS: u64 = SECOND_MS;
/// A delay is longer by a tenth at most, for one message more than for another: what failed together is not tried together
/// again. It is the product of ten and a byte's values.
const SPREAD: u64 = 2_560;

/// When the message of this batch is sent again, after so many attempts, the last of which was at `now`. `wanted` is how
/// long the receiver wants it not to be, in milliseconds.
pub(super) fn next(batch: BatchId, attempts: usize, wanted: Option<u64>, now: Timestamp) -> Timestamp {
    let usual = DELAYS_MS.get(attempts.saturating_sub(1)).copied().unwrap_or(DELAY_MAX_MS);
    let delay = wanted.map_or(usual, |wanted| wanted.clamp(DELAY_MIN_MS, DELAY_MAX_MS));
    let [.., place] = batch.0;
    now.plus(delay.saturating_add(delay.saturating_mul(u64::from(place)) / SPREAD))
}

/// Whether it is time. A clock that was put back makes nobody wait for longer than the longest delay.
pub(super) fn is_due(next: Timestamp, now: Timestamp) -> bool {
    now >= next || next.since(now) > DELAY_MAX_MS.saturating_mul(2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp(784_111_777_000);
    const FIRST: BatchId = BatchId([0; 16]);

    #[test]
    fn attempts_follow_at_growing_delays_up_to_an_hour() {
        let delays: Vec<u64> = (1..=9).map(|attempts| next(FIRST, attempts, None, NOW).since(NOW)).collect();
        let seconds = [5, 30, 120, 300, 900, 1_800, 3_600, 3_600, 3_600];
        assert_eq!(delays, seconds.map(|seconds| seconds * SECOND_MS));
    }

    #[test]
    fn messages_that_failed_together_are_not_tried_together_again() {
        let last = BatchId([u8::MAX; 16]);
        let delay = next(last, 7, None, NOW).since(NOW);
        assert!((HOUR_MS + 5 * MINUTE_MS..=HOUR_MS + 6 * MINUTE_MS).contains(&delay), "{delay}");
    }

    #[test]
    fn a_receiver_says_when_it_wants_to_be_asked_again() {
        assert_eq!(next(FIRST, 9, Some(2_000), NOW).since(NOW), 2_000);
        assert_eq!(next(FIRST, 1, Some(0), NOW).since(NOW), SECOND_MS);
        assert_eq!(next(FIRST, 1, Some(u64::MAX), NOW).since(NOW), HOUR_MS);
    }

    proptest! {
        #[test]
        fn whatever_is_wanted_a_message_is_sent_again_within_an_hour_and_a_tenth(
            place in any::<[u8; 16]>(), attempts in any::<usize>(), wanted in any::<Option<u64>>(), back in any::<u64>(),
        ) {
            let at = next(BatchId(place), attempts, wanted, NOW);
            prop_assert!((SECOND_MS..=HOUR_MS + HOUR_MS / 10).contains(&at.since(NOW)));
            prop_assert!(is_due(at, at) && !is_due(at, at.minus(1)));
            // From wherever a clock was put back to.
            let moved = NOW.minus(back);
            prop_assert!(is_due(at, moved) || at.since(moved) <= 2 * HOUR_MS);
        }
    }
}
