//! Sessions: how they begin and end, and that what a passkey has answered counts once. Pure.

use dripline_shared::api::access::Permission;
use dripline_shared::api::operate::By;
use dripline_shared::error::Code;
use dripline_shared::round::Hash;
use dripline_shared::time::Timestamp;
use serde_json::{Value, json};

use super::{Decided, Told, may_of, not_allowed, within};
use crate::access::ceremony::CEREMONY_KEY_ID;
use crate::access::session::SESSIONS_MAX;
use crate::access::{AnsweredCeremony, CeremonyKey, OperatorRecord, SessionRecord};
use crate::refusal::Refusal;
use crate::store::command::{Answer, NewSession, Operation, SignIn};
use crate::store::record::Document;
use crate::store::working::{Effect, WorkingSet};

/// Decides to keep the key under which what passkeys are asked is sealed, where there is none.
pub(super) fn keep_key(set: &WorkingSet, key: Hash) -> Result<Decided, Refusal> {
    let known: Option<CeremonyKey> = set.stored(CEREMONY_KEY_ID)?;
    let effects = match known {
        Some(_) => Vec::new(),
        None => vec![Effect::Document(Document::of(&CeremonyKey { key })?)],
    };
    Ok(Decided { answer: Answer::Operated, effects, told: None })
}

/// Decides to begin a session of somebody whose passkey has answered.
pub(super) fn sign_in(set: &WorkingSet, operation: &Operation, sign_in: &SignIn) -> Result<Decided, Refusal> {
    let now = operation.now;
    let before: OperatorRecord = set.stored(&sign_in.operator)?.ok_or(Code::SignInRefused)?;
    let seen = before.passkeys.iter().find(|passkey| passkey.id == sign_in.passkey.id);
    let seen = seen.ok_or(Code::SignInRefused)?;
    let mut effects = answer(set, &sign_in.answered, now)?;
    // Its signature counter was compared with what was there before.
    if seen.state != sign_in.seen {
        return Err(Code::CeremonyOver.into());
    }
    let mut operator = OperatorRecord { signed_in_at: Some(now), ..before };
    for passkey in operator.passkeys.iter_mut().filter(|passkey| passkey.id == sign_in.passkey.id) {
        passkey.clone_from(&sign_in.passkey);
    }
    let session = begin(set, operation, (&operator, &sign_in.passkey.id), &sign_in.session, &mut effects)?;
    effects.push(Effect::Document(Document::of(&operator)?));
    let told = Told {
        action: "sign_in",
        subject: Some(operator.id.clone()),
        before: None,
        after: Some(json!({ "session": session.id, "passkey": session.passkey, "origin": session.origin })),
    };
    Ok(Decided { answer: Answer::SignedIn(Box::new((operator, session))), effects, told: Some(told) })
}

/// Has an answer count, once: those that could not be repeated any more are forgotten.
pub(super) fn answer(
    set: &WorkingSet,
    answered: &AnsweredCeremony,
    now: Timestamp,
) -> Result<Vec<Effect>, Refusal> {
    let known: Vec<AnsweredCeremony> = set.all_stored()?;
    if answered.expires_at <= now || known.iter().any(|it| it.challenge == answered.challenge) {
        return Err(Code::CeremonyOver.into());
    }
    let past = known.iter().filter(|it| it.expires_at <= now);
    let past = past.map(|it| Effect::Document(Document::gone::<AnsweredCeremony>(&it.challenge)));
    Ok(past.chain([Effect::Document(Document::of(answered)?)]).collect())
}

/// Begins a session of this operator with this passkey. Those that are open no more go, and so does the operator's oldest where
/// there are too many.
pub(super) fn begin(
    set: &WorkingSet,
    operation: &Operation,
    (operator, passkey): (&OperatorRecord, &str),
    new: &NewSession,
    effects: &mut Vec<Effect>,
) -> Result<SessionRecord, Refusal> {
    let now = operation.now;
    let sessions: Vec<SessionRecord> = set.all_stored()?;
    if sessions.iter().any(|session| session.id == new.id) {
        return Err(Code::Internal.into());
    }
    let (open, over): (Vec<_>, Vec<_>) = sessions.iter().partition(|session| session.is_open(now));
    let mut own: Vec<_> = open.into_iter().filter(|session| session.operator == operator.id).collect();
    own.sort_by(|one, other| (one.made_at, &one.id).cmp(&(other.made_at, &other.id)));
    let too_many = own.len().saturating_add(1).saturating_sub(SESSIONS_MAX);
    effects.extend(over.into_iter().chain(own.into_iter().take(too_many)).map(ended));
    let session = SessionRecord {
        id: new.id.clone(),
        hash: new.hash,
        operator: operator.id.clone(),
        passkey: passkey.to_owned(),
        origin: new.origin.clone(),
        from: operation.from.as_deref().map(str::to_owned),
        made_at: now,
        used_at: now,
    };
    effects.push(Effect::Document(Document::of(&session)?));
    Ok(session)
}

/// Decides to end a session: one's own, or another one's by whoever may.
pub(super) fn end(
    set: &WorkingSet,
    operation: &Operation,
    id: &str,
    is_sign_out: bool,
) -> Result<Decided, Refusal> {
    let found: Option<SessionRecord> = set.stored(id)?;
    let found = found.filter(|session| session.is_open(operation.now));
    let is_own = |session: &SessionRecord| {
        operation.session.is_some()
            && matches!(&operation.by, By::Operator { id, .. } if *id == session.operator)
    };
    if !found.as_ref().is_some_and(is_own) {
        // Whoever may not end it does not learn whether it is there.
        let needed = Permission::ManageOperators;
        if may_of(set, operation)?.is_some_and(|may| !may.contains(&needed)) {
            return Err(not_allowed(needed));
        }
        let session = found.as_ref().ok_or(Code::SessionUnknown)?;
        let operator: Option<OperatorRecord> = set.stored(&session.operator)?;
        within(set, operation, &operator.map(|it| it.may()).unwrap_or_default())?;
    }
    let session = found.ok_or(Code::SessionUnknown)?;
    let told = Told {
        action: if is_sign_out { "sign_out" } else { "session.revoke" },
        subject: Some(session.id.clone()),
        before: Some(of_session(&session)),
        after: None,
    };
    Ok(Decided { answer: Answer::Operated, effects: vec![ended(&session)], told: Some(told) })
}

/// Decides to note that a session was used: of that the audit log says nothing.
pub(super) fn used(set: &WorkingSet, id: &str, now: Timestamp) -> Result<Decided, Refusal> {
    let session: SessionRecord = set.stored(id)?.ok_or(Code::SessionEnded)?;
    let mut effects = Vec::new();
    if session.is_open(now) && session.is_use_noted(now) {
        effects.push(Effect::Document(Document::of(&SessionRecord { used_at: now, ..session })?));
    }
    Ok(Decided { answer: Answer::Operated, effects, told: None })
}

/// That a session is over.
pub(super) fn ended(session: &SessionRecord) -> Effect {
    Effect::Document(Document::gone::<SessionRecord>(&session.id))
}

/// What the audit log says of a session: neither its secret nor the hash of it.
fn of_session(session: &SessionRecord) -> Value {
    json!({
        "operator": session.operator, "passkey": session.passkey, "from": session.from, "made_at_ms": session.made_at
    })
}
