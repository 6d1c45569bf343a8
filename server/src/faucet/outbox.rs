//! Sending what the webhooks of sites are told, and telling them that campaigns have little left. Nothing waits for either.
//!
//! A step takes what is due from the store, for a while in which no other server takes it, and starts sending it; what came of that is
//! noted by a later step. So steps are short however long answers take, and changes of many messages are one transaction.

mod low;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dripline_shared::api::operate::By;
use dripline_shared::time::{MINUTE_MS, SECOND_MS, Timestamp};
use tokio::sync::Notify;
use tokio::task::spawn_blocking;

use crate::edge::Edge;
use crate::faucet::{Faucet, Operator, unreadable};
use crate::in_force::InForce;
use crate::keys::Keys;
use crate::outbox::{Under, meaning, share};
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
/// A webhook that takes this long or longer to take a message, in milliseconds, is sent one at a time, as if it had not taken it: by
/// answering late one must not hold up what is sent to others.
const SLOW_MS: u64 = 5 * SECOND_MS;
/// What is said of a message in whose sending something here has broken.
const BROKEN: &str = "the faucet failed to send it";

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

    /// Remembers what came of sending a message, to be noted by the next step.
    fn note(&self, target: &Target, tried: Tried, is_gone: bool) {
        self.count(&tried.came);
        let webhook: Arc<str> = target.webhook.id.as_str().into();
        if let Some(error) = tried.came.error() {
            tracing::info!(site = %target.site, %webhook, error, "a webhook has not taken a message");
        }
        let mut state = self.state();
        state.tried.push(tried);
        if is_gone {
            state.gone.push((Arc::clone(&target.site), webhook, target.webhook.url.clone()));
        }
    }

    /// Sends a message once, and waits for the answer. Blocks.
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

/// The place of a message among those that are sent at the same time. It is given back when this is dropped, however the sending ends,
/// and also where it never begins.
#[derive(Debug)]
struct Place {
    outbox: Arc<Outbox>,
    webhook: Arc<str>,
    /// Whether the message was taken, and soon.
    is_well: bool,
}

impl Place {
    fn take(outbox: &Arc<Outbox>, webhook: &Arc<str>) -> Self {
        outbox.state().under.begin(webhook);
        Self { outbox: Arc::clone(outbox), webhook: Arc::clone(webhook), is_well: false }
    }

    /// Sends the message once by `tell`, which waits for the answer, and remembers what came of it. Blocks.
    fn send(
        mut self,
        target: &Target,
        delivery: &DeliveryRecord,
        edge: &Edge,
        tell: impl FnOnce(&Outbox, Timestamp) -> Result<Status, String>,
    ) {
        let begun = edge.now();
        // Whatever breaks, it is sent again by its schedule, and whoever looks sees why.
        let answer = catch_unwind(AssertUnwindSafe(|| tell(&self.outbox, begun)));
        let answer = answer.unwrap_or_else(|_| Err(BROKEN.to_owned()));
        let (random, now) = (u64::from_be_bytes(edge.random()), edge.now());
        let (tried, is_gone) = meaning(delivery, answer, random, now);
        self.is_well = tried.came == Came::Delivered && now.since(begun) < SLOW_MS;
        self.outbox.note(target, tried, is_gone);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.outbox.state().under.end(&self.webhook, self.is_well);
        self.outbox.answered.notify_waiters();
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
                let place = Place::take(outbox, &delivery.webhook);
                let (edge, in_force) = (self.inner.edge.clone(), Arc::clone(&in_force));
                // Its end is known by its place. It keeps nothing of the faucet from ending.
                drop(spawn_blocking(move || {
                    place.send(&target, &delivery, &edge, |outbox, now| {
                        outbox.tell(&target.webhook, &delivery, &in_force.keys, now)
                    });
                }));
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

#[cfg(test)]
mod tests;
