//! The clock of a round: what may arrive when.

use dripline_shared::catalog::Catalog;
use dripline_shared::game::Pace;
use dripline_shared::round::{ALLOWANCE_MAX_MS, CLAIM_WINDOW_MS, TICKS_PER_SECOND, Timing};
use dripline_shared::time::{HOUR_MS, Timestamp};
use proptest::prelude::*;

use crate::support::config;

fn timings() -> Vec<(Pace, Timing)> {
    let levels = Catalog::first_run().levels;
    levels.iter().map(|level| (level.play.pace(), Timing::of(level))).collect()
}

const OPENED: Timestamp = Timestamp(1_700_000_000_000);

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_honest_clock_is_never_too_early(ticks in 0_u32..65_536) {
        for (_, timing) in timings().iter().filter(|(pace, _)| *pace == Pace::Clocked) {
            prop_assert!(timing.least_ms(ticks) * u64::from(TICKS_PER_SECOND) <= u64::from(ticks) * 1_000);
            // And a fast one gains less than a millisecond a second.
            prop_assert!(timing.least_ms(ticks) >= u64::from(ticks) * 999 / 60);
        }
    }

    #[test]
    fn more_play_arrives_later_and_within_the_allowance(one in 0_u32..65_536, other in 0_u32..65_536) {
        for (_, timing) in timings() {
            let ((early, late), (early_other, late_other)) = (timing.arrival(OPENED, one), timing.arrival(OPENED, other));
            prop_assert_eq!(late.since(early), timing.allowance_ms);
            prop_assert!(one > other || (early <= early_other && late <= late_other));
            prop_assert!(one > timing.length_max || late <= timing.expires_at(OPENED));
        }
    }
}

#[test]
fn every_level_of_a_first_run_has_a_sound_timing() {
    for (pace, timing) in timings() {
        assert_eq!(timing.segment_length, pace.segment_length());
        assert!((1..65_536).contains(&timing.length_max));
        assert!(timing.start_of(timing.segments_max()) >= timing.length_max);
        assert!(timing.start_of(timing.segments_max() - 1) < timing.length_max);
        let whole = timing.least_ms(timing.length_max);
        if pace == Pace::Clocked {
            assert_eq!(timing.allowance_ms, (whole / 2).min(ALLOWANCE_MAX_MS));
        }
        let expires = timing.expires_at(OPENED);
        assert_eq!(expires, OPENED.plus(whole + timing.allowance_ms));
        assert!(expires.since(OPENED) <= 2 * HOUR_MS);
        assert!(expires.since(OPENED) < CLAIM_WINDOW_MS);
    }
}
