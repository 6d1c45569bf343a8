//! Sending what the webhooks of sites are told, and telling them that campaigns have little left. Nothing waits for either.
//!
//! A step takes what is due from the store, for a while in which no other server takes it, and starts sending it; what came of that is
//! noted by a later step. So steps are short however long answers take, and changes of many messages are one transaction.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dripline_shared::api::operate::By;
use dripline_shared::api::operate::webhooks::SiteEvent;
use dripline_shared::campaign::{Campaign, CampaignStage};
use dripline_shared::site::NO_CAMPAIGN;
use dripline_shared::time::{MINUTE_MS, SECOND_MS, Timestamp};
use tokio::sync::Notify;
use tokio::task::spawn_blocking;

use crate::edge::Edge;
use crate::faucet::{Faucet, Operator, unreadable};
use crate::in_force::InForce;
use crate::keys::Keys;
use crate::outbox::{Low, Under, is_told, meaning, of_budget, share};
use crate::refusal::Refusal;
use crate::site::{SiteRecord, WebhookRecord};
use crate::store::BoxedReader;
use crate::store::command::{SiteChange, WebhookChange};
use crate::store::record::{Came, DeliveryRecord, DeliveryStep, Tried};
use crate::webhook::{Attempt, Reach, Reachable, Secrets, Status};

/// How long an answer may take in all.
const TIMEOUT: Duration = Duration::from_secs(15);
/// For how long nobody else takes what one server sends, in milliseconds: longer than an answer may take. What a server had taken
/// that has ended is sent again after that.
const TAKEN_FOR_MS: u64 = MINUTE_MS;

/// Who switches webhooks off that are gone, and tells what no operator tells.
const SERVER: Operator = Operator { by: By::Server, from: None, session: None };

/// How the webhooks of sites are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WebhookSettings {
    /// Whether they may be on this machine, also without encryption: for trying out.
    pub loopback: bool,
    /// How long an answer may take in all: well below a minute, after which a message is sent again.
    pub timeout: Duration,
}

impl Default for WebhookSettings {
    fn default() -> Self {
        Self { loopback: false, timeout: TIMEOUT }
    }
}

/// What is told of webhooks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WebhookFigures {
    /// Messages that were taken.
    pub delivered: u64,
    /// Attempts of which nothing came.
    pub failed: u64,
    /// Messages that were given up, of those.
    pub given_up: u64,
    /// Messages that wait, when that was looked at last.
    pub waiting: u64,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Outbox {
    reachable: Reachable,
    /// Rings when a message was answered, or was not in time.
    answered: Notify,
    state: Mutex<State>,
    delivered: AtomicU64,
    failed: AtomicU64,
    given_up: AtomicU64,
    waiting: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    under: Under,
    /// What was sent, to be noted.
    tried: Vec<Tried>,
    /// Webhooks that are gone: the site's id, their own, and the address.
    gone: Vec<(Arc<str>, Arc<str>, String)>,
    /// How many steps were taken.
    turn: usize,
}

/// A webhook that is on, of a site.
#[derive(Debug, Clone)]
struct Target {
    site: Arc<str>,
    webhook: WebhookRecord,
}

impl Outbox {
    /// One that tells them so.
    pub(super) fn new(settings: WebhookSettings) -> Self {
        let reach = if settings.loopback { Reach::PublicOrLoopback } else { Reach::Public };
        Self {
            reachable: Reachable::new(reach, settings.timeout),
            answered: Notify::new(),
            state: Mutex::default(),
            delivered: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            given_up: AtomicU64::new(0),
            waiting: AtomicU64::new(0),
        }
    }

    /// Where messages may go.
    pub(super) fn reach(&self) -> Reach {
        self.reachable.reach()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, came: &Came) {
        let counter = |counter: &AtomicU64| counter.fetch_add(1, Ordering::Relaxed);
        match came {
            Came::Delivered => counter(&self.delivered),
            Came::Again { .. } => counter(&self.failed),
            Came::GivenUp { .. } => {
                counter(&self.given_up);
                counter(&self.failed)
            }
        };
    }

    /// Remembers what came of sending a message.
    fn note(&self, target: &Target, (tried, is_gone): (Tried, bool)) {
        self.count(&tried.came);
        let webhook: Arc<str> = target.webhook.id.as_str().into();
        if let Some(error) = tried.came.error() {
            tracing::info!(site = %target.site, %webhook, error, "a webhook has not taken a message");
        }
        let mut state = self.state();
        state.under.end(&webhook, tried.came == Came::Delivered);
        state.tried.push(tried);
        if is_gone {
            state.gone.push((Arc::clone(&target.site), webhook, target.webhook.url.clone()));
        }
        drop(state);
        self.answered.notify_waiters();
    }
}

impl Outbox {
    /// Sends a message once, waits for the answer, and remembers what came of it. Blocks.
    fn send(&self, target: &Target, delivery: &DeliveryRecord, keys: &Keys, edge: &Edge) {
        let answer = self.tell(&target.webhook, delivery, keys, edge.now());
        let random = u64::from_be_bytes(edge.random());
        self.note(target, meaning(delivery, answer, random, edge.now()));
    }

    fn tell(
        &self,
        webhook: &WebhookRecord,
        delivery: &DeliveryRecord,
        keys: &Keys,
        now: Timestamp,
    ) -> Result<Status, String> {
        let seconds = now.0 / SECOND_MS;
        let secrets = Secrets::of(webhook.nonces(now).map(|nonce| keys.webhook_secret(&webhook.id, nonce)));
        let body = delivery.body.as_bytes();
        let signatures = secrets.signatures(&delivery.message, seconds, body);
        let attempt = Attempt { id: &delivery.message, seconds, signatures: &signatures, body };
        self.reachable.receiver(&webhook.url)?.tell(attempt)
    }
}

impl Faucet {
    /// Notes what came of the messages that were sent since, and begins to send what is due. To be called several times a second; it
    /// waits for no answer of a webhook.
    pub async fn deliver_webhooks(&self) -> Result<(), Refusal> {
        self.switch_off_gone().await;
        let (in_force, now) = (self.inner.in_force(), self.inner.edge.now());
        let due = self.due(&in_force, now).await?;
        let outbox = &self.inner.outbox;
        let (tried, room) = {
            let mut state = outbox.state();
            state.turn = state.turn.wrapping_add(1);
            (std::mem::take(&mut state.tried), share(&state.under, &due, state.turn))
        };
        if tried.is_empty() && room.is_empty() {
            return Ok(());
        }
        let step = DeliveryStep { now, until: now.plus(TAKEN_FOR_MS), tried, room };
        let taken = match self.inner.writer.deliver(step.clone()).await {
            Ok(taken) => taken,
            Err(refusal) => {
                // They are noted by the next step, unless they are sent again before.
                outbox.state().tried.extend(step.tried);
                return Err(refusal);
            }
        };
        for delivery in taken {
            if let Some(target) = target_of(&in_force, &delivery.webhook) {
                outbox.state().under.begin(&delivery.webhook);
                let (outbox, edge, in_force) =
                    (Arc::clone(outbox), self.inner.edge.clone(), Arc::clone(&in_force));
                // Its end is known by what it notes. It keeps nothing of the faucet from ending.
                drop(spawn_blocking(move || outbox.send(&target, &delivery, &in_force.keys, &edge)));
            }
        }
        Ok(())
    }

    /// To which webhooks messages are due; nothing is read where there are no webhooks.
    async fn due(&self, in_force: &InForce, now: Timestamp) -> Result<Vec<Arc<str>>, Refusal> {
        let on = in_force.registered.values().flat_map(|record| &record.webhooks);
        let on: Vec<Arc<str>> =
            on.filter(|webhook| webhook.is_on).map(|webhook| webhook.id.as_str().into()).collect();
        // What is gone is forgotten.
        self.inner.outbox.state().under.failing.retain(|webhook| on.contains(webhook));
        if on.is_empty() {
            return Ok(Vec::new());
        }
        let read = move |reader: &mut BoxedReader| reader.deliveries_due(&on, now).map_err(unreadable);
        self.inner.readers.run(read).await?
    }

    /// Switches webhooks off that have said that they are gone.
    async fn switch_off_gone(&self) {
        let gone = std::mem::take(&mut self.inner.outbox.state().gone);
        for (site, id, url) in gone {
            let change = WebhookChange::Gone { id, url };
            let changed = self.change_site_record(SERVER, SiteChange::Webhook { site, change }).await;
            if let Err(refusal) = changed {
                // The next message that it does not take has it tried again.
                tracing::warn!(code = refusal.code().as_str(), "a webhook that is gone was not switched off");
            }
        }
    }

    /// Waits until every message was answered, or was not in time, that this server is sending.
    pub async fn webhooks_answered(&self) {
        loop {
            let answered = self.inner.outbox.answered.notified();
            if self.inner.outbox.state().under.is_nothing() {
                return;
            }
            answered.await;
        }
    }

    /// Notes what came of the messages that were sent. To be called before the end, so that they are not sent again.
    pub(super) async fn note_delivered(&self) {
        let tried = std::mem::take(&mut self.inner.outbox.state().tried);
        if tried.is_empty() {
            return;
        }
        let now = self.inner.edge.now();
        let step = DeliveryStep { now, until: now, tried, room: Vec::new() };
        if let Err(refusal) = self.inner.writer.deliver(step).await {
            let code = refusal.code().as_str();
            tracing::warn!(code, "messages to webhooks were sent, and will be sent once more");
        }
    }

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
        for (site, low) in self.low_campaigns(&in_force).await? {
            let change = WebhookChange::TellLow(low);
            self.change_site_record(SERVER, SiteChange::Webhook { site, change }).await?;
        }
        Ok(())
    }

    /// The sites that are to be told that their campaigns have little left, and were not yet.
    async fn low_campaigns(&self, in_force: &Arc<InForce>) -> Result<Vec<(Arc<str>, Low)>, Refusal> {
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
        let low = |(site, campaign): (Arc<str>, &Campaign)| {
            let key = of(&campaign.id);
            let low = of_budget(&key.1, campaign.budget, *left.get(&key)?)?;
            let webhooks = &in_force.registered.get(&site)?.webhooks;
            webhooks.iter().any(|webhook| hears(webhook) && !is_told(webhook, &low)).then_some((site, low))
        };
        let mut found: Vec<_> = sites.into_iter().filter_map(low).collect();
        if !found.is_empty() {
            // One that has just started, or whose budget was just raised, has not got all of that yet.
            let read = |reader: &mut BoxedReader| reader.funded().map_err(unreadable);
            let funded = self.inner.readers.run(read).await??;
            found.retain(|(_, low)| {
                funded.get(&of(&low.campaign)).is_some_and(|funded| *funded >= low.budget)
            });
        }
        Ok(found)
    }

    /// What is told of webhooks.
    pub fn webhook_figures(&self) -> WebhookFigures {
        let outbox = &self.inner.outbox;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        WebhookFigures {
            delivered: read(&outbox.delivered),
            failed: read(&outbox.failed),
            given_up: read(&outbox.given_up),
            waiting: read(&outbox.waiting),
        }
    }
}

/// The webhook of this id, if it is on.
fn target_of(in_force: &InForce, id: &str) -> Option<Target> {
    let of_site = |(site, record): (&Arc<str>, &SiteRecord)| {
        let webhook = record.webhooks.iter().find(|webhook| webhook.id == id && webhook.is_on)?;
        Some(Target { site: Arc::clone(site), webhook: webhook.clone() })
    };
    in_force.registered.iter().find_map(of_site)
}
