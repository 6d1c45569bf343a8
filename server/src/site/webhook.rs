//! What is stored of the webhooks of a site: with the site, so that they are in force where it is.
//!
//! A webhook's secret is not stored. It follows from the faucet's own secret and a number that is drawn for it, so that whoever
//! reads the store, or a backup of it, can sign nothing.

use dripline_shared::amount::Amount;
use dripline_shared::api::operate::By;
use dripline_shared::api::operate::webhooks::{SiteEvent, SiteWebhook};
use dripline_shared::round::Hash;
use dripline_shared::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::access::FormerSecret;

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookRecord {
    /// Its id: 16 hexadecimal digits.
    pub id: String,
    /// Where messages go.
    pub url: String,
    /// What it is told of.
    pub events: Vec<SiteEvent>,
    /// Whether it is told anything.
    pub is_on: bool,
    /// When its server said that there is none any more.
    pub gone_at: Option<Timestamp>,
    /// What its secret follows from.
    pub nonce: Hash,
    /// The same of its secret before that, while messages are signed by both.
    pub former: Option<FormerSecret>,
    /// Who made its secret.
    pub by: By,
    /// When.
    pub made_at: Timestamp,
    /// What it was told last of a campaign that has little left.
    pub told: Option<ToldLow>,
}

/// That a webhook was told that a campaign has little left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToldLow {
    /// The campaign.
    pub campaign: String,
    /// The budget that it had.
    pub budget: Amount,
    /// At most so many per cent were left.
    pub percent: u32,
}

impl WebhookRecord {
    /// Whether it is told of such events.
    pub fn hears(&self, event: SiteEvent) -> bool {
        self.is_on && self.events.contains(&event)
    }

    /// What the secrets follow from that messages are signed with at `now`: the newest first.
    pub fn nonces(&self, now: Timestamp) -> impl Iterator<Item = Hash> {
        let former = self.former.filter(|former| now < former.until).map(|former| former.hash);
        [self.nonce].into_iter().chain(former)
    }

    /// As operators see it.
    pub fn view(&self, now: Timestamp) -> SiteWebhook {
        let former = self.former.filter(|former| now < former.until);
        SiteWebhook {
            id: self.id.clone(),
            url: self.url.clone(),
            events: self.events.clone(),
            is_on: self.is_on,
            gone_at_ms: self.gone_at,
            former_until_ms: former.map(|former| former.until),
            by: self.by.clone(),
            made_at_ms: self.made_at,
        }
    }
}
