//! What Pipes says of a level: its goal and its rules, with its figures.

use super::{BASIN_POINTS, Params, RESERVE_POINTS, WIDE_BEAT};
use crate::round::TICKS_PER_SECOND;

pub(super) fn goal(params: &Params) -> String {
    match params.basins {
        1 => "Fill the basin".to_owned(),
        basins => format!("Fill {basins} basins"),
    }
}

pub(super) fn rules(params: &Params) -> Vec<String> {
    let rusty = if params.rusty_per_mille > 0 { ", and rusty ones with bolts never do" } else { "" };
    let loose = if params.loose_per_mille > 0 { " Some pipes are not needed at all." } else { "" };
    // As the valve counts.
    let seconds = u32::from(params.countdown).div_ceil(TICKS_PER_SECOND);
    let mut rules = vec![
        format!("Tiles turn a quarter clockwise. Wet ones do not turn any more{rusty}.{loose}"),
        format!(
            "The valve opens by itself after {seconds} seconds. Open it earlier: if you win, each tenth of a second \
             that was left is a point."
        ),
    ];
    if params.beat > WIDE_BEAT {
        rules.push("Use the valve again to open it wide, and the water hurries.".to_owned());
    }
    rules.extend([
        format!(
            "Wherever the water stands at an open end, the reserve in the tank is spilled, measure by measure. It \
             holds {}.",
            params.reserve
        ),
        "You win when all basins are full, and lose when the reserve is empty or the water stops.".to_owned(),
        format!(
            "A full basin is {BASIN_POINTS} points; a win adds {RESERVE_POINTS} for each measure of the reserve that is \
             left."
        ),
    ]);
    rules
}
