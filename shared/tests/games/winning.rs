//! Games are games: playing wins, and nothing else does.

use dripline_shared::game::replay::Simulation;
use dripline_shared::game::{Game, Pace, Skill, Status};
use dripline_shared::round::TICKS_PER_SECOND;

use crate::support::{ROUNDS, alphabet, levels, play_bot, seed};

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

/// How many of all rounds a bot wins.
fn wins<G: Game>(params: &G::Params, skill: Skill, rounds: u32) -> u32 {
    let won = |number: &u32| play_bot::<G>(params, *number, skill).status() == Status::Won;
    u32::try_from((0..rounds).filter(won).count()).expect("at most all rounds")
}

pub(crate) fn on_the_first_level_fair_play_wins_and_random_play_does_not<G: Game>() {
    let params = &levels::<G>()[0];
    let fair = wins::<G>(params, Skill::Fair, ROUNDS);
    let random = wins::<G>(params, Skill::Random, ROUNDS);
    assert!(fair * 100 >= ROUNDS * 90, "fair play wins {fair} of {ROUNDS}");
    assert!(random * 100 <= ROUNDS * 5, "random play wins {random} of {ROUNDS}");
    if G::PACE == Pace::Clocked {
        let first = play_bot::<G>(params, 0, Skill::Fair);
        assert!(first.length() <= 60 * TICKS_PER_SECOND, "the first goal is reached within a minute");
    }
}

pub(crate) fn on_the_last_level_strong_play_wins_about_half<G: Game>() {
    let levels = levels::<G>();
    let params = levels.last().expect("a game has levels");
    let strong = wins::<G>(params, Skill::Strong, ROUNDS);
    assert!((400..=600).contains(&strong), "strong play wins {strong} of {ROUNDS}");
}

pub(crate) fn levels_become_harder<G: Game>() {
    let won: Vec<u32> = levels::<G>().iter().map(|params| wins::<G>(params, Skill::Fair, 200)).collect();
    // Neighbours may lie close together; a tenth of the rounds is more than chance explains.
    assert!(won.windows(2).all(|pair| pair[1] <= pair[0] + 20), "{won:?} of 200");
    assert!(won[won.len() - 1] < won[0], "{won:?} of 200");
}
