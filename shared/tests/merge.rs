//! The rules of Merge, on boards set up by hand.

use dripline_shared::game::merge::{Cell, Merge, Params};
use dripline_shared::game::{Game, GameParams, Status};
use dripline_shared::rng::SegmentRng;
use dripline_shared::round::Seed;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const UP: u8 = 0;
const RIGHT: u8 = 1;
const DOWN: u8 = 2;
const LEFT: u8 = 3;
const RUST: u64 = 14;
const STONE: u64 = 15;

fn rng(number: u64) -> SegmentRng {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&number.to_le_bytes());
    SegmentRng::new(&Seed(seed))
}

fn params() -> Params {
    Params { goal: 128, turns: 60, fours_per_mille: 100, stones: Vec::new(), rust_every: 0 }
}

/// A state with these tiles, row by row: exponents, [`RUST`] and [`STONE`].
fn set_up(tiles: [u64; 16], turns_left: u16, rust_in: u8) -> Merge {
    let board = tiles.iter().rev().fold(0, |board: u64, tile| (board << 4) | tile);
    let state = serde_json::json!({
        "board": board, "score": 0, "turns_left": turns_left, "rust_in": rust_in,
        "fours": { "left": 0, "hits": 0, "owed": 0 }, "status": "playing",
    });
    serde_json::from_value(state).expect("the fields of a state")
}

fn tiles(game: &Merge) -> [u64; 16] {
    std::array::from_fn(|cell| {
        let cell = u8::try_from(cell).expect("a cell is below 16");
        match game.cell(cell / 4, cell % 4) {
            Cell::Empty => 0,
            Cell::Droplet(exponent) => u64::from(exponent),
            Cell::Rust => RUST,
            Cell::Stone => STONE,
        }
    })
}

#[test]
fn each_input_slides_its_way() {
    let start = set_up([0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 60, 0);
    for (input, cell) in [(UP, 1), (RIGHT, 7), (DOWN, 13), (LEFT, 4)] {
        let mut game = start.clone();
        assert!(game.accepts(&params(), input));
        game.step(&params(), Some(input), &mut rng(1));
        assert_eq!(tiles(&game)[cell], 3);
        assert_eq!(game.turns_left(), 59);
        assert_eq!(tiles(&game).iter().filter(|tile| **tile != 0).count(), 2, "one droplet appeared");
    }
    assert!(!start.accepts(&params(), 4));
}

#[test]
fn a_slide_that_moves_nothing_is_refused_and_changes_nothing() {
    let start = set_up([1, 2, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 60, 0);
    for input in [UP, LEFT] {
        assert!(!start.accepts(&params(), input));
        let mut game = start.clone();
        game.step(&params(), Some(input), &mut rng(1));
        game.step(&params(), None, &mut rng(1));
        assert_eq!(game, start);
    }
    assert!(start.accepts(&params(), RIGHT) && start.accepts(&params(), DOWN));
}

#[test]
fn making_the_goal_wins_at_once_and_pays_for_the_turns_left() {
    let mut game = set_up([6, 6, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 21, 0);
    game.step(&params(), Some(LEFT), &mut rng(1));
    assert_eq!(game.status(), Status::Won);
    assert_eq!(tiles(&game)[..4], [7, 2, 0, 0]);
    assert_eq!(tiles(&game).iter().filter(|tile| **tile != 0).count(), 2, "nothing appears after the end");
    assert_eq!(game.score(), 2 * 2 + 20 * 10, "two pairs in one turn, 20 turns left");
    for input in 0..4 {
        assert!(!game.accepts(&params(), input));
        let before = game.clone();
        game.step(&params(), Some(input), &mut rng(1));
        assert_eq!(game, before);
    }
}

#[test]
fn the_last_turn_may_win_and_otherwise_loses() {
    let mut game = set_up([6, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1, 0);
    let mut other = game.clone();
    game.step(&params(), Some(RIGHT), &mut rng(1));
    assert_eq!((game.status(), game.score()), (Status::Won, 1));
    other.step(&params(), Some(DOWN), &mut rng(1));
    assert_eq!((other.status(), other.score()), (Status::Lost, 0));
}

#[test]
fn a_board_on_which_nothing_can_slide_loses() {
    // The slide to the left leaves one cell empty, at the end of the first row; a 2 or a 4 there has no equal beside it.
    let tiles = [0, 3, 4, 5, 4, 5, 6, 3, 3, 4, 5, 4, 4, 5, 6, 5];
    let mut game = set_up(tiles, 60, 0);
    game.step(&params(), Some(LEFT), &mut rng(1));
    assert_eq!(game.status(), Status::Lost);
    // With a droplet of its value beside the last empty cell, it goes on.
    let tiles = [0, 3, 4, 1, 4, 5, 6, 3, 3, 4, 5, 4, 4, 5, 6, 5];
    let all_twos = Params { fours_per_mille: 0, ..params() };
    let mut game = set_up(tiles, 60, 0);
    game.step(&all_twos, Some(LEFT), &mut rng(1));
    assert_eq!(game.status(), Status::Playing);
}

#[test]
fn rust_appears_on_time_slides_and_is_washed_away_by_a_merge_beside_it() {
    let rusty = Params { rust_every: 5, ..params() };
    let mut game = set_up([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 60, 2);
    game.step(&rusty, Some(LEFT), &mut rng(1));
    assert_eq!(game.rust_in(), Some(1));
    assert!(!tiles(&game).contains(&RUST));
    let way =
        [UP, RIGHT, DOWN, LEFT].into_iter().find(|way| game.accepts(&rusty, *way)).expect("a free board");
    game.step(&rusty, Some(way), &mut rng(2));
    assert_eq!(game.rust_in(), Some(5));
    assert_eq!(tiles(&game).iter().filter(|tile| **tile == RUST).count(), 1);

    // Two pieces of rust never merge; the one beside the merged droplet is washed away.
    let mut game = set_up([RUST, 0, 0, RUST, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 60, 5);
    game.step(&Params { goal: 16, ..rusty }, Some(LEFT), &mut rng(1));
    assert_eq!(tiles(&game)[1], RUST);
    assert_ne!(tiles(&game)[0], RUST);
    assert_eq!(tiles(&game)[4], 3);
    assert_eq!(game.score(), 1 + 5);
}

#[test]
fn stones_stay_and_hold_what_slides() {
    let mut game = set_up([0, STONE, 0, 2, 2, STONE, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0], 60, 0);
    game.step(&params(), Some(LEFT), &mut rng(1));
    assert_eq!(tiles(&game)[1..3], [STONE, 2]);
    assert_eq!(tiles(&game)[4..7], [2, STONE, 2]);
}

#[test]
fn the_board_is_told_in_words() {
    let game = set_up([1, 0, STONE, 7, RUST, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10], 12, 3);
    let words = "2, empty, stone, 128\nrust, empty, empty, empty\nempty, empty, empty, empty\n\
                 empty, empty, empty, 1024\nTurns left: 12. Rust in 3.";
    assert_eq!(game.describe(&params()), words);
}

#[test]
fn the_rules_name_what_the_level_has_and_nothing_else() {
    let told = |params: &Params| Merge::rules(params).join("\n").to_lowercase();
    let levels = Merge::default_levels().into_iter();
    let merge = |play| if let GameParams::Merge(params) = play { Some(params) } else { None };
    for params in levels.filter_map(|level| merge(level.play)) {
        let told = told(&params);
        assert_eq!(told.contains("stone"), !params.stones.is_empty(), "{told}");
        assert_eq!(told.contains("rust"), params.rust_every > 0, "{told}");
        assert_eq!(told.contains("5 points"), params.rust_every > 0, "{told}");
        assert_eq!(told.contains(&format!("every {} turns", params.rust_every)), params.rust_every > 0);
        assert!(told.contains(&format!("a {} is made", params.goal)), "{told}");
        assert!(told.contains(&format!("after {} turns", params.turns)), "{told}");
        assert!(told.contains("adds 10 points"), "{told}");
    }
    for (fours_per_mille, droplet) in [(0, "a 2."), (1, "a 2 or a 4."), (1_000, "a 4.")] {
        let told = told(&Params { fours_per_mille, ..params() });
        assert!(told.contains(&format!("appears: {droplet}")), "{told}");
    }
}

#[test]
fn of_all_new_droplets_as_many_are_a_four_as_the_level_says() {
    for number in 0..50 {
        let mut rng = rng(number);
        let params = Params { goal: 2_048, turns: 1_000, ..params() };
        let mut game = Merge::start(&params, &mut rng);
        let sum = |game: &Merge| {
            tiles(game).iter().filter(|tile| **tile > 0).map(|tile| 1_u32 << tile).sum::<u32>()
        };
        let mut droplets = 2;
        while let Some(way) = [LEFT, DOWN, RIGHT, UP].into_iter().find(|way| game.accepts(&params, *way)) {
            game.step(&params, Some(way), &mut rng);
            droplets += 1;
        }
        // All are a 2 but one of ten, and merging changes no sum.
        let expected = 2 * droplets + 2 * droplets / 10;
        assert!(sum(&game).abs_diff(expected) <= 4, "{} of {droplets} droplets", sum(&game));
    }
}

#[test]
fn every_cell_is_equally_likely_to_get_the_first_droplets() {
    let mut seen = [0_u32; 16];
    for number in 0..8_000 {
        let game = Merge::start(&params(), &mut rng(number));
        for (count, tile) in seen.iter_mut().zip(tiles(&game)) {
            *count += u32::from(tile != 0);
        }
    }
    assert!(seen.iter().all(|count| (850..1_150).contains(count)), "{seen:?}");
}

#[test]
fn parameters_out_of_bounds_are_refused_by_name() {
    let refused = |change: fn(&mut Params)| {
        let mut params = params();
        change(&mut params);
        Merge::validate(&params).err().map(|(field, _)| field)
    };
    assert_eq!(refused(|_| {}), None);
    assert_eq!(refused(|params| params.goal = 96), Some("goal"));
    assert_eq!(refused(|params| params.goal = 4_096), Some("goal"));
    assert_eq!(refused(|params| params.turns = 7), Some("turns"));
    assert_eq!(refused(|params| params.turns = 1_001), Some("turns"));
    assert_eq!(refused(|params| params.fours_per_mille = 1_001), Some("fours_per_mille"));
    assert_eq!(refused(|params| params.stones = vec![16]), Some("stones"));
    assert_eq!(refused(|params| params.stones = vec![5, 5]), Some("stones"));
    assert_eq!(refused(|params| params.stones = vec![0, 2, 5, 7, 8, 10, 13]), Some("stones"));
    assert_eq!(refused(|params| params.stones = vec![1, 4]), Some("stones"));
    assert_eq!(refused(|params| params.rust_every = 1), Some("rust_every"));
    for level in Merge::default_levels() {
        assert_eq!(level.play.validate(), Ok(()), "{}", level.name);
        assert!(matches!(level.play, GameParams::Merge(_)));
    }
}

fn any_params() -> impl Strategy<Value = Params> {
    let stones = proptest::collection::btree_set(0_u8..16, 0..=6);
    let rust = prop_oneof![Just(0), 2_u8..=20];
    (4_u32..=11, 8_u16..=300, 0_u16..=1_000, stones, rust)
        .prop_map(|(exponent, turns, fours_per_mille, stones, rust_every)| Params {
            goal: 1 << exponent,
            turns,
            fours_per_mille,
            stones: stones.into_iter().collect(),
            rust_every,
        })
        .prop_filter("stones must not part the board", |params| Merge::validate(params).is_ok())
}

/// More with `DRIPLINE_LONG`.
fn cases() -> u32 {
    if std::env::var_os("DRIPLINE_LONG").is_some() { 8_000 } else { 400 }
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::with_cases(cases()) })]

    /// Whatever the level and the inputs: it ends in time, a game in play has an accepted input and an ended one has
    /// none, and what is refused changes nothing.
    #[test]
    fn any_level_and_any_inputs(
        params in any_params(),
        seed in any::<u64>(),
        inputs in proptest::collection::vec(any::<u8>(), 2_000),
    ) {
        let mut rng = rng(seed);
        let mut game = Merge::start(&params, &mut rng);
        let mut turns = 0;
        for input in inputs {
            let input = if input < 250 { input & 3 } else { input };
            let accepted = game.accepts(&params, input);
            let before = game.clone();
            game.step(&params, Some(input), &mut rng);
            prop_assert_eq!(accepted, game != before);
            turns += u32::from(accepted);
            prop_assert!(turns <= Merge::length_max(&params));
            let playable = (0..4).any(|way| game.accepts(&params, way));
            prop_assert_eq!(playable, game.status() == Status::Playing);
        }
    }
}
