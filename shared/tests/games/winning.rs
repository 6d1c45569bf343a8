//! Games are games: playing wins, and nothing else does.

use dripline_shared::game::replay::Simulation;
use dripline_shared::game::{Bot, Game, Pace, Skill, Status};

use crate::support::{ROUNDS, alphabet, dice, levels, play, seed, times};

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

/// Where a round may be finished, that wins it with the points it has. The level's own end then would have won it too.
pub(crate) fn a_round_is_finished_when_its_goal_is_met_and_never_before<G: Game>() {
    for params in levels::<G>() {
        for number in 0..times(20) {
            let mut bot = G::Bot::new(Skill::Strong, dice(number));
            let mut could_finish = false;
            let session = play::<G>(&params, number, |session| {
                let game = session.game();
                if let Some(input) = game.finish(&params) {
                    could_finish = true;
                    assert!(game.accepts(&params, input));
                    let mut finished = session.simulation().clone();
                    finished.step(&params, Some(input));
                    assert_eq!(finished.game().status(), Status::Won);
                    assert_eq!(finished.game().score(), game.score());
                } else {
                    assert!(!could_finish || game.status() != Status::Playing, "what is reached stays so");
                }
                bot.decide(game, &params)
            });
            assert_eq!(session.game().finish(&params), None, "nothing is left to finish");
            assert!(!could_finish || session.status() == Status::Won);
        }
    }
}
