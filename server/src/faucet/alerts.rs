//! Alerts at work: looking every half minute what is the matter, and telling the operator's webhook. Nothing waits for either.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dripline_shared::api::alert::{Alert, AlertList, AlertTurn};
use dripline_shared::api::operate::By;
use dripline_shared::error::Code;
use dripline_shared::time::{MINUTE_MS, SECOND_MS, Timestamp};
use tokio::task::spawn_blocking;

use crate::alert::attempts::Attempts;
use crate::alert::message::{Message, message};
use crate::alert::rules::{self, conditions};
use crate::alert::turns::{Found, PAST_MAX, decide};
use crate::alert::{AlertRecord, AlertRules, server_hash};
use crate::faucet::{Faucet, OfServer, Operator};
use crate::payout::KeySource;
use crate::refusal::Refusal;
use crate::store::command::Change;
use crate::store::record::ServerId;
use crate::webhook::{Attempt, Receiver, Secrets};

/// For how long it is worth an alert that a server has started whose process before had not ended in order, in milliseconds.
const UNCLEAN_FOR_MS: u64 = 5 * MINUTE_MS;
/// How old what was read from the store may be to tell what is the matter, in milliseconds.
const READ_AGO_MAX_MS: u64 = MINUTE_MS;
/// How many messages are sent one after the other before it is looked again what is the matter.
const MESSAGES_AT_ONCE: usize = 10;
/// How many of them may fail: a receiver that does not answer at all holds up for so many timeouts that it is looked again.
const FAILURES_AT_ONCE: usize = 3;

/// Where alerts are sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertReceiver {
    /// The address, or `env:NAME`.
    pub url: String,
    /// Where the secret is that messages are signed with.
    pub secret: KeySource,
    /// How long an answer may take.
    pub timeout: Duration,
}

/// What a faucet is to do about alerts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AlertSettings {
    /// When something is the matter.
    pub rules: AlertRules,
    /// Who is told; nobody where there is none, and then alerts are only shown.
    pub receiver: Option<AlertReceiver>,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Alerts {
    rules: AlertRules,
    teller: Option<Arc<Teller>>,
    /// Those that were on when it was looked last.
    on: Mutex<Arc<[Alert]>>,
    /// Whether the process before had not ended in order.
    was_unclean: bool,
}

/// Who tells.
#[derive(Debug)]
struct Teller {
    receiver: Receiver,
    secrets: Secrets,
    /// What was tried and not taken.
    attempts: Mutex<Attempts>,
}

impl Alerts {
    /// Reads the secrets; what is wrong with them, or with the address, otherwise.
    pub(super) fn open(settings: &AlertSettings) -> Result<Self, String> {
        let teller = |receiver: &AlertReceiver| {
            Ok::<_, String>(Arc::new(Teller {
                receiver: Receiver::new(&receiver.url, receiver.timeout)?,
                secrets: Secrets::read(&receiver.secret)?,
                attempts: Mutex::default(),
            }))
        };
        let teller = settings.receiver.as_ref().map(teller).transpose()?;
        Ok(Self { rules: settings.rules, teller, on: Mutex::new(Arc::new([])), was_unclean: false })
    }

    /// The server starts; whether the process before had not ended in order.
    pub(super) fn begin(self, was_unclean: bool) -> Self {
        Self { was_unclean, ..self }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Teller {
    /// Sends a message once. What is wrong otherwise. Blocks.
    fn send(&self, message: &Message, now: Timestamp) -> Result<(), String> {
        let seconds = now.0 / SECOND_MS;
        let attempt = Attempt {
            id: &message.id,
            seconds,
            signatures: &self.secrets.signatures(&message.id, seconds, &message.body),
            body: &message.body,
        };
        self.receiver.post(attempt).and_then(|answer| match answer.status {
            200..=299 => Ok(()),
            status => Err(format!("it answers {status}")),
        })
    }
}

impl Faucet {
    /// Looks what is the matter, notes which alerts begin and which are over, and tells it. To be called every half minute.
    pub async fn watch_alerts(&self) -> Result<(), Refusal> {
        let overview = self.overview(OfServer::default()).await;
        let now = self.inner.edge.now();
        // What cannot be read tells nothing.
        if overview.read_at_ms.is_none_or(|read_at| now.since(read_at) > READ_AGO_MAX_MS) {
            return Ok(());
        }
        let alerts = &self.inner.alerts;
        let is_fresh = now.since(self.inner.started_at) < UNCLEAN_FOR_MS;
        let of_server = rules::OfServer {
            name: if self.is_beside_others() { name_of(self.inner.server) } else { String::new() },
            unclean_start: (alerts.was_unclean && is_fresh).then_some(self.inner.started_at),
        };
        let found = Found {
            conditions: conditions(&overview, &of_server, &alerts.rules),
            server: server_hash(self.inner.server),
            tells: alerts.teller.is_some(),
        };
        let mut records: Vec<AlertRecord> = self.inner.all_stored("".into()).await?;
        // Mostly nothing has changed, and then nothing is written.
        if !decide(&records, &found, now).is_empty() {
            self.inner.operate(SERVER, Change::TurnAlerts(found.clone())).await?;
            records = self.inner.all_stored("".into()).await?;
        }
        let on = records.iter().filter(|record| record.until.is_none()).map(AlertRecord::view);
        *locked(&alerts.on) = on.collect();
        match &alerts.teller {
            Some(teller) => self.tell_alerts(teller, records, &found).await,
            None => Ok(()),
        }
    }

    /// Tells what this server is to tell: what was never tried first, the oldest before others. What is not taken waits by itself.
    async fn tell_alerts(
        &self,
        teller: &Arc<Teller>,
        records: Vec<AlertRecord>,
        found: &Found,
    ) -> Result<(), Refusal> {
        let is_ours = |record: &AlertRecord| record.is_told_by(found.server);
        let mut ours: Vec<AlertRecord> = records.into_iter().filter(is_ours).collect();
        let (mut sent, mut failed) = (0_usize, 0_usize);
        while sent < MESSAGES_AT_ONCE && failed < FAILURES_AT_ONCE {
            let now = self.inner.edge.now();
            let next = locked(&teller.attempts).next(&ours, now).and_then(|place| ours.get_mut(place));
            let Some(record) = next else { break };
            let Some(turn) = record.to_tell() else { break };
            sent = sent.saturating_add(1);
            let message = message(record, turn, self.inner.in_force().faucet);
            let (by, id) = (Arc::clone(teller), Arc::clone(&record.id));
            let attempt = spawn_blocking(move || (by.send(&message, now), message));
            let (taken, message) = attempt.await.map_err(|_| Code::Internal)?;
            match taken {
                Ok(()) => {
                    self.note_told(id, turn).await?;
                    *record = record.clone().told(turn);
                }
                Err(error) => {
                    tracing::warn!(alert = %id, %error, "the webhook of alerts has not taken one: it is tried again");
                    locked(&teller.attempts).note_failed(&message.id, now);
                    failed = failed.saturating_add(1);
                }
            }
        }
        locked(&teller.attempts).keep(&ours);
        Ok(())
    }

    async fn note_told(&self, id: Arc<str>, turn: AlertTurn) -> Result<(), Refusal> {
        self.inner.operate(SERVER, Change::AlertTold { id, turn }).await.map(drop)
    }

    /// All alerts that are kept.
    pub async fn alerts(&self) -> Result<AlertList, Refusal> {
        let records: Result<Vec<AlertRecord>, Refusal> = self.inner.all_stored("".into()).await;
        let (on, past): (Vec<Alert>, Vec<Alert>) =
            self.counted(records)?.iter().map(AlertRecord::view).partition(|alert| alert.until_ms.is_none());
        Ok(AlertList { on, past: past.into_iter().rev().take(PAST_MAX).collect() })
    }

    /// Those that were on when this server looked last.
    pub fn alerts_on(&self) -> Arc<[Alert]> {
        Arc::clone(&locked(&self.inner.alerts.on))
    }
}

/// Who notes alerts.
const SERVER: Operator = Operator { by: By::Server, from: None, session: None };

/// What a server is called among others: the first digits of its id.
fn name_of(server: ServerId) -> String {
    let [first, second, third, fourth, ..] = server.0;
    format!("server-{first:02x}{second:02x}{third:02x}{fourth:02x}")
}
