//! Looking how many messages wait, and which campaigns have little left: their sites are told.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use dripline_shared::api::operate::webhooks::SiteEvent;
use dripline_shared::campaign::{Campaign, CampaignStage};
use dripline_shared::site::NO_CAMPAIGN;

use super::SERVER;
use crate::faucet::{Faucet, unreadable};
use crate::in_force::InForce;
use crate::outbox::{is_of_another_budget, is_told, of_budget};
use crate::refusal::Refusal;
use crate::site::{SiteRecord, WebhookRecord};
use crate::store::BoxedReader;
use crate::store::command::{SiteChange, WebhookChange};

impl Faucet {
    /// Looks how many messages wait, and tells sites whose campaigns have little left. To be called every few seconds; nothing is read
    /// where there are no webhooks.
    pub async fn watch_webhooks(&self) -> Result<(), Refusal> {
        let in_force = self.inner.in_force();
        if in_force.registered.values().all(|record| record.webhooks.is_empty()) {
            self.inner.outbox.waiting.store(0, Ordering::Relaxed);
            return Ok(());
        }
        let read = |reader: &mut BoxedReader| reader.deliveries_waiting().map_err(unreadable);
        let waiting = self.inner.readers.run(read).await??;
        let waiting = waiting.iter().fold(0_u64, |sum, (_, count)| sum.saturating_add(*count));
        self.inner.outbox.waiting.store(waiting, Ordering::Relaxed);
        for (site, change) in self.budgets(&in_force).await? {
            let change = SiteChange::Webhook { site: Arc::clone(&site), change };
            if let Err(refusal) = self.change_site_record(SERVER, change).await {
                // It is looked again soon. The other sites need not wait for that.
                tracing::warn!(%site, code = refusal.code().as_str(), "could not tell a site of its budget");
            }
        }
        Ok(())
    }

    /// The sites that are to be told that their campaigns have little left, and were not yet; and those whose campaigns have enough of
    /// another budget than they were told of.
    async fn budgets(&self, in_force: &Arc<InForce>) -> Result<Vec<(Arc<str>, WebhookChange)>, Refusal> {
        let now = self.inner.edge.now();
        let hears = |webhook: &WebhookRecord| webhook.hears(SiteEvent::BudgetLow);
        let campaign = |(site, record): (&Arc<str>, &SiteRecord)| {
            let pays_by = record.site.pays_by();
            let is_told = pays_by != NO_CAMPAIGN && record.webhooks.iter().any(hears);
            let campaign = in_force.catalog.campaign(pays_by).filter(|_| is_told)?;
            (campaign.stage(now) == CampaignStage::Running).then(|| (Arc::clone(site), campaign))
        };
        let sites: Vec<_> = in_force.registered.iter().filter_map(campaign).collect();
        if sites.is_empty() {
            return Ok(Vec::new());
        }
        let read = |reader: &mut BoxedReader| reader.shared().map_err(unreadable);
        let left = self.inner.readers.run(read).await??.campaigns;
        let of = |id: &str| (Arc::clone(&in_force.asset), Arc::<str>::from(id));
        let change = |(site, campaign): (Arc<str>, &Campaign)| {
            let key = of(&campaign.id);
            let low = of_budget(&key.1, campaign.budget, *left.get(&key)?);
            let webhooks = &in_force.registered.get(&site)?.webhooks;
            let any = |is_so: &dyn Fn(&WebhookRecord) -> bool| {
                webhooks.iter().any(|webhook| hears(webhook) && is_so(webhook))
            };
            let change = match low {
                Some(low) => {
                    any(&|webhook| !is_told(webhook, &low)).then_some(WebhookChange::TellLow(low))?
                }
                None => any(&|webhook| is_of_another_budget(webhook, &campaign.id, campaign.budget))
                    .then_some(WebhookChange::ForgetLow { campaign: key.1, budget: campaign.budget })?,
            };
            Some((site, change))
        };
        let mut found: Vec<_> = sites.into_iter().filter_map(change).collect();
        if found.iter().any(|(_, change)| matches!(change, WebhookChange::TellLow(_))) {
            // One that has just started, or whose budget was just raised, has not got all of that yet.
            let read = |reader: &mut BoxedReader| reader.funded().map_err(unreadable);
            let funded = self.inner.readers.run(read).await??;
            found.retain(|(_, change)| match change {
                WebhookChange::TellLow(low) => {
                    funded.get(&of(&low.campaign)).is_some_and(|funded| *funded >= low.budget)
                }
                _ => true,
            });
        }
        Ok(found)
    }
}
