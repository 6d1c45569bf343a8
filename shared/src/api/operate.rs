//! What operators read and write: publications of catalogs, drafts, and the audit log.

use serde::{Deserialize, Serialize};

use crate::catalog::Catalog;
use crate::error::Code;
use crate::round::{ClientId, Hash};
use crate::time::Timestamp;

pub mod payouts;
pub mod players;
pub mod proposals;
pub mod sites;
pub mod webhooks;

/// Who changed something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum By {
    /// The server, by itself.
    Server,
    /// Whoever writes the file that the catalog is pinned to.
    File,
    /// Whoever runs commands where the store is.
    CommandLine,
    /// An operator who signed in.
    Operator {
        /// The operator's id.
        id: String,
        /// What the operator is called.
        name: String,
    },
    /// An API key.
    ApiKey {
        /// The key's id.
        id: String,
        /// What the key is called.
        name: String,
    },
    /// Whoever showed nothing that is known.
    Unknown,
}

/// How a publication stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PublicationStage {
    /// It comes into force later.
    Scheduled,
    /// It is in force.
    Live,
    /// It was in force.
    Past,
    /// It was cancelled before it came into force.
    Cancelled,
}

/// That a catalog comes into force, or came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Publication {
    /// Its number, from 1.
    pub number: u64,
    /// The version of the catalog.
    pub version: Hash,
    /// Who published it.
    pub by: By,
    /// Why.
    pub note: String,
    /// When it was published.
    pub at_ms: Timestamp,
    /// From when it is in force.
    pub from_ms: Timestamp,
    /// How it stands.
    pub stage: PublicationStage,
}

/// The catalog that is in force, and what was in force before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct LiveCatalog {
    /// Whether it is pinned to a file: then it can be changed there alone.
    pub is_pinned: bool,
    /// Its publication.
    pub publication: Publication,
    /// The catalog.
    pub catalog: Catalog,
    /// The publication that comes into force later, if there is one.
    pub scheduled: Option<Publication>,
}

/// Publications, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Publications {
    /// They.
    pub publications: Vec<Publication>,
}

/// A setting in which two catalogs differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Difference {
    /// Which: `levels.catch-1.base`.
    pub setting: String,
    /// Its value in the first one, as JSON; nothing where it is not there.
    pub before: Option<String>,
    /// Its value in the second one.
    pub after: Option<String>,
}

/// A mistake in a catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Mistake {
    /// Where: `levels[2].play.drops`.
    pub field: String,
    /// What was expected there.
    pub expected: String,
}

/// A catalog that is worked on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Draft {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// The catalog. It may have mistakes.
    pub catalog: Catalog,
    /// The number of the publication that it was made from.
    pub base: u64,
    /// Its revision, which grows with each change and never repeats, also of a draft that was dropped and made again: the number of
    /// the entry of the audit log that tells of it. Whoever changes it says which one is meant.
    pub revision: u64,
    /// Who changed it last.
    pub by: By,
    /// When.
    pub at_ms: Timestamp,
}

/// Drafts, by their ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct DraftList {
    /// They.
    pub drafts: Vec<Draft>,
}

/// Keeps a draft, new or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DraftRequest {
    /// What it is called: 1 to 80 characters.
    pub name: String,
    /// The catalog. It may have mistakes.
    pub catalog: Catalog,
    /// The number of the publication that it is made from.
    pub base: u64,
    /// The revision that it replaces; nothing where it is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<u64>,
}

/// A draft as somebody has seen it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DraftChoice {
    /// Its id.
    pub id: String,
    /// Its revision.
    pub revision: u64,
}

/// Publishes a draft, or once more what was in force before: one of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PublicationRequest {
    /// The draft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<DraftChoice>,
    /// The number of the publication whose catalog is to be in force again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publication: Option<u64>,
    /// The number of the publication that whoever asks has seen in force.
    pub replaces: u64,
    /// Why: at most 500 characters.
    #[serde(default)]
    pub note: String,
    /// From when it is in force, within a year; at once where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_ms: Option<Timestamp>,
}

/// Asks what is wrong with a catalog, and what is otherwise than in the one in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CheckRequest {
    /// The catalog.
    pub catalog: Catalog,
}

/// What was found out about a catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct CatalogCheck {
    /// What is wrong with it: without, it can be published.
    pub mistakes: Vec<Mistake>,
    /// What is otherwise than in the catalog in force.
    pub differences: Vec<Difference>,
}

/// Asks what a catalog comes to before it is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SimulationRequest {
    /// The catalog.
    pub catalog: Catalog,
    /// What all chance comes from: 1 where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// How many rounds of each game are played: 2,000 where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounds: Option<u32>,
    /// How many days are simulated: 20 where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runs: Option<u32>,
    /// How many players come on a day: 200 where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub players: Option<u32>,
    /// The campaign that pays them: `default` where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
}

/// An entry of the audit log: a change, or an attempt that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// Who.
    pub by: By,
    /// From which network, if it came by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What was done: `catalog.publish`.
    pub action: String,
    /// To what: an id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What was there before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub before: Option<serde_json::Value>,
    /// What is there now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub after: Option<serde_json::Value>,
    /// Why it was refused; nothing where it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Code>,
}

/// An entry of the audit log with its place there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AuditLine {
    /// Its number, from 1, without gaps.
    pub number: u64,
    /// When it was written.
    pub at_ms: Timestamp,
    /// What it says.
    pub entry: AuditEntry,
    /// Its hash, over the hash of the entry before, its number, its time, and what it says as it was written.
    pub hash: Hash,
}

/// A page of the audit log, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AuditPage {
    /// The entries.
    pub lines: Vec<AuditLine>,
    /// What to ask for to get the next page; nothing on the last.
    pub next_before: Option<u64>,
}

/// The most vouchers that are made at once.
pub const VOUCHERS_AT_ONCE: u32 = 10_000;
/// The most vouchers of a campaign, over all times that any were made.
pub const VOUCHERS_MAX: u64 = 1_000_000;

/// Makes vouchers of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct VoucherRequest {
    /// Chosen at random by who asks: sent once more, a request has the answer that it had.
    pub client_id: ClientId,
    /// How many, 1 to 10,000.
    pub count: u32,
    /// Until when they can be used first; for as long as the campaign runs where it says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_ms: Option<Timestamp>,
}

/// Vouchers that were made together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct VoucherIssue {
    /// The campaign that they are of.
    pub campaign: String,
    /// Their number among those of the campaign, from 1.
    pub number: u64,
    /// How many were made.
    pub count: u32,
    /// How many of them were used.
    pub used: u64,
    /// Who made them.
    pub by: By,
    /// When they were made.
    pub made_at_ms: Timestamp,
    /// Until when they can be used first.
    pub expires_ms: Option<Timestamp>,
    /// When those were revoked that nobody had used.
    pub revoked_at_ms: Option<Timestamp>,
}

/// Vouchers that were made, with their codes, which are told to nobody but whoever asks with the same client id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct MadeVouchers {
    /// What was made.
    pub issue: VoucherIssue,
    /// The codes. Whoever has one can use it.
    pub codes: Vec<String>,
}

/// All vouchers of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct VoucherList {
    /// By the times that they were made, the first one first.
    pub issues: Vec<VoucherIssue>,
}
