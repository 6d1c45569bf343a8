//! **Catch**: a bucket slides along the floor, drops fall from the pipes above it.
//!
//! Water comes in *runs*: a few drops, one a beat, each a fixed step to the side of the one before, so that a run can be
//! read as a slanted line and followed. Between two runs there is a rest, and the next run starts somewhere else. The
//! beat quickens all through the round. Half a beat after a drop something else may land: a flake of rust, or a golden
//! drop, which falls faster and counts as three.
//!
//! A drop that is caught counts towards the goal, and lengthens the streak; every [`STREAK_STEP`] of it raise the
//! multiplier of the score. A drop that is missed breaks the streak; a golden one is a present, and missing it does not.
//! Rust in the bucket breaks the streak and costs a life; [`MEND_STREAK`] drops in a row mend one. The round ends when its
//! time is over or the last life is gone, and is won if the goal was met by then. So after the goal the score, and with it
//! the stars, can still grow; whoever has enough of them ends the round with [`FINISH`].
//!
//! **Inputs** are held: 0..=63 move the bucket towards that column, 64 ([`STAY`]) stops it where it is and is in force
//! when a segment begins, 65 ([`FINISH`]) ends the round once the goal is met.
//!
//! **A step**: the bucket moves towards the held column, at most by its speed; then, only on the ticks when something is
//! due, what arrives at the rim is caught or missed, and the next beat is let go. Everything is planned in the order in
//! which it lands, one fall ahead, so the air is a queue and a tick looks at nothing but a number. Columns are
//! 0..=63, the bucket's place is in sixteenths of a column.

use serde::{Deserialize, Serialize};

use super::deck::Deck;
use crate::game::{Game, InputKind, Pace, Status};
use crate::level::LevelDraft;
use crate::rng::SegmentRng;

mod bot;
mod levels;
mod rain;
mod words;

pub use bot::CatchBot;

/// The field's columns. An input below this is the column that the bucket shall move towards.
pub const COLUMNS: u8 = 64;
/// The input for "stay where you are".
pub const STAY: u8 = 64;
/// The input that ends the round, once the goal is met.
pub const FINISH: u8 = 65;
/// The bucket's place counts in this part of a column.
pub const PART: i32 = 16;
/// So many drops in a row raise the multiplier by one.
pub const STREAK_STEP: u16 = 6;
/// The multiplier rises no further.
pub const MULTIPLIER_MAX: u16 = 4;
/// So many drops in a row mend a life that was lost.
pub const MEND_STREAK: u16 = 20;
/// A golden drop counts as so many.
pub const GOLD_WORTH: u16 = 3;

/// The first beat: the player looks around for half a second.
const FIRST_BEAT: u32 = 30;
/// Places for items. A power of two; more than can be in the air, so that what landed can be drawn for a while.
const PLACES: usize = 32;
/// Beats in one fall, at most, so that there is always a place: two items a beat, and three at the edges.
const BEATS_IN_FALL_MAX: u32 = 10;

/// What a level of Catch tunes. A tick is a 60th of a second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema), schema(as = CatchParams))]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// How long the round lasts, in ticks: 1200 to 5400.
    pub length_ticks: u32,
    /// Drops to catch, a golden one counting as three: 1 to 500.
    pub goal_drops: u16,
    /// Lives; each flake of rust in the bucket costs one: 1 to 5.
    pub lives: u8,
    /// How far to each side of its middle the bucket catches, in columns: 2 to 12.
    pub reach_columns: u8,
    /// The most that the bucket moves in a tick, in sixteenths of a column: 4 to 64.
    pub speed_parts: u8,
    /// How long a drop falls, in ticks: 40 to 240, and at most ten times `beat_last_ticks`.
    pub fall_ticks: u32,
    /// The time between two drops of a run at the start, in ticks: `beat_last_ticks` to 180.
    pub beat_first_ticks: u32,
    /// The time between two drops of a run at the end, in ticks: 10 to 120.
    pub beat_last_ticks: u32,
    /// How much longer than a beat the time between two runs is, in ticks: 0 to 180.
    pub rest_ticks: u32,
    /// The widest step from one drop of a run to the next, in columns: 0 to 30.
    pub slope_columns: u8,
    /// The widest leap from the end of a run to the start of the next, in columns: 0 to 59.
    pub leap_columns: u8,
    /// How far the wind carries what falls, at most, in columns: 0 to 30. It blows anew with every run.
    pub wind_columns: u8,
    /// How often a drop is followed by a flake of rust, in thousandths.
    pub rust_per_mille: u16,
    /// How often a drop is followed by a golden one, in thousandths; with rust at most 1000.
    pub gold_per_mille: u16,
}

crate::json_object!(Params {
    length_ticks, goal_drops, lives, reach_columns, speed_parts, fall_ticks, beat_first_ticks,
    beat_last_ticks, rest_ticks, slope_columns, leap_columns, wind_columns, rust_per_mille, gold_per_mille,
});

/// What falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Water: catch it.
    Drop,
    /// Catch it if you can.
    Gold,
    /// Let it fall.
    Rust,
}

impl Kind {
    /// How long it is to be seen falling, in ticks.
    pub fn fall_ticks(self, params: &Params) -> u32 {
        match self {
            Self::Drop | Self::Rust => params.fall_ticks,
            Self::Gold => params.fall_ticks.saturating_mul(5) / 8,
        }
    }
}

/// Where an item is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fate {
    /// It has not arrived at the bucket's rim.
    Falling,
    /// It fell into the bucket.
    Caught,
    /// It fell beside the bucket.
    Missed,
}

/// Something that falls, or fell a moment ago. It falls evenly, on a straight line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The tick at which it arrives at the bucket's rim.
    pub lands: u32,
    /// Its column when it appears at the top.
    pub from: u8,
    /// Its column when it arrives.
    pub to: u8,
    /// What it is.
    pub kind: Kind,
    /// What became of it.
    pub fate: Fate,
}

/// The state of a round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catch {
    status: Status,
    /// Lives left.
    lives: u8,
    /// Ticks played.
    tick: u32,
    /// The next tick at which more happens than the bucket's move.
    due: u32,
    /// The bucket's middle, in sixteenths of a column: 0..=1008.
    bucket: i32,
    /// The tick of the next beat; beyond the round's end when there is none.
    beat: u32,
    /// Drops caught, a golden one counting as three.
    caught: u16,
    /// Drops caught since the last mishap.
    streak: u16,
    score: u32,
    /// The run in play: the column on which its last drop lands, the step from drop to drop, the drops to come.
    column: u8,
    step: i8,
    run_left: u8,
    /// Columns that the wind carries what appears now.
    wind: i8,
    /// Whether something follows a drop, and whether that is rust.
    between: Deck,
    rust: Deck,
    /// The place of the next item to land, and how many are in the air; they land in the order of their places.
    head: u8,
    in_air: u8,
    air: [Item; PLACES],
}

impl Catch {
    /// Ticks played.
    pub fn tick(&self) -> u32 {
        self.tick
    }

    /// The bucket's middle, in sixteenths of a column.
    pub fn bucket(&self) -> i32 {
        self.bucket
    }

    /// Drops caught, a golden one counting as three.
    pub fn caught(&self) -> u16 {
        self.caught
    }

    /// Drops caught since the last mishap.
    pub fn streak(&self) -> u16 {
        self.streak
    }

    /// What the next drop's points are multiplied by: 1 to [`MULTIPLIER_MAX`].
    pub fn multiplier(&self) -> u16 {
        (self.streak / STREAK_STEP).saturating_add(1).min(MULTIPLIER_MAX)
    }

    /// Lives left.
    pub fn lives(&self) -> u8 {
        self.lives
    }

    /// How many columns to the right the wind carries what appears now.
    pub fn wind(&self) -> i8 {
        self.wind
    }

    /// The items in the air, in the order in which they land, then what landed a moment ago. An item that lands later
    /// than [`Kind::fall_ticks`] from now has not appeared yet.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        let (ahead, start) = self.air.split_at(usize::from(self.head).min(PLACES));
        start.iter().chain(ahead)
    }

    /// The items in the air, in the order in which they land.
    pub fn falling(&self) -> impl Iterator<Item = &Item> {
        self.items().take(usize::from(self.in_air))
    }

    fn is_goal_met(&self, params: &Params) -> bool {
        self.caught >= params.goal_drops
    }

    #[inline]
    fn place(offset: u8) -> usize {
        usize::from(offset) & PLACES.saturating_sub(1)
    }

    /// Puts an item behind the others. What would land after the end is left out.
    fn push(&mut self, params: &Params, lands: u32, to: u8, kind: Kind) {
        if lands >= params.length_ticks || usize::from(self.in_air) >= PLACES {
            return;
        }
        let from =
            i16::from(to).saturating_sub(i16::from(self.wind)).clamp(0, i16::from(COLUMNS).saturating_sub(1));
        if let Some(place) = self.air.get_mut(Self::place(self.head.wrapping_add(self.in_air))) {
            *place = Item { lands, from: u8::try_from(from).unwrap_or(to), to, kind, fate: Fate::Falling };
            self.in_air = self.in_air.saturating_add(1);
        }
    }

    /// What is due at this tick, and when something will be again.
    fn events(&mut self, params: &Params, rng: &mut SegmentRng) {
        while let Some(item) = self.next_to_land()
            && item.lands <= self.tick
        {
            self.land(params, item);
        }
        if self.tick >= self.beat {
            self.let_go(params, rng);
        }
        if self.tick >= params.length_ticks || self.lives == 0 {
            self.status = if self.is_goal_met(params) { Status::Won } else { Status::Lost };
        }
        let landing = self.next_to_land().map_or(u32::MAX, |item| item.lands);
        self.due = landing.min(self.beat).min(params.length_ticks);
    }

    fn next_to_land(&self) -> Option<Item> {
        if self.in_air == 0 { None } else { self.air.get(Self::place(self.head)).copied() }
    }

    fn land(&mut self, params: &Params, item: Item) {
        let off = (i32::from(item.to).saturating_mul(PART)).abs_diff(self.bucket);
        let caught = off <= i32::from(params.reach_columns).saturating_mul(PART).unsigned_abs();
        if let Some(place) = self.air.get_mut(Self::place(self.head)) {
            place.fate = if caught { Fate::Caught } else { Fate::Missed };
        }
        self.head = u8::try_from(Self::place(self.head.wrapping_add(1))).unwrap_or(0);
        self.in_air = self.in_air.saturating_sub(1);
        match (item.kind, caught) {
            (Kind::Drop, true) => self.gain(1, params.lives),
            (Kind::Gold, true) => self.gain(GOLD_WORTH, params.lives),
            (Kind::Drop, false) => self.streak = 0,
            (Kind::Rust, true) => {
                self.streak = 0;
                self.lives = self.lives.saturating_sub(1);
            }
            (Kind::Gold | Kind::Rust, false) => {}
        }
    }

    fn gain(&mut self, worth: u16, lives_max: u8) {
        let points = worth.saturating_mul(self.multiplier());
        self.caught = self.caught.saturating_add(worth);
        self.streak = self.streak.saturating_add(1);
        if self.streak.is_multiple_of(MEND_STREAK) && self.lives < lives_max {
            self.lives = self.lives.saturating_add(1);
        }
        self.score = self.score.saturating_add(u32::from(points));
    }
}

impl Game for Catch {
    type Params = Params;
    type Bot = CatchBot;

    const ID: &'static str = "catch";
    const NAME: &'static str = "Catch";
    const HOW_TO: &'static str = "Move the bucket under the falling drops.";
    const RULES_VERSION: u32 = 3;
    const PACE: Pace = Pace::Clocked;
    const INPUT: InputKind = InputKind::Held { neutral: STAY };
    const WHOLE_BOARD_SHOWS: bool = false;

    fn default_levels() -> Vec<LevelDraft> {
        levels::drafts()
    }

    fn validate(params: &Params) -> Result<(), (&'static str, String)> {
        levels::validate(params)
    }

    fn length_max(params: &Params) -> u32 {
        params.length_ticks
    }

    fn goal(params: &Params) -> String {
        words::goal(params)
    }

    fn rules(params: &Params) -> Vec<String> {
        words::rules(params)
    }

    fn start(params: &Params, _: &mut SegmentRng) -> Self {
        let nothing = Item { lands: 0, from: 0, to: 0, kind: Kind::Drop, fate: Fate::Missed };
        Self {
            status: Status::Playing,
            lives: params.lives,
            tick: 0,
            due: FIRST_BEAT,
            bucket: i32::from(COLUMNS / 2).saturating_mul(PART),
            beat: FIRST_BEAT,
            caught: 0,
            streak: 0,
            score: 0,
            column: COLUMNS / 2,
            step: 0,
            run_left: 0,
            wind: 0,
            between: Deck::default(),
            rust: Deck::default(),
            head: 0,
            in_air: 0,
            air: [nothing; PLACES],
        }
    }

    #[inline]
    fn accepts(&self, params: &Params, input: u8) -> bool {
        (input <= STAY || self.finish(params) == Some(input)) && self.status == Status::Playing
    }

    #[inline]
    fn step(&mut self, params: &Params, input: Option<u8>, rng: &mut SegmentRng) {
        if self.status != Status::Playing {
            return;
        }
        if let Some(column @ 0..COLUMNS) = input {
            // The bucket is at 0..=1008 and a step at most 64: nothing can wrap, and this is the path of every tick.
            let speed = i32::from(params.speed_parts);
            let target = i32::from(column).wrapping_mul(PART);
            self.bucket = target.max(self.bucket.wrapping_sub(speed)).min(self.bucket.wrapping_add(speed));
        }
        self.tick = self.tick.wrapping_add(1);
        if input == Some(FINISH) && self.is_goal_met(params) {
            self.status = Status::Won;
        } else if self.tick >= self.due {
            self.events(params, rng);
        }
    }

    fn status(&self) -> Status {
        self.status
    }

    fn score(&self) -> u32 {
        self.score
    }

    fn finish(&self, params: &Params) -> Option<u8> {
        (self.is_goal_met(params) && self.status == Status::Playing).then_some(FINISH)
    }

    fn describe(&self, _: &Params) -> String {
        String::new()
    }
}
