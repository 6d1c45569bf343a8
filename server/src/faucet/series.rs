//! What a faucet has seen, minute by minute and hour by hour: differences of the counters, in rings of a fixed size. Pure: whoever
//! samples says what was counted and what time it is.

use std::collections::{BTreeMap, VecDeque};

use dripline_shared::amount::Amount;
use dripline_shared::api::overview::{RefusalCount, Traffic, TrafficCounts, TrafficSeries};
use dripline_shared::error::Code;
use dripline_shared::time::{HOUR_MS, MINUTE_MS, Timestamp};

use crate::faucet::Figures;

/// For how many minutes counts are kept, the one that is not over among them.
const MINUTES: usize = 60;
/// For how many hours.
const HOURS: usize = 48;

/// What was counted in some time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Tally {
    /// Rounds opened.
    pub(super) opened: u64,
    /// Rounds played to their end.
    pub(super) finished: u64,
    /// Claims accepted.
    pub(super) claimed: u64,
    /// Ledger units dripped.
    pub(super) spent_units: u64,
    /// Refusals, by code; of no code none.
    pub(super) refusals: BTreeMap<Code, u64>,
}

impl Tally {
    /// Refusals, whatever for.
    pub(super) fn refused(&self) -> u64 {
        self.refusals.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// What has come since an earlier count.
    fn since(&self, earlier: &Self) -> Self {
        let refusals = self.refusals.iter().filter_map(|(code, count)| {
            let before = earlier.refusals.get(code).copied().unwrap_or_default();
            Some((*code, count.saturating_sub(before))).filter(|(_, more)| *more > 0)
        });
        Self {
            opened: self.opened.saturating_sub(earlier.opened),
            finished: self.finished.saturating_sub(earlier.finished),
            claimed: self.claimed.saturating_sub(earlier.claimed),
            spent_units: self.spent_units.saturating_sub(earlier.spent_units),
            refusals: refusals.collect(),
        }
    }

    fn add(&mut self, other: &Self) {
        self.opened = self.opened.saturating_add(other.opened);
        self.finished = self.finished.saturating_add(other.finished);
        self.claimed = self.claimed.saturating_add(other.claimed);
        self.spent_units = self.spent_units.saturating_add(other.spent_units);
        for (code, count) in &other.refusals {
            let sum = self.refusals.entry(*code).or_default();
            *sum = sum.saturating_add(*count);
        }
    }

    fn view(&self) -> TrafficCounts {
        TrafficCounts {
            opened: self.opened,
            finished: self.finished,
            claimed: self.claimed,
            refused: self.refused(),
            spent: spent(self.spent_units),
        }
    }
}

impl From<&Figures> for Tally {
    fn from(figures: &Figures) -> Self {
        Self {
            opened: figures.rounds_opened,
            finished: figures.rounds_finished,
            claimed: figures.claims,
            spent_units: figures.drips_units,
            refusals: figures.refusals.clone(),
        }
    }
}

fn spent(units: u64) -> Amount {
    Amount::try_from(u128::from(units)).unwrap_or(Amount::MAX)
}

/// Counts by steps of equal length, the newest ones of them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Ring {
    step_ms: u64,
    steps_max: usize,
    /// Which step since 1970 the last one is.
    newest: u64,
    /// The oldest first, without gaps; never empty.
    steps: VecDeque<Tally>,
}

impl Ring {
    fn new(step_ms: u64, steps_max: usize, now: Timestamp) -> Self {
        let newest = now.0.checked_div(step_ms).unwrap_or_default();
        Self { step_ms, steps_max, newest, steps: VecDeque::from([Tally::default()]) }
    }

    /// Counts what has come since it was counted last. A clock that was put back by more than a step begins anew; by less, it
    /// goes on where it was.
    fn add(&mut self, more: &Tally, now: Timestamp) {
        let step = now.0.checked_div(self.step_ms).unwrap_or_default();
        let ahead = usize::try_from(step.saturating_sub(self.newest)).unwrap_or(usize::MAX);
        if step.saturating_add(1) < self.newest || ahead >= self.steps_max {
            *self = Self::new(self.step_ms, self.steps_max, now);
        } else {
            self.steps.extend(std::iter::repeat_n(Tally::default(), ahead));
            let over = self.steps.len().saturating_sub(self.steps_max);
            self.steps.drain(..over);
            self.newest = self.newest.max(step);
        }
        if let Some(last) = self.steps.back_mut() {
            last.add(more);
        }
    }

    fn sum(&self) -> Tally {
        let mut sum = Tally::default();
        self.steps.iter().for_each(|step| sum.add(step));
        sum
    }

    fn view(&self) -> TrafficSeries {
        let before_newest = u64::try_from(self.steps.len()).unwrap_or(u64::MAX).saturating_sub(1);
        let first = self.newest.saturating_sub(before_newest);
        let each = |value: fn(&Tally) -> u64| self.steps.iter().map(value).collect();
        TrafficSeries {
            step_ms: self.step_ms,
            from_ms: Timestamp(first.saturating_mul(self.step_ms)),
            opened: each(|step| step.opened),
            finished: each(|step| step.finished),
            claimed: each(|step| step.claimed),
            refused: each(Tally::refused),
            spent: self.steps.iter().map(|step| spent(step.spent_units)).collect(),
        }
    }
}

/// The newest minutes and hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Series {
    /// What was counted in all when it was sampled last.
    total: Tally,
    minutes: Ring,
    hours: Ring,
}

impl Series {
    /// Nothing was counted so far.
    pub(super) fn new(now: Timestamp) -> Self {
        let (minutes, hours) = (Ring::new(MINUTE_MS, MINUTES, now), Ring::new(HOUR_MS, HOURS, now));
        Self { total: Tally::default(), minutes, hours }
    }

    /// So much was counted in all by now. To be called often: what has come since it was called last is counted in the step of
    /// `now`.
    pub(super) fn sample(&mut self, total: Tally, now: Timestamp) {
        let more = total.since(&self.total);
        self.minutes.add(&more, now);
        self.hours.add(&more, now);
        self.total = total;
    }

    /// The newest 60 minutes, of which the last one is not over.
    pub(super) fn last_hour(&self) -> Tally {
        self.minutes.sum()
    }

    /// As operators are told.
    pub(super) fn view(&self) -> Traffic {
        let last_hour = self.last_hour();
        let refusals = self.total.refusals.iter().map(|(code, total)| RefusalCount {
            code: *code,
            total: *total,
            last_hour: last_hour.refusals.get(code).copied().unwrap_or_default(),
        });
        Traffic {
            total: self.total.view(),
            last_hour: last_hour.view(),
            minutes: self.minutes.view(),
            hours: self.hours.view(),
            refusals: refusals.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: Timestamp = Timestamp(1_800_000_000_000);

    fn claims(claimed: u64) -> Tally {
        Tally { claimed, spent_units: claimed * 10, ..Tally::default() }
    }

    #[test]
    fn what_is_counted_between_two_samples_belongs_to_the_step_of_the_second() {
        let mut series = Series::new(START);
        series.sample(claims(2), START.plus(59_999));
        series.sample(claims(5), START.plus(60_000));
        series.sample(claims(5), START.plus(180_000));
        series.sample(claims(6), START.plus(180_001));
        let minutes = series.view().minutes;
        assert_eq!(minutes.claimed, [2, 3, 0, 1]);
        assert_eq!(minutes.spent.iter().map(|spent| spent.units()).collect::<Vec<_>>(), [20, 30, 0, 10]);
        assert_eq!((minutes.from_ms, minutes.step_ms), (START, MINUTE_MS));
        assert_eq!(series.view().total.claimed, 6);
    }

    #[test]
    fn refusals_are_told_by_code_and_forgotten_by_the_hour_but_not_in_all() {
        let mut series = Series::new(START);
        let refused = |cooldown, overloaded| Tally {
            refusals: BTreeMap::from([(Code::LevelLocked, cooldown), (Code::Overloaded, overloaded)]),
            ..Tally::default()
        };
        series.sample(refused(3, 1), START);
        series.sample(refused(3, 2), START.plus(HOUR_MS));
        let view = series.view();
        let told: Vec<_> = view.refusals.iter().map(|it| (it.code, it.total, it.last_hour)).collect();
        assert_eq!(told, [(Code::LevelLocked, 3, 0), (Code::Overloaded, 2, 1)]);
        assert_eq!((view.total.refused, view.last_hour.refused), (5, 1));
        assert_eq!(view.hours.refused, [4, 1]);
    }

    #[test]
    fn a_clock_that_is_put_back_a_little_goes_on_and_a_lot_begins_anew() {
        let mut series = Series::new(START);
        series.sample(claims(1), START.plus(60_000));
        series.sample(claims(2), START.plus(59_999));
        assert_eq!(series.view().minutes.claimed, [0, 2]);
        series.sample(claims(4), START.minus(HOUR_MS));
        let minutes = series.view().minutes;
        assert_eq!((minutes.claimed, minutes.from_ms), (vec![2], START.minus(HOUR_MS)));
        assert_eq!(series.view().total.claimed, 4);
    }

    proptest! {
        #[test]
        fn rings_stay_bounded_and_lose_nothing_while_time_goes_on_slowly(
            steps in proptest::collection::vec((0_u64..40_000, 0_u64..5), 1..200),
        ) {
            let (mut series, mut now, mut total) = (Series::new(START), START, 0);
            let mut expected: BTreeMap<u64, u64> = BTreeMap::new();
            for (passed, more) in steps {
                now = now.plus(passed);
                total += more;
                series.sample(claims(total), now);
                *expected.entry(now.0 / MINUTE_MS).or_default() += more;
            }
            let minutes = series.view().minutes;
            prop_assert!(minutes.claimed.len() <= MINUTES);
            prop_assert_eq!(minutes.claimed.len(), minutes.spent.len());
            let first = minutes.from_ms.0 / MINUTE_MS;
            for (index, claimed) in minutes.claimed.iter().enumerate() {
                let minute = first + u64::try_from(index).unwrap();
                prop_assert_eq!(*claimed, expected.get(&minute).copied().unwrap_or_default());
            }
            prop_assert_eq!(first + u64::try_from(minutes.claimed.len()).unwrap() - 1, now.0 / MINUTE_MS);
        }

        #[test]
        fn no_clock_makes_rings_grow(times in proptest::collection::vec(any::<u64>(), 1..50)) {
            let mut series = Series::new(START);
            for (number, time) in times.into_iter().enumerate() {
                series.sample(claims(u64::try_from(number).unwrap()), Timestamp(time));
                let view = series.view();
                prop_assert!((1..=MINUTES).contains(&view.minutes.claimed.len()));
                prop_assert!((1..=HOURS).contains(&view.hours.claimed.len()));
            }
        }
    }
}
