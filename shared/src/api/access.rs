//! Who may do what under `/admin/v1`: roles, permissions and API keys. How operators sign in is in [`sign_in`](super::sign_in).

use serde::{Deserialize, Serialize};

use super::operate::By;
use super::sign_in::{OperatorView, SessionView};
use crate::time::Timestamp;

/// A part of what operators do. What changes something is apart from what shows it, and what moves money from all else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// See how everything stands, catalogs, publications, drafts.
    View,
    /// Keep and drop drafts of the catalog, check and simulate them.
    EditCatalog,
    /// Bring a catalog into force, and cancel what waits for that.
    PublishCatalog,
    /// Pause rails, let them run again, and cancel batches.
    ManagePayouts,
    /// Approve withdrawals, say of single payouts what became of their money, and confirm what others propose.
    MoveMoney,
    /// Make, rotate and revoke API keys.
    ManageKeys,
    /// Invite and dismiss operators, change their roles, and end their sessions.
    ManageOperators,
    /// Read the audit log.
    ReadAudit,
    /// Hold, ban and release players, and note something about them.
    ManagePlayers,
    /// Stop games, levels, campaigns and rails at once, and let them run again.
    Emergency,
    /// Register sites, change and end them, and rotate and revoke their keys.
    ManageSites,
}

impl Permission {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::View,
        Self::EditCatalog,
        Self::PublishCatalog,
        Self::ManagePayouts,
        Self::MoveMoney,
        Self::ManageKeys,
        Self::ManageOperators,
        Self::ReadAudit,
        Self::ManagePlayers,
        Self::Emergency,
        Self::ManageSites,
    ];

    /// As on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::EditCatalog => "edit_catalog",
            Self::PublishCatalog => "publish_catalog",
            Self::ManagePayouts => "manage_payouts",
            Self::MoveMoney => "move_money",
            Self::ManageKeys => "manage_keys",
            Self::ManageOperators => "manage_operators",
            Self::ReadAudit => "read_audit",
            Self::ManagePlayers => "manage_players",
            Self::Emergency => "emergency",
            Self::ManageSites => "manage_sites",
        }
    }
}

/// What an operator is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees how everything stands.
    Viewer,
    /// Works on the catalog, and publishes it.
    Editor,
    /// Looks after payouts and money.
    Treasurer,
    /// May do everything.
    Owner,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Editor, Self::Treasurer, Self::Owner];

    /// As on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Treasurer => "treasurer",
            Self::Owner => "owner",
        }
    }
}

/// Whether a key is for the work itself, or for trying programs out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeyMode {
    /// Its role and its scopes say what it may do.
    #[default]
    Live,
    /// It may see, and work on drafts, but changes nothing that players meet.
    Test,
}

/// Why somebody should look after a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeyReminder {
    /// Its secret is older than 90 days: rotate it.
    Rotate,
    /// It expires within 14 days.
    ExpiresSoon,
    /// Its former secret still holds: whoever uses it has to take the new one.
    FormerSecretHolds,
}

/// How a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeyStage {
    /// It holds.
    Active,
    /// Its time has passed.
    Expired,
    /// It was revoked.
    Revoked,
}

/// What is known of an API key. Its secret is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ApiKeyView {
    /// Its id, which is a part of the key.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub mode: KeyMode,
    /// Its role.
    pub role: Role,
    /// What of the role it is restricted to; nothing where it may do all of it.
    pub scopes: Option<Vec<Permission>>,
    /// What it may do, all things considered.
    pub permissions: Vec<Permission>,
    /// The networks that it may be used from; empty where it may be used from anywhere.
    pub ranges: Vec<String>,
    /// Who made it.
    pub by: By,
    /// When it was made.
    pub made_at_ms: Timestamp,
    /// When its secret was made.
    pub rotated_at_ms: Timestamp,
    /// Until when its former secret holds, if there is one that does.
    pub former_until_ms: Option<Timestamp>,
    /// When it expires, if ever.
    pub expires_at_ms: Option<Timestamp>,
    /// When it was used last, to the minute.
    pub used_at_ms: Option<Timestamp>,
    /// When it was revoked, if it was.
    pub revoked_at_ms: Option<Timestamp>,
    /// How it stands.
    pub stage: KeyStage,
    /// Why somebody should look after it.
    pub reminders: Vec<KeyReminder>,
}

/// API keys, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ApiKeyList {
    /// They.
    pub keys: Vec<ApiKeyView>,
}

/// A key with its secret, which is shown this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ApiKeySecret {
    /// The key: `Authorization: Bearer dripline_live_…`.
    pub secret: String,
    /// What is known of it.
    pub key: ApiKeyView,
}

impl std::fmt::Debug for ApiKeySecret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ApiKeySecret").field("key", &self.key).finish_non_exhaustive()
    }
}

/// Makes an API key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ApiKeyRequest {
    /// What it is called: 1 to 80 characters.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// What of the role it is restricted to; all of it where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<Permission>>,
    /// What it is for.
    #[serde(default)]
    pub mode: KeyMode,
    /// The networks that it may be used from, such as `192.0.2.0/24`, at most 32; anywhere where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<String>,
    /// When it expires, if ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at_ms: Option<Timestamp>,
}

/// Gives an API key a new secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ApiKeyRotation {
    /// For how long the former secret still holds, in milliseconds: at most 7 days, and a day where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap_ms: Option<u64>,
    /// When the key expires from now on; as before where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at_ms: Option<Timestamp>,
}

/// Whoever asks, as the server knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Me {
    /// Who that is.
    pub by: By,
    /// Their role.
    pub role: Role,
    /// What they may do.
    pub permissions: Vec<Permission>,
    /// The key that they have shown, if they have shown one.
    pub key: Option<ApiKeyView>,
    /// The operator, if one has signed in.
    pub operator: Option<OperatorView>,
    /// Their session.
    pub session: Option<SessionView>,
    /// What the header `X-Dripline-CSRF` says in each request of this session that is not `GET` or `HEAD`.
    pub csrf: Option<String>,
}
