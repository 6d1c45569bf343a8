//! What is stored of an alert.

use std::collections::BTreeMap;
use std::sync::Arc;

use dripline_shared::api::alert::{Alert, AlertKind, AlertTurn};
use dripline_shared::round::Hash;
use dripline_shared::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::Condition;
use crate::store::record::{DocumentKind, ServerId, Stored};

/// An alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertRecord {
    /// Its id: ids are in the order in which alerts began.
    pub id: Arc<str>,
    /// What it is about.
    pub kind: AlertKind,
    /// Whose.
    pub subject: String,
    /// What is the matter, for people.
    pub text: String,
    /// Its figures when it began.
    pub figures: BTreeMap<String, i64>,
    /// When it was found first.
    pub since: Timestamp,
    /// When it was found last, or somewhat before.
    pub found_at: Timestamp,
    /// When it was over; nothing while it is on.
    pub until: Option<Timestamp>,
    /// What has to be told of it.
    pub telling: Telling,
}

/// What the receiver of the webhook has to be told of an alert, and who does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum Telling {
    /// No receiver was set.
    Nobody,
    /// It has taken everything there was to tell.
    Done,
    /// It has not, and nobody tries any more.
    GivenUp,
    /// It is to be told.
    Open {
        /// Whether it knows that the alert began.
        began: bool,
        /// Which server tells it, as its id.
        by: Hash,
        /// Until when that one does, unless it says so again.
        by_until: Timestamp,
    },
}

/// The id of a server where documents have it: its 16 bytes, and as many zeros.
pub fn server_hash(server: ServerId) -> Hash {
    let mut bytes = [0; 32];
    for (to, from) in bytes.iter_mut().zip(server.0) {
        *to = from;
    }
    Hash(bytes)
}

impl AlertRecord {
    /// One that begins.
    pub fn new(condition: &Condition, now: Timestamp, telling: Telling) -> Self {
        let Condition { kind, subject, text, figures } = condition.clone();
        let id = format!("{:013}-{}-{subject}", now.0, kind.as_str()).into();
        Self { id, kind, subject, text, figures, since: now, found_at: now, until: None, telling }
    }

    /// Whether it is about this.
    pub fn is_of(&self, condition: &Condition) -> bool {
        self.kind == condition.kind && self.subject == condition.subject
    }

    /// Whether a server is to tell what there is to tell of it.
    pub fn is_told_by(&self, server: Hash) -> bool {
        matches!(self.telling, Telling::Open { by, .. } if by == server)
    }

    /// What is to be told next.
    pub fn to_tell(&self) -> Option<AlertTurn> {
        match self.telling {
            Telling::Open { began: false, .. } => Some(AlertTurn::Began),
            Telling::Open { began: true, .. } => self.until.map(|_| AlertTurn::Ended),
            _ => None,
        }
    }

    /// Once this was told.
    #[must_use]
    pub fn told(self, turn: AlertTurn) -> Self {
        let telling = match (self.telling, turn) {
            (Telling::Open { by, by_until, .. }, AlertTurn::Began) => {
                Telling::Open { began: true, by, by_until }
            }
            (Telling::Open { .. }, AlertTurn::Ended) => Telling::Done,
            (other, _) => other,
        };
        Self { telling, ..self }
    }

    /// As operators see it.
    pub fn view(&self) -> Alert {
        Alert {
            id: self.id.to_string(),
            kind: self.kind,
            subject: self.subject.clone(),
            since_ms: self.since,
            until_ms: self.until,
            text: self.text.clone(),
            figures: self.figures.clone(),
            is_told: match self.telling {
                Telling::Nobody => None,
                Telling::Done => Some(true),
                Telling::GivenUp => Some(false),
                Telling::Open { .. } => Some(self.to_tell().is_none()),
            },
        }
    }
}

impl Stored for AlertRecord {
    const KIND: DocumentKind = DocumentKind::Alert;

    fn id(&self) -> Arc<str> {
        Arc::clone(&self.id)
    }
}
