//! A round as it was played, out of what the server keeps of it: every step with its input, and how it ended.

use dripline_shared::api::operate::players::{PlayedSegment, RoundReplay};
use dripline_shared::game::replay::{Outcome, ReplayError};
use dripline_shared::level::Level;
use dripline_shared::round::Seed;
use dripline_shared::transcript::Segment;

/// A round that can be watched.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Film {
    /// The level as it stood when the round was opened.
    pub(super) level: Level,
    /// The seeds of its segments, the first one first.
    pub(super) seeds: Vec<Seed>,
    /// The input of each tick or turn.
    pub(super) inputs: Vec<Option<u8>>,
    /// What it comes to; nothing where the game had not ended with what was sent.
    pub(super) outcome: Option<Outcome>,
}

/// Why a round cannot be watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// Nothing of its play is kept: none was sent, or it was removed after its time.
    Play,
    /// Its level is of a build that this one cannot read.
    Level,
    /// It was played by other rules than this page has.
    Rules {
        /// The version of those it was played by.
        played: u32,
        /// The version of the page's.
        known: u32,
    },
    /// What is kept is no play of the level.
    Sense,
}

impl Missing {
    /// In words.
    pub(super) fn text(self) -> String {
        match self {
            Self::Play => "Nothing is kept of how this round was played: either nothing was sent, or it was removed when its \
                time was over."
                .to_owned(),
            Self::Level => "This build cannot read the level of this round.".to_owned(),
            Self::Rules { played, known } => format!(
                "This round was played by version {played} of its game's rules. This page has version {known}, which would \
                 show another round."
            ),
            Self::Sense => "What is kept of this round is no play of its level.".to_owned(),
        }
    }
}

impl Film {
    /// Reads a round, and plays it once to know its end.
    pub(super) fn of(round: RoundReplay) -> Result<Self, Missing> {
        let level = round.level.ok_or(Missing::Level)?;
        let facts = level.play.facts();
        if facts.rules_version != round.rules_version {
            return Err(Missing::Rules { played: round.rules_version, known: facts.rules_version });
        }
        if round.play.is_empty() {
            return Err(Missing::Play);
        }
        let segments: Vec<Segment> =
            round.play.iter().map(segment).collect::<Option<_>>().ok_or(Missing::Sense)?;
        let seeds: Vec<Seed> = round.play.iter().map(|played| played.seed).collect();
        let seed = |number| {
            let index = usize::try_from(number).ok();
            index.and_then(|index| seeds.get(index)).copied().unwrap_or(Seed([0; 32]))
        };
        let outcome = match level.play.replay(&segments, seed) {
            Ok(outcome) => Some(outcome),
            // The last that was sent is not the last of the game.
            Err(ReplayError::BeforeTheEnd) => None,
            Err(_) => return Err(Missing::Sense),
        };
        let mut inputs = Vec::new();
        for segment in &segments {
            let mut events = segment.events(facts.pace).flatten().peekable();
            inputs.extend(
                (0..segment.length)
                    .map(|offset| events.next_if(|event| event.offset == offset).map(|event| event.input)),
            );
        }
        Ok(Self { level, seeds, inputs, outcome })
    }
}

/// A segment out of its hexadecimal digits; `None` where they are none.
fn segment(played: &PlayedSegment) -> Option<Segment> {
    let digits: Vec<u32> = played.inputs.chars().map(|digit| digit.to_digit(16)).collect::<Option<_>>()?;
    let byte = |pair: &[u32]| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    };
    let bytes = digits.chunks(2).map(byte).collect::<Option<_>>()?;
    Some(Segment { length: played.length, bytes })
}

#[cfg(test)]
mod tests {
    use dripline_shared::catalog::Catalog;

    use super::*;

    fn played(inputs: &str) -> PlayedSegment {
        PlayedSegment { seed: Seed([7; 32]), length: 3, inputs: inputs.to_owned() }
    }

    #[test]
    fn inputs_are_read_from_pairs_of_hexadecimal_digits_and_nothing_else() {
        assert_eq!(segment(&played("0aFF")).map(|segment| segment.bytes), Some(vec![10, 255]));
        assert_eq!(segment(&played("")).map(|segment| segment.bytes), Some(Vec::new()));
        assert_eq!(segment(&played("0")), None);
        assert_eq!(segment(&played("0g")), None);
        assert_eq!(segment(&played("äö")), None);
    }

    fn round(level: &Level, play: &[PlayedSegment], rules_version: u32) -> RoundReplay {
        let json = serde_json::json!({
            "round": "0".repeat(32), "wallet": "11111111111111111111111111111111", "state": "open",
            "level": level, "level_hash": "0".repeat(64), "catalog": null, "rules_version": rules_version,
            "campaign": "main", "origin": "https://play.example", "opened_at_ms": 0, "expires_at_ms": 1,
            "claim_until_ms": 2, "play": play, "round_secret": null, "outcome": null, "amount": null, "asset": null,
        });
        serde_json::from_value(json).unwrap()
    }

    fn level(game: &str) -> Level {
        let mut levels = Catalog::first_run().levels.into_iter();
        levels.find(|level| level.play.facts().id == game).unwrap()
    }

    #[test]
    fn a_round_that_cannot_be_watched_says_why() {
        let level = level("catch");
        let known = level.play.facts().rules_version;
        assert_eq!(Film::of(round(&level, &[], known)), Err(Missing::Play));
        let other = Missing::Rules { played: known + 1, known };
        assert_eq!(Film::of(round(&level, &[played("")], known + 1)), Err(other));
        assert_eq!(Film::of(round(&level, &[played("0")], known)), Err(Missing::Sense));
        let mut without = round(&level, &[played("")], known);
        without.level = None;
        assert_eq!(Film::of(without), Err(Missing::Level));
    }

    #[test]
    fn a_round_whose_last_part_was_never_sent_is_watched_as_far_as_it_goes() {
        let level = level("catch");
        let film = Film::of(round(&level, &[played("")], level.play.facts().rules_version)).unwrap();
        assert_eq!((film.inputs, film.outcome), (vec![None; 3], None));
    }
}
