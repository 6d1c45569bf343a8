//! A round's identity, its hashes and seeds, and its clock.
//!
//! `H` is SHA-512 cut to 32 bytes. Every use of it starts with a tag of its own, so that bytes hashed for one purpose
//! can never stand for another. `docs/protocol.md` shows every formula that a client needs with worked bytes.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha512};

use crate::game::Pace;
use crate::hex::hex_newtype;
use crate::level::Level;
use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};
use crate::wallet::Wallet;

hex_newtype!(
    /// A round's id: 48 bits of milliseconds since the epoch, then 80 random bits, so that ids sort by time.
    RoundId,
    16
);
hex_newtype!(
    /// An id that the client chose for a request that changes something: the same id is the same request.
    ClientId,
    16
);
hex_newtype!(
    /// 32 bytes of `H`.
    Hash,
    32
);
hex_newtype!(
    /// What the random numbers of one segment are drawn from.
    Seed,
    32
);
hex_newtype!(
    /// What all seeds of a round are drawn from. Secret until the round is closed, then public.
    RoundSecret,
    32
);
hex_newtype!(
    /// The bearer token of a round: whoever has it may send the round's segments. Never in URLs, receipts or logs.
    RoundToken,
    32
);

/// How long a round may still be claimed after the moment at which it must have been played.
pub const CLAIM_WINDOW_MS: u64 = DAY_MS;
/// The longest that a round can take from its opening until it has expired, in milliseconds; a catalog whose levels take
/// longer is refused.
pub const ROUND_MS_MAX: u64 = 4 * HOUR_MS;
/// How far a statement's time may be from the server's, either way.
pub const STATEMENT_SKEW_MS: u64 = 5 * MINUTE_MS;
/// The most that pauses, outages and resumptions of one round may add up to; see [`allowance_ms`].
pub const ALLOWANCE_MAX_MS: u64 = 60 * SECOND_MS;
/// How fast clocked games run.
pub const TICKS_PER_SECOND: u32 = 60;

impl RoundId {
    /// An id for a round opened at `now`.
    pub fn new(now: Timestamp, random: [u8; 10]) -> Self {
        Self(now.sortable_id(random))
    }

    /// When the round was opened.
    pub fn opened_at(self) -> Timestamp {
        let mut moment = [0_u8; 8];
        moment.split_at_mut(2).1.copy_from_slice(self.0.split_at(6).0);
        Timestamp(u64::from_be_bytes(moment))
    }
}

/// `H(tag ‖ parts…)`. Callers pass parts of fixed length, or one of variable length at the end.
pub fn hash(tag: &[u8; 16], parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha512::new();
    hasher.update(tag);
    for part in parts {
        hasher.update(part);
    }
    let digest: [u8; 64] = hasher.finalize().into();
    let mut cut = [0_u8; 32];
    cut.copy_from_slice(digest.split_at(32).0);
    Hash(cut)
}

/// The tags, 16 bytes each.
pub(crate) mod tag {
    pub(super) const TRANSCRIPT_START: &[u8; 16] = b"dripline/start/1";
    pub(super) const TRANSCRIPT_NEXT: &[u8; 16] = b"dripline/next//1";
    pub(super) const SEED: &[u8; 16] = b"dripline/seed//1";
    pub(super) const BOARD: &[u8; 16] = b"dripline/board/1";
    pub(super) const SECRET: &[u8; 16] = b"dripline/secre/1";
    pub(super) const TOKEN: &[u8; 16] = b"dripline/token/1";
    pub(super) const COMMITMENT: &[u8; 16] = b"dripline/commi/1";
    pub(super) const LEVEL: &[u8; 16] = b"dripline/level/1";
    pub(super) const FAUCET: &[u8; 16] = b"dripline/fauce/1";
    pub(crate) const CATALOG: &[u8; 16] = b"dripline/catal/1";
    pub(crate) const READ_KEY: &[u8; 16] = b"dripline/rokey/1";
    pub(crate) const READ_KEY_HASH: &[u8; 16] = b"dripline/rohas/1";
}

/// `h(-1)`: where a round's running hash starts.
pub fn transcript_start(round: RoundId, level: Hash, rules_version: u32) -> Hash {
    hash(tag::TRANSCRIPT_START, &[&round.0, &level.0, &rules_version.to_be_bytes()])
}

/// `h(n)`: the running hash after segment `n`, which lasted `length` ticks or turns and has these inputs.
pub fn transcript_next(previous: Hash, segment: u32, length: u32, bytes: &[u8]) -> Hash {
    hash(tag::TRANSCRIPT_NEXT, &[&previous.0, &segment.to_be_bytes(), &length.to_be_bytes(), bytes])
}

/// `seed(n)`: depends on the play up to segment `n - 2`, so it cannot be asked for before that was played.
///
/// `played` is `h(n - 2)`, and `h(-1)` for the first two segments. 100 bytes: one block of SHA-512.
pub fn segment_seed(secret: RoundSecret, segment: u32, played: Hash) -> Seed {
    Seed(hash(tag::SEED, &[&secret.0, &segment.to_be_bytes(), &played.0]).0)
}

/// `seed(0)` of a game whose whole board shows at once: the same board until this wallet has cleared the level, so
/// that abandoning a round does not buy another one. `board_key` is a secret of the faucet.
pub fn board_seed(board_key: &[u8; 32], wallet: Wallet, level: Hash, clears: u32) -> Seed {
    Seed(hash(tag::BOARD, &[board_key, &wallet.0, &level.0, &clears.to_be_bytes()]).0)
}

/// The secret of a round, derived from a secret of the faucet, so that a repeated open answers the same.
pub fn round_secret(faucet_secret: &[u8; 32], round: RoundId) -> RoundSecret {
    RoundSecret(hash(tag::SECRET, &[faucet_secret, &round.0]).0)
}

/// The token of a round, derived from a secret of the faucet.
pub fn round_token(faucet_secret: &[u8; 32], round: RoundId) -> RoundToken {
    RoundToken(hash(tag::TOKEN, &[faucet_secret, &round.0]).0)
}

/// `H(round secret)`: what the server commits to when it opens a round.
pub fn commitment(secret: RoundSecret) -> Hash {
    hash(tag::COMMITMENT, &[&secret.0])
}

/// The fingerprint of a faucet: the hash of its receipt key. Statements name it as their audience.
pub fn faucet_fingerprint(receipt_key: &[u8; 32]) -> Hash {
    hash(tag::FAUCET, &[receipt_key])
}

/// The hash of a level, over its JSON as the server writes it (fields in their order, no spaces).
pub fn level_hash(level: &Level) -> Hash {
    // A level is plain data: strings, numbers and lists always serialise.
    let json = serde_json::to_vec(level).unwrap_or_default();
    hash(tag::LEVEL, &[&json])
}

/// The stretches that a round is played and sent in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Timing {
    /// Ticks or turns of a whole segment.
    pub segment_length: u32,
    /// The ticks or turns after which the game has ended by itself.
    pub length_max: u32,
    /// The least time that `length` ticks or turns take, in microseconds each.
    pub unit_us: u32,
    /// What pauses, outages and resumptions may add up to, in milliseconds.
    pub allowance_ms: u64,
}

crate::json_object!(Timing { segment_length, length_max, unit_us, allowance_ms });

impl Timing {
    /// The timing of a level.
    pub fn of(level: &Level) -> Self {
        let unit_us = match level.play.pace() {
            Pace::Clocked => 1_000_000 / TICKS_PER_SECOND,
            Pace::Turns => level.turn_ms_min.saturating_mul(1_000),
        };
        let length_max = level.play.length_max();
        let timing =
            Self { segment_length: level.play.pace().segment_length(), length_max, unit_us, allowance_ms: 0 };
        // A turn is played as slowly as the player likes: its level says how long the whole may take.
        let allowance_ms = match level.play.pace() {
            Pace::Clocked => (timing.least_ms(length_max) / 2).min(ALLOWANCE_MAX_MS),
            Pace::Turns => level.think_ms_max,
        };
        Self { allowance_ms, ..timing }
    }

    /// The least time in which `length` ticks or turns can have been played, in milliseconds.
    pub fn least_ms(&self, length: u32) -> u64 {
        u64::from(length).saturating_mul(u64::from(self.unit_us)) / 1_000
    }

    /// How many segments the longest play has.
    pub fn segments_max(&self) -> u32 {
        self.length_max.div_ceil(self.segment_length.max(1))
    }

    /// The first tick or turn of segment `segment`.
    pub fn start_of(&self, segment: u32) -> u32 {
        segment.saturating_mul(self.segment_length)
    }

    /// When the play up to `length` may arrive: not before it can have been played, and not after the allowance.
    pub fn arrival(&self, opened_at: Timestamp, length: u32) -> (Timestamp, Timestamp) {
        let earliest = opened_at.plus(self.least_ms(length));
        (earliest, earliest.plus(self.allowance_ms))
    }

    /// The moment after which a round that was not finished has expired.
    pub fn expires_at(&self, opened_at: Timestamp) -> Timestamp {
        self.arrival(opened_at, self.length_max).1
    }
}
