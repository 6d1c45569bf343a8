//! Playing rounds: levels by game, seeds by number, and a session driven by whatever chooses the inputs.

use std::collections::BTreeSet;

use dripline_shared::catalog::Catalog;
use dripline_shared::game::replay::{Advance, Outcome, Session, Simulation};
use dripline_shared::game::{Bot, Game, GameParams, GameVisitor, Pace, Skill, Status};
use dripline_shared::level::Level;
use dripline_shared::rng::SegmentRng;
use dripline_shared::round::{Seed, hash};

/// How many rounds a promise about games is tried on.
pub(crate) const ROUNDS: u32 = 1_000;

/// How many of what is tried at random: `count`, and ten times as many with `DRIPLINE_LONG`.
pub(crate) fn times(count: u32) -> u32 {
    if std::env::var_os("DRIPLINE_LONG").is_some() { count * 10 } else { count }
}

/// The parameters of the game's levels in a first run, the easiest first.
pub(crate) fn levels<G: Game>() -> Vec<G::Params> {
    catalog_levels::<G>().into_iter().map(|(_, params)| params).collect()
}

/// The game's levels in a first run, the easiest first, and their parameters.
pub(crate) fn catalog_levels<G: Game>() -> Vec<(Level, G::Params)> {
    struct Of<G>(std::marker::PhantomData<G>);
    impl<G: Game> GameVisitor for Of<G> {
        type Output = Option<G::Params>;
        fn visit<H: Game>(self, params: &H::Params) -> Option<G::Params>
        where
            GameParams: From<H::Params>,
        {
            // The same type under another name: its JSON is its own.
            let json = serde_json::to_value(params).expect("parameters are plain data");
            (H::ID == G::ID).then(|| serde_json::from_value(json).expect("the same type"))
        }
    }
    let levels = Catalog::first_run().levels.into_iter();
    let found: Vec<(Level, G::Params)> = levels
        .filter_map(|level| level.play.visit(Of::<G>(std::marker::PhantomData)).map(|params| (level, params)))
        .collect();
    assert!(!found.is_empty(), "{} has levels", G::ID);
    found
}

/// The seed of a segment of round `number`.
pub(crate) fn seed(number: u32, segment: u32) -> Seed {
    Seed(hash(b"dripline/tests/1", &[&number.to_be_bytes(), &segment.to_be_bytes()]).0)
}

/// All seeds that a round can need.
pub(crate) fn seeds<G: Game>(params: &G::Params, number: u32) -> Vec<Seed> {
    let segments = G::length_max(params).div_ceil(G::PACE.segment_length());
    (0..segments).map(|segment| seed(number, segment)).collect()
}

/// Random numbers of a test's own, apart from every round's.
pub(crate) fn dice(number: u32) -> SegmentRng {
    SegmentRng::new(&Seed(hash(b"dripline/testd/1", &[&number.to_be_bytes()]).0))
}

/// Plays round `number` to its end, or until a turn game gets no turn.
pub(crate) fn play<G: Game>(
    params: &G::Params,
    number: u32,
    mut choose: impl FnMut(&Session<G>) -> Option<u8>,
) -> Session<G> {
    let mut session = Session::<G>::new(params.clone(), seeds::<G>(params, number));
    loop {
        let wanted = choose(&session);
        match session.advance(wanted) {
            Advance::Stepped | Advance::SegmentEnded => {}
            Advance::Nothing => return session,
            Advance::WaitingForSeed => panic!("{}: longer than `length_max`", G::ID),
        }
    }
}

/// Plays round `number` with a bot.
pub(crate) fn play_bot<G: Game>(params: &G::Params, number: u32, skill: Skill) -> Session<G> {
    let mut bot = G::Bot::new(skill, dice(number));
    play(params, number, |session| bot.decide(session.game(), session.params()))
}

/// Plays round `number` with inputs of any kind: often any byte, often one of the game's.
pub(crate) fn play_anything<G: Game>(params: &G::Params, alphabet: &[u8], number: u32) -> Session<G> {
    let mut dice = dice(number);
    let often = [2, 10, 100, 800][usize::try_from(number % 4).expect("below 4")];
    play(params, number, |session| {
        if session.status() != Status::Playing {
            return None;
        }
        if G::PACE == Pace::Turns {
            let accepted: Vec<u8> = (0..=255).filter(|input| session.accepts(*input)).collect();
            return dice.choose(&accepted).copied();
        }
        if !dice.chance(often) {
            return None;
        }
        let any = u8::try_from(dice.below(256)).expect("below 256");
        if dice.chance(100) { Some(any) } else { dice.choose(alphabet).copied() }
    })
}

/// The outcome of a session that has ended.
pub(crate) fn outcome<G: Game>(session: &Session<G>) -> Outcome {
    Outcome { status: session.status(), score: session.game().score(), length: session.length() }
}

/// The bytes that are ever an input: those accepted at the start of some round, and on the way of a few.
pub(crate) fn alphabet<G: Game>(params: &G::Params) -> Vec<u8> {
    let mut found = BTreeSet::new();
    for number in 0..8 {
        let mut simulation = Simulation::<G>::new(params, &seed(number, 0));
        for _ in 0..G::PACE.segment_length() {
            let accepted: Vec<u8> =
                (0..=255).filter(|input| simulation.game().accepts(params, *input)).collect();
            let chosen = dice(number).choose(&accepted).copied();
            found.extend(accepted);
            if simulation.game().status() != Status::Playing {
                break;
            }
            simulation.step(params, chosen);
        }
    }
    found.into_iter().collect()
}
