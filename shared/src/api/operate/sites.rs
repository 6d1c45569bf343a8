//! What operators read and write of sites.

use serde::{Deserialize, Serialize};

use super::By;
use crate::site::{Site, SiteMode};
use crate::time::Timestamp;

/// A site as operators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RegisteredSite {
    /// What was said of it.
    pub site: Site,
    /// How often that was said, from 1: whoever changes it says which one is meant.
    pub revision: u64,
    /// The secret of its server.
    pub secret: SiteKeyView,
    /// The read-only key of its statistics.
    pub statistics_key: SiteKeyView,
    /// Who registered it.
    pub by: By,
    /// When.
    pub made_at_ms: Timestamp,
    /// Who changed last what is said of it.
    pub changed_by: By,
    /// When.
    pub changed_at_ms: Timestamp,
    /// When it ended, if it did: its pages show nothing from then on.
    pub ended_at_ms: Option<Timestamp>,
}

/// What is known of a key of a site. Its secret is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SiteKeyView {
    /// Its id, which is a part of the key.
    pub id: String,
    /// Who made its secret.
    pub by: By,
    /// When.
    pub made_at_ms: Timestamp,
    /// Until when its former secret holds, if there is one that does.
    pub former_until_ms: Option<Timestamp>,
    /// When it was revoked, if it was: it can be given a new secret.
    pub revoked_at_ms: Option<Timestamp>,
}

/// A site among others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SiteSummary {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Whether it is for the work itself.
    pub mode: SiteMode,
    /// The origins of its pages.
    pub origins: Vec<String>,
    /// The campaign that pays.
    pub campaign: Option<String>,
    /// How often what is said of it was said.
    pub revision: u64,
    /// When it ended, if it did.
    pub ended_at_ms: Option<Timestamp>,
    /// What came of it lately.
    pub week: SiteWeek,
}

/// What came of a site on the last seven days by UTC, with the one that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SiteWeek {
    /// How many rounds were opened.
    pub opened: u64,
    /// How many rounds were won and claimed.
    pub cleared: u64,
    /// For how many of them something was paid.
    pub drips: u64,
}

/// All sites, by their ids, also those that have ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SiteList {
    /// They.
    pub sites: Vec<SiteSummary>,
    /// The origin of the faucet that their pages load the widget from, if there is one: the first that is configured, else its own
    /// machine's.
    pub faucet: Option<String>,
}

/// Says something else of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SiteChange {
    /// All of it. Its id and its mode stay as they are.
    pub site: Site,
    /// The revision that it replaces.
    pub revision: u64,
}

/// A site that was registered, with its keys, which are shown this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct MadeSite {
    /// The secret of its server, by which that learns of rounds: `dripline_site_live_…`.
    pub secret: String,
    /// What reads its statistics, and can do nothing else: `dripline_stats_…`.
    pub statistics_key: String,
    /// The site.
    pub registered: RegisteredSite,
}

impl std::fmt::Debug for MadeSite {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("MadeSite").field("registered", &self.registered).finish_non_exhaustive()
    }
}

/// Gives a key of a site a new secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SiteKeyRotation {
    /// For how long the former secret still holds, in milliseconds: at most 7 days, and a day where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap_ms: Option<u64>,
}

/// A site one of whose keys has a new secret, which is shown this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SiteKeySecret {
    /// The key.
    pub key: String,
    /// The site.
    pub registered: RegisteredSite,
}

impl std::fmt::Debug for SiteKeySecret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SiteKeySecret").field("registered", &self.registered).finish_non_exhaustive()
    }
}
