//! Replays: what the server believes, and the recording of what the browser plays.
//!
//! [`Simulation`] is the one place that steps a game. The page and bots drive it through [`Session`], which records;
//! the server drives it through [`replay`], which checks. So both make the same steps with the same random numbers.

use crate::game::{Game, GameParams, GameVisitor, InputKind, Pace, Status};
use crate::rng::SegmentRng;
use crate::round::{Hash, Seed, hash};
use crate::transcript::{Segment, SegmentError, push_event};

/// A game in play: its state, the random numbers of the segment, and what is held.
#[derive(Debug, Clone)]
pub struct Simulation<G: Game> {
    game: G,
    rng: SegmentRng,
    held: u8,
}

impl<G: Game> Simulation<G> {
    /// Before the first step. `seed` is that of segment 0.
    pub fn new(params: &G::Params, seed: &Seed) -> Self {
        let mut rng = SegmentRng::new(seed);
        let game = G::start(params, &mut rng);
        Self { game, rng, held: neutral::<G>() }
    }

    /// Starts a segment after the first: a new stream of random numbers, and nothing held.
    pub fn enter_segment(&mut self, seed: &Seed) {
        self.rng = SegmentRng::new(seed);
        self.held = neutral::<G>();
    }

    /// Whether `input` would be one now: accepted by the game, and not what is held already.
    #[inline]
    pub fn accepts(&self, params: &G::Params, input: u8) -> bool {
        let repeats = matches!(G::INPUT, InputKind::Held { .. }) && input == self.held;
        !repeats && self.game.accepts(params, input)
    }

    /// One tick or turn, with an input that [`Simulation::accepts`], or none.
    #[inline]
    pub fn step(&mut self, params: &G::Params, input: Option<u8>) {
        let in_force = match G::INPUT {
            InputKind::Held { .. } => {
                self.held = input.unwrap_or(self.held);
                Some(self.held)
            }
            InputKind::Pulse => input,
        };
        self.game.step(params, in_force, &mut self.rng);
    }

    /// The state.
    pub fn game(&self) -> &G {
        &self.game
    }

    /// What is held (clocked games with held inputs; else 0).
    pub fn held(&self) -> u8 {
        self.held
    }

    /// A hash of the state and of what is held. Two machines that replay one transcript agree on it at every step.
    pub fn digest(&self) -> Hash {
        state_digest(&self.game, self.held)
    }
}

/// [`Simulation::digest`] of a state at hand.
pub fn state_digest<G: Game>(game: &G, held: u8) -> Hash {
    // Plain data without maps or floats: postcard writes it, and each state in one way.
    let bytes = postcard::to_allocvec(&(game, held)).unwrap_or_default();
    hash(b"dripline/state/1", &[&bytes])
}

const fn neutral<G: Game>() -> u8 {
    match G::INPUT {
        InputKind::Held { neutral } => neutral,
        InputKind::Pulse => 0,
    }
}

/// What replaying a transcript gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// [`Status::Won`] or [`Status::Lost`].
    pub status: Status,
    /// The points at the end.
    pub score: u32,
    /// Ticks or turns played.
    pub length: u32,
}

/// Why a transcript is not a play of its level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// A segment's bytes are not an encoding of inputs.
    #[error("segment {segment}: {error}")]
    Segment {
        /// The segment's number, from 0.
        segment: u32,
        /// What is wrong.
        error: SegmentError,
    },
    /// An input that is outside the alphabet, changes nothing, or repeats what is held.
    #[error("segment {segment}: the input at {offset} is not one")]
    NotAnInput {
        /// The segment's number, from 0.
        segment: u32,
        /// The tick or turn in the segment.
        offset: u32,
    },
    /// The game had ended before the transcript did.
    #[error("the transcript goes on after its game ended")]
    PastTheEnd,
    /// The transcript ended before the game did.
    #[error("the transcript ends before its game")]
    BeforeTheEnd,
}

/// Plays a whole transcript. `seed` gives the seed of a segment.
///
/// Takes at most [`Game::length_max`] steps whatever it is given, because a game has ended by then.
pub fn replay<G: Game>(
    params: &G::Params,
    segments: &[Segment],
    mut seed: impl FnMut(u32) -> Seed,
) -> Result<Outcome, ReplayError> {
    let mut simulation = Simulation::<G>::new(params, &seed(0));
    let mut length = 0_u32;
    let last = segments.len().saturating_sub(1);
    for (segment, (index, stretch)) in (0_u32..).zip(segments.iter().enumerate()) {
        if segment > 0 {
            simulation.enter_segment(&seed(segment));
        }
        if index < last && stretch.length != G::PACE.segment_length() {
            return Err(ReplayError::Segment { segment, error: SegmentError::Length });
        }
        replay_segment(&mut simulation, params, segment, stretch)?;
        length = length.saturating_add(stretch.length);
    }
    let game = simulation.game();
    match game.status() {
        Status::Playing => Err(ReplayError::BeforeTheEnd),
        status => Ok(Outcome { status, score: game.score(), length }),
    }
}

fn replay_segment<G: Game>(
    simulation: &mut Simulation<G>,
    params: &G::Params,
    segment: u32,
    stretch: &Segment,
) -> Result<(), ReplayError> {
    let refused = |error| ReplayError::Segment { segment, error };
    if stretch.length == 0 || stretch.length > G::PACE.segment_length() {
        return Err(refused(SegmentError::Length));
    }
    let mut at = 0_u32;
    let run_until = |simulation: &mut Simulation<G>, at: &mut u32, end: u32| {
        while *at < end {
            if simulation.game.status() != Status::Playing {
                return Err(ReplayError::PastTheEnd);
            }
            simulation.step(params, None);
            *at = at.saturating_add(1);
        }
        Ok(())
    };
    for event in stretch.events(G::PACE) {
        let event = event.map_err(refused)?;
        run_until(simulation, &mut at, event.offset)?;
        if simulation.game.status() != Status::Playing {
            return Err(ReplayError::PastTheEnd);
        }
        if !simulation.accepts(params, event.input) {
            return Err(ReplayError::NotAnInput { segment, offset: event.offset });
        }
        simulation.step(params, Some(event.input));
        at = at.saturating_add(1);
    }
    // A turn is always an input, so a turn game has nothing to run on with.
    match G::PACE {
        Pace::Clocked => run_until(simulation, &mut at, stretch.length),
        Pace::Turns if at == stretch.length => Ok(()),
        Pace::Turns => Err(refused(SegmentError::Length)),
    }
}

impl GameParams {
    /// [`replay`] of whichever game these parameters are of.
    pub fn replay(
        &self,
        segments: &[Segment],
        seed: impl FnMut(u32) -> Seed,
    ) -> Result<Outcome, ReplayError> {
        struct Replay<'a, F>(&'a [Segment], F);
        impl<F: FnMut(u32) -> Seed> GameVisitor for Replay<'_, F> {
            type Output = Result<Outcome, ReplayError>;
            fn visit<G: Game>(self, params: &G::Params) -> Self::Output {
                replay::<G>(params, self.0, self.1)
            }
        }
        self.visit(Replay(segments, seed))
    }
}

/// What became of a step that a [`Session`] was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advance {
    /// The step was made, inside a segment.
    Stepped,
    /// The step was made, and completed a segment: send [`Session::segments`]' last one.
    SegmentEnded,
    /// The seed of the next segment is not known yet. Nothing happened.
    WaitingForSeed,
    /// The game has ended (turn games: or no accepted input was given). Nothing happened.
    Nothing,
}

/// A round as it is played and recorded, by the page or by a bot.
#[derive(Debug, Clone)]
pub struct Session<G: Game> {
    params: G::Params,
    simulation: Simulation<G>,
    seeds: Vec<Seed>,
    /// Completed segments, the first one first.
    segments: Vec<Segment>,
    /// Inputs of the segment in play.
    bytes: Vec<u8>,
    /// Steps made of the segment in play.
    offset: u32,
    /// The offset of the last input of the segment in play.
    last_input: Option<u32>,
}

impl<G: Game> Session<G> {
    /// Before the first step. `seeds` are those of the first segments, at least of segment 0.
    pub fn new(params: G::Params, seeds: Vec<Seed>) -> Self {
        let first = seeds.first().copied().unwrap_or(Seed([0; 32]));
        let simulation = Simulation::new(&params, &first);
        Self {
            params,
            simulation,
            seeds,
            segments: Vec::new(),
            bytes: Vec::new(),
            offset: 0,
            last_input: None,
        }
    }

    /// A session that has gone through completed `segments` and then through `rest`, the inputs of `offset` more steps.
    /// Fails where they are not a play of this game, or a seed is missing.
    pub fn resume(
        params: G::Params,
        seeds: Vec<Seed>,
        segments: &[Segment],
        rest: &Segment,
    ) -> Result<Self, ReplayError> {
        let mut session = Self::new(params, seeds);
        let started = (rest.length > 0).then_some(rest);
        for (number, stretch) in (0_u32..).zip(segments.iter().chain(started)) {
            let refused = |error| ReplayError::Segment { segment: number, error };
            if session.offset > 0 {
                // The one before was not whole, so this one does not start where a segment does.
                return Err(refused(SegmentError::Length));
            }
            stretch.check(G::PACE).map_err(refused)?;
            let mut events = stretch.events(G::PACE).peekable();
            for offset in 0..stretch.length {
                let event = events
                    .next_if(|event| event.as_ref().map_or(true, |event| event.offset == offset))
                    .transpose();
                let input = event.map_err(refused)?.map(|event| event.input);
                if session.status() != Status::Playing {
                    return Err(ReplayError::PastTheEnd);
                }
                if !session.enter_due_segment() {
                    return Err(ReplayError::BeforeTheEnd);
                }
                if input.is_some_and(|input| !session.simulation.accepts(&session.params, input)) {
                    return Err(ReplayError::NotAnInput { segment: number, offset });
                }
                match session.advance(input) {
                    Advance::Stepped | Advance::SegmentEnded => {}
                    Advance::WaitingForSeed | Advance::Nothing => return Err(ReplayError::PastTheEnd),
                }
            }
        }
        Ok(session)
    }

    /// Learns the seed of segment `segment`; seeds come in order, others are ignored.
    pub fn learn_seed(&mut self, segment: u32, seed: Seed) {
        if u32::try_from(self.seeds.len()) == Ok(segment) {
            self.seeds.push(seed);
        }
    }

    /// Whether the next step cannot be made yet: the game goes on, and the seed of the segment is not known.
    pub fn waits_for_seed(&self) -> bool {
        self.status() == Status::Playing && self.offset == 0 && self.seeds.len() <= self.segments.len()
    }

    /// Enters the segment that the next step begins, if it begins one; false where its seed is not known.
    ///
    /// Inputs are judged after this, when the hold of the last segment is gone. Entering twice changes nothing.
    fn enter_due_segment(&mut self) -> bool {
        let Some(seed) = self.seeds.get(self.segments.len()).copied() else { return false };
        if self.offset == 0 && !self.segments.is_empty() {
            self.simulation.enter_segment(&seed);
        }
        true
    }

    /// One tick or turn, with what the player wants: an input that would not be one now is dropped.
    pub fn advance(&mut self, wanted: Option<u8>) -> Advance {
        if self.status() != Status::Playing {
            return Advance::Nothing;
        }
        if !self.enter_due_segment() {
            return Advance::WaitingForSeed;
        }
        let input = wanted.filter(|input| self.simulation.accepts(&self.params, *input));
        if G::PACE == Pace::Turns && input.is_none() {
            return Advance::Nothing;
        }
        self.simulation.step(&self.params, input);
        if let Some(input) = input {
            self.record(input);
        }
        self.offset = self.offset.saturating_add(1);
        if self.offset == G::PACE.segment_length() || self.status() != Status::Playing {
            self.segments.push(Segment { length: self.offset, bytes: std::mem::take(&mut self.bytes) });
            self.offset = 0;
            self.last_input = None;
            return Advance::SegmentEnded;
        }
        Advance::Stepped
    }

    fn record(&mut self, input: u8) {
        match G::PACE {
            Pace::Turns => self.bytes.push(input),
            Pace::Clocked => {
                let delta = self.offset.saturating_sub(self.last_input.unwrap_or(0));
                push_event(&mut self.bytes, delta, input);
                self.last_input = Some(self.offset);
            }
        }
    }

    /// Whether `input` would be one now.
    pub fn accepts(&self, input: u8) -> bool {
        self.simulation.accepts(&self.params, input)
    }

    /// The state.
    pub fn game(&self) -> &G {
        self.simulation.game()
    }

    /// The simulation, for its digest and what is held.
    pub fn simulation(&self) -> &Simulation<G> {
        &self.simulation
    }

    /// The level's parameters.
    pub fn params(&self) -> &G::Params {
        &self.params
    }

    /// Whether it goes on.
    pub fn status(&self) -> Status {
        self.simulation.game.status()
    }

    /// Completed segments, the first one first.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The steps and inputs of the segment in play, to resume from.
    pub fn rest(&self) -> Segment {
        Segment { length: self.offset, bytes: self.bytes.clone() }
    }

    /// Steps made in all.
    pub fn length(&self) -> u32 {
        let before = self.segments.iter().map(|segment| segment.length).fold(0, u32::saturating_add);
        before.saturating_add(self.offset)
    }
}
