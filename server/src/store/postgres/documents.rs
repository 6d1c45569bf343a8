//! Documents and the audit log: rows to records and back. Used by the writer and the readers.
//!
//! Whoever changes them holds one advisory lock, which is taken before any other: so the audit log has one order.

use dripline_shared::round::Hash;
use postgres::Row;

use crate::store::columns::moment;
use crate::store::postgres::failure::Failure;
use crate::store::postgres::flush::all;
use crate::store::postgres::rows::{bytes, number, timestamp};
use crate::store::postgres::session::Session;
use crate::store::postgres::{LOCKS, OPERATING};
use crate::store::record::{AuditRecord, Document, DocumentKind, Wanted};
use crate::store::working::{Changes, WorkingSet};

fn document(kind: DocumentKind, row: &Row) -> Result<Document, Failure> {
    let (id, json): (&str, &str) = (row.try_get(0)?, row.try_get(1)?);
    Ok(Document { kind, id: id.into(), json: Some(json.into()) })
}

/// The documents of a kind with ids from `from` on, in their order, at most so many.
pub(super) fn of_kind(
    session: &mut Session,
    kind: DocumentKind,
    from: &str,
    limit: usize,
) -> Result<Vec<Document>, Failure> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = session.query(
        "SELECT id, json FROM documents WHERE kind = $1 AND id >= $2 ORDER BY id LIMIT $3",
        &[&kind.as_str(), &from, &limit],
    )?;
    rows.iter().map(|row| document(kind, row)).collect()
}

/// A document.
pub(super) fn one(session: &mut Session, kind: DocumentKind, id: &str) -> Result<Option<Document>, Failure> {
    let row = session
        .query_one("SELECT id, json FROM documents WHERE kind = $1 AND id = $2", &[&kind.as_str(), &id])?;
    row.as_ref().map(|row| document(kind, row)).transpose()
}

/// Entries of the audit log, the newest first: those with numbers below `before`, at most so many.
pub(super) fn audit(
    session: &mut Session,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<AuditRecord>, Failure> {
    let before = before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = session.query(
        "SELECT number, at_ms, json, hash FROM audit_log WHERE number < $1 ORDER BY number DESC LIMIT $2",
        &[&before, &limit],
    )?;
    let entry = |row: &Row| {
        Ok(AuditRecord {
            number: number(row, 0)?,
            at: timestamp(row, 1)?,
            json: row.try_get::<_, &str>(2)?.into(),
            hash: Hash(bytes(row, 3)?),
        })
    };
    rows.iter().map(entry).collect()
}

/// Locks what operators change, and reads what commands want to know of it, and the newest entry of the audit log.
pub(super) fn load(session: &mut Session, set: &mut WorkingSet, wanted: &[Wanted]) -> Result<(), Failure> {
    session.run(&format!("SELECT pg_advisory_xact_lock({LOCKS}, {OPERATING})"))?;
    for wanted in wanted {
        let documents = match wanted {
            Wanted::All(kind) => of_kind(session, *kind, "", usize::MAX)?,
            Wanted::One(kind, id) => one(session, *kind, id)?.into_iter().collect(),
        };
        for document in documents {
            set.load_document(document);
        }
    }
    set.load_audit_head(audit(session, None, 1)?.first().map(AuditRecord::head));
    Ok(())
}

/// Writes the changes of a batch.
pub(super) fn write(session: &mut Session, set: &WorkingSet, changes: &Changes) -> Result<(), Failure> {
    for (kind, id) in &changes.documents {
        match set.document(*kind, id) {
            Some(json) => session.execute(
                "INSERT INTO documents (kind, id, json) VALUES ($1, $2, $3)
                 ON CONFLICT (kind, id) DO UPDATE SET json = excluded.json",
                &[&kind.as_str(), &&**id, &&**json],
            )?,
            None => session
                .execute("DELETE FROM documents WHERE kind = $1 AND id = $2", &[&kind.as_str(), &&**id])?,
        };
    }
    for entry in &changes.audit {
        let number = i64::try_from(entry.number).unwrap_or(i64::MAX);
        let written = session.execute(
            "INSERT INTO audit_log (number, at_ms, json, hash) VALUES ($1, $2, $3, $4)",
            &[&number, &moment(entry.at), &&*entry.json, &&entry.hash.0[..]],
        )?;
        all(written, 1)?;
    }
    Ok(())
}
