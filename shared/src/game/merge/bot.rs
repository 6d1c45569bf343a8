//! The bots of Merge. They see the board, as a person does, and never the random numbers of the game.

use super::board::{self, WAYS};
use super::{Merge, Params};
use crate::game::{Bot, Game, Skill, Status};
use crate::rng::SegmentRng;

/// A bot that plays [`Merge`].
#[derive(Debug, Clone)]
pub struct MergeBot {
    /// How often it slides without looking, per mille.
    mistakes_per_mille: u32,
    /// For each slide that it looks ahead, how many places it imagines for the droplet that appears before it.
    imagined: &'static [u32],
    rng: SegmentRng,
}

impl Bot<Merge> for MergeBot {
    fn new(skill: Skill, rng: SegmentRng) -> Self {
        let (mistakes_per_mille, imagined): (u32, &[u32]) = match skill {
            Skill::Random => (1_000, &[]),
            Skill::Fair => (80, &[2]),
            Skill::Strong => (10, &[4, 3]),
        };
        Self { mistakes_per_mille, imagined, rng }
    }

    fn decide(&mut self, game: &Merge, _: &Params) -> Option<u8> {
        if game.status() != Status::Playing {
            return None;
        }
        if self.rng.chance(self.mistakes_per_mille) {
            let mut inputs = [0, 1, 2, 3];
            self.rng.shuffle(&mut inputs);
            return inputs
                .into_iter()
                .find(|input| slides(game.board).any(|(possible, _)| possible == *input));
        }
        let choices = slides(game.board);
        choices
            .max_by_key(|(_, slid)| gain(slid).saturating_add(foresee(slid.board, self.imagined)))
            .map(|(input, _)| input)
    }
}

/// What a board promises to one who looks ahead as many slides as there are numbers in `imagined`.
fn foresee(board: u64, imagined: &[u32]) -> u32 {
    let Some((&most, rest)) = imagined.split_first() else { return pairs(board) };
    let empty = board::empty(board);
    let places = 16_u32.saturating_sub(board::count(board::occupied(board)));
    let looks = places.min(most);
    let best = |number: u32| {
        // Spread over the board.
        let chosen = number.saturating_mul(places).checked_div(looks).unwrap_or(0);
        let next = board | board::nth(empty, chosen);
        slides(next).map(|(_, slid)| gain(&slid).saturating_add(foresee(slid.board, rest))).max().unwrap_or(0)
    };
    (0..looks).map(best).fold(0, u32::saturating_add).checked_div(looks).unwrap_or(0)
}

/// The inputs that change the board, and what each makes of it.
fn slides(board: u64) -> impl Iterator<Item = (u8, board::Slid)> {
    let slid = WAYS.iter().map(move |way| board::slide(board, way));
    (0_u8..).zip(slid).filter(move |(_, slid)| slid.board != board)
}

/// What a slide merges: the more water in one droplet the better.
fn gain(slid: &board::Slid) -> u32 {
    values(slid.board, slid.merged).saturating_mul(3)
}

/// What the next slides could merge: equal droplets side by side, nearly as good as merged (which would be 6 times the
/// value of one).
fn pairs(board: u64) -> u32 {
    let [beside, below] = board::equals(board);
    values(board, beside).saturating_add(values(board, below)).saturating_mul(5)
}

/// The sum of the values of the droplets on the cells of `mask`.
fn values(board: u64, mut mask: u64) -> u32 {
    let mut sum = 0_u32;
    while mask != 0 {
        let [low, ..] = (board >> mask.trailing_zeros()).to_le_bytes();
        sum = sum.saturating_add(1 << (low & 15));
        mask &= mask.wrapping_sub(1);
    }
    sum
}
