//! One simulation: recorded, replayed, resumed or held up, a round is the same.

use dripline_shared::game::replay::{Advance, Session, replay};
use dripline_shared::game::{Bot, Game, GameParams, Skill, Status};
use dripline_shared::transcript::Segment;

use crate::support::{alphabet, dice, levels, outcome, play_anything, play_bot, seed, seeds, times};

/// Rounds of all kinds: of each skill, and of any inputs.
fn rounds<G: Game>(params: &G::Params, count: u32) -> impl Iterator<Item = (u32, Session<G>)> {
    let alphabet = alphabet::<G>(params);
    (0..count).map(move |number| {
        let session = match number % 4 {
            0 => play_bot::<G>(params, number, Skill::Random),
            1 => play_bot::<G>(params, number, Skill::Fair),
            2 => play_bot::<G>(params, number, Skill::Strong),
            _ => play_anything::<G>(params, &alphabet, number),
        };
        (number, session)
    })
}

pub(crate) fn what_was_recorded_replays_to_the_same_outcome<G: Game>()
where
    GameParams: From<G::Params>,
{
    for params in levels::<G>() {
        for (number, session) in rounds::<G>(&params, times(200)) {
            assert_ne!(session.status(), Status::Playing, "a bot plays to the end");
            let replayed = replay::<G>(&params, session.segments(), |segment| seed(number, segment));
            assert_eq!(replayed, Ok(outcome(&session)));
            let by_name =
                GameParams::from(params.clone()).replay(session.segments(), |segment| seed(number, segment));
            assert_eq!(by_name, replayed);
            for segment in session.segments() {
                assert_eq!(segment.check(G::PACE), Ok(()));
            }
        }
    }
}

pub(crate) fn a_round_resumes_from_any_point<G: Game>() {
    for params in levels::<G>() {
        for number in 0..times(12) {
            let whole = play_bot::<G>(&params, number, Skill::Fair);
            for _ in 0..6 {
                let stop = dice(number).below(whole.length());
                resume_at::<G>(&params, number, stop, &whole);
            }
            resume_at::<G>(&params, number, 0, &whole);
            resume_at::<G>(&params, number, whole.length(), &whole);
        }
    }
}

/// Plays up to `stop`, starts anew from what was recorded, and plays on: nothing differs from the round in one piece.
fn resume_at<G: Game>(params: &G::Params, number: u32, stop: u32, whole: &Session<G>) {
    let mut bot = G::Bot::new(Skill::Fair, dice(number));
    let mut session = Session::<G>::new(params.clone(), seeds::<G>(params, number));
    while session.length() < stop {
        let wanted = bot.decide(session.game(), params);
        assert_ne!(session.advance(wanted), Advance::Nothing);
    }
    let mut resumed =
        Session::<G>::resume(params.clone(), seeds::<G>(params, number), session.segments(), &session.rest())
            .expect("what was recorded is a play");
    assert_eq!(resumed.simulation().digest(), session.simulation().digest());
    assert_eq!(resumed.rest(), session.rest());
    while resumed.status() == Status::Playing {
        let wanted = bot.decide(resumed.game(), params);
        resumed.advance(wanted);
    }
    assert_eq!(resumed.segments(), whole.segments());
    assert_eq!(resumed.simulation().digest(), whole.simulation().digest());
}

pub(crate) fn a_round_waits_for_a_seed_and_goes_on_as_if_it_had_been_there<G: Game>() {
    for params in levels::<G>() {
        for number in 0..6 {
            let whole = play_bot::<G>(&params, number, Skill::Fair);
            let mut bot = G::Bot::new(Skill::Fair, dice(number));
            let mut session = Session::<G>::new(params.clone(), vec![seed(number, 0)]);
            let mut missed = 0;
            while session.status() == Status::Playing {
                if session.waits_for_seed() {
                    let before = session.simulation().digest();
                    assert_eq!(session.advance(Some(0)), Advance::WaitingForSeed);
                    assert_eq!(session.simulation().digest(), before);
                    missed += 1;
                    session.learn_seed(missed + 1, seed(number, missed + 1));
                    assert!(session.waits_for_seed(), "a seed out of order is none");
                    session.learn_seed(missed, seed(number, missed));
                }
                let wanted = bot.decide(session.game(), &params);
                session.advance(wanted);
            }
            assert_eq!(session.segments(), whole.segments());
            assert_eq!(usize::try_from(missed + 1), Ok(session.segments().len()));
        }
    }
}

/// What a page keeps of the segment in play may be damaged: it is then no play, and the page must be told.
#[test]
fn a_damaged_rest_is_not_resumed() {
    use dripline_shared::game::Catch;
    let params = levels::<Catch>().remove(0);
    let resume = |rest: &Segment| {
        Session::<Catch>::resume(params.clone(), seeds::<Catch>(&params, 1), &[], rest)
            .map(|session| session.length())
    };
    let mut session = Session::<Catch>::new(params.clone(), seeds::<Catch>(&params, 1));
    let held = (0..=255).find(|input| session.accepts(*input)).expect("there are inputs");
    session.advance(None);
    session.advance(Some(held));
    session.advance(None);
    let rest = session.rest();
    assert_eq!(resume(&rest), Ok(3));
    for damaged in [
        Segment { bytes: [&rest.bytes[..], &[1]].concat(), ..rest.clone() },
        Segment { bytes: [&rest.bytes[..], &[1, held]].concat(), ..rest.clone() },
        Segment { bytes: [&rest.bytes[..], &[200, 7, 7]].concat(), ..rest.clone() },
        Segment { length: 1, ..rest.clone() },
        Segment { length: 241, ..rest.clone() },
        Segment { bytes: vec![0x81, 0, held], ..rest },
    ] {
        assert!(resume(&damaged).is_err(), "{damaged:?}");
    }
}
