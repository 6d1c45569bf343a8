//! Random numbers: within their bounds, and every one equally likely. Golden vectors are in `golden.rs`.

use std::collections::BTreeMap;

use dripline_shared::rng::SegmentRng;
use dripline_shared::round::Seed;
use proptest::prelude::*;

use crate::support::config;

fn rng(seed: u8) -> SegmentRng {
    SegmentRng::new(&Seed([seed; 32]))
}

/// Whether `count` of `draws` fits a probability of 1 in `outcomes`, within five standard deviations.
fn fits(count: u64, draws: u64, outcomes: u64) -> bool {
    let difference = (count * outcomes).abs_diff(draws);
    // Of `count`: the variance is below draws ÷ outcomes; times outcomes squared, for `count × outcomes`.
    difference * difference <= 25 * draws * outcomes
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_number_is_below_its_bound(seed in any::<[u8; 32]>(), bound in any::<u32>()) {
        let mut rng = SegmentRng::new(&Seed(seed));
        for _ in 0..20 {
            prop_assert!(rng.below(bound) < bound.max(1));
        }
    }

    #[test]
    fn a_shuffle_loses_and_adds_nothing(seed in any::<[u8; 32]>(), mut items in prop::collection::vec(any::<u16>(), 0..50)) {
        let mut shuffled = items.clone();
        SegmentRng::new(&Seed(seed)).shuffle(&mut shuffled);
        items.sort_unstable();
        shuffled.sort_unstable();
        prop_assert_eq!(items, shuffled);
    }

    #[test]
    fn a_bound_of_one_or_nothing_draws_nothing(seed in any::<[u8; 32]>()) {
        let (mut one, mut other) = (SegmentRng::new(&Seed(seed)), SegmentRng::new(&Seed(seed)));
        prop_assert_eq!((one.below(0), one.below(1), one.choose::<u8>(&[])), (0, 0, None));
        one.shuffle::<u8>(&mut []);
        one.shuffle(&mut [1]);
        prop_assert_eq!(one.next_u32(), other.next_u32());
    }
}

#[test]
fn every_number_below_a_small_bound_is_equally_likely() {
    for bound in [2, 3, 6, 7, 10, 100] {
        let (mut rng, draws) = (rng(1), 20_000 * u64::from(bound));
        let mut counts = BTreeMap::new();
        for _ in 0..draws {
            *counts.entry(rng.below(bound)).or_insert(0_u64) += 1;
        }
        assert_eq!(counts.len(), usize::try_from(bound).unwrap());
        for (number, count) in counts {
            assert!(fits(count, draws, bound.into()), "{number} of {bound}: {count} of {draws}");
        }
    }
}

/// Cutting 32 bits by the remainder, or multiplying without rejecting, makes some numbers twice as likely here.
#[test]
fn every_number_below_a_bound_that_does_not_divide_the_words_is_equally_likely() {
    for bound in [3_u32 << 30, (1 << 31) + 1, 0xaaaa_aaab] {
        let (mut rng, draws) = (rng(2), 60_000);
        let mut thirds = [0_u64; 3];
        let mut residues = [0_u64; 3];
        for _ in 0..draws {
            let number = rng.below(bound);
            thirds[usize::try_from(u64::from(number) * 3 / u64::from(bound)).unwrap()] += 1;
            residues[usize::try_from(number % 3).unwrap()] += 1;
        }
        for count in thirds.into_iter().chain(residues) {
            assert!(fits(count, draws, 3), "{bound}: {thirds:?} {residues:?}");
        }
    }
}

#[test]
fn every_order_of_a_shuffle_is_equally_likely() {
    let (mut rng, draws) = (rng(3), 48_000);
    let mut counts = BTreeMap::new();
    for _ in 0..draws {
        let mut items = [0, 1, 2, 3];
        rng.shuffle(&mut items);
        *counts.entry(items).or_insert(0_u64) += 1;
    }
    assert_eq!(counts.len(), 24);
    assert!(counts.values().all(|count| fits(*count, draws, 24)), "{counts:?}");
}

#[test]
fn a_chance_of_so_many_per_mille_happens_that_often() {
    let mut rng = rng(4);
    let draws = 100_000;
    let happened = (0..draws).filter(|_| rng.chance(250)).count();
    assert!(fits(u64::try_from(happened).unwrap(), draws, 4), "{happened}");
    assert!((0..1_000).all(|_| rng.chance(1_000) && !rng.chance(0)));
}

#[test]
fn what_is_chosen_is_every_item_equally_often() {
    let (mut rng, draws) = (rng(5), 40_000);
    let mut counts = BTreeMap::new();
    for _ in 0..draws {
        *counts.entry(*rng.choose(&["a", "b", "c", "d"]).unwrap()).or_insert(0_u64) += 1;
    }
    assert!(counts.len() == 4 && counts.values().all(|count| fits(*count, draws, 4)), "{counts:?}");
}
