//! Documents and the audit log: rows to records and back. Used by the writer and the readers.

use std::sync::Arc;

use dripline_shared::round::Hash;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::store::columns::moment;
use crate::store::record::{AuditRecord, Document, DocumentKind, Wanted};
use crate::store::sqlite::rows::timestamp;
use crate::store::working::{Changes, WorkingSet};

/// The documents of a kind with ids from `from` on, in their order, at most so many.
pub(super) fn of_kind(
    connection: &Connection,
    kind: DocumentKind,
    from: &str,
    limit: usize,
) -> rusqlite::Result<Vec<Document>> {
    connection
        .prepare_cached("SELECT id, json FROM documents WHERE kind = ?1 AND id >= ?2 ORDER BY id LIMIT ?3")?
        .query_map((kind.as_str(), from, i64::try_from(limit).unwrap_or(i64::MAX)), |row| {
            Ok(Document { kind, id: row.get(0)?, json: row.get(1)? })
        })?
        .collect()
}

/// A document.
pub(super) fn one(
    connection: &Connection,
    kind: DocumentKind,
    id: &str,
) -> rusqlite::Result<Option<Document>> {
    connection
        .prepare_cached("SELECT id, json FROM documents WHERE kind = ?1 AND id = ?2")?
        .query_row((kind.as_str(), id), |row| Ok(Document { kind, id: row.get(0)?, json: row.get(1)? }))
        .optional()
}

/// Entries of the audit log, the newest first: those with numbers below `before`, at most so many.
pub(super) fn audit(
    connection: &Connection,
    before: Option<u64>,
    limit: usize,
) -> rusqlite::Result<Vec<AuditRecord>> {
    let before = before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
    connection
        .prepare_cached(
            "SELECT number, at_ms, json, hash FROM audit_log WHERE number < ?1 ORDER BY number DESC LIMIT ?2",
        )?
        .query_map((before, i64::try_from(limit).unwrap_or(i64::MAX)), read_entry)?
        .collect()
}

fn read_entry(row: &Row<'_>) -> rusqlite::Result<AuditRecord> {
    Ok(AuditRecord {
        number: row.get(0)?,
        at: timestamp(row, 1)?,
        json: row.get(2)?,
        hash: Hash(row.get(3)?),
    })
}

/// Reads what a command wants to know, and the newest entry of the audit log.
pub(super) fn load(connection: &Connection, set: &mut WorkingSet, wanted: &[Wanted]) -> rusqlite::Result<()> {
    for wanted in wanted {
        let documents = match wanted {
            Wanted::All(kind) => of_kind(connection, *kind, "", usize::MAX)?,
            Wanted::One(kind, id) => one(connection, *kind, id)?.into_iter().collect(),
        };
        for document in documents {
            set.load_document(document);
        }
    }
    set.load_audit_head(audit(connection, None, 1)?.first().map(AuditRecord::head));
    Ok(())
}

/// Writes the changes of a batch.
pub(super) fn write(main: &Connection, set: &WorkingSet, changes: &Changes) -> rusqlite::Result<()> {
    for (kind, id) in &changes.documents {
        let json: Option<&Arc<str>> = set.document(*kind, id);
        match json {
            Some(json) => main
                .prepare_cached(
                    "INSERT INTO documents (kind, id, json) VALUES (?1, ?2, ?3)
                     ON CONFLICT (kind, id) DO UPDATE SET json = ?3",
                )?
                .execute((kind.as_str(), id, json))?,
            None => main
                .prepare_cached("DELETE FROM documents WHERE kind = ?1 AND id = ?2")?
                .execute((kind.as_str(), id))?,
        };
    }
    for entry in &changes.audit {
        main.prepare_cached("INSERT INTO audit_log (number, at_ms, json, hash) VALUES (?1, ?2, ?3, ?4)")?
            .execute((entry.number, moment(entry.at), &entry.json, entry.hash.0))?;
    }
    Ok(())
}
