//! A game in play together with its face, without their types: what the loop works with.

use dripline_shared::game::replay::{Advance, ReplayError, Session};
use dripline_shared::game::{Game, Pace, Status};
use dripline_shared::round::Seed;
use dripline_shared::transcript::Segment;
use web_sys::CanvasRenderingContext2d;

use crate::play::face::{Colours, Face, InputEvent, Scene, Sound};

/// How a frame is drawn, apart from the game.
#[derive(Debug)]
pub(crate) struct Look<'a> {
    /// As [`Scene::fraction`].
    pub(crate) fraction: f64,
    /// As [`Scene::time_ms`].
    pub(crate) time_ms: f64,
    /// As [`Scene::reduced_motion`].
    pub(crate) reduced_motion: bool,
    /// As [`Scene::colours`].
    pub(crate) colours: &'a Colours,
}

impl Look<'_> {
    /// What is to be drawn of a session.
    pub(crate) fn scene<'a, G: Game>(&'a self, session: &'a Session<G>) -> Scene<'a, G> {
        Scene {
            game: session.game(),
            params: session.params(),
            fraction: self.fraction,
            time_ms: self.time_ms,
            reduced_motion: self.reduced_motion,
            colours: self.colours,
        }
    }
}

/// A round in play.
pub(crate) trait Board {
    /// The game's pace.
    fn pace(&self) -> Pace;
    /// Width and height in board units.
    fn size(&self) -> (f64, f64);
    /// Whether every finger plays.
    fn every_finger(&self) -> bool;
    /// Tells the face what the player did. Tells whether that was a turn that the game refuses.
    fn input(&mut self, event: InputEvent) -> bool;
    /// Whether a turn waits to be made (turn games).
    fn has_turn(&mut self) -> bool;
    /// Makes one tick, or the turn that waits.
    fn advance(&mut self) -> Advance;
    /// Draws a frame.
    fn draw(&mut self, context: &CanvasRenderingContext2d, look: &Look<'_>);
    /// The sound that the last step deserves.
    fn sound(&mut self) -> Option<Sound>;
    /// Learns the seed of a segment.
    fn learn_seed(&mut self, segment: u32, seed: Seed);
    /// Whether the next step cannot be made for want of a seed.
    fn waits_for_seed(&self) -> bool;
    /// Whether the game goes on.
    fn status(&self) -> Status;
    /// The points so far.
    fn score(&self) -> u32;
    /// Steps made in all.
    fn length(&self) -> u32;
    /// Ticks that the player has left (clocked games).
    fn ticks_left(&self) -> u32;
    /// What stands beside the board in place of the time, if anything does.
    fn figure(&self) -> Option<u32>;
    /// Whether the goal is met and the game goes on, so that the player may end it as won.
    fn can_finish(&self) -> bool;
    /// Ends it as won with the next step, where [`Board::can_finish`].
    fn finish(&mut self);
    /// Completed segments.
    fn segments(&self) -> &[Segment];
    /// The segment in play.
    fn rest(&self) -> Segment;
    /// The state in words (turn games).
    fn describe(&self) -> String;
}

/// The one implementation, for every game.
pub(crate) struct Playing<F: Face> {
    session: Session<F::Game>,
    face: F,
    /// What the player decided and what is not in the session yet: a turn, or to finish.
    turn: Option<u8>,
}

impl<F: Face> Playing<F> {
    /// Goes through what was played, and stands ready for the next step.
    pub(crate) fn resume(
        params: <F::Game as Game>::Params,
        seeds: Vec<Seed>,
        segments: &[Segment],
        rest: &Segment,
    ) -> Result<Self, ReplayError> {
        let session = Session::resume(params, seeds, segments, rest)?;
        Ok(Self { session, face: F::default(), turn: None })
    }

    /// Takes the turn that the face wants, if any. Tells whether it is refused.
    fn take_turn(&mut self) -> bool {
        if self.turn.is_some() {
            return false;
        }
        let wanted = self.face.wanted(self.session.game(), self.session.params());
        self.turn = wanted.filter(|turn| self.session.accepts(*turn));
        wanted.is_some() && self.turn.is_none()
    }
}

impl<F: Face> Board for Playing<F> {
    fn pace(&self) -> Pace {
        F::Game::PACE
    }

    fn size(&self) -> (f64, f64) {
        F::size(self.session.params())
    }

    fn every_finger(&self) -> bool {
        F::EVERY_FINGER
    }

    fn input(&mut self, event: InputEvent) -> bool {
        self.face.input(event, self.session.game(), self.session.params());
        F::Game::PACE == Pace::Turns && self.take_turn()
    }

    fn has_turn(&mut self) -> bool {
        self.turn.is_some()
    }

    fn advance(&mut self) -> Advance {
        // A pulse is handed out once: it must not be asked for when no step can be made with it.
        if self.session.waits_for_seed() && self.session.status() == Status::Playing {
            return Advance::WaitingForSeed;
        }
        let wanted = match (self.turn.take(), F::Game::PACE) {
            (None, Pace::Clocked) => self.face.wanted(self.session.game(), self.session.params()),
            (turn, _) => turn,
        };
        self.session.advance(wanted)
    }

    fn draw(&mut self, context: &CanvasRenderingContext2d, look: &Look<'_>) {
        self.face.draw(context, &look.scene(&self.session));
    }

    fn sound(&mut self) -> Option<Sound> {
        self.face.sound(self.session.game())
    }

    fn learn_seed(&mut self, segment: u32, seed: Seed) {
        self.session.learn_seed(segment, seed);
    }

    fn waits_for_seed(&self) -> bool {
        self.session.waits_for_seed() && self.session.status() == Status::Playing
    }

    fn status(&self) -> Status {
        self.session.status()
    }

    fn score(&self) -> u32 {
        self.session.game().score()
    }

    fn length(&self) -> u32 {
        self.session.length()
    }

    fn ticks_left(&self) -> u32 {
        F::ticks_left(self.session.game(), self.session.params(), self.session.length())
    }

    fn figure(&self) -> Option<u32> {
        F::FIGURE.map(|figure| (figure.of)(self.session.game()))
    }

    fn can_finish(&self) -> bool {
        self.session.game().finish(self.session.params()).is_some()
    }

    fn finish(&mut self) {
        self.turn = self.session.game().finish(self.session.params());
    }

    fn segments(&self) -> &[Segment] {
        self.session.segments()
    }

    fn rest(&self) -> Segment {
        self.session.rest()
    }

    fn describe(&self) -> String {
        self.session.game().describe(self.session.params())
    }
}
