//! What operators change of sites.

use std::sync::Arc;

use dripline_shared::round::Hash;
use dripline_shared::site::Site;

use super::webhook::WebhookChange;
use crate::site::{SITES_REVISION_ID, SiteKeyName};
use crate::store::record::DocumentKind::{Site as SiteDocument, SitesRevision};
use crate::store::record::Wanted;

/// What is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SiteChange {
    /// Registers a site.
    Make(Box<MakeSite>),
    /// Says something else of a site.
    Set {
        /// All of it.
        site: Box<Site>,
        /// The revision that it replaces.
        revision: u64,
    },
    /// Gives one of its keys a new secret, which is not here.
    RotateKey {
        /// The site's id.
        id: Arc<str>,
        /// Which key.
        which: SiteKeyName,
        /// The hash of the new secret.
        hash: Hash,
        /// For how long the former one still holds, in milliseconds; for a day where nothing is said.
        overlap_ms: Option<u64>,
    },
    /// Revokes one of its keys.
    RevokeKey {
        /// The site's id.
        id: Arc<str>,
        /// Which key.
        which: SiteKeyName,
    },
    /// Ends it.
    End {
        /// The site's id.
        id: Arc<str>,
    },
    /// Changes one of its webhooks, or what that is told.
    Webhook {
        /// The site's id.
        site: Arc<str>,
        /// What.
        change: WebhookChange,
    },
}

/// Registers a site. The secrets of its keys are not here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MakeSite {
    /// What is said of it.
    pub site: Site,
    /// The id of its secret, and the hash of that.
    pub secret: (String, Hash),
    /// The same of what reads its statistics.
    pub statistics: (String, Hash),
}

impl SiteChange {
    /// What its decision needs to know of documents.
    pub(super) fn wanted(&self) -> Vec<Wanted> {
        let one = |id: &str| Wanted::One(SiteDocument, id.into());
        let sites = match self {
            Self::Make(_) => Wanted::All(SiteDocument),
            Self::Set { site, .. } => one(&site.id),
            Self::Webhook { site, .. } => one(site),
            Self::RotateKey { id, .. } | Self::RevokeKey { id, .. } | Self::End { id } => one(id),
        };
        vec![sites, Wanted::One(SitesRevision, SITES_REVISION_ID.into())]
    }
}
