//! What is told of a refusal.

use serde::{Deserialize, Serialize};

use super::OutcomeView;
use crate::error::Code;
use crate::round::RoundId;
use crate::time::Timestamp;

/// A reason of a refusal, or of what a refusal would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Reason {
    /// Which.
    pub code: Code,
    /// In words.
    pub message: String,
    /// What it is about: a field, a limit's name, a segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// From when it would pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_ms: Option<Timestamp>,
}

/// A refusal: RFC 9457's `application/problem+json`, with a stable code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Problem {
    /// A URI reference that names the kind of problem: `/problems/<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The stable code.
    pub code: Code,
    /// What happened this time.
    pub detail: String,
    /// Every reason that applied; the first one gave the code.
    pub reasons: Vec<Reason>,
    /// After how many milliseconds it is worth trying again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// With `goal_not_met`: what the server saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OutcomeView>,
    /// With `round_open`: which round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_round: Option<RoundId>,
}
