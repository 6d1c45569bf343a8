//! Pipes: turn the tiles, join the spring to every basin before the water comes.
//!
//! The board is a grid of tiles: pipes with two to four openings, the spring, the basins, bare ground. Everything is
//! drawn at the start (`board`) and shows at once. An input turns one tile a quarter clockwise, or opens the valve.
//!
//! **Inputs** are pulses: 0..=63 turn the tile of that number, which is 8 × row + column from the top left; 64
//! ([`VALVE`]) opens the valve, and the second time opens it wide. One that turns nothing is not an input.
//!
//! A step goes like this. The input acts first. While the valve is shut, its countdown runs. From then on, at every
//! *beat*, the water goes on by one tile in every connected direction; tiles that it has reached no longer turn. Each
//! open end that the water stands at spills one measure of the spring's reserve a beat, until a tile is turned to meet
//! it. The game is won when all basins are full, and lost when the reserve is empty or the water comes to rest.
//!
//! The points are 100 a basin, and for a win a tenth of a second that was left on the countdown when the player opened
//! the valve, and 10 a measure that was not spilled. So whoever dares opens it before the last tile is turned.
//!
//! Boards are sets of bits, one bit a cell, rows of eight: a beat moves all of the water at once in a few dozen
//! instructions, and any other tick is a countdown. Column 7 stays empty, so what leaves a row meets nothing.

use serde::{Deserialize, Serialize};

use super::{Bot, Game, InputKind, Pace, Skill, Status};
use crate::level::LevelDraft;
use crate::rng::SegmentRng;

mod board;
mod bot;
mod levels;
mod solver;
#[cfg(test)]
mod tests;
mod tiles;
mod words;

pub use bot::PipesBot;
pub use tiles::{EAST, NORTH, SIDES, SOUTH, WEST, neighbour, opposite};
use tiles::{Openings, bit, cells_of};

/// The input that opens the valve, and the second time opens it wide.
pub const VALVE: u8 = 64;
/// Ticks between two beats once the valve is wide open, unless the level's water is faster still.
pub const WIDE_BEAT: u16 = 8;
/// Points for a full basin.
const BASIN_POINTS: u32 = 100;
/// Points for a measure of the reserve that was not spilled.
const RESERVE_POINTS: u32 = 10;
/// Ticks of the countdown that are worth a point: a tenth of a second.
const TICKS_A_POINT: u32 = 6;

/// What a level of Pipes tunes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema), schema(as = PipesParams))]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Columns of the board: 4 to 7.
    pub columns: u8,
    /// Rows of the board: 4 to 8.
    pub rows: u8,
    /// Basins to fill: 1 to one less than there are columns.
    pub basins: u8,
    /// About how many tiles the water must flow through, the spring and the basins among them: 8 to 56.
    pub network: u8,
    /// How many of the other tiles hold a pipe that leads nowhere, in thousandths: 0 to 1,000.
    pub loose_per_mille: u16,
    /// How many of the pipes are rusty and do not turn, in thousandths: 0 to 500. Those that matter lie right.
    pub rusty_per_mille: u16,
    /// Ticks until the valve opens by itself: 60 to 7,200.
    pub countdown: u16,
    /// Ticks that the water takes for a tile: 8 to 120.
    pub beat: u16,
    /// Measures of water that may be spilled before all is lost: 1 to 40.
    pub reserve: u8,
}

crate::json_object!(Params {
    columns, rows, basins, network, loose_per_mille, rusty_per_mille, countdown, beat, reserve,
});

/// All cells of a board with these parameters.
fn field(params: &Params) -> u64 {
    let row = bit(params.columns).saturating_sub(1);
    (0..params.rows.min(8)).fold(0, |rows, _| (rows << 8_u32) | row)
}

/// A game of Pipes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pipes {
    /// How the tiles lie.
    open: Openings,
    /// The tiles that turn as long as they are dry.
    turnable: u64,
    /// Where the water comes from; one cell.
    spring: u64,
    /// Where it must arrive.
    basins: u64,
    /// Where it is.
    wet: u64,
    /// Where it arrived at the last beat.
    fresh: u64,
    /// Ticks until the valve opens; 0 once it is open.
    opens_in: u16,
    /// What was left of the countdown when the player opened the valve, in ticks.
    spared: u16,
    /// Ticks until the next beat, once the valve is open.
    beat_in: u16,
    /// Whether the valve is wide open.
    wide: bool,
    /// Measures of water that may still be spilled.
    reserve: u8,
    /// Whether it goes on.
    status: Status,
}

/// Where the valve stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Valve {
    /// Shut; the countdown runs.
    Shut,
    /// Open; the water moves at the level's pace.
    Open,
    /// Wide open; it hurries.
    Wide,
}

impl Pipes {
    /// The openings of a cell: bits of [`SIDES`]. 0 where there is no pipe.
    pub fn openings(&self, cell: u8) -> u8 {
        self.open.of(cell)
    }

    /// Whether the tile of this cell turns now.
    pub fn turns(&self, cell: u8) -> bool {
        self.turnable & !self.wet & bit(cell) != 0
    }

    /// Whether the pipe of this cell never turns although it is no cross.
    pub fn is_rusty(&self, cell: u8) -> bool {
        let fixed = (self.turnable | self.spring | self.basins) & bit(cell) == 0;
        fixed && matches!(self.openings(cell).count_ones(), 2..=3)
    }

    /// The cell of the spring.
    pub fn spring(&self) -> u8 {
        cells_of(self.spring).next().unwrap_or(0)
    }

    /// Whether the cell is a basin.
    pub fn is_basin(&self, cell: u8) -> bool {
        self.basins & bit(cell) != 0
    }

    /// Whether the water has reached the cell.
    pub fn is_wet(&self, cell: u8) -> bool {
        self.wet & bit(cell) != 0
    }

    /// Whether the water reached it at the last beat, so that it is flowing in until the next one.
    pub fn is_fresh(&self, cell: u8) -> bool {
        self.fresh & bit(cell) != 0
    }

    /// The sides at which water spills from the cell.
    pub fn leaks(&self, cell: u8) -> u8 {
        Openings(self.open.leaks(self.flowing())).of(cell)
    }

    /// How many ends spill a measure at the next beat, as the tiles lie now.
    pub fn leak_count(&self) -> u32 {
        self.open.leaks(self.flowing()).iter().map(|ends| ends.count_ones()).sum()
    }

    /// Basins that are full, and basins in all.
    pub fn basins(&self) -> (u32, u32) {
        ((self.basins & self.wet).count_ones(), self.basins.count_ones())
    }

    /// Where the valve stands.
    pub fn valve(&self) -> Valve {
        match (self.opens_in, self.wide) {
            (0, true) => Valve::Wide,
            (0, false) => Valve::Open,
            _ => Valve::Shut,
        }
    }

    /// Ticks until the valve opens by itself; 0 once it is open.
    pub fn opens_in(&self) -> u16 {
        self.opens_in
    }

    /// Ticks until the next beat, and from one beat to the next.
    pub fn beat(&self, params: &Params) -> (u16, u16) {
        (self.beat_in, self.beat_length(params))
    }

    /// Measures of water that may still be spilled.
    pub fn reserve(&self) -> u8 {
        self.reserve
    }

    /// The wet cells once the valve is open.
    fn flowing(&self) -> u64 {
        if self.opens_in == 0 { self.wet } else { 0 }
    }

    fn beat_length(&self, params: &Params) -> u16 {
        if self.wide { params.beat.min(WIDE_BEAT) } else { params.beat }
    }

    fn act(&mut self, params: &Params, input: u8) {
        if input < VALVE {
            self.open.turn(bit(input) & self.turnable & !self.wet);
        } else if input == VALVE && self.opens_in > 0 {
            self.spared = self.opens_in;
            self.opens_in = 0;
            self.beat_in = params.beat;
        } else if input == VALVE {
            self.wide = true;
            self.beat_in = self.beat_in.min(self.beat_length(params));
        }
    }

    /// The water goes on by one tile.
    fn flow(&mut self) {
        let leaks: u32 = self.open.leaks(self.wet).iter().map(|ends| ends.count_ones()).sum();
        self.fresh = self.open.reached(self.wet);
        self.wet |= self.fresh;
        self.reserve = self.reserve.saturating_sub(u8::try_from(leaks).unwrap_or(u8::MAX));
        // Water that neither goes on nor spills has come to rest: no turn of a dry tile can move it again.
        if self.basins & !self.wet == 0 {
            self.status = Status::Won;
        } else if self.reserve == 0 || (self.fresh == 0 && leaks == 0) {
            self.status = Status::Lost;
        }
    }
}

impl Game for Pipes {
    type Params = Params;
    type Bot = PipesBot;

    const ID: &'static str = "pipes";
    const NAME: &'static str = "Pipes";
    const HOW_TO: &'static str = "Turn the tiles to join the spring to every basin before the water comes.";
    const RULES_VERSION: u32 = 1;
    const PACE: Pace = Pace::Clocked;
    const INPUT: InputKind = InputKind::Pulse;
    const WHOLE_BOARD_SHOWS: bool = true;

    fn default_levels() -> Vec<LevelDraft> {
        levels::drafts()
    }

    fn validate(params: &Params) -> Result<(), (&'static str, String)> {
        let within = |name, value: u16, least: u16, most: u16| {
            if (least..=most).contains(&value) {
                Ok(())
            } else {
                Err((name, format!("a number from {least} to {most}")))
            }
        };
        within("columns", params.columns.into(), 4, 7)?;
        within("rows", params.rows.into(), 4, 8)?;
        within("basins", params.basins.into(), 1, params.columns.saturating_sub(1).into())?;
        within("network", params.network.into(), 8, 56)?;
        within("loose_per_mille", params.loose_per_mille, 0, 1_000)?;
        within("rusty_per_mille", params.rusty_per_mille, 0, 500)?;
        within("countdown", params.countdown, 60, 7_200)?;
        within("beat", params.beat, WIDE_BEAT, 120)?;
        within("reserve", params.reserve.into(), 1, 40)
    }

    /// Every beat reaches a cell, spills a measure, or is the last.
    fn length_max(params: &Params) -> u32 {
        let cells = u32::from(params.columns).saturating_mul(params.rows.into());
        let beats = cells.saturating_add(params.reserve.into()).saturating_add(1);
        u32::from(params.countdown).saturating_add(beats.saturating_mul(params.beat.into()))
    }

    fn goal(params: &Params) -> String {
        words::goal(params)
    }

    fn rules(params: &Params) -> Vec<String> {
        words::rules(params)
    }

    fn start(params: &Params, rng: &mut SegmentRng) -> Self {
        let board = board::draw(params, rng);
        Self {
            open: board.scrambled,
            turnable: board.turnable,
            spring: board.spring,
            basins: board.basins,
            wet: board.spring,
            fresh: 0,
            opens_in: params.countdown,
            spared: 0,
            beat_in: params.beat,
            wide: false,
            reserve: params.reserve,
            status: Status::Playing,
        }
    }

    #[inline]
    fn accepts(&self, _: &Params, input: u8) -> bool {
        let changes = if input == VALVE { !self.wide } else { self.turns(input) };
        changes && self.status == Status::Playing
    }

    #[inline]
    fn step(&mut self, params: &Params, input: Option<u8>, _: &mut SegmentRng) {
        if self.status != Status::Playing {
            return;
        }
        if let Some(input) = input {
            self.act(params, input);
        }
        if self.opens_in > 0 {
            self.opens_in = self.opens_in.saturating_sub(1);
            return;
        }
        self.beat_in = self.beat_in.saturating_sub(1);
        if self.beat_in == 0 {
            self.beat_in = self.beat_length(params);
            self.flow();
        }
    }

    fn status(&self) -> Status {
        self.status
    }

    fn score(&self) -> u32 {
        let basins = self.basins().0.saturating_mul(BASIN_POINTS);
        let spared = u32::from(self.spared) / TICKS_A_POINT;
        let kept = u32::from(self.reserve).saturating_mul(RESERVE_POINTS);
        match self.status {
            Status::Won => basins.saturating_add(spared).saturating_add(kept),
            Status::Playing | Status::Lost => basins,
        }
    }

    fn describe(&self, _: &Params) -> String {
        String::new()
    }
}
