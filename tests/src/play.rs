//! A round in play: a bot behind the protocol's segments, whichever game the level has.

use dripline_shared::api::{ClaimRequest, OpenAnswer, SegmentAnswer};
use dripline_shared::game::replay::{Advance, Session};
use dripline_shared::game::{Bot, Game, GameParams, GameVisitor, Skill, Status};
use dripline_shared::rng::SegmentRng;
use dripline_shared::round::{Hash, Seed, hash, transcript_next, transcript_start};
use dripline_shared::time::Timestamp;
use dripline_shared::transcript::Segment;
use dripline_shared::wallet::{Signature, Wallet};

use crate::player::Player;

/// A round that a bot plays.
pub struct Play {
    /// What the server said when it was opened.
    pub opened: OpenAnswer,
    session: Box<dyn Playing>,
    /// The running hash of what was played.
    transcript: Hash,
    /// Segments played.
    played: u32,
    /// Ticks or turns played.
    length: u32,
    segments: Vec<Segment>,
    seeds: Vec<Seed>,
}

/// A segment to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// Its number.
    pub number: u32,
    /// With the final one: how long it lasted.
    pub end: Option<u32>,
    /// The inputs.
    pub bytes: Vec<u8>,
    /// From when the server takes it.
    pub from: Timestamp,
}

impl Play {
    /// Begins to play an opened round. `dice` decides about the bot's mistakes.
    pub fn begin(opened: OpenAnswer, skill: Skill, dice: u64) -> Self {
        let transcript = transcript_start(opened.round, opened.level_hash, opened.rules_version);
        let seeds = opened.seeds.to_vec();
        let session = opened.level.play.visit(Begin { skill, seeds: seeds.clone(), dice });
        Self { opened, session, transcript, played: 0, length: 0, segments: Vec::new(), seeds }
    }

    /// Plays the next segment; `None` once the game has ended, and where the seed is missing.
    pub fn next_segment(&mut self) -> Option<Next> {
        let segment = self.session.segment()?;
        let number = self.played;
        self.transcript = transcript_next(self.transcript, number, segment.length, &segment.bytes);
        self.played += 1;
        self.length += segment.length;
        let end = (self.session.status() != Status::Playing).then_some(segment.length);
        let (from, _) = self.opened.timing.arrival(self.opened.opened_at_ms, self.length);
        self.segments.push(segment.clone());
        Some(Next { number, end, bytes: segment.bytes, from })
    }

    /// Takes the answer to a segment.
    pub fn learn(&mut self, answer: &SegmentAnswer) {
        if let Some(seed) = answer.seed {
            self.seeds.push(seed);
            self.session.learn(answer.segment + 2, seed);
        }
    }

    /// The segments that were played.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The seed of a segment.
    ///
    /// # Panics
    /// Where it was not learned.
    pub fn seed(&self, segment: u32) -> Seed {
        usize::try_from(segment)
            .ok()
            .and_then(|index| self.seeds.get(index))
            .copied()
            .expect("it was learned")
    }

    /// How the game stands.
    pub fn status(&self) -> Status {
        self.session.status()
    }

    /// The points.
    pub fn score(&self) -> u32 {
        self.session.score()
    }

    /// The claim of this round by its player.
    pub fn claim(&self, player: &Player, origin: &str, faucet: Hash) -> ClaimRequest {
        self.claim_for(player.wallet, player, origin, faucet)
    }

    /// The claim of a round that `signer` has played for this wallet.
    pub fn claim_for(&self, wallet: Wallet, signer: &Player, origin: &str, faucet: Hash) -> ClaimRequest {
        let statement = self.opened.claim_statement(wallet, origin, faucet, self.transcript);
        let signature = Signature::of(&signer.key, statement.to_string().as_bytes());
        ClaimRequest { round: self.opened.round, signature }
    }
}

/// A session of any game with its bot.
trait Playing: Send {
    fn segment(&mut self) -> Option<Segment>;
    fn learn(&mut self, segment: u32, seed: Seed);
    fn status(&self) -> Status;
    fn score(&self) -> u32;
}

struct Begin {
    skill: Skill,
    seeds: Vec<Seed>,
    dice: u64,
}

impl GameVisitor for Begin {
    type Output = Box<dyn Playing>;

    fn visit<G: Game>(self, params: &G::Params) -> Self::Output
    where
        GameParams: From<G::Params>,
    {
        let dice = SegmentRng::new(&Seed(hash(b"dripline/playdic", &[&self.dice.to_be_bytes()]).0));
        let bot = G::Bot::new(self.skill, dice);
        Box::new(Botted::<G> { session: Session::new(params.clone(), self.seeds), bot, taken: 0 })
    }
}

struct Botted<G: Game> {
    session: Session<G>,
    bot: G::Bot,
    /// Segments handed out.
    taken: usize,
}

impl<G: Game> Playing for Botted<G> {
    fn segment(&mut self) -> Option<Segment> {
        while self.session.segments().len() == self.taken {
            let wanted = self.bot.decide(self.session.game(), self.session.params());
            if matches!(self.session.advance(wanted), Advance::WaitingForSeed | Advance::Nothing) {
                return None;
            }
        }
        let segment = self.session.segments().get(self.taken).cloned();
        self.taken += 1;
        segment
    }

    fn learn(&mut self, segment: u32, seed: Seed) {
        self.session.learn_seed(segment, seed);
    }

    fn status(&self) -> Status {
        self.session.status()
    }

    fn score(&self) -> u32 {
        self.session.game().score()
    }
}
