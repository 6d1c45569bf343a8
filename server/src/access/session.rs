//! Sessions: how long one is open. Pure. One that was ended is not stored any more.

use std::sync::Arc;

use dripline_shared::api::sign_in::SessionView;
use dripline_shared::round::Hash;
use dripline_shared::time::{HOUR_MS, MINUTE_MS, Timestamp};
use serde::{Deserialize, Serialize};

use super::operator::OperatorRecord;
use super::token::{Token, TokenUse};
use crate::store::record::{DocumentKind, Stored};

/// How long a session stays open without being used, in milliseconds.
pub const SESSION_IDLE_MS: u64 = HOUR_MS;
/// How long it stays open at most, in milliseconds.
pub const SESSION_MS: u64 = 12 * HOUR_MS;
/// How long after it began it is known who has it, in milliseconds: for what gives somebody access for good.
pub const FRESH_MS: u64 = 10 * MINUTE_MS;
/// How often its use is noted at most, in milliseconds.
pub const USE_NOTED_EVERY_MS: u64 = MINUTE_MS;
/// The most sessions of an operator: with another one the oldest ends.
pub const SESSIONS_MAX: usize = 10;

/// What is stored of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionRecord {
    /// Its id.
    pub id: String,
    /// The hash of its secret.
    pub hash: Hash,
    /// The id of the operator.
    pub operator: String,
    /// The id of the passkey that it began with.
    pub passkey: String,
    /// The origin of the page that it is for.
    pub origin: String,
    /// The network that it began from.
    pub from: Option<String>,
    /// When it began.
    pub made_at: Timestamp,
    /// When it was used last, to the minute.
    pub used_at: Timestamp,
}

impl SessionRecord {
    /// Whether that is what it was given.
    pub fn is_of(&self, token: &Token) -> bool {
        token.id() == self.id && token.is_of(TokenUse::Session, &self.hash)
    }

    /// Whether it is open.
    pub fn is_open(&self, now: Timestamp) -> bool {
        now < self.idle_until() && now < self.ends_at()
    }

    /// Whether a passkey has answered for it just now: a session that somebody has taken over, or a page that was left open, gives
    /// nobody access for good.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now.since(self.made_at) < FRESH_MS
    }

    /// Whether that it is used now is to be noted.
    pub fn is_use_noted(&self, now: Timestamp) -> bool {
        now.since(self.used_at) >= USE_NOTED_EVERY_MS
    }

    fn idle_until(&self) -> Timestamp {
        self.used_at.plus(SESSION_IDLE_MS)
    }

    fn ends_at(&self) -> Timestamp {
        self.made_at.plus(SESSION_MS)
    }

    /// As operators see it; `asking` is the id of the session that asks.
    pub fn view(&self, operator: &OperatorRecord, asking: Option<&str>) -> SessionView {
        SessionView {
            id: self.id.clone(),
            operator: self.operator.clone(),
            name: operator.name.clone(),
            from: self.from.clone(),
            made_at_ms: self.made_at,
            used_at_ms: self.used_at,
            idle_until_ms: self.idle_until().min(self.ends_at()),
            ends_at_ms: self.ends_at(),
            is_own: asking == Some(self.id.as_str()),
        }
    }
}

impl Stored for SessionRecord {
    const KIND: DocumentKind = DocumentKind::Session;

    fn id(&self) -> Arc<str> {
        self.id.as_str().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn session() -> SessionRecord {
        let token = Token::new([1; 8], [2; 32]);
        SessionRecord {
            id: token.id(),
            hash: token.hash(TokenUse::Session),
            operator: "0".repeat(16),
            passkey: "1".repeat(16),
            origin: "https://play.example".to_owned(),
            from: None,
            made_at: NOW,
            used_at: NOW,
        }
    }

    #[test]
    fn a_session_ends_an_hour_after_its_last_use_and_half_a_day_after_it_began() {
        assert!(session().is_open(NOW.plus(SESSION_IDLE_MS - 1)));
        assert!(!session().is_open(NOW.plus(SESSION_IDLE_MS)));
        let used = SessionRecord { used_at: NOW.plus(SESSION_MS - 10), ..session() };
        assert!(used.is_open(NOW.plus(SESSION_MS - 1)));
        assert!(!used.is_open(NOW.plus(SESSION_MS)), "also while it is used");
    }

    #[test]
    fn a_session_is_fresh_for_ten_minutes_however_it_is_used() {
        let used = SessionRecord { used_at: NOW.plus(FRESH_MS - 1), ..session() };
        assert!(used.is_fresh(NOW.plus(FRESH_MS - 1)));
        assert!(!used.is_fresh(NOW.plus(FRESH_MS)));
    }

    #[test]
    fn its_use_is_noted_once_a_minute() {
        assert!(!session().is_use_noted(NOW.plus(USE_NOTED_EVERY_MS - 1)));
        assert!(session().is_use_noted(NOW.plus(USE_NOTED_EVERY_MS)));
    }

    #[test]
    fn only_what_it_was_given_opens_it() {
        assert!(session().is_of(&Token::new([1; 8], [2; 32])));
        assert!(!session().is_of(&Token::new([1; 8], [3; 32])));
        assert!(!session().is_of(&Token::new([3; 8], [2; 32])));
    }
}
