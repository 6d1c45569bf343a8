//! What the water does, on boards laid by hand.

use super::tiles::{Openings, turned};
use super::*;
use crate::round::Seed;

const STRAIGHT: u8 = EAST | WEST;

fn params() -> Params {
    Params {
        columns: 4,
        rows: 4,
        basins: 1,
        network: 8,
        loose_per_mille: 0,
        rusty_per_mille: 0,
        countdown: 60,
        beat: 10,
        reserve: 3,
    }
}

/// A board whose top row leads from the spring over two tiles that lie so to the basin.
fn row(second: u8, third: u8) -> Pipes {
    let mut open = Openings::NONE;
    for (cell, mask) in (0..).zip([EAST, second, third, WEST]) {
        open.set(cell, mask);
    }
    Pipes {
        open,
        turnable: bit(1) | bit(2),
        spring: bit(0),
        basins: bit(3),
        wet: bit(0),
        fresh: 0,
        opens_in: params().countdown,
        spared: 0,
        beat_in: params().beat,
        wide: false,
        reserve: params().reserve,
        status: Status::Playing,
    }
}

/// Steps with an input and then without, `ticks` in all.
fn run(game: &mut Pipes, input: Option<u8>, ticks: u32) {
    let mut rng = SegmentRng::new(&Seed([0; 32]));
    for tick in 0..ticks {
        game.step(&params(), input.filter(|_| tick == 0), &mut rng);
    }
}

#[test]
fn water_takes_a_beat_a_tile() {
    let mut game = row(STRAIGHT, STRAIGHT);
    run(&mut game, None, 60);
    assert_eq!((game.opens_in(), game.is_wet(1), game.leak_count()), (0, false, 0));
    run(&mut game, None, 9);
    assert!(!game.is_wet(1));
    run(&mut game, None, 1);
    assert_eq!((game.is_fresh(1), game.is_wet(2)), (true, false));
    run(&mut game, None, 19);
    assert_eq!((game.status(), game.score()), (Status::Playing, 0));
    run(&mut game, None, 1);
    assert_eq!((game.status(), game.basins(), game.score()), (Status::Won, (1, 1), 130), "nothing spared");
    let ended = game.clone();
    run(&mut game, Some(1), 100);
    assert_eq!(game, ended);
    assert!(!game.accepts(&params(), VALVE));
}

#[test]
fn opening_early_is_worth_the_time_left() {
    let mut game = row(STRAIGHT, STRAIGHT);
    run(&mut game, None, 30);
    assert!(game.accepts(&params(), VALVE));
    run(&mut game, Some(VALVE), 1);
    assert_eq!((game.valve(), game.opens_in(), game.beat(&params())), (Valve::Open, 0, (9, 10)));
    run(&mut game, Some(VALVE), 1);
    assert_eq!((game.valve(), game.beat(&params())), (Valve::Wide, (7, WIDE_BEAT)));
    assert!(!game.accepts(&params(), VALVE), "a third time changes nothing");
    run(&mut game, None, 7 + 8 + 8);
    assert_eq!((game.status(), game.score()), (Status::Won, 100 + 30 / 6 + 30));
}

#[test]
fn a_leak_spills_until_it_is_mended() {
    let mut game = row(STRAIGHT, turned(STRAIGHT));
    run(&mut game, None, 60 + 10);
    assert_eq!((game.is_wet(1), game.leaks(1), game.reserve()), (true, EAST, 3));
    run(&mut game, None, 10);
    assert_eq!((game.reserve(), game.status()), (2, Status::Playing));
    run(&mut game, Some(2), 1);
    assert_eq!(game.leak_count(), 0);
    run(&mut game, None, 19);
    assert_eq!((game.status(), game.score()), (Status::Won, 120));
}

#[test]
fn an_empty_reserve_loses() {
    let mut game = row(STRAIGHT, turned(STRAIGHT));
    run(&mut game, None, 60 + 10 + 29);
    assert_eq!((game.reserve(), game.status()), (1, Status::Playing));
    run(&mut game, None, 1);
    assert_eq!((game.reserve(), game.status(), game.score()), (0, Status::Lost, 0));
}

#[test]
fn water_at_rest_loses() {
    // The water ends in a blind pipe below the first one.
    let mut game = row(SOUTH | WEST, EAST | WEST);
    game.open.set(9, NORTH);
    run(&mut game, None, 60 + 20);
    assert_eq!((game.is_wet(9), game.status()), (true, Status::Playing));
    run(&mut game, None, 10);
    assert_eq!((game.reserve(), game.status()), (3, Status::Lost));
}

#[test]
fn only_what_turns_is_an_input() {
    let mut game = row(STRAIGHT, STRAIGHT);
    game.turnable = bit(1);
    let accepted =
        |game: &Pipes| (0..=u8::MAX).filter(|input| game.accepts(&params(), *input)).collect::<Vec<_>>();
    assert_eq!(accepted(&game), [1, VALVE], "not the spring, the basin, bare ground, or what has rusted");
    assert!(game.is_rusty(2) && !game.is_rusty(1) && !game.is_rusty(0) && !game.is_rusty(5));
    run(&mut game, None, 60 + 10);
    assert_eq!(accepted(&game), [VALVE], "wet tiles turn no more");
    let before = game.clone();
    run(&mut game, Some(1), 1);
    assert_eq!(game.open, before.open);
}

#[test]
fn a_quarter_turn_is_clockwise() {
    let mut game = row(NORTH | EAST, NORTH | EAST | WEST);
    run(&mut game, Some(1), 1);
    run(&mut game, Some(2), 1);
    assert_eq!((game.openings(1), game.openings(2)), (EAST | SOUTH, NORTH | EAST | SOUTH));
}

#[test]
fn rows_do_not_run_into_each_other() {
    let mut game = row(STRAIGHT, STRAIGHT);
    // The last column of the widest board opens to the east; the first cell of the next row to the west.
    game.open.set(6, EAST);
    game.open.set(8, WEST);
    game.wet = bit(6) | bit(8);
    assert_eq!(game.open.reached(game.wet), 0);
    assert_eq!(game.open.leaks(game.wet), [0, bit(6), 0, bit(8)]);
}
