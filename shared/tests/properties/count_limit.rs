//! Limits on counts: exactly as many as promised, and the moment that a refusal names is exact.

use dripline_shared::limit::CountLimit;
use dripline_shared::time::Timestamp;
use proptest::prelude::*;

use crate::support::config;

const START: Timestamp = Timestamp(1_700_000_000_000);

fn limits() -> impl Strategy<Value = CountLimit> {
    (1_u32..12, 1_u64..5_000).prop_map(|(burst, every_ms)| CountLimit { burst, every_ms })
}

/// Asks at each of these moments. Gives the moments at which it passed, and the last state.
fn ask(limit: CountLimit, moments: &[Timestamp]) -> (Vec<Timestamp>, Option<Timestamp>) {
    let mut state = None;
    let mut passed = Vec::new();
    for now in moments {
        if let Ok(next) = limit.take(state, *now) {
            state = Some(next);
            passed.push(*now);
        }
    }
    (passed, state)
}

fn moments_after(start: Timestamp, waits: &[u64]) -> Vec<Timestamp> {
    waits
        .iter()
        .scan(start, |now, wait| {
            *now = now.plus(*wait);
            Some(*now)
        })
        .collect()
}

/// Waits of which many are short, so that the limit is reached.
fn waits() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(
        prop_oneof![3 => Just(0), 3 => 0_u64..500, 2 => 0_u64..5_000, 1 => 0_u64..100_000],
        1..80,
    )
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn exactly_the_burst_passes_at_one_moment(limit in limits(), asked in 1_usize..30) {
        let (passed, _) = ask(limit, &vec![START; asked]);
        prop_assert_eq!(passed.len(), asked.min(usize::try_from(limit.burst).unwrap()));
    }

    #[test]
    fn no_window_lets_more_through_than_the_burst_and_one_for_each_interval(limit in limits(), waits in waits()) {
        let (passed, _) = ask(limit, &moments_after(START, &waits));
        for (first, from) in passed.iter().enumerate() {
            for (last, until) in passed.iter().enumerate().skip(first) {
                let most = u64::from(limit.burst) + until.since(*from) / limit.every_ms;
                prop_assert!(u64::try_from(last - first + 1).unwrap() <= most);
            }
        }
    }

    #[test]
    fn a_refusal_names_the_very_moment_from_which_it_passes(limit in limits(), waits in waits()) {
        let moments = moments_after(START, &waits);
        let (_, state) = ask(limit, &moments);
        let now = *moments.last().unwrap();
        if let Err(until) = limit.take(state, now) {
            prop_assert!(until > now);
            prop_assert_eq!(limit.take(state, until.minus(1)), Err(until));
            prop_assert!(limit.take(state, until).is_ok());
        }
    }

    #[test]
    fn what_is_left_is_what_passes(limit in limits(), waits in waits()) {
        let moments = moments_after(START, &waits);
        let (_, mut state) = ask(limit, &moments);
        let now = *moments.last().unwrap();
        let left = limit.left(state, now);
        let mut passed = 0;
        while let Ok(next) = limit.take(state, now) {
            state = Some(next);
            passed += 1;
        }
        prop_assert_eq!(passed, left);
        prop_assert_eq!(limit.left(state, now), 0);
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing_away(
        limit in limits(),
        offsets in prop::collection::vec(0_u64..20_000, 1..60),
    ) {
        let moments: Vec<Timestamp> = offsets.iter().map(|offset| START.plus(*offset)).collect();
        let (passed, _) = ask(limit, &moments);
        let span = moments.iter().max().unwrap().since(*moments.iter().min().unwrap());
        prop_assert!(u64::try_from(passed.len()).unwrap() <= u64::from(limit.burst) + span / limit.every_ms);
    }

    #[test]
    fn no_state_and_no_moment_make_it_panic(
        burst in any::<u32>(),
        every_ms in any::<u64>(),
        state in any::<Option<u64>>(),
        now in any::<u64>(),
    ) {
        let limit = CountLimit { burst, every_ms };
        let state = state.map(Timestamp);
        let _any = (limit.take(state, Timestamp(now)), limit.left(state, Timestamp(now)));
    }
}

#[test]
fn a_cooldown_lets_one_pass_and_the_next_when_it_is_over() {
    let limit = CountLimit::cooldown(300_000);
    let state = limit.take(None, START).unwrap();
    let over = START.plus(300_000);
    assert_eq!(limit.take(Some(state), START), Err(over));
    assert_eq!(limit.take(Some(state), over.minus(1)), Err(over));
    assert!(limit.take(Some(state), over).is_ok());
}

#[test]
fn no_cooldown_lets_every_one_pass() {
    let limit = CountLimit::cooldown(0);
    let state = limit.take(None, START).unwrap();
    assert!(limit.take(Some(state), START).is_ok());
}
