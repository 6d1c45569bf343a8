//! When a message is sent again. Pure.

use dripline_shared::time::{SECOND_MS, Timestamp};

use crate::store::record::DELAY_MAX_MS;

/// The longest delay after the first attempt, in milliseconds.
const FIRST_MS: u64 = 5 * SECOND_MS;
/// How many times as long it may be after each further one.
const GROWTH: u64 = 3;

/// When a message is sent again after so many attempts, the last of which was at `now`: after between a half and all of a delay that
/// grows, by chance, so that what failed together is not sent together again. `wanted` is how long the receiver wants it not to be,
/// in milliseconds; it is waited for at most [`DELAY_MAX_MS`], also where that is wanted. `random` is any number. Nothing where that
/// would be after `ends_at`.
pub(super) fn next(
    attempts: u32,
    wanted: Option<u64>,
    random: u64,
    now: Timestamp,
    ends_at: Timestamp,
) -> Option<Timestamp> {
    let growth = GROWTH.saturating_pow(attempts.saturating_sub(1));
    let most = FIRST_MS.saturating_mul(growth).min(DELAY_MAX_MS);
    let half = most / 2;
    let less = random.checked_rem(half.saturating_add(1)).unwrap_or(0);
    let delay = most.saturating_sub(less).max(wanted.unwrap_or(0).min(DELAY_MAX_MS));
    let at = now.plus(delay);
    (at <= ends_at).then_some(at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::record::TRY_FOR_MS;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);
    const LATE: Timestamp = Timestamp(u64::MAX);

    #[test]
    fn delays_grow_from_seconds_to_hours() {
        let longest: Vec<u64> = (1..=9)
            .map(|attempts| next(attempts, None, 0, NOW, LATE).unwrap().since(NOW) / SECOND_MS)
            .collect();
        assert_eq!(longest, [5, 15, 45, 135, 405, 1_215, 3_645, 10_935, 21_600]);
    }

    #[test]
    fn a_message_that_is_never_taken_is_tried_some_twenty_times_within_three_days() {
        for random in [0, u64::MAX / 3, 2_500] {
            let (mut at, ends_at) = (NOW, NOW.plus(TRY_FOR_MS));
            let mut attempts = 1;
            while let Some(next) = next(attempts, None, random, at, ends_at) {
                (at, attempts) = (next, attempts + 1);
            }
            assert!((15..=35).contains(&attempts), "{attempts}");
            assert!(ends_at.since(at) <= DELAY_MAX_MS);
        }
    }

    proptest! {
        #[test]
        fn a_delay_is_between_half_of_what_it_may_be_and_all_of_it(
            attempts in 1_u32.., random in any::<u64>(),
        ) {
            let most = next(attempts, None, 0, NOW, LATE).unwrap().since(NOW);
            let delay = next(attempts, None, random, NOW, LATE).unwrap().since(NOW);
            prop_assert!((most / 2..=most).contains(&delay));
            prop_assert!((FIRST_MS..=DELAY_MAX_MS).contains(&most));
        }

        #[test]
        fn a_receiver_can_ask_for_more_time_and_never_for_less_or_for_very_long(
            attempts in 1_u32.., wanted in any::<u64>(), random in any::<u64>(),
        ) {
            let usual = next(attempts, None, random, NOW, LATE).unwrap();
            let at = next(attempts, Some(wanted), random, NOW, LATE).unwrap();
            prop_assert!(at >= usual && at.since(NOW) <= DELAY_MAX_MS);
            prop_assert!(at.since(NOW) >= wanted.min(DELAY_MAX_MS));
        }

        #[test]
        fn nothing_is_sent_after_its_end(
            attempts in any::<u32>(), wanted in any::<Option<u64>>(), random in any::<u64>(), left in 0..TRY_FOR_MS,
        ) {
            let ends_at = NOW.plus(left);
            prop_assert!(next(attempts, wanted, random, NOW, ends_at).is_none_or(|at| at > NOW && at <= ends_at));
        }
    }
}
