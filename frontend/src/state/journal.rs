//! A round in progress as it is stored, so that a reload loses nothing.
//!
//! Two values: how the round was opened (written twice: before the request goes out, and with its answer), and the
//! play (written at every segment and turn, and when the page is hidden).

use dripline_shared::api::{OpenAnswer, OpenRequest};
use dripline_shared::json_object;
use dripline_shared::round::{Hash, Seed, transcript_next, transcript_start};
use dripline_shared::transcript::Segment;

/// How a round was opened.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Opening {
    /// What was, or will be, sent: sent again, it gets the same answer.
    pub(crate) request: OpenRequest,
    /// The server's answer, once it has come.
    pub(crate) answer: Option<OpenAnswer>,
}

json_object!(Opening { request, answer });

/// A stretch of play.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Stretch {
    /// Ticks or turns.
    pub(crate) length: u32,
    /// The encoded inputs.
    pub(crate) bytes: Vec<u8>,
}

json_object!(Stretch { length, bytes });

/// The play of a round so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Play {
    /// Completed segments.
    pub(crate) segments: Vec<Stretch>,
    /// The segment in play.
    pub(crate) rest: Stretch,
    /// Seeds learned after the first two.
    pub(crate) seeds: Vec<Seed>,
    /// Whether the last of the segments ended the game.
    pub(crate) is_over: bool,
}

json_object!(Play { segments, rest, seeds, is_over });

impl From<&Segment> for Stretch {
    fn from(segment: &Segment) -> Self {
        Self { length: segment.length, bytes: segment.bytes.clone() }
    }
}

impl From<&Stretch> for Segment {
    fn from(stretch: &Stretch) -> Self {
        Self { length: stretch.length, bytes: stretch.bytes.clone() }
    }
}

impl Play {
    /// The segments, as the simulation takes them.
    pub(crate) fn completed(&self) -> Vec<Segment> {
        self.segments.iter().map(Segment::from).collect()
    }

    /// The running hash over all completed segments: what a claim signs.
    pub(crate) fn transcript(&self, answer: &OpenAnswer) -> Hash {
        let start = transcript_start(answer.round, answer.level_hash, answer.rules_version);
        (0_u32..).zip(&self.segments).fold(start, |hash, (number, segment)| {
            transcript_next(hash, number, segment.length, &segment.bytes)
        })
    }

    /// All seeds that are known, from the answer to the opening and from those learned since.
    pub(crate) fn all_seeds(&self, answer: &OpenAnswer) -> Vec<Seed> {
        answer.seeds.iter().chain(&self.seeds).copied().collect()
    }
}
