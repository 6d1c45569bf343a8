//! What operators see of players, and do about them.

use serde::{Deserialize, Serialize};

use super::By;
use crate::amount::Amount;
use crate::api::{OutcomeView, RoundState, WalletView, WithdrawalView};
use crate::level::Level;
use crate::round::{Hash, RoundId, RoundSecret, Seed};
use crate::time::Timestamp;
use crate::wallet::Wallet;

/// How a wallet stands with the operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nobody has anything against it.
    #[default]
    Clear,
    /// It plays and earns, and its withdrawals wait.
    Held,
    /// It opens no round, claims nothing and is paid nothing. What it has stays its own.
    Banned,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Clear, Self::Held, Self::Banned];

    /// As on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Held => "held",
            Self::Banned => "banned",
        }
    }
}

/// How a wallet stands, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct StandingView {
    /// How.
    pub standing: Standing,
    /// Why, in the words of whoever has changed it last; nothing where nobody ever has.
    pub reason: Option<String>,
    /// Who has changed it last.
    pub by: Option<By>,
    /// When.
    pub at_ms: Option<Timestamp>,
}

/// A note of operators about a player.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PlayerNote {
    /// What it says.
    pub text: String,
    /// Who wrote it.
    pub by: By,
    /// When.
    pub at_ms: Timestamp,
}

/// A player among others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PlayerSummary {
    /// The wallet.
    pub wallet: Wallet,
    /// How it stands.
    pub standing: Standing,
    /// How many drips it ever had.
    pub drips: u64,
    /// When it had its first one.
    pub first_drip_ms: Option<Timestamp>,
    /// When it had its last one.
    pub last_drip_ms: Option<Timestamp>,
}

/// A page of players.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PlayerList {
    /// They: those that came last first, and where something is searched for, in the order of their keys as numbers.
    pub players: Vec<PlayerSummary>,
    /// `cursor` for the next page; none on the last.
    pub next_cursor: Option<String>,
}

/// The most keys that a player is shown to have taken over.
pub const TAKEN_OVER_MAX: usize = 20;

/// That all that a guest's key had was moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PlayerMove {
    /// To which wallet, or of which key.
    pub wallet: Wallet,
    /// When.
    pub at_ms: Timestamp,
}

/// All that operators see of a player.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PlayerView {
    /// What everybody sees: balances, levels, limits, addresses.
    pub wallet: WalletView,
    /// How it stands.
    pub standing: StandingView,
    /// When it had its first drip.
    pub first_drip_ms: Option<Timestamp>,
    /// When it had its last one.
    pub last_drip_ms: Option<Timestamp>,
    /// What operators have noted, the oldest first.
    pub notes: Vec<PlayerNote>,
    /// Those of its newest 100 withdrawals that have not ended, the newest first.
    pub waiting: Vec<WithdrawalView>,
    /// The wallet that all it had was moved to, where it was a guest's key that did so.
    pub moved_to: Option<PlayerMove>,
    /// The guests' keys whose all was moved to it: the last 20, the last one first.
    pub took_over: Vec<PlayerMove>,
}

/// Changes how a wallet stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StandingRequest {
    /// Why: 1 to 500 characters, in one line. It stays in the audit log for good.
    pub reason: String,
}

/// Adds a note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NoteRequest {
    /// What it says: 1 to 500 characters, in one line.
    pub text: String,
}

/// A round of a player, among others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PlayerRound {
    /// Its id.
    pub round: RoundId,
    /// The id of its level, where this build can read it.
    pub level: Option<String>,
    /// The campaign that pays it.
    pub campaign: String,
    /// When it was opened.
    pub opened_at_ms: Timestamp,
    /// Until when it can be claimed.
    pub claim_until_ms: Timestamp,
    /// Whether it was claimed, ended, or neither yet. How far it was played tells the round alone.
    pub closing: RoundClosing,
    /// What it came to, where it was claimed.
    pub outcome: Option<OutcomeView>,
    /// What it earned, where it was claimed.
    pub amount: Option<Amount>,
}

/// How a round was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoundClosing {
    /// It was not.
    NotYet,
    /// Without a claim.
    Ended,
    /// By a claim.
    Claimed,
}

/// A page of a player's rounds, the newest first. Rounds that were not claimed go a day after they could be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PlayerRounds {
    /// They.
    pub rounds: Vec<PlayerRound>,
    /// `before` for the next page; none on the last.
    pub next_before: Option<RoundId>,
}

/// A stretch of a round as it was played.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PlayedSegment {
    /// Its seed.
    pub seed: Seed,
    /// How many ticks or turns of it were played.
    pub length: u32,
    /// The inputs, as they were sent, in hexadecimal digits: the encoding is in the protocol's section on segments.
    pub inputs: String,
}

/// All that it takes to watch a round again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RoundReplay {
    /// Its id.
    pub round: RoundId,
    /// Whose it is.
    pub wallet: Wallet,
    /// How it stands.
    pub state: RoundState,
    /// The level as it stood when the round was opened; nothing where this build cannot read it.
    pub level: Option<Level>,
    /// Its hash.
    pub level_hash: Hash,
    /// The version of the catalog that it stood in, where this build can read the level.
    pub catalog: Option<Hash>,
    /// The rules version of its game that it was opened under.
    pub rules_version: u32,
    /// The campaign that pays it.
    pub campaign: String,
    /// The origin of the page that opened it.
    pub origin: String,
    /// When it was opened.
    pub opened_at_ms: Timestamp,
    /// Until when it had to be played.
    pub expires_at_ms: Timestamp,
    /// Until when it can be claimed.
    pub claim_until_ms: Timestamp,
    /// What was sent of it, in order; empty where it is not kept any more.
    pub play: Vec<PlayedSegment>,
    /// Its secret, from which all seeds come; once it is closed.
    pub round_secret: Option<RoundSecret>,
    /// What it came to, where it was claimed.
    pub outcome: Option<OutcomeView>,
    /// What it earned, where it was claimed.
    pub amount: Option<Amount>,
    /// The code of the asset that it earned.
    pub asset: Option<String>,
}
