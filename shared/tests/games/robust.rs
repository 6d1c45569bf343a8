//! Whatever the inputs and the parameters: no panic, an end in time, and nothing after it.

use dripline_shared::game::{Game, GameParams, InputKind, Pace, Status};
use dripline_shared::rng::SegmentRng;
use serde_json::Value;

use crate::support::{alphabet, dice, levels, play_anything, seed, times};
use crate::words::assert_words;

pub(crate) fn any_inputs_end_in_time_and_nothing_changes_after_the_end<G: Game>() {
    for params in levels::<G>() {
        let alphabet = alphabet::<G>(&params);
        for number in 0..times(100) {
            any_bytes_end_in_time::<G>(&params, &alphabet, number);
            let session = play_anything::<G>(&params, &alphabet, number);
            assert!(session.length() <= G::length_max(&params));
        }
    }
}

/// Gives every byte to the game itself, also those that it refuses, which must then do no harm.
fn any_bytes_end_in_time<G: Game>(params: &G::Params, alphabet: &[u8], number: u32) {
    let (mut dice, mut rng) = (dice(number), SegmentRng::new(&seed(number, 0)));
    let mut game = G::start(params, &mut rng);
    let mut steps = 0;
    while game.status() == Status::Playing {
        let any = u8::try_from(dice.below(256)).expect("below 256");
        let input = if dice.chance(500) { Some(any) } else { dice.choose(alphabet).copied() };
        // A turn that is refused is none, so only accepted ones count; clocked games count every step.
        let turn = input.is_some_and(|input| game.accepts(params, input));
        steps += u32::from(turn || G::PACE == Pace::Clocked);
        assert!(steps <= G::length_max(params), "ended in time");
        game.step(params, input, &mut rng);
        if G::PACE == Pace::Turns && (0..=255).all(|input| !game.accepts(params, input)) {
            assert_ne!(game.status(), Status::Playing, "a turn game that goes on has a turn");
        }
    }
    let ended = game.clone();
    for input in (0..=255).map(Some).chain([None]) {
        let changes = G::INPUT == InputKind::Pulse && input.is_some_and(|input| game.accepts(params, input));
        assert!(!changes, "nothing can be changed after the end");
        game.step(params, input, &mut rng);
        assert_eq!(game, ended, "a game that has ended does not change");
    }
}

/// Alters the numbers of the parameters. What [`Game::validate`] lets through must be a game.
pub(crate) fn any_accepted_parameters_make_a_game<G: Game>()
where
    GameParams: From<G::Params>,
{
    let mut accepted = 0;
    for params in levels::<G>() {
        let alphabet = alphabet::<G>(&params);
        let json = serde_json::to_value(&params).expect("parameters are plain data");
        for number in 0..times(400) {
            let altered = alter(&json, number);
            let Ok(params) = serde_json::from_value::<G::Params>(altered) else { continue };
            if G::validate(&params).is_err() {
                continue;
            }
            accepted += 1;
            let length_max = G::length_max(&params);
            assert!((1..65_536).contains(&length_max), "{params:?} may last {length_max} steps");
            let session = play_anything::<G>(&params, &alphabet, number);
            assert!(session.length() <= length_max, "{params:?}");
            assert_words::<G>(&params);
            let _words = session.game().describe(&params);
        }
    }
    assert!(accepted >= 20, "only {accepted} parameters were accepted");
}

/// Sets one to three numbers to something near or far.
fn alter(json: &Value, number: u32) -> Value {
    let mut dice = dice(number);
    let mut altered = json.clone();
    let fields: Vec<String> = json.as_object().expect("parameters have fields").keys().cloned().collect();
    for _ in 0..=dice.below(3) {
        let Some(field) = dice.choose(&fields) else { continue };
        let Some(value) = altered[field].as_u64() else { continue };
        let near = value.saturating_sub(3) + u64::from(dice.below(7));
        let far =
            u64::from(dice.choose(&[0, 1, 2, 16, 100, 255, 1_000, 65_535, u32::MAX]).copied().unwrap_or(0));
        altered[field] = Value::from(if dice.chance(700) { near } else { far });
    }
    altered
}
