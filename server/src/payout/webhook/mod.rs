//! A webhook: the operator's own system pays. It is told so by messages that are signed by the specification of Standard
//! Webhooks (<https://www.standardwebhooks.com>), and what it answers settles them.
//!
//! A batch is one message, which is kept before it is sent (`message`), and is signed anew at each attempt, whose time is
//! part of what is signed ([`crate::webhook`]). The message is sent until an answer says how it ended (`answer`), at growing delays
//! (`schedule`), which are remembered in memory alone (`deliveries`). Money is safe because a receiver pays a message once,
//! however often it comes: so nothing has to be known of an attempt whose answer did not arrive, and no message ever dies
//! but by the receiver's word.
//!
//! Only [`Rail::send`] talks to the receiver, so that one that is paused gets nothing; [`Rail::verdict`] tells what was
//! answered last.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dripline_shared::amount::Amount;
use dripline_shared::payout::{BatchId, RailKind};
use dripline_shared::time::{HOUR_MS, SECOND_MS, Timestamp};

use crate::payout::transfers::asset_of;
use crate::payout::{Pace, Rail, RailError, RailRules, Signed, Trial, Verdict};
use crate::store::record::{BatchFacts, BatchRecord, Candidate, RailRecord};
use crate::webhook::{Attempt, Receiver, Secrets, retry_after};

mod address;
mod answer;
mod deliveries;
mod message;
mod schedule;
mod settings;

pub(crate) use address::check_pattern;

pub use address::{HINT_MAX, PATTERN_BYTES_MAX};
pub use settings::{
    ALERT_AFTER_DEFAULT_MS, ALERT_AFTER_MS, BATCH_MAX, TIMEOUT_DEFAULT_MS, TIMEOUT_MS, WebhookSettings,
};

use address::Addresses;
use answer::{End, Meaning};
use deliveries::Deliveries;

/// One message that is not answered does not hold up the others.
const PACE: Pace = Pace { batches_max: 16, calls_max: 4 };
/// How many messages may be accepted and not ended, besides those that wait for their first answer. A receiver may have a person
/// behind it, who pays once a day: they must not keep others waiting meanwhile. Each is read anew at every step, so there is
/// an end to it; whoever needs more has more withdrawals in a message.
const ACCEPTED_MAX: usize = 1_024;
/// For how long before it was made a message is signed that is only shown, in milliseconds: receivers take those of five minutes.
const SHOWN_BEFORE_MS: u64 = HOUR_MS;

/// See the module.
#[derive(Debug)]
pub struct Webhook {
    receiver: Receiver,
    secrets: Secrets,
    addresses: Addresses,
    /// How many decimals the ledger keeps of each asset.
    decimals: BTreeMap<Arc<str>, u8>,
    batch_max: usize,
    alert_after_ms: u64,
    deliveries: Mutex<Deliveries>,
}

impl Webhook {
    /// Opens the rail: reads the secrets and the address. Asks nobody.
    pub fn open(settings: &WebhookSettings, rules: &RailRules) -> Result<Self, RailError> {
        let WebhookSettings { url, secret, timeout, address_pattern, address_hint, .. } = settings;
        let decimals =
            |(code, rules): (&Arc<str>, &crate::payout::AssetRules)| (Arc::clone(code), rules.asset.decimals);
        let addresses = Addresses::new(address_pattern.as_deref(), address_hint.as_deref());
        Ok(Self {
            receiver: Receiver::new(url, *timeout).map_err(RailError::Later)?,
            secrets: Secrets::read(secret).map_err(RailError::Later)?,
            addresses: addresses.map_err(|why| RailError::Later(format!("address_pattern: {why}")))?,
            decimals: rules.assets.iter().map(decimals).collect(),
            batch_max: settings.batch_max.clamp(1, BATCH_MAX),
            alert_after_ms: settings.alert_after_ms,
            deliveries: Mutex::default(),
        })
    }

    fn deliveries(&self) -> MutexGuard<'_, Deliveries> {
        self.deliveries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The message of a batch.
    fn message(&self, batch: &BatchFacts) -> Result<Signed, RailError> {
        let decimals = asset_of(&self.decimals, batch)?;
        let bytes = message::body(batch, *decimals).map_err(|error| RailError::Later(error.to_string()))?;
        Ok(Signed { id: message::id(batch.record.id).into(), bytes, nonce: None, cost: Amount::ZERO })
    }

    /// Sends a message once: what came of that, and how long the receiver wants not to be asked again, in milliseconds.
    fn attempt(&self, message: &Candidate, now: Timestamp) -> (Meaning, Option<u64>) {
        let seconds = now.0 / SECOND_MS;
        let attempt = Attempt {
            id: &message.id,
            seconds,
            signatures: &self.secrets.signatures(&message.id, seconds, &message.bytes),
            body: &message.bytes,
        };
        match self.receiver.post(attempt) {
            Ok(answer) => {
                let wanted = answer.retry_after.and_then(|text| retry_after(&text, now));
                (answer::read(answer.status, &answer.body), wanted)
            }
            Err(why) => (Meaning::Unclear(why), None),
        }
    }
}

impl Rail for Webhook {
    fn kind(&self) -> RailKind {
        RailKind::Webhook
    }

    fn check_address(&self, address: &str) -> Result<(), String> {
        self.addresses.check(address)
    }

    fn is_own(&self, _address: &str) -> bool {
        false
    }

    fn batch_max(&self) -> usize {
        self.batch_max
    }

    fn pace(&self) -> Pace {
        PACE
    }

    fn parked(&self, batches: &[BatchId]) -> usize {
        let deliveries = self.deliveries();
        batches.iter().filter(|batch| deliveries.is_accepted(**batch)).count().min(ACCEPTED_MAX)
    }

    fn sign(&self, batch: &BatchFacts, _rail: &RailRecord, _now: Timestamp) -> Result<Signed, RailError> {
        self.message(batch)
    }

    /// Sends where it is time for it. That nobody answered is no failure here: it is sent again.
    fn send(&self, batch: &BatchRecord, candidate: &Candidate, now: Timestamp) -> Result<(), RailError> {
        if !message::is_of(batch, candidate) {
            return Err(RailError::Later(format!("{} was not made for a webhook", candidate.id)));
        }
        if !self.deliveries().is_due(batch.id, now) {
            return Ok(());
        }
        let (meaning, wanted) = self.attempt(candidate, now);
        let what = match &meaning {
            Meaning::End(_) => String::new(),
            Meaning::Accepted => "accepted".to_owned(),
            Meaning::Unclear(why) => why.clone(),
        };
        let is_unclear = matches!(meaning, Meaning::Unclear(_));
        let next = self.deliveries().note(batch.id, meaning, wanted, now);
        let (rail, message) = (&*batch.rail, &*candidate.id);
        match next {
            None => tracing::debug!(rail, message, "a message has ended"),
            Some(next) if is_unclear => tracing::warn!(rail, message, what, %next, "a message is sent again"),
            Some(next) => tracing::debug!(rail, message, what, %next, "a message is sent again"),
        }
        Ok(())
    }

    fn verdict(&self, batch: &BatchFacts, now: Timestamp) -> Result<Verdict, RailError> {
        let batch = &batch.record;
        let mut alive = batch.alive();
        let candidate = match (alive.next(), alive.next()) {
            (None, _) => return Ok(Verdict::Expired),
            (Some(candidate), None) if message::is_of(batch, candidate) => candidate,
            (Some(candidate), None) => {
                return Ok(Verdict::Unknown { why: format!("{} was not made for a webhook", candidate.id) });
            }
            _ => return Ok(Verdict::Unknown { why: "two candidates of the batch are alive".to_owned() }),
        };
        let mut deliveries = self.deliveries();
        Ok(match deliveries.end(batch.id) {
            Some(End::Settled { transaction }) => Verdict::Settled { transaction: Arc::clone(transaction) },
            // Nobody was paid nor will be: that is what a cancelled batch waits for, and no reason to try again.
            Some(End::Failed { .. }) if batch.cancelled_at.is_some() => Verdict::Expired,
            Some(End::Failed { reason }) => Verdict::Failed { reason: Arc::clone(reason) },
            // Once for each attempt: what cannot be told is not sent again, and this is to be.
            None if now.since(candidate.stored_at) >= self.alert_after_ms => {
                deliveries.tell(batch.id).map_or(Verdict::Alive, |what| Verdict::Unknown {
                    why: format!("{} has not ended since {}: {what}", candidate.id, candidate.stored_at),
                })
            }
            None => Verdict::Alive,
        })
    }

    /// What the receiver would be asked, signed for a moment that has passed: whoever gets hold of it cannot have it paid, for
    /// receivers refuse messages of then. Nothing is sent, so it is not known what the receiver would say.
    fn try_out(&self, batch: &BatchFacts) -> Result<Option<Trial>, RailError> {
        let message = self.message(batch)?;
        let seconds = batch.record.made_at.minus(SHOWN_BEFORE_MS).0 / SECOND_MS;
        let signatures = self.secrets.signatures(&message.id, seconds, &message.bytes);
        let attempt = Attempt { id: &message.id, seconds, signatures: &signatures, body: &message.bytes };
        Ok(Some(Trial { failure: None, notes: self.receiver.shown(attempt) }))
    }
}

#[cfg(test)]
mod tests;
