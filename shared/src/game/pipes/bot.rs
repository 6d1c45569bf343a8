//! Plays Pipes with a person's eyes and hands.
//!
//! It looks at the board for a while, works out how the tiles must lie, and turns them one after the other in the order
//! in which the water will come: a while to get to the next tile, a short one to turn the same tile again. Now
//! and then it turns a tile once too often, or believes that a wrong tile lies right, which it notices when it looks
//! over its work or sees the water spill. When all is joined it opens the valve.

use super::solver::{Plan, Tile, solve};
use super::tiles::{bit, turned};
use super::{Bot, Params, Pipes, Skill, VALVE, Valve};
use crate::rng::SegmentRng;

/// What a skill is, in ticks and thousandths.
#[derive(Debug)]
struct Hand {
    /// How fast it is in a round, in percent of the times below: at least, and the spread. Nobody is always the same.
    form: (u32, u32),
    /// The first look at the board: at least, and the spread.
    look: (u32, u32),
    /// On top of it, for each tile of the way.
    look_a_tile: u32,
    /// On top of it, for each choice that the board left.
    look_a_guess: u32,
    /// To find the next tile and get there: at least, and the spread.
    reach: (u32, u32),
    /// To turn the same tile again: at least, and the spread.
    again: (u32, u32),
    /// To look over the finished work, or to notice that water spills: at least, and the spread.
    check: (u32, u32),
    /// How often it turns a tile once too often.
    slips_per_mille: u32,
    /// How often it believes that a wrong tile lies right.
    overlooks_per_mille: u32,
    /// Whether it opens the valve as soon as the rest can be done before the water comes there.
    dares: bool,
}

const FAIR: Hand = Hand {
    form: (65, 75),
    look: (100, 90),
    look_a_tile: 3,
    look_a_guess: 6,
    reach: (26, 20),
    again: (13, 6),
    check: (36, 36),
    slips_per_mille: 40,
    overlooks_per_mille: 50,
    dares: false,
};

const STRONG: Hand = Hand {
    form: (80, 65),
    look: (90, 40),
    look_a_tile: 2,
    look_a_guess: 3,
    reach: (20, 12),
    again: (10, 3),
    check: (20, 14),
    slips_per_mille: 15,
    overlooks_per_mille: 10,
    dares: true,
};

/// The longest that choices on the board keep it, in ticks.
const GUESSING_MAX: u32 = 240;
/// How often it works the board out anew, after water has come to a tile that lay wrong.
const PLANS_MAX: u8 = 4;

/// The bot of [`Pipes`].
#[derive(Debug)]
pub struct PipesBot {
    skill: Skill,
    rng: SegmentRng,
    /// How fast it is in this round, in percent; 0 before its first look.
    form: u32,
    /// Ticks until it does the next thing.
    wait: u32,
    /// How the tiles must lie, as far as it knows.
    tiles: Vec<Tile>,
    /// How often it worked that out.
    plans: u8,
    /// The tile that its hand is at.
    hand_at: Option<u8>,
    /// The tile that it is about to turn once too often.
    slips_at: Option<u8>,
    /// The tiles that it believes to lie right.
    overlooked: u64,
    /// Whether it has looked over the finished work.
    checked: bool,
}

impl Bot<Pipes> for PipesBot {
    fn new(skill: Skill, rng: SegmentRng) -> Self {
        Self {
            skill,
            rng,
            form: 0,
            wait: 0,
            tiles: Vec::new(),
            plans: 0,
            hand_at: None,
            slips_at: None,
            overlooked: 0,
            checked: false,
        }
    }

    fn decide(&mut self, game: &Pipes, params: &Params) -> Option<u8> {
        match self.skill {
            Skill::Random => self.anything(),
            Skill::Fair => self.play(game, params, &FAIR),
            Skill::Strong => self.play(game, params, &STRONG),
        }
    }
}

impl PipesBot {
    fn anything(&mut self) -> Option<u8> {
        if !self.rng.chance(150) {
            return None;
        }
        u8::try_from(self.rng.below(u32::from(VALVE).saturating_add(1))).ok()
    }

    fn play(&mut self, game: &Pipes, params: &Params, hand: &Hand) -> Option<u8> {
        if self.wait > 0 {
            self.wait = self.wait.saturating_sub(1);
            return None;
        }
        if let Some(cell) = self.slips_at.take().filter(|cell| game.turns(*cell)) {
            self.pause(hand.reach);
            return Some(cell);
        }
        if self.tiles.is_empty() || self.is_overtaken(game) {
            self.look(game, hand);
            return None;
        }
        let wrong = |tile: &&Tile| game.turns(tile.cell) && game.openings(tile.cell) != tile.lies;
        let seen = |tile: &&Tile| self.overlooked & bit(tile.cell) == 0;
        let mut left = self.tiles.iter().filter(wrong).filter(seen).copied();
        let Some(next) = left.next() else { return self.finish(game, hand) };
        let more = u32::try_from(left.count()).unwrap_or(0);
        if self.hand_at == Some(next.cell) {
            return Some(self.turn(game, hand, next));
        }
        self.pause(hand.reach);
        if hand.dares && game.valve() == Valve::Shut {
            // The water must not catch up even if the rest goes as slowly as it can.
            let (least, spread) = hand.reach;
            let a_tile =
                least.saturating_add(spread).saturating_add(hand.again.0).saturating_mul(self.form) / 100;
            let water = next.beats.saturating_mul(params.beat.into());
            if more.saturating_add(2).saturating_mul(a_tile) < water {
                return Some(VALVE);
            }
        }
        self.hand_at = Some(next.cell);
        if !self.checked && self.rng.chance(hand.overlooks_per_mille) {
            self.overlooked |= bit(next.cell);
        }
        None
    }

    /// Works out the board, or how to save what can be saved.
    fn look(&mut self, game: &Pipes, hand: &Hand) {
        let plan = if self.plans < PLANS_MAX { solve(game) } else { None };
        let Plan { tiles, guesses } =
            plan.unwrap_or_else(|| Plan { tiles: std::mem::take(&mut self.tiles), guesses: 0 });
        let (least, spread) = hand.look;
        let mut looks = least;
        if self.plans == 0 {
            let (form, spread) = hand.form;
            self.form = form.saturating_add(self.rng.below(spread.saturating_add(1)));
            let count = u32::try_from(tiles.len()).unwrap_or(0);
            let guessing = guesses.saturating_mul(hand.look_a_guess).min(GUESSING_MAX);
            looks = least.saturating_add(count.saturating_mul(hand.look_a_tile)).saturating_add(guessing);
        }
        self.pause((looks, spread));
        self.plans = self.plans.saturating_add(1);
        self.tiles = tiles;
    }

    /// Whether water has come to a tile that lay wrong, and there is still hope.
    fn is_overtaken(&self, game: &Pipes) -> bool {
        let lost = |tile: &Tile| game.is_wet(tile.cell) && game.openings(tile.cell) != tile.lies;
        self.plans < PLANS_MAX && self.tiles.iter().any(lost)
    }

    /// Turns the tile under its hand.
    fn turn(&mut self, game: &Pipes, hand: &Hand, tile: Tile) -> u8 {
        self.pause(hand.again);
        // The finger is faster than the eye.
        if turned(game.openings(tile.cell)) == tile.lies && self.rng.chance(hand.slips_per_mille) {
            self.slips_at = Some(tile.cell);
        }
        tile.cell
    }

    /// Looks over the finished work, then opens the valve.
    fn finish(&mut self, game: &Pipes, hand: &Hand) -> Option<u8> {
        let spills = game.leak_count() > 0;
        if !self.checked || (spills && self.overlooked != 0) {
            self.checked = true;
            self.overlooked = 0;
            self.pause(hand.check);
            return None;
        }
        if game.valve() == Valve::Wide {
            return None;
        }
        self.pause(hand.check);
        Some(VALVE)
    }

    fn pause(&mut self, (least, spread): (u32, u32)) {
        let ticks = least.saturating_add(self.rng.below(spread.saturating_add(1)));
        self.wait = ticks.saturating_mul(self.form) / 100;
    }
}
