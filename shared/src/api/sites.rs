//! What anybody learns of a site, and what its owner learns of what came of it.

use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::site::{SiteLook, SiteMode};
use crate::time::Timestamp;

/// A site as its pages see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SiteView {
    /// Its id.
    pub id: String,
    /// Whether it is for the work itself, or for trying out.
    pub mode: SiteMode,
    /// Whether what is won on its pages is paid: not on test sites, nor where levels are played for their own sake.
    pub pays: bool,
    /// The origins of its pages: what the frame is told by others it does not hear.
    pub origins: Vec<String>,
    /// How it looks.
    pub look: SiteLook,
}

/// What came of a site on each day on which anything did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SiteStatistics {
    /// The site's id.
    pub site: String,
    /// The code of the asset that amounts are of.
    pub asset: String,
    /// The days, the newest first.
    pub days: Vec<SiteDay>,
    /// What the server's clock says.
    pub server_time_ms: Timestamp,
}

/// What came of a site on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SiteDay {
    /// When the day began, by UTC.
    pub day_ms: Timestamp,
    /// How many rounds were opened.
    pub opened: u64,
    /// How many rounds were won and claimed.
    pub cleared: u64,
    /// For how many of them something was paid.
    pub drips: u64,
    /// How much that was together, in ledger units.
    pub amount: Amount,
}
