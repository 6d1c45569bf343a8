//! What is stored of catalogs: publications, those that are worked on, and what each version says.

use std::sync::Arc;

use dripline_shared::api::operate::{By, Draft, Publication, PublicationStage};
use dripline_shared::catalog::Catalog;
use dripline_shared::round::Hash;
use dripline_shared::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::store::record::{DocumentKind, Stored};

/// The number of a publication as the id of its document: with zeros before it, so that texts are in the order of numbers.
pub fn publication_id(number: u64) -> Arc<str> {
    format!("{number:020}").into()
}

/// That a catalog comes into force, or came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicationRecord {
    /// Its number, from 1, without gaps.
    pub number: u64,
    /// The version of the catalog.
    pub version: Hash,
    /// Who published it.
    pub by: By,
    /// Why.
    pub note: String,
    /// When it was published.
    pub at: Timestamp,
    /// From when it is in force.
    pub from: Timestamp,
    /// When it was cancelled, before it came into force.
    pub cancelled: Option<Timestamp>,
}

impl PublicationRecord {
    /// Whether it waits at `now`.
    pub fn is_scheduled(&self, now: Timestamp) -> bool {
        self.cancelled.is_none() && now < self.from
    }

    /// Whether it came into force until `now`.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.cancelled.is_none() && self.from <= now
    }

    /// As operators see it, where the one that is in force has the number `live`.
    pub fn view(&self, live: u64, now: Timestamp) -> Publication {
        let stage = match self.number {
            _ if self.cancelled.is_some() => PublicationStage::Cancelled,
            _ if self.is_scheduled(now) => PublicationStage::Scheduled,
            number if number == live => PublicationStage::Live,
            _ => PublicationStage::Past,
        };
        Publication {
            number: self.number,
            version: self.version,
            by: self.by.clone(),
            note: self.note.clone(),
            at_ms: self.at,
            from_ms: self.from,
            stage,
        }
    }
}

impl Stored for PublicationRecord {
    const KIND: DocumentKind = DocumentKind::Publication;

    fn id(&self) -> Arc<str> {
        publication_id(self.number)
    }
}

/// What a version of the catalog says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogRecord {
    /// The version, as it was when this was stored: another build may write the same catalog otherwise.
    pub version: Hash,
    /// The catalog.
    pub catalog: Catalog,
}

impl Stored for CatalogRecord {
    const KIND: DocumentKind = DocumentKind::Catalog;

    fn id(&self) -> Arc<str> {
        self.version.to_string().into()
    }
}

impl Stored for Draft {
    const KIND: DocumentKind = DocumentKind::Draft;

    fn id(&self) -> Arc<str> {
        self.id.as_str().into()
    }
}
