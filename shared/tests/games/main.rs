//! What every game in the list must be: winnable by playing and by nothing else, harder from level to level, the same wherever it runs, and closed to
//! every byte that is not a play. A game that is added to the list is tested here without another line.

use dripline_shared::for_each_game;

mod altered;
mod difficulty;
mod robust;
mod same;
mod state;
mod support;
mod winning;
mod words;

macro_rules! tests_of_every_game {
    ($($module:ident: $game:ident,)*) => {
        $(
            mod $module {
                use dripline_shared::game::$game as Game;

                use super::{altered, difficulty, robust, same, state, winning, words};

                #[test]
                fn doing_nothing_never_wins() {
                    winning::doing_nothing_never_wins::<Game>();
                }

                #[test]
                fn no_constant_input_ever_wins() {
                    winning::no_constant_input_ever_wins::<Game>();
                }

                #[test]
                fn a_round_is_finished_when_its_goal_is_met_and_never_before() {
                    winning::a_round_is_finished_when_its_goal_is_met_and_never_before::<Game>();
                }

                #[test]
                fn tells_its_rules_in_a_few_short_sentences() {
                    words::tells_its_rules_in_a_few_short_sentences::<Game>();
                }

                #[test]
                fn levels_rise_from_easy_to_hard() {
                    difficulty::levels_rise_from_easy_to_hard::<Game>();
                }

                #[test]
                fn no_round_of_the_last_level_is_hopeless() {
                    difficulty::no_round_of_the_last_level_is_hopeless::<Game>();
                }

                #[test]
                fn any_inputs_end_in_time_and_nothing_changes_after_the_end() {
                    robust::any_inputs_end_in_time_and_nothing_changes_after_the_end::<Game>();
                }

                #[test]
                fn any_accepted_parameters_make_a_game() {
                    robust::any_accepted_parameters_make_a_game::<Game>();
                }

                #[test]
                fn what_was_recorded_replays_to_the_same_outcome() {
                    same::what_was_recorded_replays_to_the_same_outcome::<Game>();
                }

                #[test]
                fn a_round_resumes_from_any_point() {
                    same::a_round_resumes_from_any_point::<Game>();
                }

                #[test]
                fn a_round_waits_for_a_seed_and_goes_on_as_if_it_had_been_there() {
                    same::a_round_waits_for_a_seed_and_goes_on_as_if_it_had_been_there::<Game>();
                }

                #[test]
                fn flipping_any_field_of_a_state_changes_its_digest() {
                    state::flipping_any_field_of_a_state_changes_its_digest::<Game>();
                }

                #[test]
                fn an_altered_transcript_is_refused_or_is_another_play() {
                    altered::an_altered_transcript_is_refused_or_is_another_play::<Game>();
                }

                #[test]
                fn what_is_not_a_play_is_refused_for_what_is_wrong_with_it() {
                    altered::what_is_not_a_play_is_refused_for_what_is_wrong_with_it::<Game>();
                }
            }
        )*
    };
}
for_each_game!(tests_of_every_game);
