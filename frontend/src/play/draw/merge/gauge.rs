//! Above the basin of Merge: the droplet to make, the turns that are left, and when rust comes.

use dripline_shared::game::merge::Cell;
use dripline_shared::game::{Game, Merge, Status};

use super::pen::Pen;
use super::tracks::Cells;
use crate::play::curves::sine;
use crate::play::face::Scene;

/// From so many turns on, they are running out.
const LAST_TURNS: u16 = 10;

/// The droplet to make, in a ring that closes with every doubling.
pub(super) fn draw_goal(pen: &Pen<'_>, scene: &Scene<'_, Merge>, cells: &Cells) {
    let middle = (48.0, 48.0);
    let exponent = u8::try_from(scene.params.goal.ilog2()).unwrap_or(11);
    let best = cells.iter().filter_map(|cell| match cell {
        Cell::Droplet(exponent) => Some(*exponent),
        _ => None,
    });
    let part = f64::from(best.max().unwrap_or(0)) / f64::from(exponent.max(1));
    pen.tile(Cell::Droplet(exponent), middle, (0.68, 0.68));
    pen.canvas.set_line_cap("butt");
    pen.circle(middle, 39.0);
    pen.stroke(&scene.colours.line, 5.0, 1.0);
    pen.canvas.set_line_cap("round");
    pen.arc(middle, 39.0, (0.0, part));
    pen.stroke(if part < 1.0 { &scene.colours.water } else { &scene.colours.good }, 5.0, 1.0);
}

/// The turns that are left, as water in a glass tube that is filled to `level`, 0 to 1.
pub(super) fn draw_tube(pen: &Pen<'_>, scene: &Scene<'_, Merge>, level: f64) {
    let (left, top, width, height) = (106.0, 24.0, 262.0, 34.0);
    let colours = scene.colours;
    let turns = scene.game.turns_left();
    let is_short = turns <= LAST_TURNS && scene.game.status() == Status::Playing;
    pen.block((left, top), (width, height), height / 2.0);
    pen.fill(&colours.surface, 1.0);
    pen.canvas.save();
    pen.canvas.clip();
    let filled = width * level;
    let wave = if scene.reduced_motion { 0.0 } else { sine(scene.time_ms / 320.0) * 3.0 };
    let end = left + filled;
    pen.canvas.begin_path();
    pen.canvas.move_to(left - 4.0, top);
    pen.canvas.line_to(end + wave, top);
    pen.canvas.bezier_curve_to(
        end - wave,
        top + 10.0,
        end + 3.0 + wave,
        top + 22.0,
        end - wave,
        top + height,
    );
    pen.canvas.line_to(left - 4.0, top + height);
    pen.fill(if is_short { &colours.accent } else { &colours.water }, 0.92);
    pen.block((left + 8.0, top + 6.0), (width - 16.0, 6.0), 3.0);
    pen.fill(&pen.palette.light, 0.3);
    pen.canvas.restore();
    pen.block((left, top), (width, height), height / 2.0);
    pen.stroke(&colours.metal, 3.0, 1.0);
    for x in [left - 4.0, left + width - 5.0] {
        pen.block((x, top - 5.0), (9.0, height + 10.0), 4.0);
        pen.fill(&colours.metal, 1.0);
    }
    let colour = if is_short { &colours.accent } else { &colours.ink };
    pen.write(&turns.to_string(), (414.0, top + height / 2.0 + 1.5), 38, colour, 1.0);
}

/// A dot for every turn until rust comes; those that are over are filled.
pub(super) fn draw_rust_to_come(pen: &Pen<'_>, scene: &Scene<'_, Merge>) {
    let Some(turns) = scene.game.rust_in() else { return };
    let every = scene.params.rust_every;
    let top = 79.0;
    // Many would not fit, and the last ones are those that count.
    let dots = every.min(16);
    let first = 368.0 - 16.0 * f64::from(dots);
    for number in 0..dots {
        let middle = (first + 16.0 * f64::from(number), top);
        // The last dot is filled when rust comes with the next turn.
        if dots - number > turns.saturating_sub(1) {
            pen.circle(middle, 4.6);
            pen.fill(&scene.colours.rust, 1.0);
        } else {
            pen.circle(middle, 3.6);
            pen.stroke(&scene.colours.metal, 2.0, 0.8);
        }
    }
    let is_next = turns == 1;
    let beat = if is_next && !scene.reduced_motion { sine(scene.time_ms / 130.0) * 0.03 } else { 0.0 };
    let size = if is_next { 0.34 } else { 0.27 } + beat;
    pen.tile(Cell::Rust, (374.0 + 8.0, top), (size, size));
}
