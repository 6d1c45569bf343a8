//! What the code of a voucher is for.

use serde::{Deserialize, Serialize};

use super::{CampaignView, LevelView};
use crate::time::Timestamp;
use crate::wallet::Wallet;

/// Asks what a code is for. Nothing is changed by it, and so nothing is signed: whoever has the code may know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct VoucherLook {
    /// Who would use it.
    pub wallet: Wallet,
    /// The code, in letters of either case; hyphens and spaces do not count.
    pub code: String,
}

/// What a code is for, which this wallet can use or has used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct VoucherView {
    /// The campaign that it lets the wallet into.
    pub campaign: CampaignView,
    /// The levels that the campaign opens rounds of now, as the map shows them but for what they pay in it; none while it opens
    /// none.
    pub levels: Vec<LevelView>,
    /// Whether the wallet has used it: it is the wallet's from then on.
    pub is_used: bool,
    /// Until when it can be used first; none where there is no such moment.
    pub expires_ms: Option<Timestamp>,
    /// The server's clock.
    pub server_time_ms: Timestamp,
}
