//! What operators change: decisions from facts. Pure.
//!
//! Each change has an entry in the audit log, which is stored with it or not at all: there is one place that writes it.

mod alerts;
mod api_keys;
pub mod audit;
pub mod difference;
mod draft;
mod emergency;
mod former;
mod operators;
mod passkeys;
mod payouts;
mod players;
mod publication;
mod second;
mod sessions;
mod site_webhooks;
mod sites;
mod vouchers;

pub use api_keys::{EXPIRY_MAX_MS, KEYS_MAX};
pub use draft::changed as draft_changed;
pub use former::{OVERLAP_DEFAULT_MS, OVERLAP_MAX_MS};
pub use operators::{INVITATION_DEFAULT_MS, INVITATION_MAX_MS, OPERATORS_MAX};
pub use passkeys::PASSKEYS_MAX;
pub use players::NOTES_MAX;
pub use publication::{NOTE_MAX, SCHEDULE_MAX_MS, Spent, is_note, live, mistakes_beside};
pub use second::OPEN_MS as PROPOSAL_OPEN_MS;
pub(crate) use site_webhooks::invalid as webhook_invalid;
pub use sites::SITES_MAX;

use std::collections::BTreeSet;

use dripline_shared::api::Reason;
use dripline_shared::api::access::{KeyStage, Permission};
use dripline_shared::api::operate::{AuditEntry, By};
use dripline_shared::error::Code;
use dripline_shared::text::is_name;
use serde_json::Value;

use crate::access::{ApiKeyRecord, OperatorRecord, SessionRecord};
use crate::in_force::InForce;
use crate::refusal::Refusal;
use crate::store::command::{AccessChange, Answer, BySession, Change, Operation};
use crate::store::record::AuditRecord;
use crate::store::working::{Effect, WorkingSet};

/// The most characters of the name of a draft, a key, an operator or a passkey.
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
    if let Change::Note(entry) = &operation.change {
        return Ok((Answer::Operated, vec![audit(set, operation, entry)?]));
    }
    still_holds(set, operation)?;
    second::admit(set, operation)?;
    let decided = decided(Some(in_force), set, operation)?;
    told(set, operation, second::settle(in_force, set, operation, decided)?)
}

/// Decides, where the store is and without a second operator, what does not depend on what is in force: everything but a
/// publication and new vouchers.
pub(crate) fn decide_apart(
    set: &WorkingSet,
    operation: &Operation,
) -> Result<(Answer, Vec<Effect>), Refusal> {
    still_holds(set, operation)?;
    told(set, operation, decided(None, set, operation)?)
}

fn decided(in_force: Option<&InForce>, set: &WorkingSet, operation: &Operation) -> Result<Decided, Refusal> {
    let now = operation.now;
    match &operation.change {
        Change::Adopt(adopt) => publication::adopt(set, operation, adopt),
        Change::Publish(publish) => {
            publication::publish(in_force.ok_or(Code::Internal)?, set, operation, publish)
        }
        Change::MakeVouchers(make) => vouchers::make(in_force.ok_or(Code::Internal)?, set, operation, make),
        Change::RevokeVouchers { campaign, number } => vouchers::revoke(set, campaign, *number, now),
        Change::CancelPublication { number } => publication::cancel(set, *number, now),
        Change::KeepDraft(keep) => draft::keep(set, operation, keep),
        Change::DropDraft { id, revision } => draft::discard(set, id, *revision),
        Change::MakeKey(make) => api_keys::make(set, operation, make),
        Change::RotateKey(rotate) => api_keys::rotate(set, operation, rotate),
        Change::RevokeKey { id } => api_keys::revoke(set, operation, id),
        Change::NoteKeyUse { id } => api_keys::used(set, id, now),
        Change::TurnAlerts(found) => alerts::turn(set, operation, found),
        Change::AlertTold { id, turn } => alerts::told(set, id, *turn),
        Change::Access(change) => access(set, operation, change),
        Change::Site(change) => sites::decide(in_force, set, operation, change),
        Change::SetStanding { wallet, standing, reason } => {
            players::stand(set, operation, *wallet, *standing, reason)
        }
        Change::AddNote { wallet, text } => players::note(set, operation, *wallet, text),
        Change::ForgetNotes { wallet } => players::forget(set, *wallet),
        Change::Payout(command) => payouts::payout(set, operation, command),
        Change::Approve { withdrawal } => payouts::approve(set, *withdrawal),
        Change::SetStop { name, stopped, reason, was_published } => {
            emergency::set_stop(in_force, set, operation, (name, *stopped, reason, *was_published))
        }
        Change::WithdrawProposal { id } => second::withdraw(set, operation, id),
        // Of what is noted there is no decision.
        Change::Note(_) => Err(Code::Internal.into()),
    }
}

/// Decides who may do what.
fn access(set: &WorkingSet, operation: &Operation, change: &AccessChange) -> Result<Decided, Refusal> {
    match change {
        AccessChange::KeepCeremonyKey(key) => sessions::keep_key(set, *key),
        AccessChange::InviteFirst(invite) => operators::invite_first(set, operation, invite),
        AccessChange::Invite(invite) => operators::invite(set, operation, invite),
        AccessChange::RevokeInvitation { id } => operators::revoke_invitation(set, operation, id),
        AccessChange::Accept(accept) => operators::accept(set, operation, accept),
        AccessChange::SetRole { id, role } => operators::set_role(set, operation, id, *role),
        AccessChange::Dismiss { id } => operators::dismiss(set, operation, id),
        AccessChange::SignIn(sign_in) => sessions::sign_in(set, operation, sign_in),
        AccessChange::EndSession { id, is_sign_out } => sessions::end(set, operation, id, *is_sign_out),
        AccessChange::NoteSessionUse { id } => sessions::used(set, id, operation.now),
        AccessChange::AddPasskey { operator, passkey, answered } => {
            passkeys::add(set, operation, operator, passkey, answered)
        }
        AccessChange::RemovePasskey { operator, passkey } => {
            passkeys::remove(set, operation, operator, passkey)
        }
    }
}

/// Refuses what somebody asks for with a key or by a session that holds no more: they may have been let through before it was
/// revoked. That it was refused, or used, is noted all the same.
fn still_holds(set: &WorkingSet, operation: &Operation) -> Result<(), Refusal> {
    let is_noted_in_any_case = matches!(
        operation.change,
        Change::Note(_) | Change::NoteKeyUse { .. } | Change::Access(AccessChange::NoteSessionUse { .. })
    );
    if is_noted_in_any_case {
        return Ok(());
    }
    if let Some(session) = &operation.session {
        return still_open(set, operation, session);
    }
    let Some(key) = key_of(set, operation)? else { return Ok(()) };
    match key.stage(operation.now) {
        KeyStage::Active => Ok(()),
        KeyStage::Expired => Err(Code::AccessExpired.into()),
        KeyStage::Revoked => Err(Code::AccessRevoked.into()),
    }
}

/// Refuses what somebody asks for by a session that has ended, or who may not do it any more.
fn still_open(set: &WorkingSet, operation: &Operation, session: &BySession) -> Result<(), Refusal> {
    let By::Operator { id, .. } = &operation.by else { return Err(Code::Internal.into()) };
    let record: Option<SessionRecord> = set.stored(&session.id)?;
    let is_open = record.is_some_and(|record| record.operator == *id && record.is_open(operation.now));
    let operator: Option<OperatorRecord> = set.stored(id)?;
    let operator = operator.filter(|_| is_open).ok_or(Code::SessionEnded)?;
    match session.needs.filter(|needed| !operator.may().contains(needed)) {
        Some(needed) => Err(not_allowed(needed)),
        None => Ok(()),
    }
}

/// The refusal of somebody who may not do this.
pub fn not_allowed(needed: Permission) -> Refusal {
    let message = format!("this needs {}, which whoever asks has not", needed.as_str());
    refused(Code::AccessRefused, needed.as_str(), message)
}

/// What whoever asks may do by now; nothing where there is no bound: the server itself, and whoever has its store.
fn may_of(set: &WorkingSet, operation: &Operation) -> Result<Option<BTreeSet<Permission>>, Refusal> {
    match (&operation.by, &operation.session) {
        (By::Server | By::File | By::CommandLine, _) => Ok(None),
        (By::ApiKey { .. }, _) => Ok(key_of(set, operation)?.map(|key| key.may())),
        (By::Operator { id, .. }, Some(_)) => {
            let operator: OperatorRecord = set.stored(id)?.ok_or(Code::SessionEnded)?;
            Ok(Some(operator.may()))
        }
        (By::Operator { .. } | By::Unknown, _) => Ok(Some(BTreeSet::new())),
    }
}

/// Refuses whoever would give to others, or take from them, what they may not do themselves.
fn within(set: &WorkingSet, operation: &Operation, may: &BTreeSet<Permission>) -> Result<(), Refusal> {
    let Some(own) = may_of(set, operation)? else { return Ok(()) };
    let Some(beyond) = may.difference(&own).next() else { return Ok(()) };
    let message = format!("that is about {}, which whoever asks has not", beyond.as_str());
    Err(Refusal::new(Code::AccessRefused, message))
}

/// Refuses whoever asks by a session that did not begin just now: for what gives access for good. API keys verify nothing anew.
fn fresh(set: &WorkingSet, operation: &Operation) -> Result<(), Refusal> {
    let Some(session) = &operation.session else { return Ok(()) };
    let record: Option<SessionRecord> = set.stored(&session.id)?;
    let is_fresh = record.is_some_and(|record| record.is_fresh(operation.now));
    if is_fresh { Ok(()) } else { Err(Code::VerificationNeeded.into()) }
}

/// The same, where whoever gets this may give access to others in turn.
fn fresh_for(set: &WorkingSet, operation: &Operation, may: &BTreeSet<Permission>) -> Result<(), Refusal> {
    let gives_access = [Permission::ManageOperators, Permission::ManageKeys];
    if gives_access.iter().any(|permission| may.contains(permission)) {
        fresh(set, operation)
    } else {
        Ok(())
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
    if (1..=NAME_MAX).contains(&name.chars().count()) && is_name(name) {
        return Ok(name);
    }
    let expected = format!("expected 1 to {NAME_MAX} characters, in one line, none of them invisible");
    Err(of_field("name", expected))
}

/// What a field says that is a text in one line, of 1 to [`NOTE_MAX`] characters, without spaces around it.
fn line<'a>(field: &str, text: &'a str) -> Result<&'a str, Refusal> {
    let line = text.trim();
    if !line.is_empty() && is_note(line) {
        return Ok(line);
    }
    Err(of_field(field, format!("expected 1 to {NOTE_MAX} characters, in one line, none of them invisible")))
}

/// The next entry of the audit log.
fn audit(set: &WorkingSet, operation: &Operation, entry: &AuditEntry) -> Result<Effect, Refusal> {
    let json = serde_json::to_string(entry).map_err(|_| Code::Internal)?;
    Ok(Effect::Audit(AuditRecord::after(set.audit_head(), operation.now, json.into())))
}
