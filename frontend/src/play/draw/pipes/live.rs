//! What moves: the tank, turning tiles, the water on its way, the basins that fill, the valve, and what spills.

use std::f64::consts::{FRAC_PI_2, TAU};

use dripline_shared::game::pipes::{SIDES, Valve};
use dripline_shared::game::{Game, Pipes, Status};

use super::shape::{BORE, BOWL, Brush, HALF, MARGIN, PIPE, Pipe, TILE, TOP, cells, middle, towards};
use super::still::{draw_bowl, draw_dry_basin};
use super::{LAST_FILL_MS, PipesFace};
use crate::play::colour::Colour;
use crate::play::curves::{angle_of_cosine, cosine, sine};
use crate::play::face::{Face, Scene};

/// The tank's top and height.
const TANK: (f64, f64) = (14.0, 36.0);
/// The radius of the valve's wheel.
const WHEEL: f64 = 36.0;
/// How long a spilled measure and the ripple of a full basin show, in milliseconds.
const SPILL_MS: f64 = 500.0;
const RIPPLE_MS: f64 = 900.0;

impl PipesFace {
    /// The tank, a chamber for each measure of the reserve, and its pipe down to the spring.
    pub(super) fn draw_tank(&self, brush: &Brush<'_>, scene: &Scene<'_, Pipes>) {
        let (canvas, colours, game) = (brush.canvas, brush.colours, scene.game);
        let (top, height) = TANK;
        let width = f64::from(scene.params.columns) * TILE;
        let (x, _) = middle(game.spring());
        brush.line(&[(x, top + height), (x, TOP + 8.0)], &colours.metal, PIPE, 1.0);
        brush.line(&[(x, top + height - 6.0), (x, TOP + 8.0)], &colours.water, BORE, 1.0);
        canvas.begin_path();
        brush.rounded(MARGIN - 6.0, top - 6.0, width + 12.0, height + 12.0, 16.0);
        brush.fill(&colours.metal, 1.0);
        canvas.begin_path();
        brush.rounded(MARGIN, top, width, height, 10.0);
        brush.fill(&colours.background, 1.0);
        let chambers = f64::from(scene.params.reserve.max(1));
        let (step, gap) = (width / chambers, if chambers > 24.0 { 0.0 } else { 3.0 });
        let chamber = |from: f64, count: f64| {
            canvas.begin_path();
            let mut number = from;
            while number < from + count {
                brush.rounded(MARGIN + number * step + gap, top + 4.0, step - 2.0 * gap, height - 8.0, 7.0);
                number += 1.0;
            }
        };
        let left = f64::from(game.reserve());
        let low = left <= chambers / 3.0;
        chamber(0.0, left);
        brush.fill(if low { &colours.accent } else { &colours.water }, 1.0);
        canvas.begin_path();
        brush.rounded(MARGIN + gap, top + 6.0, (left * step - 2.0 * gap).max(0.0), 7.0, 3.5);
        brush.fill(&colours.water_light, 0.45);
        // The measures that are spilling away now.
        let spilling = f64::from(game.leak_count()).min(left);
        let since = scene.time_ms - self.spilled_ms;
        let flash = if scene.reduced_motion { 0.6 } else { 0.35 + 0.35 * sine(scene.time_ms / 90.0) };
        chamber(left - spilling, spilling);
        brush.fill(&colours.rust, flash);
        if self.spilled_ms > 0.0 && since < SPILL_MS && !scene.reduced_motion {
            chamber(left, 1.0);
            brush.fill(&colours.rust, 1.0 - since / SPILL_MS);
        }
    }

    /// A tile's pipe where it is at the moment.
    fn pipe(&self, cell: u8, scene: &Scene<'_, Pipes>) -> Pipe {
        let (x, y) = middle(cell);
        Pipe { x: x + self.shake(cell, scene), y, tilt: self.tilt.of(cell), open: scene.game.openings(cell) }
    }

    /// Tiles that turn or shake, and the water on its way.
    pub(super) fn draw_moving(&self, brush: &Brush<'_>, scene: &Scene<'_, Pipes>) {
        let (canvas, colours, game) = (brush.canvas, brush.colours, scene.game);
        for cell in cells(scene.params).filter(|cell| game.openings(*cell) != 0 && !self.rests(*cell, scene))
        {
            let is_full = game.is_wet(cell) && self.filled(cell) >= 1.0;
            self.pipe(cell, scene).draw(brush, game.is_rusty(cell), is_full);
        }
        let wet = || cells(scene.params).filter(|cell| game.is_wet(*cell) && *cell != game.spring());
        canvas.begin_path();
        for cell in wet().filter(|cell| self.filled(*cell) < 1.0) {
            self.pipe(cell, scene).trace_water(brush, self.inflow.of(cell), self.filled(cell));
        }
        brush.stroke(&colours.water, BORE, 1.0);
        // Light that drifts with the water.
        canvas.begin_path();
        for cell in wet().filter(|cell| self.filled(*cell) >= 1.0 && !game.is_basin(*cell)) {
            let phase = if scene.reduced_motion { 0.3 } else { scene.time_ms / 900.0 };
            self.pipe(cell, scene).bubbles(brush, self.inflow.of(cell), phase + f64::from(cell) * 0.37);
        }
        brush.fill(&colours.water_light, 0.85);
    }

    /// Basins that the water has reached, or that shake.
    pub(super) fn draw_basins(&self, brush: &Brush<'_>, scene: &Scene<'_, Pipes>) {
        let (canvas, colours, game) = (brush.canvas, brush.colours, scene.game);
        for cell in cells(scene.params).filter(|cell| game.is_basin(*cell)) {
            let (x, y) = middle(cell);
            if !game.is_wet(cell) {
                if !self.rests(cell, scene) {
                    draw_dry_basin(brush, (x + self.shake(cell, scene), y));
                }
                continue;
            }
            // The water needs the first half of the beat for the stub.
            let level = (self.filled(cell) * 2.0 - 1.0).max(0.0);
            let is_full = level >= 1.0;
            draw_bowl(brush, (x, y), if is_full { &colours.good } else { &colours.metal });
            let half = angle_of_cosine((1.0 - 2.0 * level * 0.88).clamp(-1.0, 1.0));
            if level > 0.0 {
                canvas.begin_path();
                brush.arc(x, y, BOWL - 4.0, (FRAC_PI_2 - half, FRAC_PI_2 + half), false);
                canvas.close_path();
                brush.fill(&colours.water, 1.0);
                let (surface, reach) = (y + (BOWL - 4.0) * cosine(half), (BOWL - 4.0) * sine(half));
                let sway = if scene.reduced_motion { 0.0 } else { sine(scene.time_ms / 420.0 + x) * 1.5 };
                canvas.begin_path();
                let _drawn = canvas.ellipse(x, surface + 1.0, reach.max(0.1), 4.0 + sway, 0.0, 0.0, TAU);
                brush.fill(&colours.water_light, 0.9);
            }
            let since = scene.time_ms - self.wet_ms.of(cell) - LAST_FILL_MS;
            if is_full && (0.0..RIPPLE_MS).contains(&since) && !scene.reduced_motion {
                let part = since / RIPPLE_MS;
                canvas.begin_path();
                brush.dot(x, y, BOWL + 5.0 + 34.0 * part);
                brush.stroke(&colours.water_light, 6.0 * (1.0 - part), 1.0 - part);
            }
        }
    }

    /// The wheel on the spring, with the seconds that are left.
    pub(super) fn draw_valve(&self, brush: &Brush<'_>, scene: &Scene<'_, Pipes>) {
        let (canvas, colours, game) = (brush.canvas, brush.colours, scene.game);
        let (x, y) = middle(game.spring());
        let x = x + self.shake(game.spring(), scene);
        let left = f64::from(game.opens_in()) - scene.fraction;
        let (shut, hurry) = (game.valve() == Valve::Shut, game.opens_in() <= 300);
        let pulse = if scene.reduced_motion { 0.0 } else { sine(scene.time_ms / 160.0) };
        canvas.begin_path();
        for knob in 0..6_u8 {
            let angle = self.wheel + f64::from(knob) * TAU / 6.0;
            brush.dot(x + (WHEEL + 6.0) * cosine(angle), y + (WHEEL + 6.0) * sine(angle), 7.5);
        }
        brush.fill(&colours.ink, 0.85);
        canvas.begin_path();
        brush.dot(x, y, WHEEL + 4.0);
        brush.fill(&colours.ink, 0.85);
        canvas.begin_path();
        brush.dot(x, y, WHEEL - 3.0);
        brush.fill(if shut { &colours.surface } else { &colours.water }, 1.0);
        if shut {
            let warm = if hurry { &colours.accent } else { &colours.water };
            let part = (left / f64::from(scene.params.countdown.max(1))).clamp(0.0, 1.0);
            canvas.begin_path();
            brush.arc(x, y, WHEEL, (-FRAC_PI_2, part * TAU - FRAC_PI_2), false);
            brush.stroke(warm, 7.0, 1.0);
            let grown = if hurry { 2.0 + 2.0 * pulse } else { 0.0 };
            let seconds = game.opens_in().div_ceil(60).to_string();
            brush.text(&seconds, (x, y), 32.0 + grown, if hurry { warm } else { &colours.ink });
        } else {
            // Two chevrons: it can be opened wide; full ones: it is.
            let alpha = if game.valve() == Valve::Wide { 1.0 } else { 0.55 + 0.25 * pulse };
            canvas.begin_path();
            for shift in [-14.0, 3.0] {
                canvas.move_to(x + shift, y - 13.0);
                canvas.line_to(x + shift + 13.0, y);
                canvas.line_to(x + shift, y + 13.0);
            }
            brush.stroke(&colours.surface, 6.5, alpha);
        }
    }

    /// Water that spills from open ends, and a mark where it is about to.
    pub(super) fn draw_spray(&self, brush: &Brush<'_>, scene: &Scene<'_, Pipes>) {
        let (canvas, colours, game) = (brush.canvas, brush.colours, scene.game);
        if game.leak_count() == 0 {
            return;
        }
        for cell in cells(scene.params) {
            let sides = game.leaks(cell);
            let spills = self.filled(cell) > 0.97;
            for side in SIDES.into_iter().filter(|side| sides & side != 0) {
                let ((x, y), (across, down)) = (middle(cell), towards(side));
                let (x, y) = (x + across * HALF, y + down * HALF);
                let pulse =
                    if scene.reduced_motion { 0.5 } else { 0.5 + 0.5 * sine(scene.time_ms / 110.0) };
                canvas.begin_path();
                brush.dot(x, y, 17.0 + 5.0 * pulse);
                brush.stroke(if spills { &colours.rust } else { &colours.accent }, 5.0, 0.5 + 0.5 * pulse);
                canvas.begin_path();
                for drop in (0..7_u8).filter(|_| spills) {
                    let seed = f64::from(drop);
                    let clock = if scene.reduced_motion { 0.0 } else { scene.time_ms / 560.0 };
                    let part = (clock + seed / 7.0 + f64::from(cell) * 0.37).fract();
                    let spread = sine(seed * 2.4) * 26.0 * part;
                    let far = 8.0 + 40.0 * part;
                    let x = x + across * far + down * spread;
                    let y = y + down * far - across * spread + 26.0 * part * part;
                    brush.dot(x, y, 1.5 + 6.0 * (1.0 - part));
                }
                brush.fill(&colours.water, 0.9);
            }
        }
    }

    /// Where the keyboard or the mouse is; and a veil over what was lost.
    pub(super) fn draw_marks(&self, brush: &Brush<'_>, scene: &Scene<'_, Pipes>) {
        let (canvas, colours, game) = (brush.canvas, brush.colours, scene.game);
        let mark = |cell: u8, colour: &Colour, alpha: f64| {
            let (x, y) = middle(cell);
            canvas.begin_path();
            brush.rounded(x - HALF + 3.0, y - HALF + 3.0, TILE - 6.0, TILE - 6.0, 15.0);
            brush.stroke(colour, 6.0, alpha);
        };
        if game.status() == Status::Playing {
            let hover = self.hover.filter(|cell| game.turns(*cell) || *cell == game.spring());
            match (self.cursor.filter(|_| self.by_keyboard), hover) {
                (Some(cell), _) => mark(cell, &colours.accent, 1.0),
                (None, Some(cell)) => mark(cell, &colours.water, 0.55),
                (None, None) => {}
            }
        } else if game.status() == Status::Lost {
            let since = scene.time_ms - self.ended_ms.unwrap_or(scene.time_ms);
            let part = if scene.reduced_motion { 1.0 } else { (since / 600.0).clamp(0.0, 1.0) };
            let (width, height) = Self::size(scene.params);
            canvas.begin_path();
            canvas.rect(0.0, 0.0, width, height);
            brush.fill(&colours.background, 0.45 * part);
        }
    }
}
