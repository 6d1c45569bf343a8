//! The same rounds played in WebAssembly and natively, so that the digests of every step can be compared.
//!
//! A round is known by its game and its number: they give the level, the seeds and who plays (a bot of some skill, or
//! dice). Both builds play it anew, so that a difference in a bot shows as well. [`chain`] hashes the digests of all steps
//! together, which is quick to compare; where it differs, [`digests`] gives them one by one. The native side is the test
//! `parity` of the package `dripline-tests`; the other side is the browser's test of the same name.

use dripline_shared::catalog::Catalog;
use dripline_shared::game::replay::{Advance, Session};
use dripline_shared::game::{Bot, Game, GameParams, GameVisitor, Pace, Skill, Status};
use dripline_shared::level::Level;
use dripline_shared::rng::SegmentRng;
use dripline_shared::round::{Hash, Seed, hash};
use wasm_bindgen::prelude::wasm_bindgen;

/// The ids of all games.
#[wasm_bindgen]
pub fn games() -> Vec<String> {
    GameParams::GAMES.iter().map(|id| (*id).to_owned()).collect()
}

/// The digests of all steps of a round, hashed together one after the other, in hexadecimal. Empty for a game that there
/// is not.
#[wasm_bindgen]
pub fn chain(game: &str, number: u32) -> String {
    let mut chain = Hash([0; 32]);
    let played = play(game, number, |digest| chain = hash(b"dripline/parity1", &[&chain.0, &digest.0]));
    if played { chain.to_string() } else { String::new() }
}

/// The digests of all steps of a round in hexadecimal, the state before the first step first.
#[wasm_bindgen]
pub fn digests(game: &str, number: u32) -> Vec<String> {
    let mut digests = Vec::new();
    play(game, number, |digest| digests.push(digest.to_string()));
    digests
}

/// Plays a round, giving every digest to `observe`. False where there is no such game.
fn play(game: &str, number: u32, observe: impl FnMut(Hash)) -> bool {
    let levels: Vec<Level> =
        Catalog::first_run().levels.into_iter().filter(|level| level.play.facts().id == game).collect();
    // Levels and players change at different paces, so that every pair of them comes up.
    let level = usize::try_from(number).ok().and_then(|number| number.checked_rem(levels.len()));
    let Some(level) = level.and_then(|index| levels.get(index)) else { return false };
    level.play.visit(Round { number, observe });
    true
}

struct Round<F> {
    number: u32,
    observe: F,
}

impl<F: FnMut(Hash)> GameVisitor for Round<F> {
    type Output = ();

    fn visit<G: Game>(mut self, params: &G::Params)
    where
        GameParams: From<G::Params>,
    {
        let segments = G::length_max(params).div_ceil(G::PACE.segment_length());
        let seeds = (0..segments).map(|segment| seed(self.number, segment)).collect();
        let mut session = Session::<G>::new(params.clone(), seeds);
        let mut player = Player::<G>::of(self.number);
        (self.observe)(session.simulation().digest());
        while session.status() == Status::Playing {
            let wanted = player.decide(&session);
            if !matches!(session.advance(wanted), Advance::Stepped | Advance::SegmentEnded) {
                break;
            }
            (self.observe)(session.simulation().digest());
        }
    }
}

fn seed(number: u32, segment: u32) -> Seed {
    Seed(hash(b"dripline/paritys", &[&number.to_be_bytes(), &segment.to_be_bytes()]).0)
}

/// Who plays a round.
enum Player<G: Game> {
    Bot(G::Bot),
    /// Any inputs; a clocked game gets one in so many per mille of its ticks.
    Dice(Box<SegmentRng>, u32),
}

impl<G: Game> Player<G> {
    fn of(number: u32) -> Self {
        let rng = SegmentRng::new(&seed(number, u32::MAX));
        match number / 4 % 5 {
            0 => Self::Bot(G::Bot::new(Skill::Random, rng)),
            1 => Self::Bot(G::Bot::new(Skill::Fair, rng)),
            2 => Self::Bot(G::Bot::new(Skill::Strong, rng)),
            3 => Self::Dice(Box::new(rng), 30),
            _ => Self::Dice(Box::new(rng), 500),
        }
    }

    fn decide(&mut self, session: &Session<G>) -> Option<u8> {
        match self {
            Self::Bot(bot) => bot.decide(session.game(), session.params()),
            Self::Dice(dice, per_mille) => {
                if G::PACE == Pace::Clocked && !dice.chance(*per_mille) {
                    return None;
                }
                let accepted: Vec<u8> = (0..=u8::MAX).filter(|input| session.accepts(*input)).collect();
                dice.choose(&accepted).copied()
            }
        }
    }
}
