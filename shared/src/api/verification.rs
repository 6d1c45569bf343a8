//! Verification: what a site's page is given for a claimed round, and what the site's server learns by it.

use serde::{Deserialize, Serialize};

use super::Reason;
use crate::amount::Amount;
use crate::round::RoundId;
use crate::site::SiteMode;
use crate::time::Timestamp;
use crate::wallet::Wallet;

/// Asks for the verification token of a claimed round of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct VerificationRequest {
    /// The origin of the site's page: one of the site's.
    pub origin: String,
    /// What that page says, for its own server: at most 255 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cdata: Option<String>,
}

/// A verification token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct VerificationAnswer {
    /// What the site's server sends to `/api/v1/siteverify`: at most 1,024 letters.
    pub token: String,
    /// The site that it is for.
    pub site: String,
    /// Whether that is for the work itself.
    pub mode: SiteMode,
    /// Until when it can be verified first.
    pub expires_at_ms: Timestamp,
    /// The server's clock.
    pub server_time_ms: Timestamp,
}

/// What a site's server asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SiteVerifyRequest {
    /// The site's secret.
    pub secret: String,
    /// The token that the site's page was given.
    pub token: String,
    /// Chosen by the site's server, 1 to 128 bytes: under the same key, the same token gets the same answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

/// What a site's server learns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SiteVerifyAnswer {
    /// Whether the token is good, and was not used before: only then is there a `verified`.
    pub success: bool,
    /// Why it is not, the same codes as those of refusals.
    pub reasons: Vec<Reason>,
    /// What was played.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<Verified>,
}

/// A round as its site's server learns of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Verified {
    /// The site.
    pub site: String,
    /// Whether it is for the work itself.
    pub mode: SiteMode,
    /// The round.
    pub round: RoundId,
    /// Who played it.
    pub wallet: Wallet,
    /// The level that was cleared.
    pub level: String,
    /// The points.
    pub score: u32,
    /// 1 to 3.
    pub stars: u8,
    /// What it earned; 0 on sites where nothing is paid.
    pub amount: Amount,
    /// Of this asset (its code).
    pub asset: String,
    /// When the round was opened: nothing of it was played before.
    pub opened_at_ms: Timestamp,
    /// When it was claimed.
    pub claimed_at_ms: Timestamp,
    /// The origin of the site's page, as the player's browser said it: one of the site's.
    pub origin: String,
    /// What the site's page said, by the player's browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cdata: Option<String>,
}
