//! Pipes as a whole: any level that may be set, any play, and plays that must never win.

use dripline_shared::game::pipes::{Params, VALVE, WIDE_BEAT};
use dripline_shared::game::replay::{Session, replay};
use dripline_shared::game::{Game, GameParams, Pipes, Status};
use dripline_shared::round::Seed;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn any_params() -> impl Strategy<Value = Params> {
    let board = (4_u8..=7, 4_u8..=8, 1_u8..=6, 8_u8..=56, 0_u16..=1_000, 0_u16..=500);
    let time = (60_u16..=7_200, 8_u16..=120, 1_u8..=40);
    (board, time).prop_map(|((columns, rows, basins, network, loose, rusty), (countdown, beat, reserve))| {
        Params {
            columns,
            rows,
            basins: basins.min(columns - 1),
            network,
            loose_per_mille: loose,
            rusty_per_mille: rusty,
            countdown,
            beat,
            reserve,
        }
    })
}

fn seed(number: u32) -> Seed {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    Seed(bytes)
}

fn levels() -> Vec<Params> {
    let play = Pipes::default_levels().into_iter().map(|level| level.play);
    play.filter_map(|play| if let GameParams::Pipes(params) = play { Some(params) } else { None }).collect()
}

/// More with `DRIPLINE_LONG`.
fn cases() -> u32 {
    if std::env::var_os("DRIPLINE_LONG").is_some() { 6_000 } else { 300 }
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn any_play_ends_in_time_and_replays(
        params in any_params(),
        number: u32,
        inputs in prop::collection::vec(prop::option::of(0..=66_u8), 0..3_000),
    ) {
        prop_assert_eq!(Pipes::validate(&params), Ok(()));
        let mut session = Session::<Pipes>::new(params.clone(), vec![seed(number); 80]);
        let mut inputs = inputs.into_iter();
        while session.status() == Status::Playing {
            prop_assert!(session.length() < Pipes::length_max(&params));
            session.advance(inputs.next().flatten());
        }
        let outcome = replay::<Pipes>(&params, session.segments(), |_| seed(number));
        let outcome = outcome.map(|outcome| (outcome.status, outcome.score));
        prop_assert_eq!(outcome, Ok((session.status(), session.game().score())));
    }

    #[test]
    fn parameters_out_of_bounds_are_refused(mut params in any_params(), which in 0..9_u8) {
        match which {
            0 => params.columns = 8,
            1 => params.rows = 3,
            2 => params.basins = params.columns,
            3 => params.network = 7,
            4 => params.loose_per_mille = 1_001,
            5 => params.rusty_per_mille = 501,
            6 => params.countdown = 59,
            7 => params.beat = 7,
            _ => params.reserve = 0,
        }
        prop_assert!(Pipes::validate(&params).is_err());
    }
}

/// The board promises it for any parameters; here it is played out, with one tile turned at different speeds.
#[test]
fn turning_one_tile_never_fills_a_basin() {
    for params in levels() {
        for number in 0..100 {
            for input in (0..=VALVE).map(Some).chain([None]) {
                for every in [1, 7] {
                    let mut session = Session::<Pipes>::new(params.clone(), vec![seed(number); 80]);
                    while session.status() == Status::Playing {
                        let wanted = input.filter(|_| session.length().is_multiple_of(every));
                        session.advance(wanted);
                    }
                    assert_eq!((session.status(), session.game().basins().0), (Status::Lost, 0));
                }
            }
        }
    }
}

#[test]
fn the_rules_name_what_the_level_has_and_nothing_else() {
    let told = |params: &Params| Pipes::rules(params).join("\n").to_lowercase();
    // In whole seconds, as the valve counts them.
    for (params, seconds) in levels().iter().zip([40, 17, 16, 15]) {
        let told = told(params);
        assert_eq!(told.contains("rusty"), params.rusty_per_mille > 0, "{told}");
        assert_eq!(told.contains("not needed"), params.loose_per_mille > 0, "{told}");
        assert!(told.contains(&format!("{seconds} seconds")), "{told}");
        assert!(told.contains(&format!("holds {}.", params.reserve)), "{told}");
        assert!(told.contains("100 points") && told.contains("adds 10"), "{told}");
        assert!(told.contains("wide"), "{told}");
        assert!(Pipes::goal(params).contains(&params.basins.to_string()));
    }
    let hasty = Params { beat: WIDE_BEAT, ..levels().remove(0) };
    assert!(!told(&hasty).contains("wide"), "water that cannot hurry");
}
