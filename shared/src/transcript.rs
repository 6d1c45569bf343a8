//! The encoding of a player's inputs. There is exactly one encoding for one play, and decoding refuses any other.
//!
//! **Clocked games**: for each input, the ticks since the previous input of the segment (since the segment's first
//! tick, for the first) as a minimal unsigned LEB128, then the input byte. Ticks rise strictly and stay below the
//! segment's length, so the delta is 0 only for an input on the first tick.
//!
//! **Turn games**: one byte a turn, nothing else.
//!
//! That an input is in the game's alphabet, and that it changes something, is checked by the replay, which knows the
//! game's state.

use crate::game::Pace;

/// The longest segment, in bytes: an input on each of 240 ticks, each one byte of delta and one of input.
pub const SEGMENT_BYTES_MAX: usize = 480;

/// A stretch of a round as it was played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Ticks or turns played: the pace's segment length, or fewer in the last segment (at least 1).
    pub length: u32,
    /// The encoded inputs.
    pub bytes: Vec<u8>,
}

/// An input of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// The tick or turn, counted from the segment's start.
    pub offset: u32,
    /// The input.
    pub input: u8,
}

/// Why bytes are not a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SegmentError {
    /// More bytes than a segment can have.
    #[error("a segment has at most {SEGMENT_BYTES_MAX} bytes")]
    TooLarge,
    /// The length is 0 or more than a segment's, or a turn game's bytes are not one a turn.
    #[error("the length does not fit the segment")]
    Length,
    /// It ends inside an input.
    #[error("the segment ends inside an input")]
    Truncated,
    /// A number is written with more bytes than it needs.
    #[error("a number is not written in its shortest form")]
    NotMinimal,
    /// Two inputs on one tick, or an input at or after the segment's end.
    #[error("inputs must be on rising ticks below the segment's length")]
    OutOfOrder,
}

impl Segment {
    /// The inputs in order. Each is checked as it is read; the first error is the last item.
    pub fn events(&self, pace: Pace) -> Events<'_> {
        Events { rest: &self.bytes, next: 0, length: self.length, pace, first: true }
    }

    /// Checks all that can be known without playing the game.
    pub fn check(&self, pace: Pace) -> Result<(), SegmentError> {
        if self.length == 0 || self.length > pace.segment_length() {
            return Err(SegmentError::Length);
        }
        if self.bytes.len() > SEGMENT_BYTES_MAX {
            return Err(SegmentError::TooLarge);
        }
        if pace == Pace::Turns && u32::try_from(self.bytes.len()) != Ok(self.length) {
            return Err(SegmentError::Length);
        }
        self.events(pace).try_for_each(|event| event.map(drop))
    }
}

/// Appends one clocked input to a segment's bytes. `delta` is counted as the module says.
pub fn push_event(bytes: &mut Vec<u8>, delta: u32, input: u8) {
    let mut rest = delta;
    while rest >= 0x80 {
        bytes.push(low_seven(rest) | 0x80);
        rest >>= 7_u32;
    }
    bytes.push(low_seven(rest));
    bytes.push(input);
}

fn low_seven(number: u32) -> u8 {
    u8::try_from(number & 0x7f).unwrap_or(0)
}

/// See [`Segment::events`].
#[derive(Debug, Clone)]
pub struct Events<'a> {
    rest: &'a [u8],
    /// The earliest offset that the next input may have (turn games: exactly has).
    next: u32,
    length: u32,
    pace: Pace,
    first: bool,
}

impl Events<'_> {
    fn clocked(&mut self) -> Result<Event, SegmentError> {
        let (delta, rest) = read_number(self.rest)?;
        let (&input, rest) = rest.split_first().ok_or(SegmentError::Truncated)?;
        // `next` is one after the previous input, so a later input's delta counts from `next - 1`.
        let offset = if self.first {
            delta
        } else {
            let beyond = delta.checked_sub(1).ok_or(SegmentError::OutOfOrder)?;
            self.next.checked_add(beyond).ok_or(SegmentError::OutOfOrder)?
        };
        if offset >= self.length {
            return Err(SegmentError::OutOfOrder);
        }
        self.rest = rest;
        self.first = false;
        self.next = offset.saturating_add(1);
        Ok(Event { offset, input })
    }
}

impl Iterator for Events<'_> {
    type Item = Result<Event, SegmentError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (&first, rest) = self.rest.split_first()?;
        let event = match self.pace {
            Pace::Clocked => self.clocked(),
            Pace::Turns if self.next >= self.length => Err(SegmentError::OutOfOrder),
            Pace::Turns => {
                self.rest = rest;
                let offset = self.next;
                self.next = offset.saturating_add(1);
                Ok(Event { offset, input: first })
            }
        };
        if event.is_err() {
            self.rest = &[];
        }
        Some(event)
    }
}

/// Reads a minimal LEB128 below 2^14: two bytes hold every offset of a segment.
#[inline]
fn read_number(bytes: &[u8]) -> Result<(u32, &[u8]), SegmentError> {
    match *bytes {
        [low, ref rest @ ..] if low < 0x80 => Ok((u32::from(low), rest)),
        [] | [_] => Err(SegmentError::Truncated),
        [_, 0, ..] => Err(SegmentError::NotMinimal),
        [low, high, ref rest @ ..] if high < 0x80 => {
            Ok((u32::from(low & 0x7f) | (u32::from(high) << 7_u32), rest))
        }
        // Three bytes or more: 2^14 at least, beyond any segment.
        [_, _, ..] => Err(SegmentError::OutOfOrder),
    }
}
