//! Limits on money: over any window at most the ceiling, and the moment that a refusal names is exact.

use dripline_shared::amount::Amount;
use dripline_shared::limit::{Bucket, MoneyLimit};
use dripline_shared::time::Timestamp;
use proptest::prelude::*;

use crate::support::config;

const START: Timestamp = Timestamp(1_700_000_000_000);

fn limits() -> impl Strategy<Value = MoneyLimit> {
    let ceilings = prop_oneof![0_u32..50, 0_u32..100_000];
    (ceilings, prop_oneof![1_u64..100, 1_u64..100_000])
        .prop_map(|(ceiling, window_ms)| MoneyLimit { ceiling: Amount::from_units(ceiling), window_ms })
}

/// Requests: how long after the last one (in ten-thousandths of the window), and how much (of the burst).
fn requests() -> impl Strategy<Value = Vec<(u64, u64)>> {
    let wait = prop_oneof![3 => Just(0), 3 => 0_u64..50, 3 => 0_u64..2_000, 1 => 0_u64..30_000];
    let part = prop_oneof![1 => Just(10_000), 3 => 0_u64..=10_000, 2 => 0_u64..500];
    prop::collection::vec((wait, part), 1..80)
}

fn amount(units: u64) -> Amount {
    i64::try_from(units).ok().and_then(|units| Amount::try_from(units).ok()).expect("units of an amount")
}

fn units(amount: Amount) -> u64 {
    amount.units().unsigned_abs()
}

/// Makes the requests. Gives what passed and when, the bucket at the end, and the moment of the last request.
fn make(limit: MoneyLimit, requests: &[(u64, u64)]) -> (Vec<(Timestamp, u64)>, Bucket, Timestamp) {
    let (mut now, mut bucket, mut passed) = (START, Bucket::default(), Vec::new());
    for (wait, part) in requests {
        now = now.plus(limit.window_ms * wait / 10_000);
        let wanted = units(limit.burst()) * part / 10_000;
        if let Ok(next) = limit.take(bucket, amount(wanted), now) {
            bucket = next;
            passed.push((now, wanted));
        }
    }
    (passed, bucket, now)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_window_lets_out_more_than_the_ceiling(limit in limits(), requests in requests()) {
        let (passed, _, _) = make(limit, &requests);
        for (first, (from, _)) in passed.iter().enumerate() {
            let window = passed[first..].iter().take_while(|(at, _)| at.since(*from) <= limit.window_ms);
            let out: u64 = window.map(|(_, units)| units).sum();
            prop_assert!(out <= units(limit.ceiling), "{out} of {limit:?}");
        }
    }

    #[test]
    fn parts_of_a_limit_are_no_more_than_the_whole_together(limit in limits(), parts in 1_u32..40) {
        let part = limit.part(parts);
        let rate = |limit: &MoneyLimit| units(limit.ceiling) - units(limit.burst());
        prop_assert_eq!(part.window_ms, limit.window_ms);
        prop_assert!(units(part.burst()) * u64::from(parts) <= units(limit.burst()));
        prop_assert!(rate(&part) * u64::from(parts) <= rate(&limit));
        prop_assert_eq!(limit.part(1), limit);
    }

    #[test]
    fn a_refusal_names_the_very_moment_from_which_it_passes(
        limit in limits(),
        requests in requests(),
        part in 0_u64..=10_000,
    ) {
        let (_, bucket, now) = make(limit, &requests);
        let wanted = amount(units(limit.burst()) * part / 10_000);
        if let Err(until) = limit.take(bucket, wanted, now) {
            let until = until.expect("what fits the burst passes");
            prop_assert!(until > now);
            prop_assert_eq!(limit.take(bucket, wanted, until.minus(1)), Err(Some(until)));
            prop_assert!(limit.take(bucket, wanted, until).is_ok());
        }
    }

    #[test]
    fn draining_in_steps_drains_as_much_as_draining_at_once(
        limit in limits(),
        requests in requests(),
        steps in prop::collection::vec(0_u64..300, 1..20),
    ) {
        let (_, bucket, now) = make(limit, &requests);
        let (mut stepped, mut at) = (bucket, now);
        for step in steps {
            at = at.plus(step);
            stepped = limit.drained(stepped, at);
        }
        prop_assert_eq!(stepped, limit.drained(bucket, at));
    }

    #[test]
    fn asking_again_and_again_does_not_slow_the_drain(limit in limits(), tries in 1_u64..200) {
        let full = limit.take(Bucket::default(), limit.burst(), START).unwrap();
        let mut bucket = full;
        for millisecond in 0..tries {
            bucket = limit.drained(bucket, START.plus(millisecond));
        }
        let end = START.plus(tries);
        prop_assert_eq!(limit.drained(bucket, end).level, limit.drained(full, end).level);
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing_away(limit in limits(), back in 1_u64..1_000_000, requests in requests()) {
        let (_, bucket, now) = make(limit, &requests);
        let still = limit.drained(bucket, now);
        prop_assert_eq!(limit.drained(still, now.minus(back)), still);
        let one = Amount::from_units(1);
        prop_assert_eq!(limit.take(still, one, now.minus(back)), limit.take(still, one, now));
    }

    #[test]
    fn an_amount_above_the_burst_never_passes(limit in limits(), wait in 0_u64..10_000_000) {
        let over = limit.burst().checked_add(Amount::from_units(1)).unwrap();
        prop_assert_eq!(limit.take(Bucket::default(), over, START.plus(wait)), Err(None));
    }

    #[test]
    fn no_state_and_no_moment_make_it_panic(
        ceiling in 0..=i64::MAX,
        level in 0..=i64::MAX,
        wanted in 0..=i64::MAX,
        window_ms in any::<u64>(),
        remainder in any::<u64>(),
        at in any::<u64>(),
        now in any::<u64>(),
    ) {
        let amount = |units: i64| Amount::try_from(units).unwrap();
        let limit = MoneyLimit { ceiling: amount(ceiling), window_ms };
        let bucket = Bucket { level: amount(level), remainder, at: Timestamp(at) };
        let _any = limit.take(bucket, amount(wanted), Timestamp(now));
    }
}

#[test]
fn a_calm_saves_nothing_up() {
    let limit = MoneyLimit { ceiling: Amount::from_units(100), window_ms: 1_000 };
    let calm = limit.drained(Bucket::default(), START);
    assert_eq!(calm, Bucket { level: Amount::ZERO, remainder: 0, at: START });
    let full = limit.take(calm, Amount::from_units(25), START).unwrap();
    assert!(limit.take(full, Amount::from_units(1), START).is_err());
}

#[test]
fn a_quarter_of_the_ceiling_comes_at_once_and_the_rest_over_the_window() {
    let limit = MoneyLimit { ceiling: Amount::from_units(100), window_ms: 75_000 };
    let full = limit.take(Bucket::default(), Amount::from_units(25), START).unwrap();
    let unit = Amount::from_units(1);
    assert_eq!(limit.take(full, unit, START), Err(Some(START.plus(1_000))));
    assert_eq!(limit.take(full, unit, START.plus(999)), Err(Some(START.plus(1_000))));
    assert_eq!(limit.take(full, unit, START.plus(1_000)).unwrap().level, Amount::from_units(25));
    assert_eq!(limit.drained(full, START.plus(24_999)).level, unit);
    assert_eq!(limit.drained(full, START.plus(25_000)).level, Amount::ZERO);
}
