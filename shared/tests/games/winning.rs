//! Games are games: playing wins, and nothing else does.

use dripline_shared::game::replay::Simulation;
use dripline_shared::game::{Game, Pace, Status};

use crate::support::{ROUNDS, alphabet, levels, seed};

/// Plays round `number` with one input at every step, recording nothing; gives how it ended.
fn play_constant<G: Game>(params: &G::Params, number: u32, input: Option<u8>) -> Status {
    let mut simulation = Simulation::<G>::new(params, &seed(number, 0));
    for step in 0..G::length_max(params) {
        if simulation.game().status() != Status::Playing {
            break;
        }
        if step > 0 && step % G::PACE.segment_length() == 0 {
            simulation.enter_segment(&seed(number, step / G::PACE.segment_length()));
        }
        let wanted = input.filter(|input| simulation.accepts(params, *input));
        if G::PACE == Pace::Turns && wanted.is_none() {
            break;
        }
        simulation.step(params, wanted);
    }
    simulation.game().status()
}

pub(crate) fn doing_nothing_never_wins<G: Game>() {
    for (index, params) in levels::<G>().iter().enumerate() {
        for number in 0..ROUNDS {
            assert_ne!(
                play_constant::<G>(params, number, None),
                Status::Won,
                "level {index}, round {number}"
            );
        }
    }
}

pub(crate) fn no_constant_input_ever_wins<G: Game>() {
    for (index, params) in levels::<G>().iter().enumerate() {
        let alphabet = alphabet::<G>(params);
        assert!(alphabet.len() >= 2, "a game has inputs");
        for number in 0..ROUNDS {
            for input in &alphabet {
                let status = play_constant::<G>(params, number, Some(*input));
                assert_ne!(status, Status::Won, "level {index}, round {number}, input {input}");
            }
        }
    }
}
