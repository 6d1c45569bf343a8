//! What an operator has to tell players.

use serde::{Deserialize, Serialize};

/// Texts of the operator's, for whoever plays. Each is there only where the operator has said something.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Notices {
    /// On which terms one plays: plain text, with line breaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<String>,
    /// Where there is more about the terms: an address that begins with `https://`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms_url: Option<String>,
    /// Where the faucet does not pay: plain text, with line breaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded_regions: Option<String>,
    /// Where it is told what is kept of players: an address that begins with `https://`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privacy_url: Option<String>,
    /// Where the operator is reached: an address that begins with `https://`, or one of electronic mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}
