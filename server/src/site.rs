//! Sites: what is stored of them, and of their keys.
//!
//! A site's secret is `dripline_site_live_<id>_<secret>` or `dripline_site_test_<id>_<secret>`, and what reads its statistics is
//! `dripline_stats_<id>_<secret>`: as with API keys, programs that look for secrets in texts find them by their beginnings, and of a
//! secret, which has 256 bits of chance, a plain hash is stored.

mod webhook;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use dripline_shared::api::operate::By;
use dripline_shared::api::operate::sites::{RegisteredSite, SiteKeyView, SiteSummary, SiteWeek};
use dripline_shared::round::{Hash, hash};
use dripline_shared::site::{Site, SiteMode};
use dripline_shared::time::Timestamp;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

pub use webhook::{ToldLow, WebhookRecord};

use crate::access::{Digits, FormerSecret, ID_BYTES, bytes};
use crate::edge::Edge;
use crate::store::record::{DocumentKind, Stored};

/// The bytes of a secret.
const SECRET_BYTES: usize = 32;
/// The id of the one document that says how often sites were changed.
pub const SITES_REVISION_ID: &str = "sites";

/// What a key of a site is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteKeyUse {
    /// It is the secret of the site's server, by which that learns of rounds.
    Secret(SiteMode),
    /// It reads the site's statistics, and can do nothing else.
    Statistics,
}

impl SiteKeyUse {
    const ALL: [Self; 3] = [Self::Secret(SiteMode::Live), Self::Secret(SiteMode::Test), Self::Statistics];

    /// What such keys begin with.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Secret(SiteMode::Live) => "dripline_site_live_",
            Self::Secret(SiteMode::Test) => "dripline_site_test_",
            Self::Statistics => "dripline_stats_",
        }
    }

    /// What the hash of a secret starts with, so that none opens something else.
    const fn tag(self) -> &'static [u8; 16] {
        match self {
            Self::Secret(SiteMode::Live) => b"dripline:siteliv",
            Self::Secret(SiteMode::Test) => b"dripline:sitetst",
            Self::Statistics => b"dripline:sitests",
        }
    }
}

/// A key of a site. Secret: it is shown by [`Display`](fmt::Display) alone.
#[derive(Clone, PartialEq, Eq)]
pub struct SiteKey {
    purpose: SiteKeyUse,
    id: [u8; ID_BYTES],
    secret: [u8; SECRET_BYTES],
}

impl SiteKey {
    /// A new one.
    pub fn new(purpose: SiteKeyUse, edge: &Edge) -> Self {
        Self { purpose, id: edge.random(), secret: edge.random() }
    }

    /// The key with this id and a new secret; nothing where that is no id.
    pub fn with_new_secret(purpose: SiteKeyUse, id: &str, edge: &Edge) -> Option<Self> {
        Some(Self { purpose, id: bytes(id)?, secret: edge.random() })
    }

    /// What it is for.
    pub fn purpose(&self) -> SiteKeyUse {
        self.purpose
    }

    /// Its id: 16 hexadecimal digits.
    pub fn id(&self) -> String {
        Digits(&self.id).to_string()
    }

    /// What is stored of its secret.
    pub fn hash(&self) -> Hash {
        hash(self.purpose.tag(), &[&self.id, &self.secret])
    }
}

impl fmt::Display for SiteKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}_{}", self.purpose.prefix(), Digits(&self.id), Digits(&self.secret))
    }
}

impl fmt::Debug for SiteKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SiteKey({})", Digits(&self.id))
    }
}

/// A text that is no key of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected what a key of a site begins with, an id and a secret")]
pub struct NotASiteKey;

impl FromStr for SiteKey {
    type Err = NotASiteKey;

    fn from_str(text: &str) -> Result<Self, NotASiteKey> {
        let of_use = |purpose: SiteKeyUse| text.strip_prefix(purpose.prefix()).map(|rest| (purpose, rest));
        let (purpose, rest) = SiteKeyUse::ALL.into_iter().find_map(of_use).ok_or(NotASiteKey)?;
        let (id, secret) = rest.split_once('_').ok_or(NotASiteKey)?;
        Ok(Self { purpose, id: bytes(id).ok_or(NotASiteKey)?, secret: bytes(secret).ok_or(NotASiteKey)? })
    }
}

/// What is stored of a key of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteKeyRecord {
    /// Its id.
    pub id: String,
    /// The hash of its secret.
    pub hash: Hash,
    /// The secret before that.
    pub former: Option<FormerSecret>,
    /// Who made its secret.
    pub by: By,
    /// When.
    pub made_at: Timestamp,
    /// When it was revoked: then neither of its secrets holds.
    pub revoked_at: Option<Timestamp>,
}

impl SiteKeyRecord {
    /// Whether the key that was shown is this one and holds at `now`: in the same time, whatever is in its secret.
    pub fn admits(&self, shown: &SiteKey, now: Timestamp) -> bool {
        let hash = shown.hash();
        let is_same = |known: &Hash| known.0.ct_eq(&hash.0);
        let former = self.former.as_ref().filter(|former| now < former.until);
        let is_held = is_same(&self.hash) | former.map_or(0.into(), |former| is_same(&former.hash));
        bool::from(is_held) && self.revoked_at.is_none()
    }

    /// As operators see it.
    pub fn view(&self, now: Timestamp) -> SiteKeyView {
        let former = self.former.filter(|former| now < former.until);
        SiteKeyView {
            id: self.id.clone(),
            by: self.by.clone(),
            made_at_ms: self.made_at,
            former_until_ms: former.map(|former| former.until),
            revoked_at_ms: self.revoked_at,
        }
    }
}

/// What is stored of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteRecord {
    /// What was said of it.
    pub site: Site,
    /// How often that was said, from 1.
    pub revision: u64,
    /// The secret of its server.
    pub secret: SiteKeyRecord,
    /// What reads its statistics.
    pub statistics: SiteKeyRecord,
    /// Who registered it.
    pub by: By,
    /// When.
    pub made_at: Timestamp,
    /// Who changed last what is said of it.
    pub changed_by: By,
    /// When.
    pub changed_at: Timestamp,
    /// When it ended. Its id is never another site's.
    pub ended_at: Option<Timestamp>,
    /// Where its server is told what happens, the oldest first.
    #[serde(default)]
    pub webhooks: Vec<WebhookRecord>,
}

impl SiteRecord {
    /// What its keys are for.
    pub fn purpose(&self, which: SiteKeyName) -> SiteKeyUse {
        match which {
            SiteKeyName::Secret => SiteKeyUse::Secret(self.site.mode),
            SiteKeyName::Statistics => SiteKeyUse::Statistics,
        }
    }

    /// One of its keys.
    pub fn key(&self, which: SiteKeyName) -> &SiteKeyRecord {
        match which {
            SiteKeyName::Secret => &self.secret,
            SiteKeyName::Statistics => &self.statistics,
        }
    }

    /// Whether a key that was shown is one of this site's and holds at `now`.
    pub fn admits(&self, shown: &SiteKey, now: Timestamp) -> bool {
        let which = match shown.purpose() {
            SiteKeyUse::Secret(_) => SiteKeyName::Secret,
            SiteKeyUse::Statistics => SiteKeyName::Statistics,
        };
        self.ended_at.is_none() && self.key(which).admits(shown, now)
    }

    /// As operators see it.
    pub fn view(&self, now: Timestamp) -> RegisteredSite {
        RegisteredSite {
            site: self.site.clone(),
            revision: self.revision,
            secret: self.secret.view(now),
            statistics_key: self.statistics.view(now),
            by: self.by.clone(),
            made_at_ms: self.made_at,
            changed_by: self.changed_by.clone(),
            changed_at_ms: self.changed_at,
            ended_at_ms: self.ended_at,
        }
    }

    /// As operators see it among others, with what came of it lately.
    pub fn summary(&self, week: SiteWeek) -> SiteSummary {
        SiteSummary {
            id: self.site.id.clone(),
            name: self.site.name.clone(),
            mode: self.site.mode,
            origins: self.site.origins.clone(),
            campaign: self.site.campaign.clone(),
            revision: self.revision,
            ended_at_ms: self.ended_at,
            week,
        }
    }
}

impl Stored for SiteRecord {
    const KIND: DocumentKind = DocumentKind::Site;

    fn id(&self) -> Arc<str> {
        self.site.id.as_str().into()
    }
}

/// One of the keys of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteKeyName {
    /// The secret of its server.
    Secret,
    /// What reads its statistics.
    Statistics,
}

/// How often sites were changed: servers look at that each second, and at the sites only where it is another number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SitesRevision {
    /// So often.
    pub revision: u64,
}

impl Stored for SitesRevision {
    const KIND: DocumentKind = DocumentKind::SitesRevision;

    fn id(&self) -> Arc<str> {
        SITES_REVISION_ID.into()
    }
}

#[cfg(test)]
mod tests;
