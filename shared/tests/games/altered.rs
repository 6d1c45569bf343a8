//! Transcripts that were tampered with: refused, or simply another play that a player could have made.

use dripline_shared::game::replay::{Advance, Outcome, ReplayError, Session, replay};
use dripline_shared::game::{Game, InputKind, Pace, Skill, Status};
use dripline_shared::rng::SegmentRng;
use dripline_shared::transcript::{Segment, SegmentError, push_event};

use crate::support::{alphabet, dice, levels, outcome, play_bot, seed, seeds, times};

fn replayed<G: Game>(params: &G::Params, number: u32, segments: &[Segment]) -> Result<Outcome, ReplayError> {
    replay::<G>(params, segments, |segment| seed(number, segment))
}

pub(crate) fn an_altered_transcript_is_refused_or_is_another_play<G: Game>() {
    let (mut refused, mut legal) = (0, 0);
    for params in levels::<G>() {
        for number in 0..times(20) {
            let session = play_bot::<G>(&params, number, Skill::Fair);
            let mut dice = dice(number);
            for _ in 0..40 {
                let altered = alter(session.segments(), &mut dice);
                if altered == session.segments() {
                    continue;
                }
                match replayed::<G>(&params, number, &altered) {
                    Err(_) => refused += 1,
                    Ok(outcome) => {
                        must_be_a_play::<G>(&params, number, &altered, outcome);
                        legal += 1;
                    }
                }
            }
        }
    }
    assert!(refused > 100, "{refused} refused, {legal} legal");
}

/// Plays the transcript through the recording, as a page would: it must come out byte for byte.
fn must_be_a_play<G: Game>(params: &G::Params, number: u32, segments: &[Segment], claimed: Outcome) {
    let mut session = Session::<G>::new(params.clone(), seeds::<G>(params, number));
    for segment in segments {
        let mut events = segment.events(G::PACE).map(|event| event.expect("it was replayed")).peekable();
        for offset in 0..segment.length {
            let input = events.next_if(|event| event.offset == offset).map(|event| event.input);
            assert!(matches!(session.advance(input), Advance::Stepped | Advance::SegmentEnded));
        }
    }
    assert_eq!(session.segments(), segments);
    assert_eq!(outcome(&session), claimed);
}

/// One change of any kind.
fn alter(segments: &[Segment], dice: &mut SegmentRng) -> Vec<Segment> {
    let mut altered = segments.to_vec();
    let mut below =
        |length: usize| usize::try_from(dice.below(u32::try_from(length).unwrap_or(0))).unwrap_or(0);
    let chosen = below(altered.len());
    let place = below(altered[chosen].bytes.len());
    let (kind, value) = (below(11), u8::try_from(below(256)).unwrap_or(0));
    let bytes = &mut altered[chosen].bytes;
    match kind {
        0 => {
            if let Some(byte) = bytes.get_mut(place) {
                *byte ^= 1 << (value % 8);
            }
        }
        1 => {
            if let Some(byte) = bytes.get_mut(place) {
                *byte = value;
            }
        }
        2 if !bytes.is_empty() => drop(bytes.remove(place)),
        3 => bytes.insert(place, value),
        4 => bytes.push(value % 5),
        5 => bytes.truncate(place),
        6 => {
            altered[chosen].length =
                altered[chosen].length.wrapping_add(u32::from(value % 5)).wrapping_sub(2);
        }
        7 => drop(altered.remove(chosen)),
        8 => altered.insert(chosen, segments[chosen].clone()),
        9 => altered.swap(chosen, place % segments.len()),
        _ => altered.truncate(chosen),
    }
    altered
}

pub(crate) fn what_is_not_a_play_is_refused_for_what_is_wrong_with_it<G: Game>() {
    let params = &levels::<G>()[0];
    let session = play_bot::<G>(params, 0, Skill::Fair);
    let played = session.segments();
    let last = played.len() - 1;
    let verdict = |segments: &[Segment]| replayed::<G>(params, 0, segments);
    let with_last = |change: &dyn Fn(&mut Segment)| {
        let mut altered = played.to_vec();
        change(&mut altered[last]);
        replayed::<G>(params, 0, &altered)
    };
    let refused = |segment, error| Err(ReplayError::Segment { segment, error });
    let number = u32::try_from(last).expect("few segments");

    assert_eq!(verdict(played), Ok(outcome(&session)));
    assert_eq!(verdict(&[]), Err(ReplayError::BeforeTheEnd), "nothing was played");
    if last > 0 {
        assert_eq!(verdict(&played[..last]), Err(ReplayError::BeforeTheEnd), "the end is missing");
    }
    let empty = Segment { length: 0, bytes: Vec::new() };
    assert_eq!(with_last(&|segment| *segment = empty.clone()), refused(number, SegmentError::Length));
    let too_long = G::PACE.segment_length() + 1;
    assert_eq!(with_last(&|segment| segment.length = too_long), refused(number, SegmentError::Length));
    let mut more = played.to_vec();
    more[last].length = G::PACE.segment_length();
    more.push(played[0].clone());
    assert!(verdict(&more).is_err(), "a segment after the end");
    not_an_input::<G>(params);
    match G::PACE {
        Pace::Clocked => clocked::<G>(params, played),
        Pace::Turns => turns::<G>(params, played),
    }
}

/// A byte outside the alphabet, at the very first step.
fn not_an_input<G: Game>(params: &G::Params) {
    let alphabet = alphabet::<G>(params);
    let stranger = (0..=255).find(|byte| !alphabet.contains(byte)).expect("no game uses every byte");
    let bytes = match G::PACE {
        Pace::Clocked => vec![0, stranger],
        Pace::Turns => vec![stranger],
    };
    let verdict = replayed::<G>(params, 0, &[Segment { length: 1, bytes }]);
    assert_eq!(verdict, Err(ReplayError::NotAnInput { segment: 0, offset: 0 }));
}

fn clocked<G: Game>(params: &G::Params, played: &[Segment]) {
    let last = played.len() - 1;
    let number = u32::try_from(last).expect("few segments");
    let with_last = |change: &dyn Fn(&mut Segment)| {
        let mut altered = played.to_vec();
        change(&mut altered[last]);
        replayed::<G>(params, 0, &altered)
    };
    if played[last].length < G::PACE.segment_length() {
        assert_eq!(
            with_last(&|segment| segment.length += 1),
            Err(ReplayError::PastTheEnd),
            "a tick after the end"
        );
    }
    if last > 0 && played[last].bytes.is_empty() && played[last].length > 1 {
        assert_eq!(
            with_last(&|segment| segment.length -= 1),
            Err(ReplayError::BeforeTheEnd),
            "a tick missing"
        );
    }
    let refused = |error| Err(ReplayError::Segment { segment: number, error });
    let input = played.iter().find_map(|segment| segment.bytes.last()).copied().expect("somebody played");
    assert_eq!(with_last(&|segment| segment.bytes = vec![0x80, 0, input]), refused(SegmentError::NotMinimal));
    assert_eq!(with_last(&|segment| segment.bytes = vec![0x80]), refused(SegmentError::Truncated));
    let end = played[last].length;
    let at_the_end = &|segment: &mut Segment| {
        segment.bytes.clear();
        push_event(&mut segment.bytes, end, input);
    };
    assert_eq!(with_last(at_the_end), refused(SegmentError::OutOfOrder));
    if let InputKind::Held { neutral } = G::INPUT {
        let first = |bytes| replayed::<G>(params, 0, &[Segment { length: 2, bytes }]);
        let not_an_input = |offset| Err(ReplayError::NotAnInput { segment: 0, offset });
        assert_eq!(first(vec![0, neutral]), not_an_input(0), "nothing is held at first");
        let held =
            alphabet::<G>(params).into_iter().find(|input| *input != neutral).expect("something to hold");
        assert_eq!(first(vec![0, held, 1, held]), not_an_input(1), "held already");
        assert_eq!(first(vec![0, held, 1, neutral]), Err(ReplayError::BeforeTheEnd));
    }
}

fn turns<G: Game>(params: &G::Params, played: &[Segment]) {
    let last = played.len() - 1;
    let number = u32::try_from(last).expect("few segments");
    let mut short = played.to_vec();
    short[last].bytes.pop();
    let length = Err(ReplayError::Segment { segment: number, error: SegmentError::Length });
    assert_eq!(replayed::<G>(params, 0, &short), length, "fewer inputs than turns");
    short[last].length -= 1;
    if short[last].length > 0 {
        assert_eq!(replayed::<G>(params, 0, &short), Err(ReplayError::BeforeTheEnd), "a turn missing");
    }
    let mut long = played.to_vec();
    if long[last].length < G::PACE.segment_length() {
        long[last].bytes.push(0);
        let order = Err(ReplayError::Segment { segment: number, error: SegmentError::OutOfOrder });
        assert!([order, Err(ReplayError::PastTheEnd)].contains(&replayed::<G>(params, 0, &long)));
        long[last].length += 1;
        assert_eq!(replayed::<G>(params, 0, &long), Err(ReplayError::PastTheEnd), "a turn after the end");
    }
    // A turn that changes nothing is none: somewhere on the way there was one.
    let mut session = Session::<G>::new(params.clone(), seeds::<G>(params, 0));
    let alphabet = alphabet::<G>(params);
    for turn in played.iter().flat_map(|segment| segment.bytes.clone()) {
        if session.rest().length == 0
            && session.status() == Status::Playing
            && let Some(idle) = alphabet.iter().find(|input| !session.accepts(**input))
        {
            let mut altered = session.segments().to_vec();
            let segment = u32::try_from(altered.len()).expect("few segments");
            altered.push(Segment { length: 1, bytes: vec![*idle] });
            let verdict = replayed::<G>(params, 0, &altered);
            assert_eq!(verdict, Err(ReplayError::NotAnInput { segment, offset: 0 }));
        }
        session.advance(Some(turn));
    }
}
