//! The face of Merge: on top the droplet to make, a tube with the turns that are left, and when rust comes; below, the
//! basin. After each turn the way of every tile is found again from the board before and the board after (`tracks`).
//!
//! Pointer: a swipe, with a finger or the mouse, counts as soon as it is long enough. Keyboard: the four directions.

use std::f64::consts::PI;

use dripline_shared::game::merge::{Cell, Params};
use dripline_shared::game::{Game, Merge, Status};
use web_sys::CanvasRenderingContext2d;

use self::gauge::{draw_goal, draw_rust_to_come, draw_tube};
use self::palette::Palette;
use self::pen::{BASIN, CELL, HEIGHT, Pen, RADIUS, WIDTH, centre};
use self::sheet::Sheet;
use self::tracks::{Cells, Turn, between, cells, heading, slide};
use crate::play::curves::{cosine, faded, sine};
use crate::play::face::{Face, InputEvent, Key, Phase, Scene, Sound};

mod gauge;
mod palette;
mod pen;
mod sheet;
mod tracks;

/// How long tiles slide, and how long after that a merged droplet swells and a new one grows, in milliseconds.
const SLIDE_MS: f64 = 115.0;
const SWELL_MS: f64 = 190.0;
/// How long rings on the water and points are seen.
const RING_MS: f64 = 520.0;
const POINTS_MS: f64 = 900.0;
/// How long the board shakes that refused a slide.
const REFUSAL_MS: f64 = 150.0;
/// How long the end takes to show.
const END_MS: f64 = 600.0;
/// How far a swipe goes before it counts, in board units; and where one ends that was let go.
const SWIPE: f64 = 38.0;
const FLICK: f64 = 16.0;

/// A finger or the mouse, on its way.
#[derive(Debug, Clone, Copy)]
struct Drag {
    from: (f64, f64),
    to: (f64, f64),
}

impl Drag {
    /// The direction, once it is clear: far enough, and more along one axis than along the other.
    fn input(&self, least: f64) -> Option<u8> {
        let (x, y) = (self.to.0 - self.from.0, self.to.1 - self.from.1);
        if x.abs().max(y.abs()) < least {
            None
        } else if x.abs() > y.abs() {
            Some(if x > 0.0 { 1 } else { 3 })
        } else {
            Some(if y > 0.0 { 2 } else { 0 })
        }
    }
}

/// What the player wants next, and what decoration has to remember.
#[derive(Default)]
pub struct MergeFace {
    wanted: Option<u8>,
    drag: Option<Drag>,
    /// The last slide that was asked for, and one that was refused since the last frame.
    hint: Option<u8>,
    refused: Option<u8>,
    palette: Palette,
    sheet: Option<Sheet>,
    /// The board and the score of the last frame.
    shown: Option<(Cells, u32)>,
    /// The last turn, when it was made, and the points it gave if these deserve a mention.
    turn: Option<(Turn, f64, Option<u32>)>,
    shaking: Option<(u8, f64)>,
    ended_ms: Option<f64>,
    /// The water in the tube, 0 to 1, as it is shown at the moment, and the time of the last frame.
    level: Option<f64>,
    now_ms: f64,
    /// For the sounds: score and rust as they were.
    heard: Option<(u32, usize)>,
}

impl Face for MergeFace {
    type Game = Merge;

    const CONTROLS: &'static str = "Keyboard: arrows or WASD. Touch or mouse: swipe on the board.";

    fn size(_: &Params) -> (f64, f64) {
        (WIDTH, HEIGHT)
    }

    fn draw(&mut self, canvas: &CanvasRenderingContext2d, scene: &Scene<'_, Merge>) {
        self.notice(scene);
        self.paint_sheet(canvas, scene);
        let pen = Pen { canvas, colours: scene.colours, palette: &self.palette, sheet: self.sheet.as_ref() };
        if let Some((cells, _)) = &self.shown {
            draw_goal(&pen, scene, cells);
        }
        draw_tube(&pen, scene, self.level.unwrap_or(0.0));
        draw_rust_to_come(&pen, scene);
        pen.basin();
        self.draw_tiles(&pen, scene);
        self.draw_rings(&pen, scene);
        if scene.game.turns_left() == scene.params.turns {
            draw_hint(&pen, scene);
        }
        self.draw_end(&pen, scene);
    }

    fn input(&mut self, event: InputEvent, game: &Merge, params: &Params) {
        // A slide is for the moment it was asked for in.
        self.wanted = None;
        match event {
            InputEvent::Key { key, down: true } => match key {
                Key::Up => self.want(0, game, params),
                Key::Right => self.want(1, game, params),
                Key::Down => self.want(2, game, params),
                Key::Left => self.want(3, game, params),
                Key::Action | Key::Alternative => {}
            },
            InputEvent::Key { .. } => {}
            InputEvent::Pointer { x, y, phase } => self.point((x, y), phase, game, params),
            InputEvent::Released => self.drag = None,
        }
    }

    fn wanted(&mut self, _: &Merge, _: &Params) -> Option<u8> {
        self.wanted.take()
    }

    fn sound(&mut self, game: &Merge) -> Option<Sound> {
        let rust = cells(game).iter().filter(|cell| **cell == Cell::Rust).count();
        let (score, rust_before) = self.heard.replace((game.score(), rust)).unwrap_or((0, 0));
        Some(if game.status() == Status::Lost || rust > rust_before {
            Sound::Clank
        } else if game.score() > score {
            Sound::Plop
        } else {
            Sound::Tick
        })
    }
}

/// What the player does.
impl MergeFace {
    fn want(&mut self, input: u8, game: &Merge, params: &Params) {
        self.wanted = Some(input);
        if game.accepts(params, input) {
            self.hint = Some(input);
        } else {
            self.refused = Some(input);
        }
    }

    fn point(&mut self, to: (f64, f64), phase: Phase, game: &Merge, params: &Params) {
        if phase == Phase::Down {
            self.drag = Some(Drag { from: to, to });
            return;
        }
        let Some(drag) = &mut self.drag else { return };
        drag.to = to;
        let input = drag.input(if phase == Phase::Up { FLICK } else { SWIPE });
        if let Some(input) = input {
            self.want(input, game, params);
        }
        if phase == Phase::Up || input.is_some() {
            self.drag = None;
        }
    }
}

/// 0 to 1: how much of `length_ms` has passed since `start_ms`.
fn passed(now_ms: f64, start_ms: f64, length_ms: f64) -> f64 {
    ((now_ms - start_ms) / length_ms).clamp(0.0, 1.0)
}

/// Fast at first, slow at last.
fn eased(part: f64) -> f64 {
    let left = 1.0 - part;
    1.0 - left * left * left
}

/// What is seen.
impl MergeFace {
    /// Compares with the last frame.
    fn notice(&mut self, scene: &Scene<'_, Merge>) {
        let (game, now_ms) = (scene.game, scene.time_ms);
        self.palette.follow(scene.colours, scene.params.goal);
        let now = cells(game);
        let before = self.shown.replace((now, game.score()));
        if let Some((before, score)) = before.filter(|(before, _)| *before != now) {
            // What a single pair gives needs no words, and the turns left are counted at the end.
            let points = Some(game.score().saturating_sub(score));
            let points = points.filter(|points| *points > 1 && game.status() != Status::Won);
            self.turn = between(&before, &now, self.hint).map(|turn| (turn, now_ms, points));
        }
        if scene.reduced_motion {
            self.turn = None;
        }
        if let Some(input) = self.refused.take() {
            self.shaking = Some((input, now_ms));
        }
        let is_over = game.status() != Status::Playing;
        self.ended_ms = if is_over { self.ended_ms.or(Some(now_ms)) } else { None };

        let level = f64::from(game.turns_left()) / f64::from(scene.params.turns.max(1));
        let elapsed_ms = (now_ms - self.now_ms).clamp(0.0, 100.0);
        self.now_ms = now_ms;
        self.level = Some(match self.level {
            Some(shown) if !scene.reduced_motion => {
                shown + (level - shown) * (1.0 - faded(elapsed_ms, 120.0))
            }
            _ => level,
        });
    }

    /// Paints the sheet where there is none that fits.
    fn paint_sheet(&mut self, canvas: &CanvasRenderingContext2d, scene: &Scene<'_, Merge>) {
        let Some(screen) = canvas.canvas() else { return };
        let (colours, goal) = (scene.colours, scene.params.goal);
        if !self.sheet.as_ref().is_some_and(|sheet| sheet.fits(&screen, colours, goal)) {
            self.sheet = Sheet::new(&screen, colours, &self.palette, goal);
        }
    }

    fn draw_tiles(&self, pen: &Pen<'_>, scene: &Scene<'_, Merge>) {
        let Some((cells, _)) = &self.shown else { return };
        let now_ms = scene.time_ms;
        let turn = self.turn.as_ref();
        let sliding = turn.map_or(1.0, |(_, start_ms, _)| passed(now_ms, *start_ms, SLIDE_MS));
        if let (Some((turn, ..)), true) = (turn, sliding < 1.0) {
            let part = eased(sliding);
            for track in &turn.tracks {
                let ((x, y), (to_x, to_y)) = (centre(track.from), centre(track.to));
                let (across, down) = ((to_x - x).abs() / CELL, (to_y - y).abs() / CELL);
                // Water draws itself out along its way.
                let drawn = sine(sliding * PI) * 0.05;
                let size = (1.0 + drawn * (across - down * 0.6), 1.0 + drawn * (down - across * 0.6));
                pen.tile(track.cell, (x + (to_x - x) * part, y + (to_y - y) * part), size);
            }
            return;
        }
        let settled = turn.map_or(1.0, |(_, start_ms, _)| passed(now_ms, start_ms + SLIDE_MS, SWELL_MS));
        let (leaning, lean) = self.lean(cells, scene);
        for (index, cell) in cells.iter().enumerate() {
            let is = |list: fn(&Turn) -> &[usize]| turn.is_some_and(|(turn, ..)| list(turn).contains(&index));
            let size = if turn.is_some_and(|(turn, ..)| turn.appeared == Some(index)) {
                // Grows a little beyond its size, and back.
                eased(settled) + sine(settled * PI) * 0.12
            } else if is(|turn| &turn.merged) {
                1.0 + sine(settled * PI) * 0.13
            } else {
                1.0
            };
            let (x, y) = centre(index);
            let (x, y) = if leaning[index] { (x + lean.0, y + lean.1) } else { (x, y) };
            pen.tile(*cell, (x, y), (size, size));
            if is(|turn| &turn.washed) && settled < 1.0 {
                let left = 1.0 - eased(settled);
                pen.tile(Cell::Rust, (x, y), (left, left));
            }
        }
    }

    /// Which tiles lean, and how far: those that a swipe in progress would move, or those that could not move.
    fn lean(&self, cells: &Cells, scene: &Scene<'_, Merge>) -> ([bool; 16], (f64, f64)) {
        let mut leaning = [false; 16];
        if scene.reduced_motion {
            return (leaning, (0.0, 0.0));
        }
        if let Some((drag, input)) = self.drag.and_then(|drag| Some((drag, drag.input(4.0)?))) {
            let far = (drag.to.0 - drag.from.0).abs().max((drag.to.1 - drag.from.1).abs());
            let (x, y) = heading(input);
            let far = (far / SWIPE).min(1.0) * 9.0;
            for track in slide(cells, input).1.tracks {
                leaning[track.from] = track.from != track.to;
            }
            return (leaning, (x * far, y * far));
        }
        let Some((input, start_ms)) = self.shaking else { return (leaning, (0.0, 0.0)) };
        let part = passed(scene.time_ms, start_ms, REFUSAL_MS);
        let (x, y) = heading(input);
        let far = sine(part * PI) * 5.0;
        for (leans, cell) in leaning.iter_mut().zip(cells) {
            *leans = *cell != Cell::Stone;
        }
        (leaning, (x * far, y * far))
    }

    /// Rings and drops where droplets met, and the points for several at once.
    fn draw_rings(&self, pen: &Pen<'_>, scene: &Scene<'_, Merge>) {
        let Some((turn, start_ms, points)) = &self.turn else { return };
        let met_ms = start_ms + SLIDE_MS;
        let part = passed(scene.time_ms, met_ms, RING_MS);
        if scene.time_ms < met_ms {
            return;
        }
        let far = eased(part);
        if part < 1.0 {
            for index in &turn.merged {
                let (x, y) = centre(*index);
                pen.circle((x, y), RADIUS + far * 20.0);
                pen.stroke(&scene.colours.water_light, 5.0 * (1.0 - part), 0.9 * (1.0 - part));
                for number in 0..7_u8 {
                    let angle = f64::from(number) * 0.9 + f64::from(u8::try_from(*index).unwrap_or(0));
                    let (up, right) = (sine(angle), cosine(angle));
                    let out = RADIUS * 0.8 + far * 34.0;
                    pen.circle((x + right * out, y + up * out + part * part * 12.0), 4.6 * (1.0 - part));
                    pen.fill(&scene.colours.water, 0.9);
                }
            }
            for index in &turn.washed {
                let (x, y) = centre(*index);
                for number in 0..6_u8 {
                    let angle = f64::from(number) * 1.05 + 0.4;
                    let (up, right) = (sine(angle), cosine(angle));
                    let out = 16.0 + far * 40.0;
                    pen.circle((x + right * out, y + up * out + part * part * 30.0), 5.0 * (1.0 - part));
                    pen.fill(&scene.colours.rust, 0.9);
                }
            }
        }
        let risen = passed(scene.time_ms, met_ms, POINTS_MS);
        if let (Some(points), Some(index), true) = (points, turn.merged.first(), risen < 1.0) {
            let (x, y) = centre(*index);
            let place = (x, y - RADIUS * 0.9 - eased(risen) * 22.0);
            let text = format!("+{points}");
            pen.canvas.set_line_join("round");
            let alpha = (1.0 - risen) * 2.2;
            pen.canvas.set_global_alpha(alpha.clamp(0.0, 1.0));
            pen.font(30);
            scene.colours.background.strokes(pen.canvas);
            pen.canvas.set_line_width(6.0);
            let _drawn = pen.canvas.stroke_text(&text, place.0, place.1);
            pen.write(&text, place, 30, &scene.colours.accent, alpha);
        }
    }

    /// The end: the goal shines, or the light goes.
    fn draw_end(&self, pen: &Pen<'_>, scene: &Scene<'_, Merge>) {
        let (Some(ended_ms), Some((cells, _))) = (self.ended_ms, &self.shown) else { return };
        let since_ms = if scene.reduced_motion { END_MS } else { scene.time_ms - ended_ms - SLIDE_MS };
        let part = eased((since_ms / END_MS).clamp(0.0, 1.0));
        pen.block((0.0, BASIN), (WIDTH, HEIGHT - BASIN), 26.0);
        pen.fill(&scene.colours.background, 0.62 * part);
        if scene.game.status() != Status::Won || since_ms <= 0.0 {
            return;
        }
        let goal = u8::try_from(scene.params.goal.ilog2()).unwrap_or(0);
        let Some(index) = cells.iter().position(|cell| *cell == Cell::Droplet(goal)) else { return };
        let (x, y) = centre(index);
        for number in 0..3_u8 {
            let later = (since_ms / 900.0 - f64::from(number) * 0.3).max(0.0);
            let later = if scene.reduced_motion { 0.35 + f64::from(number) * 0.2 } else { later.fract() };
            pen.circle((x, y), RADIUS + eased(later) * 62.0);
            pen.stroke(&scene.colours.good, 7.0 * (1.0 - later), 1.0 - later);
        }
        let size = 1.0 + 0.16 * part;
        pen.tile(Cell::Droplet(goal), (x, y), (size, size));
        pen.circle((x, y), (RADIUS + 4.0) * size);
        pen.stroke(&scene.colours.good, 5.0, part);
    }
}

/// Before the first turn: which ways there are.
fn draw_hint(pen: &Pen<'_>, scene: &Scene<'_, Merge>) {
    let beat = if scene.reduced_motion { 1.0 } else { f64::midpoint(sine(scene.time_ms / 380.0), 1.0) };
    let middle = (WIDTH / 2.0, f64::midpoint(BASIN, HEIGHT));
    pen.canvas.set_line_cap("round");
    pen.canvas.set_line_join("round");
    for input in 0..4 {
        let (x, y) = heading(input);
        let out = 44.0 + beat * 9.0;
        let (tip_x, tip_y) = (middle.0 + x * (out + 14.0), middle.1 + y * (out + 14.0));
        let (foot_x, foot_y) = (middle.0 + x * out, middle.1 + y * out);
        pen.canvas.begin_path();
        pen.canvas.move_to(foot_x - y * 14.0, foot_y + x * 14.0);
        pen.canvas.line_to(tip_x, tip_y);
        pen.canvas.line_to(foot_x + y * 14.0, foot_y - x * 14.0);
        pen.stroke(&scene.colours.accent, 7.0, 0.9);
    }
}
