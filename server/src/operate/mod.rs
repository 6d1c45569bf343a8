//! What operators change: decisions from facts. Pure.
//!
//! Each change has an entry in the audit log, which is stored with it or not at all: there is one place that writes it.

mod api_keys;
pub mod audit;
pub mod difference;
mod draft;
mod publication;
mod vouchers;

pub use api_keys::{EXPIRY_MAX_MS, KEYS_MAX, OVERLAP_DEFAULT_MS, OVERLAP_MAX_MS};
pub use draft::changed as draft_changed;
pub use publication::{NOTE_MAX, SCHEDULE_MAX_MS, Spent, is_note, live, mistakes_beside};

use dripline_shared::api::Reason;
use dripline_shared::api::access::KeyStage;
use dripline_shared::api::operate::{AuditEntry, By};
use dripline_shared::error::Code;
use serde_json::Value;

use crate::access::ApiKeyRecord;
use crate::in_force::InForce;
use crate::refusal::Refusal;
use crate::store::command::{Answer, Change, Operation};
use crate::store::record::AuditRecord;
use crate::store::working::{Effect, WorkingSet};

/// The most characters of the name of a draft or a key.
const NAME_MAX: usize = 80;

/// A change that was decided, and what the audit log says of it.
struct Decided {
    answer: Answer,
    effects: Vec<Effect>,
    /// Nothing where nothing has changed.
    told: Option<Told>,
}

/// What the audit log says, apart from who did it.
struct Told {
    action: &'static str,
    subject: Option<String>,
    before: Option<Value>,
    after: Option<Value>,
}

/// Decides.
pub(crate) fn decide(
    in_force: &InForce,
    set: &WorkingSet,
    operation: &Operation,
) -> Result<(Answer, Vec<Effect>), Refusal> {
    match &operation.change {
        Change::Publish(publish) => {
            still_holds(set, operation)?;
            told(set, operation, publication::publish(in_force, set, operation, publish)?)
        }
        Change::MakeVouchers(make) => {
            still_holds(set, operation)?;
            told(set, operation, vouchers::make(in_force, set, operation, make)?)
        }
        _ => decide_apart(set, operation),
    }
}

/// Decides what does not depend on what is in force: everything but a publication and new vouchers.
pub(crate) fn decide_apart(
    set: &WorkingSet,
    operation: &Operation,
) -> Result<(Answer, Vec<Effect>), Refusal> {
    let now = operation.now;
    still_holds(set, operation)?;
    let decided = match &operation.change {
        Change::Adopt(adopt) => publication::adopt(set, operation, adopt),
        Change::Publish(_) | Change::MakeVouchers(_) => Err(Code::Internal.into()),
        Change::RevokeVouchers { campaign, number } => vouchers::revoke(set, campaign, *number, now),
        Change::CancelPublication { number } => publication::cancel(set, *number, now),
        Change::KeepDraft(keep) => draft::keep(set, operation, keep),
        Change::DropDraft { id, revision } => draft::discard(set, id, *revision),
        Change::MakeKey(make) => api_keys::make(set, operation, make),
        Change::RotateKey(rotate) => api_keys::rotate(set, operation, rotate),
        Change::RevokeKey { id } => api_keys::revoke(set, operation, id),
        Change::NoteKeyUse { id } => api_keys::used(set, id, now),
        Change::Note(entry) => {
            return Ok((Answer::Operated, vec![audit(set, operation, entry)?]));
        }
    }?;
    told(set, operation, decided)
}

/// Refuses what a key asks for that holds no more: it may have been let through before it was revoked. That it was refused, or
/// used, is noted all the same.
fn still_holds(set: &WorkingSet, operation: &Operation) -> Result<(), Refusal> {
    if matches!(operation.change, Change::Note(_) | Change::NoteKeyUse { .. }) {
        return Ok(());
    }
    let Some(key) = key_of(set, operation)? else { return Ok(()) };
    match key.stage(operation.now) {
        KeyStage::Active => Ok(()),
        KeyStage::Expired => Err(Code::AccessExpired.into()),
        KeyStage::Revoked => Err(Code::AccessRevoked.into()),
    }
}

/// The key of whoever asks, as it is by now; none where somebody asks without one.
fn key_of(set: &WorkingSet, operation: &Operation) -> Result<Option<ApiKeyRecord>, Refusal> {
    let By::ApiKey { id, .. } = &operation.by else { return Ok(None) };
    let key: Option<ApiKeyRecord> = set.stored(id)?;
    Ok(Some(key.ok_or(Code::AccessWrong)?))
}

/// What was decided, with its entry in the audit log.
fn told(set: &WorkingSet, operation: &Operation, decided: Decided) -> Result<(Answer, Vec<Effect>), Refusal> {
    let Decided { answer, mut effects, told } = decided;
    if let Some(Told { action, subject, before, after }) = told {
        let by = operation.by.clone();
        let from = operation.from.as_deref().map(str::to_owned);
        let entry = AuditEntry { by, from, action: action.to_owned(), subject, before, after, refused: None };
        effects.push(audit(set, operation, &entry)?);
    }
    Ok((answer, effects))
}

/// A refusal for one reason, and what it is about.
fn refused(code: Code, subject: impl Into<String>, message: String) -> Refusal {
    Refusal::from(Reason { code, message, subject: Some(subject.into()), until_ms: None })
}

/// The refusal of a request because of one of its fields.
fn of_field(field: &str, message: String) -> Refusal {
    refused(Code::InvalidRequest, field, message)
}

/// What something is called, without spaces around it; refused where that is no name.
fn name(text: &str) -> Result<&str, Refusal> {
    let name = text.trim();
    if (1..=NAME_MAX).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        return Ok(name);
    }
    Err(of_field("name", format!("expected 1 to {NAME_MAX} characters, in one line")))
}

/// The next entry of the audit log.
fn audit(set: &WorkingSet, operation: &Operation, entry: &AuditEntry) -> Result<Effect, Refusal> {
    let json = serde_json::to_string(entry).map_err(|_| Code::Internal)?;
    Ok(Effect::Audit(AuditRecord::after(set.audit_head(), operation.now, json.into())))
}
