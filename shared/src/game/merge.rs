//! Merge: droplets on a board of 4 × 4. A turn slides all of them up, right, down or left as far as they go; two equal
//! ones that meet become one of twice the value. After each turn a new droplet of 2 or 4 appears on an empty cell; of
//! sixteen, always as many are a 4, so that everybody gets the same water. The goal is one droplet of a given value
//! within a number of turns; the round is won the moment it is made, and lost when the turns run out or nothing can slide
//! any more.
//!
//! **Inputs**, one a turn: 0 slides up, 1 right, 2 down, 3 left. A slide that moves nothing is not an input.
//!
//! Later levels put stones on the board, which neither slide nor merge, and let rust appear in a droplet's stead every
//! so many turns: it slides, never merges, and is washed away when two droplets merge beside it.
//!
//! Points: the square of the number of pairs merged in one turn, 5 for rust washed away, and 10 for every turn that is
//! left at the end.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::deck::Deck;
use super::{Game, InputKind, Pace, Status};
use crate::level::LevelDraft;
use crate::rng::SegmentRng;
use crate::time::MINUTE_MS;

mod board;
mod bot;

pub use bot::MergeBot;

/// The least time of a turn in the levels that a catalog starts with: nobody thinks faster for a whole round.
const TURN_MS_MIN: u32 = 180;

const POINTS_PER_TURN_LEFT: u32 = 10;
const POINTS_PER_RUST_WASHED: u32 = 5;

/// The fewest and most turns of a level.
const TURNS: std::ops::RangeInclusive<u16> = 8..=1_000;
/// The least and greatest goal.
const GOAL: std::ops::RangeInclusive<u16> = 16..=2_048;
/// The most stones on a board.
const STONES_MAX: usize = 6;

/// What a level of Merge tunes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema), schema(as = MergeParams))]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// The value of the droplet to make: a power of two, 16 to 2,048.
    pub goal: u16,
    /// Within how many turns: 8 to 1,000.
    pub turns: u16,
    /// How many of 1,000 new droplets are a 4 rather than a 2; 0 to 1,000.
    pub fours_per_mille: u16,
    /// The cells with a stone, each `4 × row + column`: at most 6, rising, and not so that they part the board.
    pub stones: Vec<u8>,
    /// Rust appears every so many turns, instead of a droplet: 2 to 255, or 0 for never.
    pub rust_every: u8,
}

crate::json_object!(Params { goal, turns, fours_per_mille, stones, rust_every });

/// What is on a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A droplet; its value is 2 to the power of this, which is 1 to 11.
    Droplet(u8),
    /// Slides and never merges; washed away by a merge beside it.
    Rust,
    /// Neither slides nor merges.
    Stone,
}

/// A round of Merge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    /// The cells; see [`board`].
    board: u64,
    /// Points so far.
    score: u32,
    /// Turns that may still be made.
    turns_left: u16,
    /// Turns until rust appears, 1 for at the end of the next one; 0 where it never does.
    rust_in: u8,
    /// Which new droplets are a 4.
    fours: Deck,
    status: Status,
}

impl Merge {
    /// What is on the cell at `row` and `column`, each 0 to 3 from the top left.
    pub fn cell(&self, row: u8, column: u8) -> Cell {
        match board::nibble(self.board, (row & 3) << 2 | (column & 3)) {
            0 => Cell::Empty,
            14 => Cell::Rust,
            15 => Cell::Stone,
            exponent => Cell::Droplet(exponent),
        }
    }

    /// Turns that may still be made.
    pub fn turns_left(&self) -> u16 {
        self.turns_left
    }

    /// After how many more turns rust appears; `None` where it never does.
    pub fn rust_in(&self) -> Option<u8> {
        (self.rust_in > 0).then_some(self.rust_in)
    }

    /// Puts a tile on an empty cell, every one equally likely. There is one: whatever slid left it.
    fn appear(&mut self, tile: u64, rng: &mut SegmentRng) {
        let free = 16_u32.saturating_sub(board::count(board::occupied(self.board)));
        let place = board::nth(board::empty(self.board), rng.below(free));
        self.board |= place.wrapping_mul(tile);
    }

    /// The tile of a new droplet.
    fn droplet(&mut self, params: &Params, rng: &mut SegmentRng) -> u64 {
        if self.fours.draw(params.fours_per_mille, rng) { 2 } else { 1 }
    }

    fn gain(&mut self, points: u32) {
        self.score = self.score.saturating_add(points);
    }
}

impl Game for Merge {
    type Params = Params;
    type Bot = MergeBot;

    const ID: &'static str = "merge";
    const NAME: &'static str = "Merge";
    const HOW_TO: &'static str =
        "Slide all droplets up, down, left or right; equal ones that meet become one of twice the value.";
    const RULES_VERSION: u32 = 2;
    const PACE: Pace = Pace::Turns;
    const INPUT: InputKind = InputKind::Pulse;
    const WHOLE_BOARD_SHOWS: bool = false;

    fn default_levels() -> Vec<LevelDraft> {
        let level = |name, stars, params: Params| LevelDraft {
            name,
            play: params.into(),
            stars,
            turn_ms_min: TURN_MS_MIN,
            think_ms_max: 5 * MINUTE_MS,
        };
        let pond = Params {
            goal: 128,
            turns: 84,
            fours_per_mille: 100,
            // Without corners there is less room for carelessness; it also shows what a stone is.
            stones: vec![0, 3, 12, 15],
            rust_every: 0,
        };
        let basin = Params { turns: 80, stones: Vec::new(), rust_every: 8, ..pond.clone() };
        let cloudburst =
            Params { goal: 256, turns: 120, fours_per_mille: 300, stones: vec![5], ..pond.clone() };
        let well = Params { turns: 127, fours_per_mille: 250, rust_every: 10, ..cloudburst.clone() };
        vec![
            level("Round Pond", [240, 268], pond),
            level("Rusty Basin", [170, 198], basin),
            level("Cloudburst", [220, 260], cloudburst),
            level("Deep Well", [240, 272], well),
        ]
    }

    fn validate(params: &Params) -> Result<(), (&'static str, String)> {
        let Params { goal, turns, fours_per_mille, stones, rust_every } = params;
        if !GOAL.contains(goal) || !goal.is_power_of_two() {
            return Err(("goal", "a power of two, 16 to 2048".to_owned()));
        }
        if !TURNS.contains(turns) {
            return Err(("turns", "8 to 1000".to_owned()));
        }
        if *fours_per_mille > 1_000 {
            return Err(("fours_per_mille", "0 to 1000".to_owned()));
        }
        let rising = stones.iter().zip(stones.iter().skip(1)).all(|(cell, next)| cell < next);
        if stones.len() > STONES_MAX || !rising || stones.iter().any(|cell| *cell > 15) {
            return Err(("stones", format!("at most {STONES_MAX} cells, 0 to 15, rising")));
        }
        // On cells that hang together, an empty one and a tile mean a pair of neighbours of which one can slide: only
        // a full board can be stuck.
        if !board::connected(board::empty(stone_board(stones))) {
            return Err(("stones", "cells that do not part the board".to_owned()));
        }
        if *rust_every == 1 {
            return Err(("rust_every", "0, or 2 to 255".to_owned()));
        }
        Ok(())
    }

    fn length_max(params: &Params) -> u32 {
        u32::from(params.turns)
    }

    fn goal(params: &Params) -> String {
        format!("Make {} within {} turns", params.goal, params.turns)
    }

    fn rules(params: &Params) -> Vec<String> {
        let Params { goal, turns, fours_per_mille, stones, rust_every } = params;
        let droplet = match fours_per_mille {
            0 => "a 2",
            1_000.. => "a 4",
            _ => "a 2 or a 4",
        };
        let mut rules = vec![
            format!("After each turn a new droplet appears: {droplet}."),
            format!("You win the moment a {goal} is made, and lose after {turns} turns or when nothing can slide."),
        ];
        if !stones.is_empty() {
            rules.push("Stones neither slide nor merge.".to_owned());
        }
        if *rust_every > 0 {
            rules.push(format!(
                "Every {rust_every} turns rust appears instead of a droplet. It slides but never merges. Merge two \
                 droplets beside it, and it is washed away, for {POINTS_PER_RUST_WASHED} points."
            ));
        }
        rules.push("One merge in a turn is 1 point, two are 4, three are 9, and so on.".to_owned());
        rules.push(format!("A win adds {POINTS_PER_TURN_LEFT} points for each turn that is left."));
        rules
    }

    fn start(params: &Params, rng: &mut SegmentRng) -> Self {
        let mut game = Self {
            board: stone_board(&params.stones),
            score: 0,
            turns_left: params.turns,
            rust_in: params.rust_every,
            fours: Deck::default(),
            status: Status::Playing,
        };
        for _ in 0..2 {
            let droplet = game.droplet(params, rng);
            game.appear(droplet, rng);
        }
        game
    }

    #[inline]
    fn accepts(&self, _: &Params, input: u8) -> bool {
        let way = board::WAYS.get(usize::from(input));
        self.status == Status::Playing && way.is_some_and(|way| board::can_slide(self.board, way))
    }

    #[inline]
    fn step(&mut self, params: &Params, input: Option<u8>, rng: &mut SegmentRng) {
        let Some(way) = input.and_then(|input| board::WAYS.get(usize::from(input))) else { return };
        let slid = board::slide(self.board, way);
        if self.status != Status::Playing || slid.board == self.board {
            return;
        }
        self.board = slid.board;
        self.turns_left = self.turns_left.saturating_sub(1);
        let pairs = board::count(slid.merged);
        let rust = board::count(slid.washed);
        self.gain(pairs.saturating_mul(pairs).saturating_add(rust.saturating_mul(POINTS_PER_RUST_WASHED)));

        let goal = u64::from(params.goal.trailing_zeros());
        if board::holding(slid.board, goal) & slid.merged != 0 {
            self.gain(u32::from(self.turns_left).saturating_mul(POINTS_PER_TURN_LEFT));
            self.status = Status::Won;
            return;
        }
        if self.turns_left == 0 {
            self.status = Status::Lost;
            return;
        }
        let tile = if self.rust_in == 1 { board::RUST } else { self.droplet(params, rng) };
        self.rust_in = if self.rust_in == 1 { params.rust_every } else { self.rust_in.saturating_sub(1) };
        self.appear(tile, rng);
        // Only a full board can be stuck; see `validate`.
        if board::empty(self.board) == 0 && board::equals(self.board) == [0, 0] {
            self.status = Status::Lost;
        }
    }

    fn status(&self) -> Status {
        self.status
    }

    fn score(&self) -> u32 {
        self.score
    }

    fn describe(&self, _: &Params) -> String {
        let mut text = String::new();
        for row in 0..4 {
            for column in 0..4 {
                // Writing to a string cannot fail.
                let _ = match self.cell(row, column) {
                    Cell::Empty => write!(text, "empty"),
                    Cell::Droplet(exponent) => write!(text, "{}", 1_u16.wrapping_shl(u32::from(exponent))),
                    Cell::Rust => write!(text, "rust"),
                    Cell::Stone => write!(text, "stone"),
                };
                text.push_str(if column < 3 { ", " } else { "\n" });
            }
        }
        let _ = write!(text, "Turns left: {}.", self.turns_left);
        if let Some(turns) = self.rust_in() {
            let _ = write!(text, " Rust in {turns}.");
        }
        text
    }
}

/// A board with stones alone.
fn stone_board(stones: &[u8]) -> u64 {
    stones.iter().fold(0, |all, cell| all | board::at(*cell).wrapping_mul(board::STONE))
}
