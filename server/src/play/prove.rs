//! Proving: the costly checks that need no more facts than the round itself. Signatures first, then the replay. Pure;
//! done on threads of their own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dripline_shared::api::{ClaimRequest, OutcomeView, Reason};
use dripline_shared::error::Code;
use dripline_shared::game::Status;
use dripline_shared::game::replay::{Outcome, ReplayError};
use dripline_shared::level::Level;
use dripline_shared::round::Hash;
use dripline_shared::statement::{Act, Statement};
use dripline_shared::transcript::Segment;
use dripline_shared::wallet::{Signature, Wallet};

use crate::in_force::InForce;
use crate::play::segment::Seeds;
use crate::refusal::Refusal;
use crate::signed_message::{self, SIGNED_MESSAGE_MAX};
use crate::store::record::{RoundRecord, StoredSegment, request_hash};
use crate::store::transcript;

/// What a claim's proof gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Proof {
    /// The play meets the goal.
    Won {
        /// What the replay gave.
        outcome: OutcomeView,
        /// The last running hash.
        hash: Hash,
        /// The play, encoded for keeping.
        play: Vec<u8>,
    },
    /// The signature holds, but this build plays by other rules than the round was opened under.
    RulesChanged,
}

/// Checks the signature of a request over its statement. Gives the hash of the statement: what "the same request" is
/// judged by.
pub(crate) fn signed(wallet: Wallet, statement: &Statement, signature: &Signature) -> Result<Hash, Refusal> {
    let text = statement.to_string();
    verify(wallet, &text, signature)?;
    Ok(request_hash(&text))
}

/// As [`signed`], of a wallet that may have put the statement into an envelope: `message` is what it says it has signed, as base64.
pub(crate) fn signed_by_wallet(
    statement: &Statement,
    message: Option<&str>,
    signature: &Signature,
) -> Result<Hash, Refusal> {
    let Some(message) = message else { return signed(statement.wallet, statement, signature) };
    let unreadable = |message: String| {
        let subject = Some("signed_message".to_owned());
        Refusal::from(Reason { code: Code::InvalidRequest, message, subject, until_ms: None })
    };
    let bytes = STANDARD.decode(message).map_err(|error| unreadable(format!("expected base64: {error}")))?;
    if bytes.len() > SIGNED_MESSAGE_MAX {
        return Err(unreadable(format!("expected at most {SIGNED_MESSAGE_MAX} bytes")));
    }
    signed_message::check(statement, &bytes, signature)?;
    Ok(request_hash(&statement.to_string()))
}

/// Checks the signature of a claim and replays the round, which has its final segment.
pub(crate) fn claim(
    in_force: &InForce,
    round: &RoundRecord,
    segments: Vec<StoredSegment>,
    request: &ClaimRequest,
) -> Result<Proof, Refusal> {
    let hash = segments.last().map_or_else(|| round.start_hash(), |last| last.hash);
    let text = claim_statement(in_force.faucet, round, hash).to_string();
    verify(round.signer(), &text, &request.signature)?;
    // A level that cannot be read has changed as much as one can.
    let Some(level) =
        round.level.pinned().ok().filter(|level| level.game.rules_version == round.rules_version)
    else {
        return Ok(Proof::RulesChanged);
    };
    let (hashes, plays): (Vec<Hash>, Vec<Segment>) =
        segments.into_iter().map(|stored| (stored.hash, stored.segment)).unzip();
    let outcome = view(&level.level, replay(in_force, round, &level.level, &hashes, &plays)?);
    if outcome.won {
        return Ok(Proof::Won { outcome, hash, play: transcript::write(&plays) });
    }
    let message = format!("the play ends with a score of {} after {} steps", outcome.score, outcome.length);
    Err(Refusal { outcome: Some(outcome), ..Refusal::new(Code::GoalNotMet, message) })
}

/// The statement that a claim of this round signs; [`dripline_shared::api::OpenAnswer::claim_statement`] is the
/// player's way to it.
fn claim_statement(faucet: Hash, round: &RoundRecord, transcript: Hash) -> Statement {
    Statement {
        origin: round.origin.to_string(),
        wallet: round.wallet,
        issued_at: round.opened_at,
        expires_at: round.claim_until,
        faucet,
        act: Act::Claim { round: round.id, level: round.level.hash(), transcript },
    }
}

fn verify(wallet: Wallet, text: &str, signature: &Signature) -> Result<(), Refusal> {
    Ok(wallet.verify(text.as_bytes(), signature)?)
}

fn replay(
    in_force: &InForce,
    round: &RoundRecord,
    level: &Level,
    hashes: &[Hash],
    plays: &[Segment],
) -> Result<Outcome, Refusal> {
    let (seeds, start) = (Seeds::of(&in_force.keys, round), round.start_hash());
    let replayed = level.play.replay(plays, |segment| {
        let before = segment.checked_sub(2).and_then(|before| hashes.get(usize::try_from(before).ok()?));
        seeds.seed(segment, before.copied().unwrap_or(start))
    });
    replayed.map_err(|error| {
        let (code, segment) = match error {
            ReplayError::BeforeTheEnd => (Code::TranscriptTooShort, None),
            ReplayError::PastTheEnd => (Code::TranscriptTooLong, None),
            ReplayError::Segment { segment, .. } | ReplayError::NotAnInput { segment, .. } => {
                (Code::TranscriptInvalid, Some(segment))
            }
        };
        let subject = segment.map(|segment| format!("segment {segment}"));
        Refusal::from(Reason { code, message: error.to_string(), subject, until_ms: None })
    })
}

fn view(level: &Level, outcome: Outcome) -> OutcomeView {
    OutcomeView {
        won: outcome.status == Status::Won,
        score: outcome.score,
        stars: level.stars_of(outcome.status, outcome.score),
        length: outcome.length,
    }
}
