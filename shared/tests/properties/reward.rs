//! Rewards: every factor named, in order, multiplied exactly and rounded down once.

use dripline_shared::amount::Amount;
use dripline_shared::game::GameParams;
use dripline_shared::level::{Level, Unlock};
use dripline_shared::reward::{
    BASIS_POINTS, FACTOR_MAX, FactorName, RewardFacts, RewardRules, STEPS_MAX, is_capped, reward, streak_days,
};
use dripline_shared::time::{DAY_MS, Timestamp};
use proptest::prelude::*;

use crate::support::{amounts, config};

fn level(base: Amount) -> Level {
    let draft = GameParams::default_levels().remove(0);
    Level {
        id: "any-1".to_owned(),
        name: draft.name.to_owned(),
        play: draft.play,
        stars: draft.stars,
        base,
        cooldown_ms: 0,
        unlock: Unlock::Open,
        turn_ms_min: draft.turn_ms_min,
        think_ms_max: draft.think_ms_max,
    }
}

fn steps() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(prop_oneof![0..=FACTOR_MAX, 0_u32..30_000], 1..=STEPS_MAX)
}

/// Rules that a catalog accepts.
fn rules() -> impl Strategy<Value = RewardRules> {
    let stars = [0..=FACTOR_MAX, 0..=FACTOR_MAX, 0..=FACTOR_MAX];
    (stars, BASIS_POINTS..=FACTOR_MAX, steps(), steps(), amounts()).prop_map(
        |(stars, first_clear, streak, mut repeat, drip_max)| {
            repeat.sort_unstable_by(|one, other| other.cmp(one));
            RewardRules { stars, first_clear, streak, repeat, drip_max }
        },
    )
}

fn facts() -> impl Strategy<Value = RewardFacts> {
    (1_u8..=3, 0_u32..5, prop_oneof![0_u32..40, any::<u32>()], prop_oneof![1_u32..40, 1..=u32::MAX]).prop_map(
        |(stars, clears, clears_today, streak_days)| RewardFacts { stars, clears, clears_today, streak_days },
    )
}

/// The exact product of a list of factors with an amount, or `None` where it exceeds 128 bits.
fn product(base: Amount, factors: &[u32]) -> Option<u128> {
    factors.iter().try_fold(u128::from(base), |product, factor| product.checked_mul(u128::from(*factor)))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_drip_is_the_product_of_its_factors_rounded_down_once_and_capped(
        base in amounts(),
        rules in rules(),
        facts in facts(),
    ) {
        let drip = reward(&level(base), &rules, &facts);
        let factors: Vec<u32> = drip.factors.iter().map(|factor| factor.basis_points).collect();
        let divisor = u128::from(BASIS_POINTS).pow(u32::try_from(factors.len()).unwrap());
        // A product that 128 bits do not hold is beyond every cap.
        let exact = product(base, &factors).map_or(u128::MAX, |product| product / divisor);
        prop_assert_eq!(u128::from(drip.amount), exact.min(u128::from(rules.drip_max)));
        prop_assert_eq!(is_capped(base, &drip.factors, drip.amount), exact > u128::from(rules.drip_max));
    }

    #[test]
    fn factors_come_in_their_order_and_a_first_clear_only_the_first_time(
        base in amounts(),
        rules in rules(),
        facts in facts(),
    ) {
        let names: Vec<FactorName> =
            reward(&level(base), &rules, &facts).factors.iter().map(|factor| factor.name).collect();
        let (stars, first, streak, repeat) =
            (FactorName::Stars, FactorName::FirstClear, FactorName::Streak, FactorName::Repeat);
        let expected = if facts.clears == 0 { vec![stars, first, streak, repeat] } else { vec![stars, streak, repeat] };
        prop_assert_eq!(names, expected);
    }

    #[test]
    fn no_facts_earn_more_than_the_largest_drip(base in amounts(), rules in rules(), facts in facts()) {
        let level = level(base);
        prop_assert!(reward(&level, &rules, &facts).amount <= rules.largest_drip(&level));
        prop_assert!(rules.largest_drip(&level) <= rules.drip_max);
    }

    #[test]
    fn more_is_never_less(base in amounts(), more in amounts(), rules in rules(), facts in facts()) {
        let mut rules = rules;
        rules.stars.sort_unstable();
        rules.streak.sort_unstable();
        let earned = |base: Amount, facts: RewardFacts| reward(&level(base), &rules, &facts).amount;
        let here = earned(base, facts);
        let more_stars = RewardFacts { stars: (facts.stars + 1).min(3), ..facts };
        let longer = RewardFacts { streak_days: facts.streak_days.saturating_add(1), ..facts };
        let again = RewardFacts { clears_today: facts.clears_today.saturating_add(1), ..facts };
        let first = RewardFacts { clears: 0, ..facts };
        prop_assert!(earned(base.max(more), facts) >= here);
        prop_assert!(earned(base, more_stars) >= here);
        prop_assert!(earned(base, longer) >= here);
        prop_assert!(earned(base, again) <= here);
        prop_assert!(earned(base, first) >= here);
    }

    #[test]
    fn a_streak_goes_on_on_the_next_day_and_not_after(at in 0_u64..20_000 * DAY_MS, days in 1_u32..1_000, wait in 0_u64..5 * DAY_MS) {
        let (at, now) = (Timestamp(at), Timestamp(at).plus(wait));
        let expected = match now.day() - at.day() {
            0 => days,
            1 => days + 1,
            _ => 1,
        };
        prop_assert_eq!(streak_days(Some((at, days)), now), expected);
        prop_assert_eq!(streak_days(None, now), 1);
    }
}

#[test]
fn the_first_run_pays_what_its_factors_say() {
    let rules = RewardRules::first_run();
    let drip = |facts| reward(&level(Amount::from_units(10_000)), &rules, &facts).amount.units();
    let first = RewardFacts { stars: 1, clears: 0, clears_today: 0, streak_days: 1 };
    assert_eq!(drip(first), 20_000);
    assert_eq!(drip(RewardFacts { stars: 3, ..first }), 30_000);
    assert_eq!(drip(RewardFacts { clears: 1, clears_today: 1, ..first }), 8_000);
    assert_eq!(drip(RewardFacts { clears: 9, clears_today: 99, streak_days: 99, ..first }), 3_250);
}
