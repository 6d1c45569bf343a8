//! A recorded game with its face, without their types.

use dripline_shared::game::replay::{Advance, Session};
use dripline_shared::game::{Game, Pace};
use dripline_shared::round::Seed;
use web_sys::CanvasRenderingContext2d;

use crate::play::board::Look;
use crate::play::face::Face;

/// A game that is played from a record.
pub(crate) trait Reel {
    /// The game's pace.
    fn pace(&self) -> Pace;
    /// Width and height in board units.
    fn size(&self) -> (f64, f64);
    /// Makes one tick or turn with its input, if there is one more to make.
    fn step(&mut self, input: Option<u8>) -> Advance;
    /// Draws a frame.
    fn draw(&mut self, context: &CanvasRenderingContext2d, look: &Look<'_>);
    /// The points so far.
    fn score(&self) -> u32;
    /// The state in words; empty for games that say nothing of it.
    fn describe(&self) -> String;
}

/// The one implementation, for every game.
pub(crate) struct Recorded<F: Face> {
    session: Session<F::Game>,
    face: F,
}

impl<F: Face> Recorded<F> {
    /// Before the first step.
    pub(crate) fn new(params: <F::Game as Game>::Params, seeds: Vec<Seed>) -> Self {
        Self { session: Session::new(params, seeds), face: F::default() }
    }
}

impl<F: Face> Reel for Recorded<F> {
    fn pace(&self) -> Pace {
        F::Game::PACE
    }

    fn size(&self) -> (f64, f64) {
        F::size(self.session.params())
    }

    fn step(&mut self, input: Option<u8>) -> Advance {
        self.session.advance(input)
    }

    fn draw(&mut self, context: &CanvasRenderingContext2d, look: &Look<'_>) {
        self.face.draw(context, &look.scene(&self.session));
    }

    fn score(&self) -> u32 {
        self.session.game().score()
    }

    fn describe(&self) -> String {
        self.session.game().describe(self.session.params())
    }
}
