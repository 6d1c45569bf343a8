//! What Catch says of a level: its goal and its rules, with its figures.

use super::{GOLD_WORTH, MEND_STREAK, MULTIPLIER_MAX, Params, STREAK_STEP};
use crate::round::TICKS_PER_SECOND;

pub(super) fn goal(params: &Params) -> String {
    let goal = params.goal_drops;
    if params.gold_per_mille == 0 {
        format!("Catch {goal} drops")
    } else {
        format!("Catch {goal} drops; a golden one counts as {GOLD_WORTH}")
    }
}

pub(super) fn rules(params: &Params) -> Vec<String> {
    let has_rust = params.rust_per_mille > 0;
    let mut rules = vec![
        format!(
            "A drop is a point. Every {STREAK_STEP} in a row raise the multiplier by one, up to ×{MULTIPLIER_MAX}: it \
             multiplies your points, not the count of the goal."
        ),
        "A drop that you miss ends the row, and the multiplier is ×1 again.".to_owned(),
    ];
    if params.gold_per_mille > 0 {
        rules.push(format!("A golden drop falls faster and counts as {GOLD_WORTH}. You may miss it."));
    }
    match params.lives {
        _ if !has_rust => {}
        1 => rules.push("Let rust fall past the bucket: you have one life, and it costs a life.".to_owned()),
        lives => rules.push(format!(
            "Rust in the bucket ends the row and costs one of your {lives} lives. Every {MEND_STREAK} drops in a row \
             mend one."
        )),
    }
    if params.wind_columns > 0 {
        rules.push("Wind carries what falls to the side, and turns with every run of drops.".to_owned());
    }
    let seconds = params.length_ticks.div_ceil(TICKS_PER_SECOND);
    let or_earlier = if has_rust { ", or until the last life is gone" } else { "" };
    rules.push(format!(
        "The round lasts {seconds} seconds{or_earlier}, and is won if the goal is reached by then. Once it is, you can \
         pause and finish."
    ));
    rules
}
