//! What is stored of what operators do: documents, and the log of their changes.
//!
//! Operators, their keys, drafts and publications of catalogs are few, change rarely, and are never joined with anything. So
//! every store keeps them in one table, as JSON by kind and id, and what they mean is known to whoever decides about them
//! alone ([`Stored`]).

use std::sync::Arc;

use dripline_shared::round::{Hash, hash};
use dripline_shared::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What `H` of an entry of the audit log starts with.
const AUDIT_TAG: &[u8; 16] = b"dripline:audit:1";
/// What the first entry of the audit log follows.
pub const AUDIT_START: Hash = Hash([0; 32]);

/// What a document is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentKind {
    /// A catalog that was published, or will be; by its version.
    Catalog,
    /// That a catalog comes into force; by its number.
    Publication,
    /// A catalog that is worked on.
    Draft,
    /// What is known of an API key of operators.
    ApiKey,
    /// An operator.
    Operator,
    /// An invitation that nobody has taken.
    Invitation,
    /// A session of an operator.
    Session,
    /// The key under which what passkeys are asked is sealed; there is one.
    CeremonyKey,
    /// That a passkey has answered what it was asked; by the challenge.
    AnsweredCeremony,
    /// Why a wallet stands as it does, and what operators have noted about it; by the wallet.
    Player,
    /// What operators have stopped at once.
    Emergency,
    /// What waits for a second operator.
    Proposal,
    /// Something that somebody should look at.
    Alert,
    /// Vouchers of a campaign that were made together; by the campaign and their number.
    Vouchers,
    /// A site whose pages show the games.
    Site,
    /// How often sites were changed; there is one.
    SitesRevision,
}

impl DocumentKind {
    /// As stores write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Catalog => "catalog",
            Self::Publication => "publication",
            Self::Draft => "draft",
            Self::ApiKey => "api_key",
            Self::Operator => "operator",
            Self::Invitation => "invitation",
            Self::Session => "session",
            Self::CeremonyKey => "ceremony_key",
            Self::AnsweredCeremony => "answered_ceremony",
            Self::Player => "player",
            Self::Emergency => "emergency",
            Self::Proposal => "proposal",
            Self::Alert => "alert",
            Self::Vouchers => "vouchers",
            Self::Site => "site",
            Self::SitesRevision => "sites_revision",
        }
    }
}

/// A document as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What it is about.
    pub kind: DocumentKind,
    /// Its id, unique among those of its kind.
    pub id: Arc<str>,
    /// What it says; nothing where it is gone.
    pub json: Option<Arc<str>>,
}

/// What can be kept as a document.
pub trait Stored: Serialize + DeserializeOwned {
    /// What it is about.
    const KIND: DocumentKind;

    /// Its id, unique among those of its kind: ids are in order as texts are.
    fn id(&self) -> Arc<str>;
}

/// What a command needs to know of documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// All of a kind.
    All(DocumentKind),
    /// One.
    One(DocumentKind, Arc<str>),
}

/// An entry of the audit log. Each has the hash of the one before in its own, so that none can be changed or taken out
/// unnoticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Its number, from 1, without gaps.
    pub number: u64,
    /// When it was written.
    pub at: Timestamp,
    /// What it says, as JSON.
    pub json: Arc<str>,
    /// `H(tag ‖ hash of the entry before ‖ number ‖ milliseconds ‖ json)`, both numbers as 8 bytes, the most significant
    /// first.
    pub hash: Hash,
}

impl AuditRecord {
    /// The entry after `last`: its number and its hash; nothing before the first.
    pub fn after(last: Option<(u64, Hash)>, at: Timestamp, json: Arc<str>) -> Self {
        let (number, before) = last.unwrap_or((0, AUDIT_START));
        let number = number.saturating_add(1);
        let parts: [&[u8]; 4] = [&before.0, &number.to_be_bytes(), &at.0.to_be_bytes(), json.as_bytes()];
        let hash = hash(AUDIT_TAG, &parts);
        Self { number, at, json, hash }
    }

    /// Whether it is the entry after `last`, as it was written.
    pub fn follows(&self, last: Option<(u64, Hash)>) -> bool {
        *self == Self::after(last, self.at, Arc::clone(&self.json))
    }
}
