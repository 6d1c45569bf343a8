//! Documents and the audit log in the working set.

use std::sync::Arc;

use dripline_shared::error::Code;
use dripline_shared::round::Hash;
use serde::de::DeserializeOwned;

use super::WorkingSet;
use crate::store::record::{AuditRecord, Document, DocumentKind, Stored};

impl WorkingSet {
    /// A document of this kind; an error where this build cannot read it.
    pub fn stored<T: Stored>(&self, id: &str) -> Result<Option<T>, Code> {
        self.documents.get(&(T::KIND, Arc::from(id))).map(|json| read(T::KIND, id, json)).transpose()
    }

    /// All documents of this kind, in the order of their ids; an error where this build cannot read one.
    pub fn all_stored<T: Stored>(&self) -> Result<Vec<T>, Code> {
        self.all_stored_as::<T, T>()
    }

    /// The same, but of each of these documents only what `P` has of it.
    pub fn all_stored_as<T: Stored, P: DeserializeOwned>(&self) -> Result<Vec<P>, Code> {
        let of_kind = self.documents.range((T::KIND, Arc::from(""))..);
        let of_kind = of_kind.take_while(|((kind, _), _)| *kind == T::KIND);
        of_kind.map(|((kind, id), json)| read(*kind, id, json)).collect()
    }

    /// The number and the hash of the newest entry of the audit log.
    pub fn audit_head(&self) -> Option<(u64, Hash)> {
        self.audit_head
    }

    /// What a document says.
    pub(crate) fn document(&self, kind: DocumentKind, id: &Arc<str>) -> Option<&Arc<str>> {
        self.documents.get(&(kind, Arc::clone(id)))
    }

    /// Takes a document; forgets it where it is gone.
    pub fn load_document(&mut self, document: Document) {
        let key = (document.kind, document.id);
        match document.json {
            Some(json) => drop(self.documents.insert(key, json)),
            None => drop(self.documents.remove(&key)),
        }
    }

    /// Takes the number and the hash of the newest entry of the audit log.
    pub fn load_audit_head(&mut self, head: Option<(u64, Hash)>) {
        self.audit_head = head;
    }

    /// All documents (the store in memory has everything here).
    pub(crate) fn all_documents(&self) -> impl Iterator<Item = Document> {
        self.documents.iter().map(|((kind, id), json)| Document {
            kind: *kind,
            id: Arc::clone(id),
            json: Some(Arc::clone(json)),
        })
    }
}

impl Document {
    /// What is to be kept of this.
    pub fn of<T: Stored>(stored: &T) -> Result<Self, Code> {
        let json = serde_json::to_string(stored).map_err(|_| Code::Internal)?;
        Ok(Self { kind: T::KIND, id: stored.id(), json: Some(json.into()) })
    }

    /// That this is kept no more.
    pub fn gone<T: Stored>(id: &str) -> Self {
        Self { kind: T::KIND, id: id.into(), json: None }
    }

    /// What these say, without those that are gone; an error where this build cannot read one.
    pub fn read_all<T: Stored>(found: impl IntoIterator<Item = Self>) -> Result<Vec<T>, Code> {
        let with_json = found.into_iter().filter_map(|document| Some((document.id, document.json?)));
        with_json.map(|(id, json)| read(T::KIND, &id, &json)).collect()
    }

    /// What one says that may have been found.
    pub fn read_one<T: Stored>(found: Option<Self>) -> Result<Option<T>, Code> {
        Self::read_all(found).map(|mut read| read.pop())
    }
}

fn read<P: DeserializeOwned>(kind: DocumentKind, id: &str, json: &str) -> Result<P, Code> {
    serde_json::from_str(json).map_err(|error| {
        tracing::error!(%error, kind = kind.as_str(), id, "this build cannot read a document of the store");
        Code::Internal
    })
}

impl AuditRecord {
    /// What the entry after it needs to know.
    pub fn head(&self) -> (u64, Hash) {
        (self.number, self.hash)
    }
}
