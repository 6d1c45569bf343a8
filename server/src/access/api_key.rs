//! API keys: their text, what is stored of them, and whether one holds.
//!
//! A key is `dripline_live_<id>_<secret>` or `dripline_test_<id>_<secret>`: programs that look for secrets in texts find it by
//! its beginning, and by its id it can be revoked without anybody knowing the secret. The secret has 256 bits of chance, so a
//! plain hash of it is enough: there is nothing to guess.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use dripline_shared::api::access::{ApiKeyView, KeyMode, KeyReminder, KeyStage, Permission, Role};
use dripline_shared::api::operate::By;
use dripline_shared::error::Code;
use dripline_shared::round::{Hash, hash};
use dripline_shared::time::{DAY_MS, MINUTE_MS, Timestamp};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::access::digits::{Digits, ID_BYTES, bytes};
use crate::access::role;
use crate::refusal::Refusal;
use crate::store::record::{DocumentKind, Stored};

/// What `H` of a secret starts with.
const SECRET_TAG: &[u8; 16] = b"dripline:apikey1";
/// What a key for the work itself begins with.
pub const LIVE_PREFIX: &str = "dripline_live_";
/// What a key for trying programs out begins with.
pub const TEST_PREFIX: &str = "dripline_test_";
/// The bytes of a secret.
const SECRET_BYTES: usize = 32;
/// How old a secret becomes before it is reminded of, in milliseconds.
pub const ROTATE_AFTER_MS: u64 = 90 * DAY_MS;
/// How long before its end a key is reminded of, in milliseconds.
pub const EXPIRES_SOON_MS: u64 = 14 * DAY_MS;
/// How often the last use of a key is noted at most, in milliseconds.
pub const USE_NOTED_EVERY_MS: u64 = MINUTE_MS;

/// A key. Secret: it is shown by [`Display`](fmt::Display) alone.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    mode: KeyMode,
    id: [u8; ID_BYTES],
    secret: [u8; SECRET_BYTES],
}

impl ApiKey {
    /// A key of these random bytes.
    pub fn new(mode: KeyMode, id: [u8; ID_BYTES], secret: [u8; SECRET_BYTES]) -> Self {
        Self { mode, id, secret }
    }

    /// The key with this id and another secret; nothing where that is no id.
    pub fn with_secret(mode: KeyMode, id: &str, secret: [u8; SECRET_BYTES]) -> Option<Self> {
        Some(Self { mode, id: bytes(id)?, secret })
    }

    /// What it is for.
    pub fn mode(&self) -> KeyMode {
        self.mode
    }

    /// Its id: 16 hexadecimal digits.
    pub fn id(&self) -> String {
        Digits(&self.id).to_string()
    }

    /// What is stored of its secret.
    pub fn hash(&self) -> Hash {
        hash(SECRET_TAG, &[&self.id, &self.secret])
    }
}

impl fmt::Display for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = match self.mode {
            KeyMode::Live => LIVE_PREFIX,
            KeyMode::Test => TEST_PREFIX,
        };
        write!(formatter, "{prefix}{}_{}", Digits(&self.id), Digits(&self.secret))
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ApiKey({})", Digits(&self.id))
    }
}

/// A text that is not an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {LIVE_PREFIX} or {TEST_PREFIX}, an id and a secret")]
pub struct NotAnApiKey;

impl FromStr for ApiKey {
    type Err = NotAnApiKey;

    fn from_str(text: &str) -> Result<Self, NotAnApiKey> {
        let of_mode = |mode, prefix| text.strip_prefix(prefix).map(|rest| (mode, rest));
        let live = of_mode(KeyMode::Live, LIVE_PREFIX);
        let (mode, rest) = live.or_else(|| of_mode(KeyMode::Test, TEST_PREFIX)).ok_or(NotAnApiKey)?;
        let (id, secret) = rest.split_once('_').ok_or(NotAnApiKey)?;
        Ok(Self { mode, id: bytes(id).ok_or(NotAnApiKey)?, secret: bytes(secret).ok_or(NotAnApiKey)? })
    }
}

/// A secret that was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormerSecret {
    /// Its hash.
    pub hash: Hash,
    /// Until when it holds.
    pub until: Timestamp,
}

/// What is stored of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKeyRecord {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub mode: KeyMode,
    /// Its role.
    pub role: Role,
    /// What of the role it is restricted to.
    pub scopes: Option<Vec<Permission>>,
    /// The networks that it may be used from; anywhere where there are none.
    pub ranges: Vec<IpNet>,
    /// The hash of its secret.
    pub hash: Hash,
    /// The secret before that.
    pub former: Option<FormerSecret>,
    /// Who made it.
    pub by: By,
    /// When.
    pub made_at: Timestamp,
    /// When its secret was made.
    pub rotated_at: Timestamp,
    /// Who has rotated it last, if anybody has: they know its secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotated_by: Option<By>,
    /// When it expires, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was used last, to the minute.
    pub used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl Stored for ApiKeyRecord {
    const KIND: DocumentKind = DocumentKind::ApiKey;

    fn id(&self) -> Arc<str> {
        self.id.as_str().into()
    }
}

/// What a key that was shown is, where it is not the one that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotHeld {
    /// Why.
    pub refusal: Refusal,
    /// Whether whoever showed it knows a secret of this key, or had one.
    pub is_known: bool,
}

impl ApiKeyRecord {
    /// Whether the key that was shown from this address holds. What is wrong with a key is told to whoever knows its secret
    /// alone, and secrets are compared in the same time whatever is in them.
    pub fn admit(&self, shown: &ApiKey, address: IpAddr, now: Timestamp) -> Result<(), NotHeld> {
        let hash = shown.hash();
        let is_same = |known: &Hash| bool::from(known.0.ct_eq(&hash.0)) && shown.mode() == self.mode;
        let is_former = self.former.is_some_and(|former| is_same(&former.hash));
        if !is_same(&self.hash) && !is_former {
            return Err(NotHeld { refusal: Code::AccessWrong.into(), is_known: false });
        }
        let known = |refusal: Refusal| Err(NotHeld { refusal, is_known: true });
        if let Some(at) = self.revoked_at {
            return known(Refusal::new(Code::AccessRevoked, format!("the API key was revoked at {at}")));
        }
        if let Some(at) = self.expires_at.filter(|at| *at <= now) {
            return known(Refusal::new(Code::AccessExpired, format!("the API key has expired at {at}")));
        }
        if let Some(former) = self.former.filter(|former| is_former && former.until <= now) {
            let message = format!("the secret was replaced by another one, and held until {}", former.until);
            return known(Refusal::new(Code::AccessExpired, message));
        }
        let address = address.to_canonical();
        if !self.ranges.is_empty() && !self.ranges.iter().any(|range| range.contains(&address)) {
            let message = format!("the API key may not be used from {address}");
            return known(Refusal::new(Code::AccessElsewhere, message));
        }
        Ok(())
    }

    /// What it may do.
    pub fn may(&self) -> BTreeSet<Permission> {
        role::may(self.role, self.scopes.as_deref(), self.mode)
    }

    /// How it stands.
    pub fn stage(&self, now: Timestamp) -> KeyStage {
        if self.revoked_at.is_some() {
            KeyStage::Revoked
        } else if self.expires_at.is_some_and(|at| at <= now) {
            KeyStage::Expired
        } else {
            KeyStage::Active
        }
    }

    /// Whether that it is used now is to be noted.
    pub fn is_use_noted(&self, now: Timestamp) -> bool {
        self.used_at.is_none_or(|at| now.since(at) >= USE_NOTED_EVERY_MS)
    }

    /// The order in which keys are listed: the oldest first.
    pub fn by_age(one: &Self, other: &Self) -> Ordering {
        (one.made_at, &one.id).cmp(&(other.made_at, &other.id))
    }

    /// As the audit log names it.
    pub fn name_of(&self) -> By {
        By::ApiKey { id: self.id.clone(), name: self.name.clone() }
    }

    /// As operators see it.
    pub fn view(&self, now: Timestamp) -> ApiKeyView {
        let former = self.former.filter(|former| now < former.until);
        ApiKeyView {
            id: self.id.clone(),
            name: self.name.clone(),
            mode: self.mode,
            role: self.role,
            scopes: self.scopes.clone(),
            permissions: self.may().into_iter().collect(),
            ranges: self.ranges.iter().map(ToString::to_string).collect(),
            by: self.by.clone(),
            made_at_ms: self.made_at,
            rotated_at_ms: self.rotated_at,
            former_until_ms: former.map(|former| former.until),
            expires_at_ms: self.expires_at,
            used_at_ms: self.used_at,
            revoked_at_ms: self.revoked_at,
            stage: self.stage(now),
            reminders: self.reminders(now),
        }
    }

    fn reminders(&self, now: Timestamp) -> Vec<KeyReminder> {
        if self.stage(now) != KeyStage::Active {
            return Vec::new();
        }
        let is_old = now.since(self.rotated_at) >= ROTATE_AFTER_MS;
        let ends_soon = self.expires_at.is_some_and(|at| at.since(now) <= EXPIRES_SOON_MS);
        let former_holds = self.former.is_some_and(|former| now < former.until);
        let reminders = [
            (is_old, KeyReminder::Rotate),
            (ends_soon, KeyReminder::ExpiresSoon),
            (former_holds, KeyReminder::FormerSecretHolds),
        ];
        reminders.into_iter().filter_map(|(is_due, reminder)| is_due.then_some(reminder)).collect()
    }
}

#[cfg(test)]
mod tests;
