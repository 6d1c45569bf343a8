//! What operators change of who may do what, apart from API keys.

use std::sync::Arc;

use dripline_shared::api::access::{Permission, Role};
use dripline_shared::api::sign_in::InvitationRequest;
use dripline_shared::round::Hash;

use crate::access::ceremony::CEREMONY_KEY_ID;
use crate::access::{AnsweredCeremony, PasskeyRecord};
use crate::store::record::DocumentKind::{
    AnsweredCeremony as Answered, ApiKey, CeremonyKey, Invitation, Operator, Session,
};
use crate::store::record::Wanted;

/// By which session somebody asks, and what they must be allowed for that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BySession {
    /// The session's id.
    pub id: Arc<str>,
    /// What the operator must still be allowed; nothing where every operator may.
    pub needs: Option<Permission>,
}

/// What is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccessChange {
    /// Keeps the key under which what passkeys are asked is sealed, where there is none.
    KeepCeremonyKey(Hash),
    /// Invites the first owner, where there is neither an operator nor an API key; earlier such invitations end.
    InviteFirst(Invite),
    /// Invites somebody.
    Invite(Invite),
    /// Revokes an invitation.
    RevokeInvitation {
        /// Its id.
        id: Arc<str>,
    },
    /// Makes an operator of whoever was invited, and begins their session.
    Accept(Box<Accept>),
    /// Begins a session of an operator.
    SignIn(Box<SignIn>),
    /// Changes what an operator may do.
    SetRole {
        /// The operator's id.
        id: Arc<str>,
        /// The role from now on.
        role: Role,
    },
    /// Dismisses an operator: their sessions end, and invitations by them and by API keys that they know.
    Dismiss {
        /// The operator's id.
        id: Arc<str>,
    },
    /// Adds a passkey of an operator.
    AddPasskey {
        /// The operator's id.
        operator: Arc<str>,
        /// The passkey.
        passkey: Box<PasskeyRecord>,
        /// The question that it has answered.
        answered: AnsweredCeremony,
    },
    /// Takes a passkey from an operator, and ends other sessions that began with it.
    RemovePasskey {
        /// The operator's id.
        operator: Arc<str>,
        /// The passkey's id.
        passkey: Arc<str>,
    },
    /// Ends a session.
    EndSession {
        /// Its id.
        id: Arc<str>,
        /// Whether whoever asks signs out by it.
        is_sign_out: bool,
    },
    /// Notes that a session was used.
    NoteSessionUse {
        /// Its id.
        id: Arc<str>,
    },
}

/// Invites somebody. The secret is not here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// The invitation's id.
    pub id: String,
    /// The hash of its secret.
    pub hash: Hash,
    /// What was asked for.
    pub request: InvitationRequest,
}

/// Makes an operator of whoever was invited. That they have the invitation's secret, and the passkey, was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accept {
    /// The invitation's id.
    pub invitation: Arc<str>,
    /// The id that the operator gets.
    pub operator: String,
    /// What the operator is called; as the invitation says where it says nothing.
    pub name: Option<String>,
    /// What the operator signs in with.
    pub passkey: PasskeyRecord,
    /// The question that it has answered.
    pub answered: AnsweredCeremony,
    /// Their first session.
    pub session: NewSession,
}

/// Begins a session. That the passkey has answered was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// The operator's id.
    pub operator: Arc<str>,
    /// The passkey's state before: where it is another one by now, somebody else has used it meanwhile.
    pub seen: String,
    /// The passkey as it is now.
    pub passkey: PasskeyRecord,
    /// The question that it has answered.
    pub answered: AnsweredCeremony,
    /// The session.
    pub session: NewSession,
}

/// A session that begins. Its secret is not here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// Its id.
    pub id: String,
    /// The hash of its secret.
    pub hash: Hash,
    /// The origin of the page that it is for.
    pub origin: String,
}

impl AccessChange {
    /// What its decision needs to know of documents.
    pub(super) fn wanted(&self) -> Vec<Wanted> {
        let all = |kinds: &[_]| kinds.iter().copied().map(Wanted::All).collect();
        match self {
            Self::KeepCeremonyKey(_) => vec![Wanted::One(CeremonyKey, CEREMONY_KEY_ID.into())],
            Self::InviteFirst(_) => all(&[Operator, Invitation, ApiKey]),
            Self::Invite(_) => all(&[Operator, Invitation]),
            Self::RevokeInvitation { .. } => all(&[Invitation]),
            Self::Accept(_) => all(&[Operator, Invitation, ApiKey, Answered, Session]),
            Self::SignIn(_) => all(&[Operator, Answered, Session]),
            Self::SetRole { .. } => all(&[Operator, Invitation, Session]),
            // Who has made the keys by which somebody was invited.
            Self::Dismiss { .. } => all(&[Operator, Invitation, Session, ApiKey]),
            Self::AddPasskey { .. } => all(&[Operator, Answered]),
            Self::RemovePasskey { .. } | Self::EndSession { .. } => all(&[Operator, Session]),
            Self::NoteSessionUse { id } => vec![Wanted::One(Session, Arc::clone(id))],
        }
    }
}
