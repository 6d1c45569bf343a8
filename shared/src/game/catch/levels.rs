//! The four levels of Catch, and what a level may be. Each brings one thing: the runs, rust, golden drops, the wind.

use super::{BEATS_IN_FALL_MAX, Params};
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
    vec![
        LevelDraft::clocked("Leaky Tap", [160, 194], first),
        LevelDraft::clocked("Rusty Gutter", [205, 255], rusty),
        LevelDraft::clocked("Golden Hour", [240, 320], golden),
        LevelDraft::clocked("Storm Drain", [270, 350], storm),
    ]
}

pub(super) fn validate(params: &Params) -> Result<(), (&'static str, String)> {
    let p = params;
    let gold_max = 1_000_u16.saturating_sub(p.rust_per_mille);
    let fall_max = p.beat_last_ticks.saturating_mul(BEATS_IN_FALL_MAX).min(240);
    between("length_ticks", p.length_ticks, 1_200, 5_400_u32)?;
    between("goal_drops", p.goal_drops, 1, 500_u32)?;
    between("lives", p.lives, 1, 5_u32)?;
    between("reach_columns", p.reach_columns, 2, 12_u32)?;
    between("speed_parts", p.speed_parts, 4, 64_u32)?;
    between("beat_last_ticks", p.beat_last_ticks, 10, 120_u32)?;
    between("beat_first_ticks", p.beat_first_ticks, p.beat_last_ticks, 180_u32)?;
    between("fall_ticks", p.fall_ticks, 40, fall_max)?;
    between("rest_ticks", p.rest_ticks, 0, 180_u32)?;
    between("slope_columns", p.slope_columns, 0, 30_u32)?;
    between("leap_columns", p.leap_columns, 0, 59_u32)?;
    between("wind_columns", p.wind_columns, 0, 30_u32)?;
    between("rust_per_mille", p.rust_per_mille, 0, 1_000_u32)?;
    between("gold_per_mille", p.gold_per_mille, 0, gold_max)
}

fn between(
    field: &'static str,
    value: impl Into<u32>,
    least: u32,
    most: impl Into<u32>,
) -> Result<(), (&'static str, String)> {
    let (value, most) = (value.into(), most.into());
    if (least..=most).contains(&value) { Ok(()) } else { Err((field, format!("{least} to {most}"))) }
}
