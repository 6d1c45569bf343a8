//! Operators, what they sign in with, and the invitations by which they come. Whoever was dismissed, and whatever was taken or
//! revoked, is not stored any more: the audit log tells of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use dripline_shared::api::access::{KeyMode, Permission, Role};
use dripline_shared::api::operate::By;
use dripline_shared::api::sign_in::{InvitationView, OperatorView, PasskeyView};
use dripline_shared::round::Hash;
use dripline_shared::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::role;
use super::token::{Token, TokenUse};
use crate::store::record::{DocumentKind, Stored};

/// An operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorRecord {
    /// The id: 8 bytes in hexadecimal, which passkeys have as their user's.
    pub id: String,
    /// What the operator is called.
    pub name: String,
    /// The role.
    pub role: Role,
    /// Who has invited them.
    pub by: By,
    /// Since when.
    pub made_at: Timestamp,
    /// When they signed in last.
    pub signed_in_at: Option<Timestamp>,
    /// What they sign in with, the oldest first: at least one.
    pub passkeys: Vec<PasskeyRecord>,
}

impl OperatorRecord {
    /// What the operator may do.
    pub fn may(&self) -> BTreeSet<Permission> {
        role::may(self.role, None, KeyMode::Live)
    }

    /// The passkey with this credential id.
    pub fn passkey_of(&self, credential: &str) -> Option<&PasskeyRecord> {
        self.passkeys.iter().find(|passkey| passkey.credential == credential)
    }

    /// As the audit log names them.
    pub fn name_of(&self) -> By {
        By::Operator { id: self.id.clone(), name: self.name.clone() }
    }

    /// As operators see them.
    pub fn view(&self) -> OperatorView {
        OperatorView {
            id: self.id.clone(),
            name: self.name.clone(),
            role: self.role,
            permissions: self.may().into_iter().collect(),
            by: self.by.clone(),
            made_at_ms: self.made_at,
            signed_in_at_ms: self.signed_in_at,
            passkeys: self.passkeys.iter().map(PasskeyRecord::view).collect(),
        }
    }
}

impl Stored for OperatorRecord {
    const KIND: DocumentKind = DocumentKind::Operator;

    fn id(&self) -> Arc<str> {
        self.id.as_str().into()
    }
}

/// A passkey. Nothing of it is secret: its private key never leaves whoever has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasskeyRecord {
    /// Its id here: 8 bytes in hexadecimal.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// The id of the credential, base64url.
    pub credential: String,
    /// How its authenticator can be reached, as bits.
    pub transports: u8,
    /// Its public key, base64url of the form that the library gives it.
    pub key: String,
    /// Its signature counter and what else changes with its use, base64url of the form that the library gives it.
    pub state: String,
    /// Whether it is kept in more than one place.
    pub is_synced: bool,
    /// When it was added.
    pub made_at: Timestamp,
    /// When somebody signed in by it last.
    pub used_at: Option<Timestamp>,
}

impl PasskeyRecord {
    fn view(&self) -> PasskeyView {
        PasskeyView {
            id: self.id.clone(),
            name: self.name.clone(),
            is_synced: self.is_synced,
            made_at_ms: self.made_at,
            used_at_ms: self.used_at,
        }
    }
}

/// An invitation that nobody has taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvitationRecord {
    /// Its id.
    pub id: String,
    /// The hash of its secret.
    pub hash: Hash,
    /// Who is meant.
    pub name: String,
    /// What they will be.
    pub role: Role,
    /// Who invites.
    pub by: By,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
}

impl InvitationRecord {
    /// Whether whoever has this can take it.
    pub fn is_of(&self, token: &Token, now: Timestamp) -> bool {
        token.id() == self.id && token.is_of(TokenUse::Invitation, &self.hash) && self.is_open(now)
    }

    /// Whether it can still be taken.
    pub fn is_open(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }

    /// As operators see it.
    pub fn view(&self) -> InvitationView {
        InvitationView {
            id: self.id.clone(),
            name: self.name.clone(),
            role: self.role,
            by: self.by.clone(),
            made_at_ms: self.made_at,
            expires_at_ms: self.expires_at,
        }
    }
}

impl Stored for InvitationRecord {
    const KIND: DocumentKind = DocumentKind::Invitation;

    fn id(&self) -> Arc<str> {
        self.id.as_str().into()
    }
}
