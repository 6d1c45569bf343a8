//! The digest of every step of recorded rounds, for each game under its `RULES_VERSION`.
//!
//! The file holds the parameters and the inputs of each round, so a new level or a new bot changes nothing here: only a
//! change of what the game makes of them does.

use dripline_shared::catalog::Catalog;
use dripline_shared::for_each_game;
use dripline_shared::game::replay::{Advance, Session};
use dripline_shared::game::{Bot, Game, GameParams, GameVisitor, Skill, Status};
use dripline_shared::rng::SegmentRng;
use dripline_shared::round::{Hash, Seed, hash};
use dripline_shared::transcript::Segment;
use serde::{Deserialize, Serialize};

use crate::store::{blesses, hex, hold, read, unhex};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Golden {
    rules_version: u32,
    rounds: Vec<Round>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Round {
    play: GameParams,
    number: u32,
    /// Ticks or turns, and the inputs in hexadecimal.
    segments: Vec<(u32, String)>,
    outcome: Outcome,
    /// The digests of all steps, hashed together one after the other.
    digests: Hash,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Outcome {
    status: Status,
    score: u32,
    length: u32,
}

fn seed(number: u32, segment: u32) -> Seed {
    Seed(hash(b"dripline/golden1", &[&number.to_be_bytes(), &segment.to_be_bytes()]).0)
}

fn seeds<G: Game>(params: &G::Params, number: u32) -> Vec<Seed> {
    (0..=G::length_max(params) / G::PACE.segment_length()).map(|segment| seed(number, segment)).collect()
}

/// Steps a session with what `choose` gives, hashing every digest, until the game has ended.
fn run<G: Game>(
    params: &G::Params,
    number: u32,
    mut choose: impl FnMut(&Session<G>) -> Option<u8>,
) -> (Session<G>, Hash) {
    let mut session = Session::<G>::new(params.clone(), seeds::<G>(params, number));
    let mut chain = session.simulation().digest();
    while session.status() == Status::Playing {
        let wanted = choose(&session);
        assert!(
            matches!(session.advance(wanted), Advance::Stepped | Advance::SegmentEnded),
            "a round goes on"
        );
        chain = hash(b"dripline/chain/1", &[&chain.0, &session.simulation().digest().0]);
    }
    (session, chain)
}

fn round<G: Game>(params: &G::Params, number: u32, played: &(Session<G>, Hash)) -> Round
where
    GameParams: From<G::Params>,
{
    let (session, digests) = played;
    let segments = session.segments().iter().map(|segment| (segment.length, hex(&segment.bytes))).collect();
    let outcome =
        Outcome { status: session.status(), score: session.game().score(), length: session.length() };
    Round { play: GameParams::from(params.clone()), number, segments, outcome, digests: *digests }
}

/// Plays a round anew with a bot.
struct Record(u32, Skill);

impl GameVisitor for Record {
    type Output = Round;

    fn visit<G: Game>(self, params: &G::Params) -> Round
    where
        GameParams: From<G::Params>,
    {
        let Self(number, skill) = self;
        let mut bot = G::Bot::new(skill, SegmentRng::new(&seed(number, u32::MAX)));
        round(params, number, &run::<G>(params, number, |session| bot.decide(session.game(), params)))
    }
}

/// Plays a recorded round again.
struct Repeat<'a>(&'a Round);

impl GameVisitor for Repeat<'_> {
    type Output = Round;

    fn visit<G: Game>(self, params: &G::Params) -> Round
    where
        GameParams: From<G::Params>,
    {
        let Self(recorded) = self;
        let inputs: Vec<Option<u8>> =
            recorded.segments.iter().flat_map(|segment| steps::<G>(segment)).collect();
        let choose = |session: &Session<G>| {
            let step = usize::try_from(session.length()).expect("few steps");
            *inputs.get(step).expect("the game ends where its transcript does")
        };
        round(params, recorded.number, &run::<G>(params, recorded.number, choose))
    }
}

/// The input of each step of a segment.
fn steps<G: Game>((length, bytes): &(u32, String)) -> Vec<Option<u8>> {
    let segment = Segment { length: *length, bytes: unhex(bytes) };
    let events: Vec<_> = segment.events(G::PACE).map(|event| event.expect("it was recorded")).collect();
    (0..*length)
        .map(|offset| events.iter().find(|event| event.offset == offset).map(|event| event.input))
        .collect()
}

fn record<G: Game>() -> Golden {
    let levels = Catalog::first_run().levels;
    let of_this_game = levels.iter().filter(|level| level.play.facts().id == G::ID);
    let rounds = (0..).zip(of_this_game).flat_map(|(number, level)| {
        [Skill::Random, Skill::Fair, Skill::Strong].map(|skill| level.play.visit(Record(number, skill)))
    });
    Golden { rules_version: G::RULES_VERSION, rounds: rounds.collect() }
}

fn digests_hold<G: Game>() {
    let name = format!("digests-{}.json", G::ID);
    let golden: Option<Golden> = read(&name)
        .map(|value| serde_json::from_value(value).unwrap_or_else(|error| panic!("{name}: {error}")));
    let golden = match golden {
        Some(golden) if golden.rules_version == G::RULES_VERSION => golden,
        Some(golden) if !blesses() => {
            panic!(
                "{name} is of rules version {}, the game of {}: bless it",
                golden.rules_version,
                G::RULES_VERSION
            )
        }
        _ => record::<G>(),
    };
    for recorded in &golden.rounds {
        let repeated = recorded.play.visit(Repeat(recorded));
        assert_eq!(&repeated, recorded, "{}: the game changed without its RULES_VERSION", G::ID);
    }
    hold(&name, &serde_json::to_value(&golden).expect("JSON is written"));
}

macro_rules! tests_of_every_game {
    ($($module:ident: $game:ident,)*) => {
        $(
            #[test]
            fn $module() {
                digests_hold::<dripline_shared::game::$game>();
            }
        )*
    };
}
for_each_game!(tests_of_every_game);
