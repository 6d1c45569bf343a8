//! One round: played by a bot, sent segment by segment when the clock allows it, claimed, and the receipt checked.

use std::thread::sleep;
use std::time::Duration;

use dripline_shared::api::{
    CatalogView, ClaimRequest, FaucetKeys, OpenAnswer, Receipt, RoundView, SegmentAnswer,
};
use dripline_shared::game::replay::{Advance, Session};
use dripline_shared::game::{Bot, Game, GameParams, GameVisitor, Skill, Status};
use dripline_shared::reward::BASIS_POINTS;
use dripline_shared::rng::SegmentRng;
use dripline_shared::round::{
    Hash, RoundSecret, Seed, commitment, segment_seed, transcript_next, transcript_start,
};
use dripline_shared::statement::receipt_text;
use dripline_shared::transcript::Segment;
use dripline_shared::wallet::{Signature, Wallet};
use ed25519_dalek::SigningKey;

use super::Failure;
use super::client::Client;
use crate::edge::Edge;
use crate::telemetry::Stopwatch;

/// A round to be played.
pub(super) struct Play<'a> {
    /// The server.
    pub(super) client: &'a Client,
    /// What it pays.
    pub(super) catalog: &'a CatalogView,
    /// The round.
    pub(super) opened: &'a OpenAnswer,
    /// The player.
    pub(super) key: &'a SigningKey,
}

/// How a round was played.
struct Played {
    won: bool,
    score: u32,
    /// The running hashes: before the first segment, and after each.
    hashes: Vec<Hash>,
    /// The seeds that the server told.
    seeds: Vec<Seed>,
}

impl Played {
    /// The hash that the claim names.
    fn transcript(&self) -> Hash {
        self.hashes.last().copied().unwrap_or(Hash([0; 32]))
    }

    /// Whether every seed follows from the round's secret and what had been played. Seed 0 of a board that shows as a
    /// whole is of the wallet's and the level's instead.
    fn is_fair(&self, secret: RoundSecret, whole_board_shows: bool) -> bool {
        let start = self.hashes.first().copied();
        let played = start.into_iter().chain(self.hashes.iter().copied());
        (0..).zip(&self.seeds).zip(played).all(|((segment, seed), played)| {
            (segment == 0 && whole_board_shows) || *seed == segment_seed(secret, segment, played)
        })
    }
}

/// [`Play::play`], of whichever game the level is.
struct Player<'a> {
    play: &'a Play<'a>,
    skill: Skill,
    /// Where the bot's mistakes come from.
    seed: Seed,
}

impl GameVisitor for Player<'_> {
    type Output = Result<Played, Failure>;

    fn visit<G: Game>(self, params: &G::Params) -> Self::Output
    where
        GameParams: From<G::Params>,
    {
        let bot = G::Bot::new(self.skill, SegmentRng::new(&self.seed));
        self.play.play::<G>(params, bot)
    }
}

impl Play<'_> {
    /// Plays the round and claims it.
    pub(super) fn run(&self, skill: Skill, edge: &Edge) -> Result<(), Failure> {
        let visitor = Player { play: self, skill, seed: Seed(edge.random()) };
        let played = self.opened.level.play.visit(visitor)?;
        if !played.won {
            let _: RoundView = self.client.post(&self.path("/end"), Some(self.opened.token), None::<&()>)?;
            return Err(Failure::Lost(format!(
                "the bot did not reach the goal: {} points. The round is ended",
                played.score
            )));
        }
        println!("the goal is reached with {} points: claiming", played.score);
        let wallet = Wallet::of(self.key);
        let statement = self.opened.claim_statement(
            wallet,
            self.client.origin(),
            self.catalog.faucet,
            played.transcript(),
        );
        let signature = Signature::of(self.key, statement.to_string().as_bytes());
        let request = ClaimRequest { round: self.opened.round, signature };
        let receipt: Receipt = self.client.post("/api/v1/claims", None, Some(&request))?;
        self.check(&receipt, &played)?;
        self.print(&receipt);
        Ok(())
    }

    /// Plays to the end. A segment is computed at once and sent when a person could have played it.
    fn play<G: Game>(&self, params: &G::Params, mut bot: G::Bot) -> Result<Played, Failure> {
        let stopwatch = Stopwatch::start();
        let opened = self.opened;
        let mut session = Session::<G>::new(params.clone(), opened.seeds.to_vec());
        let mut transcript = transcript_start(opened.round, opened.level_hash, opened.rules_version);
        let (mut hashes, mut seeds) = (vec![transcript], opened.seeds.to_vec());
        let mut number = 0_u32;
        loop {
            let segment = next_segment(&mut session, &mut bot)?;
            let is_over = session.status() != Status::Playing;
            let due = Duration::from_millis(opened.timing.least_ms(session.length()));
            sleep(due.saturating_sub(stopwatch.elapsed()));
            let answer = self.send(number, &segment, is_over)?;
            println!("segment {number}: {} s, {} points", due.as_secs(), session.game().score());
            transcript = transcript_next(transcript, number, segment.length, &segment.bytes);
            hashes.push(transcript);
            if is_over {
                let won = session.status() == Status::Won;
                return Ok(Played { won, score: session.game().score(), hashes, seeds });
            }
            if let Some(seed) = answer.seed {
                session.learn_seed(number.saturating_add(2), seed);
                seeds.push(seed);
            }
            number = number.saturating_add(1);
        }
    }

    fn send(&self, number: u32, segment: &Segment, is_over: bool) -> Result<SegmentAnswer, Failure> {
        let end = if is_over { format!("?end={}", segment.length) } else { String::new() };
        let path = self.path(&format!("/segments/{number}{end}"));
        self.client.put(&path, self.opened.token, &segment.bytes)
    }

    fn path(&self, rest: &str) -> String {
        format!("/api/v1/rounds/{}{rest}", self.opened.round)
    }

    /// Checks what the receipt says against what the server had promised, and its signature.
    fn check(&self, receipt: &Receipt, played: &Played) -> Result<(), Failure> {
        let whole_board_shows = self.opened.level.play.facts().whole_board_shows;
        let is_fair = played.is_fair(receipt.round_secret, whole_board_shows);
        let keys: FaucetKeys = self.client.get("/.well-known/dripline-keys.json", None)?;
        let key = keys.keys.iter().find(|key| key.id == receipt.key_id);
        let is_signed = key.is_some_and(|key| {
            key.public_key.verify(receipt_text(receipt).as_bytes(), &receipt.signature).is_ok()
        });
        for (holds, what) in [
            (is_signed, "the receipt is not signed by a key of the faucet"),
            (keys.faucet == self.catalog.faucet, "the keys are of another faucet"),
            (keys.are_chained(), "a key is not signed by the one before it"),
            (receipt.round == self.opened.round, "the receipt is for another round"),
            (receipt.wallet == Wallet::of(self.key), "the receipt is for another wallet"),
            (receipt.transcript == played.transcript(), "the receipt is for another play"),
            (receipt.outcome.score == played.score, "the server saw another score"),
            (
                commitment(receipt.round_secret) == self.opened.secret_hash,
                "the secret is not the promised one",
            ),
            (is_fair, "a seed does not follow from the secret"),
        ] {
            if !holds {
                return Err(Failure::Unsound(format!("{what}: {receipt:#?}")));
            }
        }
        Ok(())
    }

    fn print(&self, receipt: &Receipt) {
        let asset = &self.catalog.asset;
        println!("base {}", asset.format(receipt.base));
        for factor in &receipt.factors {
            let (whole, rest) = (factor.basis_points / BASIS_POINTS, factor.basis_points % BASIS_POINTS);
            println!("  × {whole}.{rest:04} {}", factor.name.as_str());
        }
        println!("drip {}, balance {}", asset.format(receipt.amount), asset.format(receipt.balance));
        println!("{} star(s); the level pays again at {}", receipt.outcome.stars, receipt.pays_again_at_ms);
    }
}

/// Plays to the end of the segment, or of the game.
fn next_segment<G: Game>(session: &mut Session<G>, bot: &mut G::Bot) -> Result<Segment, Failure> {
    loop {
        let wanted = bot.decide(session.game(), session.params());
        match session.advance(wanted) {
            Advance::Stepped => {}
            Advance::SegmentEnded => {
                let ended = session.segments().last().cloned();
                return ended.ok_or_else(|| Failure::Impossible("the bot lost its segment".to_owned()));
            }
            Advance::WaitingForSeed => {
                return Err(Failure::Impossible("the server did not tell the next seed".to_owned()));
            }
            Advance::Nothing => {
                return Err(Failure::Impossible("the bot does not know what to do".to_owned()));
            }
        }
    }
}
