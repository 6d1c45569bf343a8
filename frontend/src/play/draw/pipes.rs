//! The face of Pipes: a tank on top, which shows the reserve; the valve on the spring, which shows the countdown; and
//! the tiles. What lies still is kept on a canvas of its own (`still`); each frame copies that and draws what moves on
//! top of it (`live`).
//!
//! Pointer: a tap turns a tile, a tap on the valve opens it; any finger taps. Keyboard: arrows move a cursor, the action turns the tile
//! there, the alternative opens the valve from anywhere.

use std::collections::VecDeque;
use std::f64::consts::FRAC_PI_2;

use dripline_shared::game::pipes::{Params, SIDES, VALVE, Valve, neighbour, opposite};
use dripline_shared::game::{Game, Pipes, Status};
use web_sys::CanvasRenderingContext2d;

use self::shape::{Brush, Each, MARGIN, TILE, TOP, cell_at, cells};
use self::still::Still;
use crate::play::curves::{faded, sine};
use crate::play::face::{Face, Figure, InputEvent, Key, Phase, Scene, Sound};

mod live;
mod shape;
mod still;

/// How fast a turned tile comes to rest, in milliseconds: after three times that, it lies.
const TURN_MS: f64 = 38.0;
/// How long the last water flows in after the end, and how long a tile shakes that refused to turn.
const LAST_FILL_MS: f64 = 420.0;
const REFUSAL_MS: f64 = 260.0;
/// How soon after the valve was used another tap on it is the same one, in milliseconds.
const ECHO_MS: f64 = 350.0;
/// Taps that wait for their tick.
const QUEUE_MAX: usize = 4;

/// What the player wants next, and what decoration has to remember.
#[derive(Default)]
pub struct PipesFace {
    queue: VecDeque<u8>,
    /// Where the keyboard is, once it was used, and whether it was used last.
    cursor: Option<u8>,
    by_keyboard: bool,
    hover: Option<u8>,
    /// The time of the last frame.
    now_ms: f64,
    /// Whether a frame was drawn, so that what the next one finds changed, has changed just now.
    is_drawn: bool,
    openings: Each<u8>,
    /// How far a tile still has to turn, in radians.
    tilt: Each<f64>,
    /// The sides from which the water came.
    inflow: Each<u8>,
    wet: Each<bool>,
    /// When a cell got wet, and when it refused to turn.
    wet_ms: Each<f64>,
    refused_ms: Each<f64>,
    /// When the valve was used.
    valve_ms: Option<f64>,
    /// How far the water has come into the fresh tiles, 0 to 1, and where these are.
    fill: f64,
    fresh: u64,
    reserve: u8,
    spilled_ms: f64,
    /// How far the wheel is turned, in radians.
    wheel: f64,
    ended_ms: Option<f64>,
    still: Option<Still>,
    /// For the sounds: a tile was turned; basins full and reserve as they were.
    has_turned: bool,
    heard: Option<(u32, u8)>,
}

impl Face for PipesFace {
    type Game = Pipes;

    const CONTROLS: &'static str = "Keyboard: arrows or WASD go from tile to tile, Space turns one, F opens the valve. Touch \
        or mouse: tap a tile, or the valve.";
    // Thumbs take turns faster than they are lifted.
    const EVERY_FINGER: bool = true;
    // The valve itself counts the seconds.
    const FIGURE: Option<Figure<Pipes>> = Some(Figure { name: "Reserve", of: |game| game.reserve().into() });

    fn size(params: &Params) -> (f64, f64) {
        let (columns, rows) = (f64::from(params.columns), f64::from(params.rows));
        (columns * TILE + 2.0 * MARGIN, TOP + rows * TILE + MARGIN)
    }

    fn draw(&mut self, canvas: &CanvasRenderingContext2d, scene: &Scene<'_, Pipes>) {
        self.notice(scene);
        let brush = Brush { canvas, colours: scene.colours };
        canvas.set_line_cap("butt");
        canvas.set_line_join("round");
        self.draw_still(&brush, scene);
        self.draw_tank(&brush, scene);
        self.draw_moving(&brush, scene);
        self.draw_basins(&brush, scene);
        self.draw_valve(&brush, scene);
        self.draw_spray(&brush, scene);
        self.draw_marks(&brush, scene);
    }

    fn input(&mut self, event: InputEvent, game: &Pipes, params: &Params) {
        match event {
            InputEvent::Key { key, down: true } => self.key(key, game, params),
            InputEvent::Key { .. } => {}
            InputEvent::Pointer { x, y, phase } => {
                let cell = cell_at(x, y, params);
                self.hover = cell.filter(|_| phase != Phase::Up);
                if let (Phase::Down, Some(cell)) = (phase, cell) {
                    self.by_keyboard = false;
                    self.cursor = Some(cell);
                    self.press(cell, game, params);
                }
            }
            InputEvent::Released => {
                self.queue.clear();
                self.hover = None;
            }
        }
    }

    fn wanted(&mut self, game: &Pipes, params: &Params) -> Option<u8> {
        while let Some(wanted) = self.queue.pop_front() {
            if game.accepts(params, wanted) {
                self.has_turned = true;
                return Some(wanted);
            }
        }
        None
    }

    /// Until the water comes: from then on the water itself shows how long there is.
    fn ticks_left(game: &Pipes, _: &Params, _: u32) -> u32 {
        game.opens_in().into()
    }

    fn sound(&mut self, game: &Pipes) -> Option<Sound> {
        let now = (game.basins().0, game.reserve());
        let before = self.heard.replace(now).unwrap_or(now);
        let has_turned = std::mem::take(&mut self.has_turned);
        if now.0 > before.0 {
            Some(Sound::Plop)
        } else if now.1 < before.1 {
            Some(Sound::Clank)
        } else {
            has_turned.then_some(Sound::Tick)
        }
    }
}

/// What the player does.
impl PipesFace {
    fn key(&mut self, key: Key, game: &Pipes, params: &Params) {
        // It starts behind the valve, not on it: the first key of someone new must not let the water in.
        let spring = game.spring();
        let first = neighbour(spring, game.openings(spring)).unwrap_or(spring);
        let cursor = self.cursor.unwrap_or(first);
        let (row, column) = (cursor / 8, cursor % 8);
        let (last_row, last_column) = (params.rows.saturating_sub(1), params.columns.saturating_sub(1));
        let (row, column) = match key {
            Key::Left => (row, column.saturating_sub(1)),
            Key::Right => (row, (column + 1).min(last_column)),
            Key::Up => (row.saturating_sub(1), column),
            Key::Down => ((row + 1).min(last_row), column),
            Key::Action | Key::Alternative => (row, column),
        };
        self.cursor = Some(row * 8 + column);
        self.by_keyboard = true;
        match key {
            Key::Action => self.press(cursor, game, params),
            Key::Alternative => self.press(game.spring(), game, params),
            Key::Left | Key::Right | Key::Up | Key::Down => {}
        }
    }

    fn press(&mut self, cell: u8, game: &Pipes, params: &Params) {
        let wanted = if cell == game.spring() { VALVE } else { cell };
        // A double tap opens the valve; to open it wide is another decision.
        let is_echo = wanted == VALVE && self.valve_ms.is_some_and(|at| self.now_ms - at < ECHO_MS);
        if !game.accepts(params, wanted) {
            self.refused_ms.set(cell, self.now_ms);
        } else if self.queue.len() < QUEUE_MAX && !is_echo {
            self.queue.push_back(wanted);
            self.valve_ms = if wanted == VALVE { Some(self.now_ms) } else { self.valve_ms };
        }
    }
}

/// What moves.
impl PipesFace {
    /// Compares the game with the last frame.
    fn notice(&mut self, scene: &Scene<'_, Pipes>) {
        let game = scene.game;
        let elapsed = (scene.time_ms - self.now_ms).clamp(0.0, 100.0);
        self.now_ms = scene.time_ms;
        let rest = if scene.reduced_motion { 0.0 } else { faded(elapsed, TURN_MS) };
        let mut fresh = 0;
        for cell in cells(scene.params) {
            let open = game.openings(cell);
            let mut before = self.openings.of(cell);
            let mut tilt = self.tilt.of(cell) * rest;
            if self.is_drawn && !scene.reduced_motion {
                for _ in 0..4 {
                    if before != open {
                        before = ((before << 1) | (before >> 3)) & 15;
                        tilt -= FRAC_PI_2;
                    }
                }
            }
            self.tilt.set(cell, if tilt.abs() < 0.01 { 0.0 } else { tilt });
            self.openings.set(cell, open);
            if game.is_fresh(cell) {
                fresh |= 1_u64 << cell;
            }
            if game.is_wet(cell) && !self.wet.of(cell) {
                self.wet.set(cell, true);
                self.wet_ms.set(cell, if self.is_drawn { scene.time_ms } else { f64::NEG_INFINITY });
                self.inflow.set(cell, inflow(game, cell));
            }
        }
        if self.is_drawn && game.reserve() < self.reserve {
            self.spilled_ms = scene.time_ms;
        }
        self.reserve = game.reserve();
        if game.status() != Status::Playing && self.ended_ms.is_none() {
            self.ended_ms = Some(if self.is_drawn { scene.time_ms } else { f64::NEG_INFINITY });
        }
        let fill = if scene.reduced_motion { 1.0 } else { self.flowed(scene) };
        // The valve turned wide shortens the beat in the middle of it: the water must not go back.
        self.fill = if fresh == self.fresh { self.fill.max(fill) } else { fill };
        self.fresh = fresh;
        let wheel = match game.valve() {
            Valve::Shut => 0.0,
            Valve::Open => 2.0,
            Valve::Wide => 4.0,
        };
        let slow = if scene.reduced_motion || !self.is_drawn { 0.0 } else { faded(elapsed, 120.0) };
        self.wheel = wheel + (self.wheel - wheel) * slow;
        self.is_drawn = true;
    }

    /// How much of the beat has passed, 0 to 1; after the end, how much of the last one.
    fn flowed(&self, scene: &Scene<'_, Pipes>) -> f64 {
        if let Some(ended_ms) = self.ended_ms {
            return ((scene.time_ms - ended_ms) / LAST_FILL_MS).clamp(0.0, 1.0);
        }
        let (left, length) = scene.game.beat(scene.params);
        let left = f64::from(left) - scene.fraction;
        (1.0 - left / f64::from(length.max(1))).clamp(0.0, 1.0)
    }

    /// How far the water has come into a wet cell.
    fn filled(&self, cell: u8) -> f64 {
        if self.fresh & (1_u64 << cell) == 0 { 1.0 } else { self.fill }
    }

    /// How far to the side a tile is that refused to turn, and shakes.
    fn shake(&self, cell: u8, scene: &Scene<'_, Pipes>) -> f64 {
        let since = scene.time_ms - self.refused_ms.of(cell);
        let shakes = self.refused_ms.of(cell) > 0.0 && since < REFUSAL_MS && !scene.reduced_motion;
        if shakes { sine(since / 22.0) * 5.0 * (1.0 - since / REFUSAL_MS) } else { 0.0 }
    }

    /// Whether a tile lies where it belongs.
    fn rests(&self, cell: u8, scene: &Scene<'_, Pipes>) -> bool {
        self.tilt.of(cell) == 0.0 && self.shake(cell, scene) == 0.0
    }
}

/// The sides from which water came into a fresh cell; none for one that has been wet for longer.
fn inflow(game: &Pipes, cell: u8) -> u8 {
    let came = |side: &u8| {
        neighbour(cell, *side).is_some_and(|beside| {
            let joined = game.openings(cell) & side != 0 && game.openings(beside) & opposite(*side) != 0;
            joined && game.is_wet(beside) && !game.is_fresh(beside)
        })
    };
    SIDES.into_iter().filter(|side| game.is_fresh(cell) && came(side)).sum()
}

#[cfg(test)]
mod tests {
    use dripline_shared::game::GameParams;
    use dripline_shared::rng::SegmentRng;
    use dripline_shared::round::Seed;

    use super::shape::middle;
    use super::*;

    #[test]
    fn a_second_thumb_taps_while_the_first_one_is_still_down() {
        let level = Pipes::default_levels().remove(0);
        let GameParams::Pipes(params) = level.play else { panic!("a level of Pipes") };
        let game = Pipes::start(&params, &mut SegmentRng::new(&Seed([0; 32])));
        let mut tiles = cells(&params).filter(|cell| game.turns(*cell));
        let (left, right) = (tiles.next().expect("a tile"), tiles.next().expect("another"));
        let mut face = PipesFace::default();
        for (cell, phase) in
            [(left, Phase::Down), (right, Phase::Down), (left, Phase::Up), (right, Phase::Up)]
        {
            let (x, y) = middle(cell);
            face.input(InputEvent::Pointer { x, y, phase }, &game, &params);
        }
        let wanted = [(); 3].map(|()| face.wanted(&game, &params));
        assert_eq!(wanted, [Some(left), Some(right), None]);
    }
}
