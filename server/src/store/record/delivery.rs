//! Messages to the webhooks of sites: an outbox. Each is written in the transaction of what it tells, and sent afterwards.

use std::sync::Arc;

use dripline_shared::api::operate::webhooks::{
    DeliveryState, SiteEvent, WEBHOOK_WAITING_MAX, WebhookDelivery,
};
use dripline_shared::time::{DAY_MS, HOUR_MS, Timestamp};

/// How long it is tried to deliver a message, in milliseconds.
pub const TRY_FOR_MS: u64 = 3 * DAY_MS;
/// The longest time between two attempts, in milliseconds.
pub const DELAY_MAX_MS: u64 = 6 * HOUR_MS;
/// What is to wait for longer than this, in milliseconds, was written by a clock that was ahead: an hour is for servers whose clocks
/// differ a little.
pub const AHEAD_MAX_MS: u64 = DELAY_MAX_MS + HOUR_MS;
/// How long a message is kept that was delivered, in milliseconds.
pub const DELIVERED_KEEP_MS: u64 = DAY_MS;
/// How long a message is kept that was given up, in milliseconds.
pub const GIVEN_UP_KEEP_MS: u64 = 14 * DAY_MS;
/// How many messages may wait for a webhook: of those beyond that, the oldest are given up.
pub const WAITING_MAX: u64 = WEBHOOK_WAITING_MAX;
/// What is said of a message that was given up because so many waited.
pub const TOO_MANY: &str = "too many messages wait";
/// What is said of a message that nobody has sent until its time was over.
pub const NOT_IN_TIME: &str = "its time was over: its webhook was off, or no server ran";

/// A message that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// Its id: the header `webhook-id`. To a webhook, there is one of an id, and another one changes nothing.
    pub message: Arc<str>,
    /// The id of the webhook.
    pub webhook: Arc<str>,
    /// What it is about.
    pub event: SiteEvent,
    /// What it says.
    pub body: Arc<str>,
    /// When that happened.
    pub made_at: Timestamp,
}

/// Has a message sent once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendAgain {
    /// Its number.
    pub number: u64,
    /// The id of its webhook.
    pub webhook: Arc<str>,
    /// From when on.
    pub now: Timestamp,
}

/// What is stored of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// Its number, which rises.
    pub number: u64,
    /// Its id.
    pub message: Arc<str>,
    /// The id of the webhook.
    pub webhook: Arc<str>,
    /// What it is about.
    pub event: SiteEvent,
    /// What it says.
    pub body: Arc<str>,
    /// When that happened.
    pub made_at: Timestamp,
    /// How it stands.
    pub state: DeliveryState,
    /// How often it was taken to be sent, in all.
    pub attempts: u32,
    /// How many of these attempts were made before an operator had it sent once more. When it is sent again follows from those since.
    pub earlier: u32,
    /// When it was sent last.
    pub tried_at: Option<Timestamp>,
    /// From when on it is to be sent. While somebody sends it, that is when they may be taken to have failed.
    pub next_at: Timestamp,
    /// Until when it is tried, while it waits; and until when it is kept, afterwards.
    pub ends_at: Timestamp,
    /// Why it was not taken the last time.
    pub error: Option<Arc<str>>,
}

impl DeliveryRecord {
    /// A new one with this number.
    pub fn new(number: u64, new: &NewDelivery) -> Self {
        Self {
            number,
            message: Arc::clone(&new.message),
            webhook: Arc::clone(&new.webhook),
            event: new.event,
            body: Arc::clone(&new.body),
            made_at: new.made_at,
            state: DeliveryState::Waiting,
            attempts: 0,
            earlier: 0,
            tried_at: None,
            next_at: new.made_at,
            ends_at: new.made_at.plus(TRY_FOR_MS),
            error: None,
        }
    }

    /// As operators see it.
    pub fn view(&self) -> WebhookDelivery {
        WebhookDelivery {
            number: self.number,
            message: self.message.to_string(),
            event: self.event,
            made_at_ms: self.made_at,
            state: self.state,
            attempts: self.attempts,
            tried_at_ms: self.tried_at,
            next_at_ms: (self.state == DeliveryState::Waiting).then_some(self.next_at),
            error: self.error.as_deref().map(str::to_owned),
            body: self.body.to_string(),
        }
    }

    /// Whether it is to be sent to this webhook.
    pub(crate) fn is_due(&self, webhook: &str, now: Timestamp) -> bool {
        self.state == DeliveryState::Waiting && &*self.webhook == webhook && self.next_at <= now
    }

    /// Takes it to be sent until a moment. The store in memory, which the others do as.
    pub(crate) fn take(&mut self, until: Timestamp) {
        self.attempts = self.attempts.saturating_add(1);
        self.next_at = until;
    }

    /// Notes what came of sending it; nothing where it has been taken again since, was to be sent once more, or has ended. Only that it
    /// was taken is noted also where it was given up meanwhile.
    pub(crate) fn note(&mut self, tried: &Tried) {
        let is_open = match self.state {
            DeliveryState::Waiting => true,
            DeliveryState::GivenUp => tried.came == Came::Delivered,
            DeliveryState::Delivered => false,
        };
        if !is_open || (self.attempts, self.earlier) != (tried.attempts, tried.earlier) {
            return;
        }
        self.tried_at = Some(tried.at);
        (self.state, self.next_at, self.ends_at) = tried.stands(self.ends_at);
        self.error = tried.came.error().map(Arc::from);
    }

    /// Has it sent once more, at once, and then as if it were new: its attempts are counted on, and how long is waited after them begins
    /// anew.
    pub(crate) fn again(&mut self, now: Timestamp) {
        self.state = DeliveryState::Waiting;
        self.earlier = self.attempts;
        self.next_at = now;
        self.ends_at = now.plus(TRY_FOR_MS);
    }

    /// Has it sent now, if it is to be sent later than any schedule says: so it was written by a clock that was ahead.
    pub(crate) fn set_right(&mut self, now: Timestamp) {
        if self.state == DeliveryState::Waiting && self.next_at > now.plus(AHEAD_MAX_MS) {
            self.next_at = now;
            self.ends_at = self.ends_at.min(now.plus(TRY_FOR_MS));
        }
    }

    /// Gives it up while it waits, for a reason.
    pub(crate) fn give_up(&mut self, reason: &str, now: Timestamp) {
        self.state = DeliveryState::GivenUp;
        self.ends_at = now.plus(GIVEN_UP_KEEP_MS);
        self.error = Some(reason.into());
    }
}

/// What came of sending a message once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came {
    /// It was taken.
    Delivered,
    /// It was not taken, and is sent again.
    Again {
        /// When.
        at: Timestamp,
        /// Why it was not taken.
        error: String,
    },
    /// It was not taken, and is not sent any more.
    GivenUp {
        /// Why.
        error: String,
    },
}

impl Came {
    /// Why it was not taken, if it was not.
    pub fn error(&self) -> Option<&str> {
        match self {
            Self::Delivered => None,
            Self::Again { error, .. } | Self::GivenUp { error } => Some(error),
        }
    }
}

/// A message that was sent once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// Its number.
    pub number: u64,
    /// Which attempt it was: what was taken again since is not touched.
    pub attempts: u32,
    /// How many attempts there were before it was sent once more, when it was taken: what is to be sent once more since is not touched.
    pub earlier: u32,
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub came: Came,
}

impl Tried {
    /// How the message stands then, from when on it is sent, and until when it is tried or kept; `ends_at` is until when it was tried.
    pub(crate) fn stands(&self, ends_at: Timestamp) -> (DeliveryState, Timestamp, Timestamp) {
        match &self.came {
            Came::Delivered => (DeliveryState::Delivered, self.at, self.at.plus(DELIVERED_KEEP_MS)),
            Came::Again { at, .. } => (DeliveryState::Waiting, *at, ends_at),
            Came::GivenUp { .. } => (DeliveryState::GivenUp, self.at, self.at.plus(GIVEN_UP_KEEP_MS)),
        }
    }
}

/// A step of sending: what came of what was sent is noted, and what is to be sent now is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryStep {
    /// When.
    pub now: Timestamp,
    /// Until when nobody else takes what is taken here.
    pub until: Timestamp,
    /// What was sent.
    pub tried: Vec<Tried>,
    /// The webhooks, each once, and for how many messages there is room. Those that wait longest are taken.
    pub room: Vec<(Arc<str>, usize)>,
}
