//! Rewards: every factor named, in order, multiplied exactly and rounded down once.

use dripline_shared::amount::Amount;
use dripline_shared::campaign::{BOOST_MAX, PACING_MIN};
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
    let counts =
        (1_u8..=3, 0_u32..5, prop_oneof![0_u32..40, any::<u32>()], prop_oneof![1_u32..40, 1..=u32::MAX]);
    let boost = prop::option::of(BASIS_POINTS..=BOOST_MAX);
    let pacing = prop::option::of(PACING_MIN..=BASIS_POINTS);
    (counts, boost, pacing).prop_map(|((stars, clears, clears_today, streak_days), boost, pacing)| {
        RewardFacts { stars, clears, clears_today, streak_days, boost, pacing }
    })
}

/// `base × factors ÷ 10,000^n`, rounded down, in decimal digits, the least first, which hold whatever comes.
fn exact(base: Amount, factors: &[u32]) -> u128 {
    let mut digits: Vec<u64> = base.to_string().bytes().rev().map(|digit| u64::from(digit - b'0')).collect();
    for factor in factors {
        let mut carry = 0;
        for digit in &mut digits {
            carry += *digit * u64::from(*factor);
            *digit = carry % 10;
            carry /= 10;
        }
        while carry > 0 {
            digits.push(carry % 10);
            carry /= 10;
        }
    }
    // Each division by 10,000 takes four digits away.
    let whole = digits.get(4 * factors.len()..).unwrap_or_default();
    let add = |sum: u128, digit: &u64| sum.checked_mul(10)?.checked_add(u128::from(*digit));
    whole.iter().rev().try_fold(0, add).unwrap_or(u128::MAX)
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
        let exact = exact(base, &factors);
        prop_assert_eq!(u128::from(drip.amount), exact.min(u128::from(rules.drip_max)));
        // Below 10^13 units, and with a product that fits, the page can tell.
        let fits = factors.iter().try_fold(u128::from(base), |product, factor| product.checked_mul((*factor).into()));
        if fits.is_some() && u128::from(rules.drip_max) < 1 << 44 {
            let is_capped = is_capped(base, &drip.factors, drip.amount);
            prop_assert_eq!(is_capped, exact > u128::from(rules.drip_max));
        }
    }

    #[test]
    fn factors_come_in_their_order_and_those_that_do_not_apply_are_absent(
        base in amounts(),
        rules in rules(),
        facts in facts(),
    ) {
        let names: Vec<FactorName> =
            reward(&level(base), &rules, &facts).factors.iter().map(|factor| factor.name).collect();
        let (stars, first, streak, repeat) =
            (FactorName::Stars, FactorName::FirstClear, FactorName::Streak, FactorName::Repeat);
        let expected = [
            Some(stars),
            (facts.clears == 0).then_some(first),
            Some(streak),
            facts.boost.map(|_| FactorName::Boost),
            Some(repeat),
            facts.pacing.map(|_| FactorName::Pacing),
        ];
        prop_assert_eq!(names, expected.into_iter().flatten().collect::<Vec<_>>());
    }

    #[test]
    fn no_facts_earn_more_than_the_largest_drip(base in amounts(), rules in rules(), facts in facts()) {
        let level = level(base);
        let (drip, boost) = (reward(&level, &rules, &facts).amount, facts.boost.unwrap_or(BASIS_POINTS));
        prop_assert!(drip <= rules.largest_drip(&level, boost));
        prop_assert!(rules.largest_drip(&level, boost) <= rules.drip_max);
        prop_assert!(rules.largest_drip(&level, BASIS_POINTS) <= rules.largest_drip(&level, boost));
        prop_assert!(facts.pacing.is_some() || drip >= rules.least_drip(&level, boost));
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
    let first =
        RewardFacts { stars: 1, clears: 0, clears_today: 0, streak_days: 1, boost: None, pacing: None };
    assert_eq!(drip(first), 20_000);
    assert_eq!(drip(RewardFacts { stars: 3, ..first }), 30_000);
    assert_eq!(drip(RewardFacts { clears: 1, clears_today: 1, ..first }), 8_000);
    assert_eq!(drip(RewardFacts { clears: 9, clears_today: 99, streak_days: 99, ..first }), 3_250);
}
