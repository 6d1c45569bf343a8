//! The webhooks of sites: what operators see and change of them.

use std::sync::Arc;

use dripline_shared::api::operate::Mistake;
use dripline_shared::api::operate::sites::SiteKeyRotation;
use dripline_shared::api::operate::webhooks::{
    SiteWebhook, SiteWebhooks, WebhookChange as Said, WebhookDeliveries, WebhookMessage, WebhookRequest,
    WebhookSecret,
};
use dripline_shared::error::Code;
use dripline_shared::round::Hash;

use crate::access::{Digits, ID_BYTES};
use crate::faucet::{Faucet, Operator, unreadable};
use crate::operate::webhook_invalid;
use crate::refusal::Refusal;
use crate::site::{SiteRecord, WebhookRecord};
use crate::store::command::{SiteChange, WebhookChange};
use crate::store::{BoxedReader, DeliveryRecord};
use crate::webhook::secret_text;

/// The most messages of a page.
pub const DELIVERIES_MAX: usize = 100;

impl Faucet {
    /// The webhooks of a site, also of one that has ended.
    pub async fn site_webhooks(&self, site: &str) -> Result<SiteWebhooks, Refusal> {
        let record = self.inner.site_record(site).await;
        self.counted(record.map(|record| self.webhooks_of(&record)))
    }

    /// Makes a webhook. Its secret is told this once.
    pub async fn make_site_webhook(
        &self,
        who: Operator,
        site: Arc<str>,
        request: WebhookRequest,
    ) -> Result<WebhookSecret, Refusal> {
        let WebhookRequest { url, events } = request;
        self.counted(self.reaches(&url))?;
        let (id, nonce) =
            (Digits(&self.inner.edge.random::<ID_BYTES>()).to_string(), Hash(self.inner.edge.random()));
        let make = WebhookChange::Make { id: id.clone(), nonce, url, events };
        let record = self.change_webhook(who, site, make).await?;
        self.counted(self.with_secret(&record, &id))
    }

    /// Says something else of a webhook.
    pub async fn set_site_webhook(
        &self,
        who: Operator,
        site: Arc<str>,
        id: Arc<str>,
        change: Said,
    ) -> Result<SiteWebhook, Refusal> {
        let Said { url, events, is_on } = change;
        self.counted(self.reaches(&url))?;
        let set = WebhookChange::Set { id: Arc::clone(&id), url, events, is_on };
        let record = self.change_webhook(who, site, set).await?;
        let now = self.inner.edge.now();
        self.counted(webhook_of(&record, &id).map(|webhook| webhook.view(now)))
    }

    /// Gives a webhook a new secret, which is told this once.
    pub async fn rotate_site_webhook(
        &self,
        who: Operator,
        site: Arc<str>,
        id: Arc<str>,
        rotation: SiteKeyRotation,
    ) -> Result<WebhookSecret, Refusal> {
        let nonce = Hash(self.inner.edge.random());
        let SiteKeyRotation { overlap_ms } = rotation;
        let rotate = WebhookChange::Rotate { id: Arc::clone(&id), nonce, overlap_ms };
        let record = self.change_webhook(who, site, rotate).await?;
        self.counted(self.with_secret(&record, &id))
    }

    /// Removes a webhook: it is told nothing any more.
    pub async fn remove_site_webhook(
        &self,
        who: Operator,
        site: Arc<str>,
        id: Arc<str>,
    ) -> Result<SiteWebhooks, Refusal> {
        let record = self.change_webhook(who, site, WebhookChange::Remove { id }).await?;
        Ok(self.webhooks_of(&record))
    }

    /// Sends a webhook a message that says nothing.
    pub async fn test_site_webhook(
        &self,
        who: Operator,
        site: Arc<str>,
        id: Arc<str>,
    ) -> Result<WebhookMessage, Refusal> {
        let message = format!("msg_test_{}", Digits(&self.inner.edge.random::<16>()));
        let test = WebhookChange::Test { id, message: message.as_str().into() };
        self.change_webhook(who, site, test).await?;
        Ok(WebhookMessage { message })
    }

    /// Sends a message to a webhook again, as it was.
    pub async fn resend_to_site_webhook(
        &self,
        who: Operator,
        site: Arc<str>,
        id: Arc<str>,
        number: u64,
    ) -> Result<WebhookMessage, Refusal> {
        let page = self.deliveries_of(&site, &id, number.checked_add(1), 1).await?;
        let found = page.deliveries.into_iter().find(|delivery| delivery.number == number);
        let delivery = self.counted(found.ok_or_else(|| Code::DeliveryUnknown.into()))?;
        self.change_webhook(who, site, WebhookChange::SendAgain { id, number }).await?;
        Ok(WebhookMessage { message: delivery.message })
    }

    /// Messages to a webhook, the newest first: with numbers below `before`, at most `limit`, which is taken as 1 to
    /// [`DELIVERIES_MAX`].
    pub async fn site_webhook_deliveries(
        &self,
        site: &str,
        id: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<WebhookDeliveries, Refusal> {
        self.deliveries_of(site, id, before, limit.clamp(1, DELIVERIES_MAX)).await
    }

    async fn deliveries_of(
        &self,
        site: &str,
        id: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<WebhookDeliveries, Refusal> {
        let record = self.inner.site_record(site).await;
        self.counted(record.and_then(|record| webhook_of(&record, id).map(drop)))?;
        let (webhook, more): (Arc<str>, usize) = (id.into(), limit.saturating_add(1));
        let read = move |reader: &mut BoxedReader| -> Result<_, Refusal> {
            let found = reader.deliveries(&webhook, before, more).map_err(unreadable)?;
            let waiting = reader.deliveries_waiting().map_err(unreadable)?;
            let waiting = waiting.into_iter().find(|(id, _)| *id == webhook).map_or(0, |(_, count)| count);
            Ok((found, waiting))
        };
        let (mut found, waiting) =
            self.counted(self.inner.readers.run(read).await.and_then(|found| found))?;
        let is_more = found.len() > limit;
        found.truncate(limit);
        let next_before = found.last().filter(|_| is_more).map(|last| last.number);
        let deliveries = found.iter().map(DeliveryRecord::view).collect();
        Ok(WebhookDeliveries { deliveries, next_before, waiting })
    }

    async fn change_webhook(
        &self,
        who: Operator,
        site: Arc<str>,
        change: WebhookChange,
    ) -> Result<SiteRecord, Refusal> {
        self.change_site_record(who, SiteChange::Webhook { site, change }).await
    }

    fn reaches(&self, url: &str) -> Result<(), Refusal> {
        let expected = |expected: &str| {
            webhook_invalid(Mistake { field: "url".to_owned(), expected: expected.to_owned() })
        };
        self.inner.outbox.reach().check(url).map_err(expected)
    }

    fn webhooks_of(&self, record: &SiteRecord) -> SiteWebhooks {
        let now = self.inner.edge.now();
        SiteWebhooks { webhooks: record.webhooks.iter().map(|webhook| webhook.view(now)).collect() }
    }

    fn with_secret(&self, record: &SiteRecord, id: &str) -> Result<WebhookSecret, Refusal> {
        let webhook = webhook_of(record, id)?;
        let secret = self.inner.in_force().keys.webhook_secret(id, webhook.nonce);
        Ok(WebhookSecret { secret: secret_text(&secret), webhook: webhook.view(self.inner.edge.now()) })
    }
}

fn webhook_of<'a>(record: &'a SiteRecord, id: &str) -> Result<&'a WebhookRecord, Refusal> {
    record.webhooks.iter().find(|webhook| webhook.id == id).ok_or_else(|| Code::WebhookUnknown.into())
}
