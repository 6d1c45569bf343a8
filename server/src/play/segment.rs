//! Taking a segment: the decision from facts. Pure.

use dripline_shared::api::{Reason, RoundState};
use dripline_shared::error::Code;
use dripline_shared::round::{Hash, RoundSecret, Seed, Timing, segment_seed, transcript_next};
use dripline_shared::time::Timestamp;
use dripline_shared::transcript::Segment;

use crate::in_force::InForce;
use crate::keys::Keys;
use crate::refusal::Refusal;
use crate::store::command::{Answer, PutSegment};
use crate::store::record::{PinnedLevel, RoundRecord, StoredSegment};
use crate::store::working::{Effect, WorkingSet};

/// Decides. The first write of a segment wins: the same bytes get the same answer, others are refused.
pub(crate) fn decide(
    in_force: &InForce,
    set: &WorkingSet,
    put: &PutSegment,
) -> Result<(Answer, Vec<Effect>), Refusal> {
    let round = set.round(put.round).ok_or(Code::RoundUnknown)?;
    let level = round.level.pinned()?;
    let length = put.end.unwrap_or(level.timing.segment_length);
    if let Some(stored) = set.segment(put.round, put.number) {
        let same = stored.segment.length == length
            && stored.last == put.end.is_some()
            && stored.segment.bytes == put.bytes;
        if !same {
            return Err(refused(Code::SegmentConflict, put.number, "another play of it was stored first"));
        }
        return Ok((answer(in_force, round, level, stored, false), Vec::new()));
    }
    let tail = set.tail(put.round);
    if tail.finished {
        return Err(refused(Code::SegmentAfterFinal, put.number, "the final segment was stored before"));
    }
    match round.state(&tail, put.now) {
        RoundState::Ended => return Err(Code::RoundEnded.into()),
        RoundState::Claimed => return Err(Code::RoundClaimed.into()),
        RoundState::Expired => return Err(expired(round)),
        RoundState::Open | RoundState::Finished => {}
    }
    if put.number != tail.segments {
        let message = format!("segment {} comes next", tail.segments);
        return Err(refused(Code::SegmentOutOfOrder, put.number, message));
    }
    let segment = well_formed(level, put, length)?;
    on_time(round.opened_at, level.timing, put, length)?;
    let previous = tail.hash.unwrap_or_else(|| round.start_hash());
    let hash = transcript_next(previous, put.number, length, &segment.bytes);
    let stored = StoredSegment { number: put.number, segment, last: put.end.is_some(), hash };
    Ok((answer(in_force, round, level, &stored, true), vec![Effect::Segment(put.round, stored)]))
}

/// That the round's time has run out.
pub(crate) fn expired(round: &RoundRecord) -> Refusal {
    Refusal::new(Code::RoundExpired, format!("the round had to be played until {}", round.expires_at))
}

fn refused(code: Code, number: u32, message: impl Into<String>) -> Refusal {
    let subject = Some(format!("segment {number}"));
    Refusal::from(Reason { code, message: message.into(), subject, until_ms: None })
}

/// Checks all that can be known of the bytes without playing.
fn well_formed(level: &PinnedLevel, put: &PutSegment, length: u32) -> Result<Segment, Refusal> {
    let timing = level.timing;
    let malformed = |message: String| refused(Code::SegmentMalformed, put.number, message);
    let end = timing.start_of(put.number).saturating_add(length);
    // A game has ended by `length_max`, so nothing can follow the segment that reaches it.
    let fits = if put.end.is_some() { end <= timing.length_max } else { end < timing.length_max };
    if !fits {
        return Err(malformed(format!("the game has ended after {} steps", timing.length_max)));
    }
    let segment = Segment { length, bytes: put.bytes.clone() };
    segment.check(level.game.pace).map_err(|error| malformed(error.to_string()))?;
    Ok(segment)
}

/// Checks the server's clock, both ways.
fn on_time(opened_at: Timestamp, timing: Timing, put: &PutSegment, length: u32) -> Result<(), Refusal> {
    let played = timing.start_of(put.number).saturating_add(length);
    let (earliest, latest) = timing.arrival(opened_at, played);
    let refuse = |code, message, until: Option<Timestamp>| {
        Err(Refusal::from(Reason {
            code,
            message,
            subject: Some(format!("segment {}", put.number)),
            until_ms: until,
        }))
    };
    if put.now < earliest {
        let message = format!("it cannot have been played before {earliest}");
        return refuse(Code::SegmentEarly, message, Some(earliest));
    }
    if put.now > latest {
        return refuse(Code::SegmentLate, format!("it had to arrive until {latest}"), None);
    }
    Ok(())
}

fn answer(
    in_force: &InForce,
    round: &RoundRecord,
    level: &PinnedLevel,
    stored: &StoredSegment,
    new: bool,
) -> Answer {
    let next = stored.number.saturating_add(2);
    let comes = !stored.last && next < level.timing.segments_max();
    let seed = comes.then(|| Seeds::of(&in_force.keys, round).seed(next, stored.hash));
    Answer::Stored { new, seed }
}

/// What the seeds of a round are drawn from.
#[derive(Debug)]
pub(crate) struct Seeds {
    secret: RoundSecret,
    board: Option<Seed>,
}

impl Seeds {
    /// Those of this round.
    pub(crate) fn of(keys: &Keys, round: &RoundRecord) -> Self {
        Self { secret: keys.round_secret(round.id), board: round.board }
    }

    /// The seed of a segment; `played` is the running hash two segments before.
    pub(crate) fn seed(&self, segment: u32, played: Hash) -> Seed {
        match self.board {
            Some(board) if segment == 0 => board,
            _ => segment_seed(self.secret, segment, played),
        }
    }
}
