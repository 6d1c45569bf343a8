//! Progress: it only grows, and it unlocks what the catalog says.

use std::collections::BTreeMap;

use dripline_shared::catalog::Catalog;
use dripline_shared::level::{Level, Unlock};
use dripline_shared::progress::{LevelProgress, is_unlocked};
use dripline_shared::time::{DAY_MS, Timestamp};
use proptest::prelude::*;

use crate::support::config;

fn level() -> Level {
    Catalog::first_run().levels.remove(0)
}

/// Progress as one wallet has it after a while, or none at all.
fn reached() -> impl Strategy<Value = LevelProgress> {
    prop::collection::vec((any::<u32>(), 1_u8..=3, 0_u64..DAY_MS), 0..6).prop_map(|clears| {
        let (level, mut now) = (level(), Timestamp(1_700_000_000_000));
        clears.into_iter().fold(LevelProgress::default(), |progress, (score, stars, wait)| {
            now = now.plus(wait);
            progress.cleared(&level, score, stars, now)
        })
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn clearing_a_level_never_takes_anything_away(
        clears in prop::collection::vec((any::<u32>(), 1_u8..=3, 0_u64..2 * DAY_MS), 1..20),
    ) {
        let level = level();
        let mut now = Timestamp(1_700_000_000_000);
        let mut progress = LevelProgress::default();
        let mut by_day: BTreeMap<u64, u32> = BTreeMap::new();
        for (count, (score, stars, wait)) in (1..).zip(clears) {
            now = now.plus(wait);
            let before = progress;
            progress = progress.cleared(&level, score, stars, now);
            *by_day.entry(now.day()).or_default() += 1;
            prop_assert_eq!(progress.best_score, before.best_score.max(score));
            prop_assert_eq!(progress.best_stars, before.best_stars.max(stars));
            prop_assert_eq!(progress.clears, count);
            prop_assert_eq!(progress.clears_today(now), by_day[&now.day()]);
            prop_assert_eq!(progress.clears_today(now.plus(DAY_MS)), 0);
            prop_assert_eq!(progress.pays_again_at_ms, now.plus(level.cooldown_ms));
        }
    }

    #[test]
    fn what_two_wallets_reached_together_holds_back_as_either_does_and_loses_nothing(
        one in reached(), other in reached(), wait in 0_u64..3 * DAY_MS,
    ) {
        let merged = one.merged(&other);
        prop_assert_eq!(merged, other.merged(&one));
        let now = one.last_clear_at_ms.max(other.last_clear_at_ms).plus(wait);
        for part in [one, other] {
            prop_assert!(merged.pays_again_at_ms >= part.pays_again_at_ms);
            prop_assert!(merged.clears >= part.clears);
            prop_assert!(merged.clears_today(now) >= part.clears_today(now));
            prop_assert!(merged.best_score >= part.best_score && merged.best_stars >= part.best_stars);
        }
        prop_assert_eq!(merged.clears_today(now), one.clears_today(now) + other.clears_today(now));
        prop_assert_eq!(one.merged(&LevelProgress::default()), one);
    }

    #[test]
    fn stars_of_all_levels_together_unlock(stars in prop::collection::vec(0_u8..=3, 0..10), needed in 0_u32..40) {
        let level = Level { unlock: Unlock::Stars(needed), ..level() };
        let reached = stars.iter().enumerate().map(|(index, best_stars)| {
            (format!("level-{index}"), LevelProgress { best_stars: *best_stars, ..LevelProgress::default() })
        });
        let sum: u32 = stars.iter().map(|stars| u32::from(*stars)).sum();
        prop_assert_eq!(is_unlocked(&level, &reached.collect()), sum >= needed);
    }
}

#[test]
fn a_level_behind_another_opens_when_that_one_is_cleared() {
    let behind = Level { unlock: Unlock::Cleared("first".to_owned()), ..level() };
    let tried = LevelProgress { best_stars: 0, clears: 0, ..LevelProgress::default() };
    let cleared = LevelProgress { clears: 1, ..tried };
    let with = |id: &str, progress| BTreeMap::from([(id.to_owned(), progress)]);
    assert!(!is_unlocked(&behind, &BTreeMap::new()));
    assert!(!is_unlocked(&behind, &with("first", tried)));
    assert!(!is_unlocked(&behind, &with("other", cleared)));
    assert!(is_unlocked(&behind, &with("first", cleared)));
    assert!(is_unlocked(&Level { unlock: Unlock::Open, ..level() }, &BTreeMap::new()));
}
