//! How operators come and go: passkeys, invitations, sessions.
//!
//! What passkeys need is in the forms of the browsers themselves: `public_key` is for
//! `PublicKeyCredential.parseCreationOptionsFromJSON()` or `parseRequestOptionsFromJSON()`, and `credential` is what `toJSON()` of a
//! `PublicKeyCredential` gives.
//!
//! | route, below `/admin/v1` | takes | answers |
//! |---|---|---|
//! | `POST /sign-in/options` | nothing | [`Ceremony`] |
//! | `POST /sign-in` | [`SignInRequest`] | [`Me`](super::access::Me), and the session's cookie |
//! | `POST /invitation/options` | [`InvitationQuestion`] | [`InvitationOptions`] |
//! | `POST /invitation` | [`InvitationAcceptance`] | [`Me`](super::access::Me), and the session's cookie |
//! | `POST /sign-out` | nothing | [`SessionList`]: the operator's that are left |
//! | `GET /me` | | [`Me`](super::access::Me) |
//! | `GET /operators` | | [`OperatorList`] |
//! | `POST /operators/{operator}/role` | [`RoleRequest`] | [`OperatorView`] |
//! | `POST /operators/{operator}/dismiss` | nothing | [`OperatorList`]: those that are left |
//! | `POST /invitations` | [`InvitationRequest`] | [`InvitationSecret`] |
//! | `POST /invitations/{invitation}/revoke` | nothing | [`OperatorList`] |
//! | `GET /sessions` | | [`SessionList`]: one's own, and everybody's for those who manage operators |
//! | `POST /sessions/{session}/revoke` | nothing | [`SessionList`] |
//! | `POST /passkeys/options` | nothing | [`Ceremony`] |
//! | `POST /passkeys` | [`PasskeyRequest`] | [`OperatorView`] |
//! | `DELETE /passkeys/{passkey}` | | [`OperatorView`] |

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::access::{Permission, Role};
use super::operate::By;
use crate::time::Timestamp;

/// The header that repeats [`Me::csrf`](super::access::Me::csrf) in each request by cookie that is not `GET` or `HEAD`.
pub const CSRF_HEADER: &str = "x-dripline-csrf";

/// What a browser is to do with a passkey. It is answered once, within five minutes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Ceremony {
    /// To be given back with what the browser answers.
    pub ceremony: String,
    /// The options, for `parseCreationOptionsFromJSON()` or `parseRequestOptionsFromJSON()`.
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub public_key: Value,
}

/// Signs in: what the browser gave for the options of a sign-in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SignInRequest {
    /// As the options had it.
    pub ceremony: String,
    /// What `navigator.credentials.get()` gave, by `toJSON()`.
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub credential: Value,
}

/// Asks what an invitation is for, and how to take it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct InvitationQuestion {
    /// The secret in its link, after `#invitation=`.
    pub invitation: String,
}

/// What an invitation is for, and what the browser is to do to take it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct InvitationOptions {
    /// What is known of it.
    pub invitation: InvitationView,
    /// To be given back with what the browser answers.
    pub ceremony: String,
    /// The options, for `parseCreationOptionsFromJSON()`.
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub public_key: Value,
}

/// Takes an invitation with a new passkey, and signs in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct InvitationAcceptance {
    /// The secret in its link.
    pub invitation: String,
    /// As the options had it.
    pub ceremony: String,
    /// What the operator is called, 1 to 80 characters; as the invitation says where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What `navigator.credentials.create()` gave, by `toJSON()`.
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub credential: Value,
}

/// Adds a passkey for oneself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PasskeyRequest {
    /// As the options had it.
    pub ceremony: String,
    /// What it is called: 1 to 80 characters.
    pub name: String,
    /// What `navigator.credentials.create()` gave, by `toJSON()`.
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub credential: Value,
}

/// What is known of a passkey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PasskeyView {
    /// Its id here.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Whether it is kept in more than one place, as it was told when it was used last.
    pub is_synced: bool,
    /// When it was added.
    pub made_at_ms: Timestamp,
    /// When somebody signed in by it last.
    pub used_at_ms: Option<Timestamp>,
}

/// An operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct OperatorView {
    /// The id.
    pub id: String,
    /// What the operator is called.
    pub name: String,
    /// The role.
    pub role: Role,
    /// What the operator may do.
    pub permissions: Vec<Permission>,
    /// Who has invited them.
    pub by: By,
    /// Since when.
    pub made_at_ms: Timestamp,
    /// When they signed in last.
    pub signed_in_at_ms: Option<Timestamp>,
    /// What they sign in with, the oldest first.
    pub passkeys: Vec<PasskeyView>,
}

/// An invitation that nobody has taken yet. Its secret is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct InvitationView {
    /// Its id, which is the beginning of its secret.
    pub id: String,
    /// Who is meant.
    pub name: String,
    /// What they will be.
    pub role: Role,
    /// Who invites.
    pub by: By,
    /// When it was made.
    pub made_at_ms: Timestamp,
    /// When it expires.
    pub expires_at_ms: Timestamp,
}

/// Operators and invitations, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct OperatorList {
    /// The operators.
    pub operators: Vec<OperatorView>,
    /// The invitations that can still be taken.
    pub invitations: Vec<InvitationView>,
}

/// Changes what an operator may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RoleRequest {
    /// The role from now on.
    pub role: Role,
}

/// Invites somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct InvitationRequest {
    /// Who is meant: 1 to 80 characters.
    pub name: String,
    /// What they will be.
    pub role: Role,
    /// For how long it can be taken, in milliseconds: at most 7 days, and a day where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_ms: Option<u64>,
}

/// An invitation with its secret, which is shown this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct InvitationSecret {
    /// The secret.
    pub secret: String,
    /// The link to be given to whoever is invited: `https://play.example/console#invitation=…`.
    pub link: String,
    /// What is known of it.
    pub invitation: InvitationView,
}

/// A session that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SessionView {
    /// Its id.
    pub id: String,
    /// Whose it is: the operator's id.
    pub operator: String,
    /// What they are called.
    pub name: String,
    /// The network that they signed in from.
    pub from: Option<String>,
    /// When they signed in.
    pub made_at_ms: Timestamp,
    /// When it was used last, to the minute.
    pub used_at_ms: Timestamp,
    /// When it ends if it is not used before.
    pub idle_until_ms: Timestamp,
    /// When it ends in any case.
    pub ends_at_ms: Timestamp,
    /// Whether it is the one that asks.
    pub is_own: bool,
}

/// Sessions that are open, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SessionList {
    /// They.
    pub sessions: Vec<SessionView>,
}

/// Says no secrets, and nothing of what passkeys have answered.
macro_rules! silent {
    ($($type:ident: $($field:ident),*;)*) => {
        $(
            impl fmt::Debug for $type {
                fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                    formatter.debug_struct(stringify!($type))$(.field(stringify!($field), &self.$field))*.finish_non_exhaustive()
                }
            }
        )*
    };
}

silent! {
    Ceremony:;
    SignInRequest:;
    InvitationQuestion:;
    InvitationOptions: invitation;
    InvitationAcceptance: name;
    PasskeyRequest: name;
    InvitationSecret: invitation;
}
