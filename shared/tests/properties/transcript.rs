//! The codec of inputs: one encoding for one play, and every other byte string refused.

use dripline_shared::game::Pace;
use dripline_shared::transcript::{Event, SEGMENT_BYTES_MAX, Segment, SegmentError, push_event};
use proptest::prelude::*;

use crate::support::config;

const CLOCKED: u32 = Pace::Clocked.segment_length();

/// Encodes inputs of a clocked game, as the recording does.
fn encode(events: &[Event]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut previous = 0;
    for event in events {
        push_event(&mut bytes, event.offset - previous, event.input);
        previous = event.offset;
    }
    bytes
}

fn decode(segment: &Segment, pace: Pace) -> Result<Vec<Event>, SegmentError> {
    segment.events(pace).collect()
}

/// A play: some of the ticks, and an input on each.
fn plays() -> impl Strategy<Value = (u32, Vec<Event>)> {
    (1..=CLOCKED, prop::collection::btree_map(0..CLOCKED, any::<u8>(), 0..60)).prop_map(|(length, inputs)| {
        let inputs = inputs.into_iter().filter(|(offset, _)| *offset < length);
        (length, inputs.map(|(offset, input)| Event { offset, input }).collect())
    })
}

/// Bytes of which many are encodings: numbers of one and two bytes, minimal and not, in any order.
fn near_encodings() -> impl Strategy<Value = Vec<u8>> {
    let number = prop_oneof![
        8 => (0_u8..6).prop_map(|low| vec![low]),
        2 => (0_u8..0x80).prop_map(|low| vec![low]),
        1 => (0x80_u8..=0xff, 0_u8..3).prop_map(|(low, high)| vec![low, high]),
        1 => (0x80_u8..=0xff, 0x80_u8..=0xff, 0_u8..2).prop_map(|(a, b, c)| vec![a, b, c]),
    ];
    prop::collection::vec((number, any::<u8>()), 0..30).prop_map(|pairs| {
        pairs.into_iter().flat_map(|(number, input)| number.into_iter().chain([input])).collect()
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_play_reads_back_from_its_encoding((length, events) in plays()) {
        let segment = Segment { length, bytes: encode(&events) };
        prop_assert_eq!(segment.check(Pace::Clocked), Ok(()));
        prop_assert_eq!(decode(&segment, Pace::Clocked), Ok(events));
    }

    #[test]
    fn every_accepted_byte_string_is_the_encoding_of_what_it_says(
        length in 0..=CLOCKED + 1,
        bytes in prop_oneof![near_encodings(), prop::collection::vec(any::<u8>(), 0..20)],
    ) {
        let segment = Segment { length, bytes };
        if segment.check(Pace::Clocked).is_ok() {
            let events = decode(&segment, Pace::Clocked).unwrap();
            prop_assert_eq!(encode(&events), segment.bytes);
            prop_assert!(events.is_sorted_by(|one, next| one.offset < next.offset));
            prop_assert!(events.iter().all(|event| event.offset < length));
        }
    }

    #[test]
    fn a_turn_is_one_byte(length in 0_u32..12, bytes in prop::collection::vec(any::<u8>(), 0..12)) {
        let segment = Segment { length, bytes: bytes.clone() };
        let fits = (1..=8).contains(&length) && bytes.len() == usize::try_from(length).unwrap();
        prop_assert_eq!(segment.check(Pace::Turns).is_ok(), fits);
        if fits {
            let inputs: Vec<u8> = decode(&segment, Pace::Turns).unwrap().iter().map(|event| event.input).collect();
            prop_assert_eq!(inputs, bytes);
        }
    }

    #[test]
    fn no_bytes_make_it_panic_or_go_on_after_an_error(
        length in any::<u32>(),
        bytes in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let segment = Segment { length, bytes };
        for pace in [Pace::Clocked, Pace::Turns] {
            let events: Vec<_> = segment.events(pace).collect();
            let errors = events.iter().filter(|event| event.is_err()).count();
            prop_assert!(errors == 0 || (errors == 1 && events.last().is_some_and(Result::is_err)));
            prop_assert!(events.len() <= segment.bytes.len());
            let _any = segment.check(pace);
        }
    }

    #[test]
    fn a_cut_encoding_says_less_or_is_refused((length, events) in plays(), place in any::<prop::sample::Index>()) {
        let mut bytes = encode(&events);
        let whole = bytes.len();
        bytes.truncate(place.index(whole + 1));
        let cut = Segment { length, bytes };
        match decode(&cut, Pace::Clocked) {
            Ok(read) => prop_assert_eq!(&read[..], &events[..read.len()]),
            Err(error) => prop_assert_eq!(error, SegmentError::Truncated),
        }
    }
}

fn refusal(length: u32, bytes: &[u8]) -> Result<(), SegmentError> {
    Segment { length, bytes: bytes.to_vec() }.check(Pace::Clocked)
}

#[test]
fn the_fullest_segment_is_accepted_and_one_byte_more_is_not() {
    let mut bytes = vec![0, 1];
    bytes.extend([1, 1].repeat(239));
    assert_eq!(bytes.len(), SEGMENT_BYTES_MAX);
    assert_eq!(refusal(240, &bytes), Ok(()));
    bytes.push(1);
    assert_eq!(refusal(240, &bytes), Err(SegmentError::TooLarge));
}

#[test]
fn each_other_spelling_of_a_play_is_refused_for_what_is_wrong_with_it() {
    assert_eq!(refusal(240, &[0x80, 0x00, 7]), Err(SegmentError::NotMinimal));
    assert_eq!(refusal(240, &[0x85, 0x00, 7]), Err(SegmentError::NotMinimal));
    assert_eq!(refusal(240, &[0x85, 0x80, 0x00, 7]), Err(SegmentError::OutOfOrder));
    assert_eq!(refusal(240, &[5]), Err(SegmentError::Truncated));
    assert_eq!(refusal(240, &[0x85]), Err(SegmentError::Truncated));
    assert_eq!(refusal(240, &[0x85, 0x01]), Err(SegmentError::Truncated));
    assert_eq!(refusal(240, &[5, 1, 0, 2]), Err(SegmentError::OutOfOrder), "two inputs on one tick");
    assert_eq!(refusal(240, &[0, 1, 0, 2]), Err(SegmentError::OutOfOrder), "two inputs on the first tick");
    assert_eq!(refusal(240, &[0xef, 0x01, 7]), Ok(()), "tick 239");
    assert_eq!(refusal(240, &[0xf0, 0x01, 7]), Err(SegmentError::OutOfOrder), "tick 240");
    assert_eq!(refusal(10, &[10, 7]), Err(SegmentError::OutOfOrder), "at the segment's end");
    assert_eq!(refusal(10, &[9, 7]), Ok(()));
    assert_eq!(refusal(10, &[9, 7, 1, 7]), Err(SegmentError::OutOfOrder), "beyond the segment's end");
}

#[test]
fn a_segment_has_a_length_within_bounds() {
    assert_eq!(refusal(0, &[]), Err(SegmentError::Length));
    assert_eq!(refusal(1, &[]), Ok(()));
    assert_eq!(refusal(240, &[]), Ok(()));
    assert_eq!(refusal(241, &[]), Err(SegmentError::Length));
    assert_eq!(refusal(u32::MAX, &[]), Err(SegmentError::Length));
    let turns = |length, count| Segment { length, bytes: vec![0; count] }.check(Pace::Turns);
    assert_eq!(turns(8, 8), Ok(()));
    assert_eq!(turns(8, 7), Err(SegmentError::Length));
    assert_eq!(turns(7, 8), Err(SegmentError::Length));
    assert_eq!(turns(9, 9), Err(SegmentError::Length));
    assert_eq!(turns(0, 0), Err(SegmentError::Length));
}
