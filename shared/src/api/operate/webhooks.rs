//! What operators read and write of the webhooks of sites: where a site's server is told what happens there.

use serde::{Deserialize, Serialize};

use super::By;
use crate::time::Timestamp;

/// The most webhooks of a site.
pub const SITE_WEBHOOKS_MAX: usize = 4;
/// The longest address of a webhook, in bytes.
pub const WEBHOOK_URL_MAX: usize = 500;
/// How many messages may wait for a webhook: of those beyond that, the oldest are given up.
pub const WEBHOOK_WAITING_MAX: u64 = 50_000;

/// What a site's server is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub enum SiteEvent {
    /// A round was won and claimed, whether or not anything was paid for it.
    #[serde(rename = "cleared")]
    Cleared,
    /// Something was paid for a round.
    #[serde(rename = "drip")]
    Drip,
    /// The site's campaign has little left of its budget.
    #[serde(rename = "budget.low")]
    BudgetLow,
    /// An operator tries whether messages arrive. Nobody can choose it, and everybody gets it.
    #[serde(rename = "test")]
    Test,
}

impl SiteEvent {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Cleared, Self::Drip, Self::BudgetLow, Self::Test];

    /// As on the wire: the `type` of a message.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cleared => "cleared",
            Self::Drip => "drip",
            Self::BudgetLow => "budget.low",
            Self::Test => "test",
        }
    }
}

/// What is said of a new webhook of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WebhookRequest {
    /// Where messages go, by https: `https://shop.example/hooks/dripline`.
    pub url: String,
    /// What it is told of.
    pub events: Vec<SiteEvent>,
}

/// Says something else of a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WebhookChange {
    /// Where messages go.
    pub url: String,
    /// What it is told of.
    pub events: Vec<SiteEvent>,
    /// Whether it is told anything.
    pub is_on: bool,
}

/// A webhook of a site. Its secret is not shown again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SiteWebhook {
    /// Its id.
    pub id: String,
    /// Where messages go.
    pub url: String,
    /// What it is told of.
    pub events: Vec<SiteEvent>,
    /// Whether it is told anything.
    pub is_on: bool,
    /// When its server said that there is none any more (HTTP status 410): so it was switched off.
    pub gone_at_ms: Option<Timestamp>,
    /// Until when messages are signed by its former secret, too, if they are.
    pub former_until_ms: Option<Timestamp>,
    /// Who made its secret.
    pub by: By,
    /// When.
    pub made_at_ms: Timestamp,
}

/// The webhooks of a site, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SiteWebhooks {
    /// They.
    pub webhooks: Vec<SiteWebhook>,
}

/// A webhook with a new secret, which is shown this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct WebhookSecret {
    /// What messages are signed with: `whsec_…`.
    pub secret: String,
    /// The webhook.
    pub webhook: SiteWebhook,
}

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("WebhookSecret").field("webhook", &self.webhook).finish_non_exhaustive()
    }
}

/// A message that will be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct WebhookMessage {
    /// Its id: the header `webhook-id`.
    pub message: String,
}

/// How a message to a webhook stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is to be sent, or to be sent again.
    Waiting,
    /// It was taken.
    Delivered,
    /// It was not taken, and is not sent any more.
    GivenUp,
}

/// A message to a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct WebhookDelivery {
    /// Its number, which rises.
    pub number: u64,
    /// Its id: the header `webhook-id`.
    pub message: String,
    /// What it is about.
    pub event: SiteEvent,
    /// When that happened.
    pub made_at_ms: Timestamp,
    /// How it stands.
    pub state: DeliveryState,
    /// How often it was sent in all, also before an operator has sent it again.
    pub attempts: u32,
    /// When it was sent last.
    pub tried_at_ms: Option<Timestamp>,
    /// When it is sent next, while it waits.
    pub next_at_ms: Option<Timestamp>,
    /// Why it was not taken the last time.
    pub error: Option<String>,
    /// What it says.
    pub body: String,
}

/// A page of messages to a webhook, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct WebhookDeliveries {
    /// They.
    pub deliveries: Vec<WebhookDelivery>,
    /// Where the next page begins: its `before`. Nothing on the last one.
    pub next_before: Option<u64>,
    /// How many messages wait for the webhook, on whatever page: at most 50,000, the oldest of more are given up.
    pub waiting: u64,
}
