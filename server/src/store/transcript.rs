//! How the play of a claimed round is kept: its segments in order, each with its length and inputs.
//!
//! For each segment: its length in ticks or turns (16 bits, big-endian), the number of its bytes (16 bits, big-endian),
//! and the bytes. Running hashes are not kept: they follow.

use dripline_shared::round::{Hash, transcript_next};
use dripline_shared::transcript::Segment;

use crate::store::record::StoredSegment;

/// Encodes a play. Lengths and sizes of segments are far below 2^16 (`shared::transcript`).
pub fn write(segments: &[Segment]) -> Vec<u8> {
    let size = segments.iter().map(|segment| segment.bytes.len().saturating_add(4)).sum();
    let mut play = Vec::with_capacity(size);
    for segment in segments {
        let length = u16::try_from(segment.length).unwrap_or(u16::MAX);
        let count = u16::try_from(segment.bytes.len()).unwrap_or(u16::MAX);
        play.extend_from_slice(&length.to_be_bytes());
        play.extend_from_slice(&count.to_be_bytes());
        play.extend_from_slice(&segment.bytes);
    }
    play
}

/// Reads a play whose running hash starts at `start`. What is not one gives the segments before the mistake.
pub fn read(play: &[u8], start: Hash) -> Vec<StoredSegment> {
    let mut segments: Vec<StoredSegment> = Vec::new();
    let (mut rest, mut hash, mut number) = (play, start, 0_u32);
    while let Some((segment, after)) = read_one(rest) {
        hash = transcript_next(hash, number, segment.length, &segment.bytes);
        segments.push(StoredSegment { number, segment, last: after.is_empty(), hash });
        (rest, number) = (after, number.saturating_add(1));
    }
    segments
}

fn read_one(play: &[u8]) -> Option<(Segment, &[u8])> {
    let (length, rest) = play.split_first_chunk::<2>()?;
    let (count, rest) = rest.split_first_chunk::<2>()?;
    let (bytes, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*count)))?;
    let length = u32::from(u16::from_be_bytes(*length));
    Some((Segment { length, bytes: bytes.to_vec() }, rest))
}
