//! The four levels of Catch. Each brings one thing: the runs, rust, golden drops, the wind.

use super::Params;
use crate::level::LevelDraft;

pub(super) fn drafts() -> Vec<LevelDraft> {
    let first = Params {
        length_ticks: 2_400,
        goal_drops: 30,
        lives: 3,
        reach_columns: 4,
        speed_parts: 18,
        fall_ticks: 120,
        beat_first_ticks: 48,
        beat_last_ticks: 18,
        rest_ticks: 30,
        slope_columns: 18,
        leap_columns: 44,
        wind_columns: 0,
        rust_per_mille: 0,
        gold_per_mille: 0,
    };
    let rusty = Params {
        length_ticks: 2_700,
        goal_drops: 71,
        fall_ticks: 110,
        beat_first_ticks: 38,
        beat_last_ticks: 17,
        rest_ticks: 26,
        slope_columns: 20,
        leap_columns: 48,
        rust_per_mille: 350,
        ..first.clone()
    };
    let golden = Params {
        length_ticks: 3_000,
        goal_drops: 129,
        fall_ticks: 100,
        beat_first_ticks: 34,
        beat_last_ticks: 17,
        rest_ticks: 24,
        slope_columns: 22,
        leap_columns: 52,
        rust_per_mille: 320,
        gold_per_mille: 220,
        ..rusty.clone()
    };
    let storm = Params {
        length_ticks: 3_300,
        goal_drops: 163,
        fall_ticks: 90,
        beat_first_ticks: 27,
        beat_last_ticks: 15,
        rest_ticks: 20,
        slope_columns: 24,
        leap_columns: 58,
        wind_columns: 24,
        rust_per_mille: 340,
        gold_per_mille: 200,
        ..golden.clone()
    };
    let draft = |name, params: Params, stars| LevelDraft {
        name,
        play: params.into(),
        stars,
        turn_ms_min: 0,
        think_ms_max: 0,
    };
    vec![
        draft("Leaky Tap", first, [160, 194]),
        draft("Rusty Gutter", rusty, [205, 255]),
        draft("Golden Hour", golden, [240, 320]),
        draft("Storm Drain", storm, [270, 350]),
    ]
}
