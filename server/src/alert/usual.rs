//! What is far off the usual: a rule over counts of hours. Pure.

/// The fewest whole hours that tell what is usual.
pub const HOURS_MIN: usize = 6;
/// After how many hours it is the same hour of the day again.
const DAY_HOURS: usize = 24;

/// When a count is far off the usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsualRule {
    /// By how many times as much, or as little.
    pub factor: u64,
    /// What is below this in an hour is never far off.
    pub least: u64,
}

/// That a count is far off the usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusual {
    /// Far more than the most that is usual.
    More {
        /// That.
        usual: u64,
    },
    /// Far less than the least that is usual.
    Less {
        /// That.
        usual: u64,
    },
}

impl UsualRule {
    /// Whether what was counted in the newest 60 minutes is far off what was counted in `hours`, the whole ones before the one that is
    /// not over, the oldest first.
    ///
    /// Usual is what lies between the median of these hours and the same hour of the day before, where that is known. More is
    /// unusual from `factor` times the larger of the two on, and from `least` on; less, up to the smaller of the two by
    /// `factor`, where that is at least `least`. Below [`HOURS_MIN`] hours nothing is known.
    pub fn judge(&self, last_hour: u64, hours: &[u64]) -> Option<Unusual> {
        if hours.len() < HOURS_MIN {
            return None;
        }
        let median = median(hours);
        // The last of them is the hour before the one that is not over.
        let day_before = hours.len().checked_sub(DAY_HOURS).and_then(|index| hours.get(index)).copied();
        let (low, high) =
            (median.min(day_before.unwrap_or(median)), median.max(day_before.unwrap_or(median)));
        if last_hour >= high.saturating_mul(self.factor).max(self.least) {
            return Some(Unusual::More { usual: high });
        }
        let is_less = low >= self.least && last_hour.saturating_mul(self.factor) <= low;
        is_less.then_some(Unusual::Less { usual: low })
    }
}

/// The middle one; of an even number, the smaller of the two.
fn median(counts: &[u64]) -> u64 {
    let mut sorted = counts.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RULE: UsualRule = UsualRule { factor: 5, least: 100 };

    #[test]
    fn five_times_as_much_as_usual_is_far_off_and_so_is_a_fifth() {
        let hours = [200, 220, 180, 210, 190, 205];
        assert_eq!(RULE.judge(999, &hours), None);
        assert_eq!(RULE.judge(1_000, &hours), Some(Unusual::More { usual: 200 }));
        assert_eq!(RULE.judge(41, &hours), None);
        assert_eq!(RULE.judge(40, &hours), Some(Unusual::Less { usual: 200 }));
    }

    #[test]
    fn small_counts_are_never_far_off() {
        assert_eq!(RULE.judge(99, &[0; 12]), None);
        assert_eq!(RULE.judge(100, &[0; 12]), Some(Unusual::More { usual: 0 }));
        assert_eq!(RULE.judge(0, &[99; 12]), None);
        assert_eq!(RULE.judge(0, &[100; 12]), Some(Unusual::Less { usual: 100 }));
    }

    #[test]
    fn before_six_whole_hours_are_known_nothing_is_far_off() {
        assert_eq!(RULE.judge(1_000_000, &[1; 5]), None);
        assert!(RULE.judge(1_000_000, &[1; 6]).is_some());
    }

    #[test]
    fn what_comes_each_day_at_the_same_hour_is_usual() {
        // A day of quiet hours, and a rush at the hour that it is now again.
        let mut hours = vec![100; 24];
        hours[0] = 2_000;
        assert_eq!(RULE.judge(2_100, &hours), None);
        // And quiet is not unusual where it was quiet then.
        let mut busy = vec![1_000; 24];
        busy[0] = 50;
        assert_eq!(RULE.judge(60, &busy), None);
    }

    proptest! {
        #[test]
        fn what_is_as_it_was_is_never_far_off(count in 0_u64..1_000_000, hours in HOURS_MIN..48) {
            let hours = vec![count.max(20); hours];
            prop_assert_eq!(RULE.judge(count.max(20), &hours), None);
        }

        #[test]
        fn more_stays_more_and_less_stays_less(
            hours in proptest::collection::vec(0_u64..10_000, HOURS_MIN..48), count in any::<u64>(), further in any::<u64>(),
        ) {
            match RULE.judge(count, &hours) {
                Some(Unusual::More { .. }) => {
                    let more = matches!(RULE.judge(count.saturating_add(further), &hours), Some(Unusual::More { .. }));
                    prop_assert!(more);
                    prop_assert!(count >= RULE.least);
                }
                Some(Unusual::Less { usual }) => {
                    let less = matches!(RULE.judge(count.saturating_sub(further), &hours), Some(Unusual::Less { .. }));
                    prop_assert!(less);
                    prop_assert!(usual >= RULE.least && count < usual);
                }
                None => {}
            }
        }
    }
}
