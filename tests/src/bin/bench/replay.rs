//! What replaying a minute of play costs, against the one check of a signature that every claim needs anyway.
//!
//! For each game, ten thousand transcripts are made: by bots of each skill, and by dice from rare inputs to one on every
//! tick, on each level. All are timed; the costliest are timed again with care. A round's cost is that of its start plus
//! that of its steps, and the steps are scaled to a minute: 3,600 ticks, or as many turns as the level's least time allows.
//! A round that does not fill a segment counts as it is: what every round costs once would be taken for steps.
//! As for a claim, the round's secret and its seeds are derived on the way, and the running hashes are at hand: the server
//! computed them when the segments came, and has stored them.

use std::collections::BTreeMap;
use std::hint::black_box;

use dripline_shared::catalog::Catalog;
use dripline_shared::game::replay::{Advance, Session, Simulation};
use dripline_shared::game::{Bot, Game, GameParams, GameVisitor, Pace, Skill, Status};
use dripline_shared::level::Level;
use dripline_shared::rng::SegmentRng;
use dripline_shared::round::{
    Hash, RoundId, RoundSecret, Seed, TICKS_PER_SECOND, hash, round_secret, segment_seed, transcript_next,
};
use dripline_shared::transcript::Segment;
use dripline_shared::wallet::{Signature, Wallet};
use dripline_tests::player::Player;

use crate::stopwatch::shortest_us;
use crate::table::Row;

/// Transcripts of each game.
const TRIES: u32 = 10_000;
/// How many of the costliest are timed again.
const AGAIN: usize = 20;
const MINUTE_MS: f64 = 60_000.0;

/// A round that was played, and what its replay costs, in microseconds for a minute of it.
struct Candidate {
    level: Level,
    number: u32,
    segments: Vec<Segment>,
    /// The running hash before the first segment.
    start: Hash,
    /// The running hash after each segment.
    hashes: Vec<Hash>,
    cost_us: f64,
}

pub(crate) fn measure() -> Vec<Row> {
    let signature_us = signature_us();
    println!("key parse + verify_strict: {signature_us:.1} us");
    let mut by_game: BTreeMap<&str, Vec<Level>> = BTreeMap::new();
    for level in Catalog::first_run().levels {
        by_game.entry(level.play.facts().id).or_default().push(level);
    }
    let mut worst = 0.0_f64;
    for (game, levels) in by_game {
        let ratio = costliest(&levels) / signature_us;
        println!("replay of a minute of {game}: {ratio:.2} of it");
        worst = worst.max(ratio);
    }
    vec![Row::below("replay of a minute of any game ÷ (key parse + verify_strict)", worst, 1.0, "")]
}

/// What the check of a claim's signature costs.
pub(crate) fn signature_us() -> f64 {
    let player = Player::number(0);
    let text = "x".repeat(600);
    let made = Signature::of(&player.key, text.as_bytes());
    shortest_us(500, 5, || {
        let wallet = black_box(Wallet(player.wallet.0));
        assert!(wallet.verify(black_box(text.as_bytes()), &made).is_ok());
    })
}

fn costliest(levels: &[Level]) -> f64 {
    let mut found: Vec<Candidate> = Vec::new();
    for number in 0..TRIES {
        let level = &levels[usize::try_from(number).expect("small") % levels.len()];
        let mut candidate = level.play.visit(Make { level, number });
        candidate.cost_us = candidate.minute_us(3, 1);
        found.push(candidate);
        if found.len() > 4 * AGAIN {
            keep_costliest(&mut found);
        }
    }
    keep_costliest(&mut found);
    for candidate in &mut found {
        candidate.cost_us = candidate.minute_us(100, 5);
    }
    keep_costliest(&mut found);
    found[0].cost_us
}

fn keep_costliest(found: &mut Vec<Candidate>) {
    found.sort_by(|one, other| other.cost_us.total_cmp(&one.cost_us));
    found.truncate(AGAIN);
}

/// Plays a round.
struct Make<'a> {
    level: &'a Level,
    number: u32,
}

impl GameVisitor for Make<'_> {
    type Output = Candidate;

    fn visit<G: Game>(self, params: &G::Params) -> Candidate
    where
        GameParams: From<G::Params>,
    {
        let start = hash(b"dripline/bench/1", &[&self.number.to_be_bytes()]);
        let (secret, mut hashes) = (secret(), Vec::new());
        let seed = |segment, played| segment_seed(secret, segment, played);
        let mut session = Session::<G>::new(params.clone(), vec![seed(0, start), seed(1, start)]);
        let dice = SegmentRng::new(&Seed(start.0));
        let mut player = Hand::<G>::of(self.number, dice);
        loop {
            let wanted = player.decide(&session);
            match session.advance(wanted) {
                Advance::Stepped => {}
                Advance::SegmentEnded => {
                    let number = session.segments().len() - 1;
                    let segment = &session.segments()[number];
                    let number = u32::try_from(number).expect("few segments");
                    let before = hashes.last().copied().unwrap_or(start);
                    let after = transcript_next(before, number, segment.length, &segment.bytes);
                    hashes.push(after);
                    session.learn_seed(number + 2, seed(number + 2, after));
                }
                Advance::WaitingForSeed | Advance::Nothing => break,
            }
        }
        Candidate {
            level: self.level.clone(),
            number: self.number,
            segments: session.segments().to_vec(),
            start,
            hashes,
            cost_us: 0.0,
        }
    }
}

fn secret() -> RoundSecret {
    round_secret(black_box(&[7; 32]), RoundId([7; 16]))
}

/// Who plays.
enum Hand<G: Game> {
    Bot(G::Bot),
    Dice(Box<SegmentRng>, u32, Vec<u8>),
}

impl<G: Game> Hand<G> {
    fn of(number: u32, dice: SegmentRng) -> Self {
        match number / 4 % 8 {
            0 => Self::Bot(G::Bot::new(Skill::Random, dice)),
            1 => Self::Bot(G::Bot::new(Skill::Fair, dice)),
            2 => Self::Bot(G::Bot::new(Skill::Strong, dice)),
            kind => {
                let per_mille = [20, 100, 500, 1_000, 1_000];
                let per_mille = per_mille[usize::try_from(kind - 3).expect("below 5")];
                Self::Dice(Box::new(dice), per_mille, (0..=u8::MAX).collect())
            }
        }
    }

    fn decide(&mut self, session: &Session<G>) -> Option<u8> {
        match self {
            Self::Bot(bot) => bot.decide(session.game(), session.params()),
            Self::Dice(dice, per_mille, bytes) => {
                if session.status() != Status::Playing
                    || (G::PACE == Pace::Clocked && !dice.chance(*per_mille))
                {
                    return None;
                }
                // The first of all bytes in a random order that is accepted.
                dice.shuffle(bytes);
                bytes.iter().copied().find(|byte| session.accepts(*byte))
            }
        }
    }
}

impl Candidate {
    /// The cost of a minute: the start once, the steps scaled.
    fn minute_us(&self, rounds: usize, repeats: u32) -> f64 {
        let whole_us = shortest_us(rounds, repeats, || self.replay());
        let length: u32 = self.segments.iter().map(|segment| segment.length).sum();
        if length < self.level.play.pace().segment_length() {
            return whole_us;
        }
        let start_us = self.level.play.visit(Start { before: self.start, rounds, repeats });
        let step_ms = match self.level.play.pace() {
            Pace::Clocked => 1_000.0 / f64::from(TICKS_PER_SECOND),
            Pace::Turns => f64::from(self.level.turn_ms_min),
        };
        let minutes = f64::from(length) * step_ms / MINUTE_MS;
        start_us + (whole_us - start_us).max(0.0) / minutes
    }

    fn replay(&self) {
        let secret = secret();
        let outcome = self.level.play.replay(black_box(&self.segments), |segment| {
            let before = segment.checked_sub(2).and_then(|two| self.hashes.get(usize::try_from(two).ok()?));
            segment_seed(secret, segment, before.copied().unwrap_or(self.start))
        });
        // A turn game that was left without a turn has not ended; every other one has.
        black_box((outcome.is_ok(), self.number));
    }
}

struct Start {
    /// The running hash before the first segment.
    before: Hash,
    rounds: usize,
    repeats: u32,
}

impl GameVisitor for Start {
    type Output = f64;

    fn visit<G: Game>(self, params: &G::Params) -> f64
    where
        GameParams: From<G::Params>,
    {
        shortest_us(self.rounds, self.repeats, || {
            let seed = segment_seed(secret(), 0, self.before);
            drop(black_box(Simulation::<G>::new(params, &seed)));
        })
    }
}
