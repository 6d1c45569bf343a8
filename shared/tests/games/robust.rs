//! Whatever the inputs and the parameters: no panic, an end in time, and nothing after it.

use dripline_shared::game::{Game, GameParams, Status};
use dripline_shared::rng::SegmentRng;
use serde_json::Value;

use crate::support::{alphabet, dice, levels, play_anything, seed};

pub(crate) fn any_inputs_end_in_time_and_nothing_changes_after_the_end<G: Game>() {
    for params in levels::<G>() {
        for number in 0..100 {
            any_bytes_end_in_time::<G>(&params, number);
            let session = play_anything::<G>(&params, number);
            assert!(session.length() <= G::length_max(&params));
        }
    }
}

/// Gives every byte to the game itself, also those that it refuses, which must then do no harm.
fn any_bytes_end_in_time<G: Game>(params: &G::Params, number: u32) {
    let alphabet: Vec<u8> = alphabet::<G>(params).into_iter().collect();
    let (mut dice, mut rng) = (dice(number), SegmentRng::new(&seed(number, 0)));
    let mut game = G::start(params, &mut rng);
    let mut accepted_steps = 0;
    // A turn that is refused is none, so only accepted ones count; clocked games count every step.
    for _ in 0..=G::length_max(params).saturating_mul(4) {
        let any = u8::try_from(dice.below(256)).expect("below 256");
        let input = if dice.chance(500) { Some(any) } else { dice.choose(&alphabet).copied() };
        let counts = input.is_some_and(|input| game.accepts(params, input));
        let ended = (game.status() != Status::Playing).then(|| game.clone());
        game.step(params, input, &mut rng);
        if let Some(ended) = ended {
            assert_eq!(game, ended, "a game that has ended does not change");
            assert!((0..=255).all(|input| !game.accepts(params, input)), "nor accepts an input");
        } else if counts {
            accepted_steps += 1;
        }
        assert!(accepted_steps <= G::length_max(params), "ended in time");
    }
}

/// Alters the numbers of the parameters. What [`Game::validate`] lets through must be a game.
pub(crate) fn any_accepted_parameters_make_a_game<G: Game>()
where
    GameParams: From<G::Params>,
{
    let mut accepted = 0;
    for params in levels::<G>() {
        let json = serde_json::to_value(&params).expect("parameters are plain data");
        for number in 0..400 {
            let altered = alter(&json, number);
            let Ok(params) = serde_json::from_value::<G::Params>(altered) else { continue };
            if G::validate(&params).is_err() {
                continue;
            }
            accepted += 1;
            let length_max = G::length_max(&params);
            assert!((1..65_536).contains(&length_max), "{params:?} may last {length_max} steps");
            let session = play_anything::<G>(&params, number);
            assert!(session.length() <= length_max, "{params:?}");
            let _words = (G::goal(&params), session.game().describe(&params));
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
