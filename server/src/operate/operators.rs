//! Operators: inviting and dismissing them, and what they may do. Pure.
//!
//! Nobody gives more than they have, or takes it from others who have more. There is always an owner once there was one.

use dripline_shared::api::access::{KeyMode, KeyStage, Permission, Role};
use dripline_shared::api::operate::By;
use dripline_shared::error::Code;
use dripline_shared::time::{DAY_MS, Timestamp};
use serde_json::{Value, json};

use super::{Decided, Told, fresh_for, key_of, name, of_field, passkeys, second, sessions, within};
use crate::access::{ApiKeyRecord, InvitationRecord, OperatorRecord, SessionRecord, role};
use crate::refusal::Refusal;
use crate::store::command::{Accept, Answer, Invite, Operation};
use crate::store::record::Document;
use crate::store::working::{Effect, WorkingSet};

/// The most operators, and invitations that can still be taken, at a time.
pub const OPERATORS_MAX: usize = 100;
/// How long an invitation can be taken where nothing is said, in milliseconds.
pub const INVITATION_DEFAULT_MS: u64 = DAY_MS;
/// How long it can be taken at most, in milliseconds.
pub const INVITATION_MAX_MS: u64 = 7 * DAY_MS;

/// Decides to invite the first owner, where nobody has access: earlier such invitations end, for nobody may have kept them.
pub(super) fn invite_first(
    set: &WorkingSet,
    operation: &Operation,
    invite: &Invite,
) -> Result<Decided, Refusal> {
    if !is_nobody_there(set, operation.now)? {
        return Ok(Decided { answer: Answer::Operated, effects: Vec::new(), told: None });
    }
    let earlier: Vec<InvitationRecord> = set.all_stored()?;
    let mut decided = self::invite(set, operation, invite)?;
    decided.effects.extend(earlier.iter().filter(|it| it.by == By::Server).map(ended));
    Ok(decided)
}

/// Decides to invite somebody. Invitations that have expired go.
pub(super) fn invite(set: &WorkingSet, operation: &Operation, invite: &Invite) -> Result<Decided, Refusal> {
    let (request, now) = (&invite.request, operation.now);
    let name = name(&request.name)?;
    gives(set, operation, request.role)?;
    let valid_ms = request.valid_ms.unwrap_or(INVITATION_DEFAULT_MS);
    if !(1..=INVITATION_MAX_MS).contains(&valid_ms) {
        return Err(of_field("valid_ms", format!("expected 1 to {INVITATION_MAX_MS}")));
    }
    let invitations: Vec<InvitationRecord> = set.all_stored()?;
    let (open, expired): (Vec<_>, Vec<_>) = invitations.iter().partition(|it| it.is_open(now));
    let count = open.len().saturating_add(set.all_stored::<OperatorRecord>()?.len());
    if count >= OPERATORS_MAX {
        let message = format!("there may be {OPERATORS_MAX} operators and invitations");
        return Err(Refusal::new(Code::OperatorsUsedUp, message));
    }
    if invitations.iter().any(|it| it.id == invite.id) {
        return Err(Code::Internal.into());
    }
    let record = InvitationRecord {
        id: invite.id.clone(),
        hash: invite.hash,
        name: name.to_owned(),
        role: request.role,
        by: operation.by.clone(),
        made_at: now,
        expires_at: now.plus(valid_ms),
    };
    let mut effects: Vec<Effect> = expired.into_iter().map(ended).collect();
    effects.push(Effect::Document(Document::of(&record)?));
    let told = Told {
        action: "invitation.make",
        subject: Some(record.id.clone()),
        before: None,
        after: Some(of_invitation(&record)),
    };
    Ok(Decided { answer: Answer::Invited(Box::new(record)), effects, told: Some(told) })
}

/// Decides to revoke an invitation.
pub(super) fn revoke_invitation(
    set: &WorkingSet,
    operation: &Operation,
    id: &str,
) -> Result<Decided, Refusal> {
    let found: Option<InvitationRecord> = set.stored(id)?;
    let record = found.filter(|it| it.is_open(operation.now)).ok_or(Code::InvitationUnknown)?;
    within(set, operation, &role::may(record.role, None, KeyMode::Live))?;
    let told = Told {
        action: "invitation.revoke",
        subject: Some(record.id.clone()),
        before: Some(of_invitation(&record)),
        after: None,
    };
    Ok(Decided { answer: Answer::Operated, effects: vec![ended(&record)], told: Some(told) })
}

/// Decides to make an operator of whoever was invited. The invitation is used up by that, and their first session begins.
pub(super) fn accept(set: &WorkingSet, operation: &Operation, accept: &Accept) -> Result<Decided, Refusal> {
    let now = operation.now;
    let found: Option<InvitationRecord> = set.stored(&accept.invitation)?;
    let invitation = found.filter(|it| it.is_open(now)).ok_or(Code::InvitationWrong)?;
    // The one that the server makes by itself is for the first owner.
    if invitation.by == By::Server && !is_nobody_there(set, now)? {
        return Err(Code::InvitationWrong.into());
    }
    let name = name(accept.name.as_deref().unwrap_or(&invitation.name))?;
    let operators: Vec<OperatorRecord> = set.all_stored()?;
    if operators.iter().any(|it| it.id == accept.operator) {
        return Err(Code::CeremonyOver.into());
    }
    passkeys::is_new(&operators, &accept.passkey)?;
    let mut effects = sessions::answer(set, &accept.answered, now)?;
    let operator = OperatorRecord {
        id: accept.operator.clone(),
        name: name.to_owned(),
        role: invitation.role,
        by: invitation.by.clone(),
        made_at: now,
        signed_in_at: Some(now),
        passkeys: vec![accept.passkey.clone()],
    };
    let session =
        sessions::begin(set, operation, (&operator, &accept.passkey.id), &accept.session, &mut effects)?;
    effects.push(ended(&invitation));
    effects.push(Effect::Document(Document::of(&operator)?));
    let told = Told {
        action: "invitation.take",
        subject: Some(invitation.id.clone()),
        before: Some(of_invitation(&invitation)),
        after: Some(json!({
            "operator": operator.id, "name": operator.name, "role": operator.role, "passkey": accept.passkey.id,
            "session": session.id
        })),
    };
    Ok(Decided { answer: Answer::SignedIn(Box::new((operator, session))), effects, told: Some(told) })
}

/// Decides what an operator may do from now on. Invitations of whoever may not invite any more end.
pub(super) fn set_role(
    set: &WorkingSet,
    operation: &Operation,
    id: &str,
    role: Role,
) -> Result<Decided, Refusal> {
    let before: OperatorRecord = set.stored(id)?.ok_or(Code::OperatorUnknown)?;
    within(set, operation, &before.may())?;
    gives(set, operation, role)?;
    if before.role == role {
        let answer = Answer::OperatorChanged(Box::new(before));
        return Ok(Decided { answer, effects: Vec::new(), told: None });
    }
    still_an_owner(set, &before)?;
    let after = OperatorRecord { role, ..before.clone() };
    let mut effects = vec![Effect::Document(Document::of(&after)?)];
    if !after.may().contains(&Permission::ManageOperators) {
        effects.extend(invitations_by(set, |by| is_operator(by, &before.id))?);
    }
    let told = Told {
        action: "operator.role",
        subject: Some(id.to_owned()),
        before: Some(json!({ "name": before.name, "role": before.role })),
        after: Some(json!({ "name": after.name, "role": after.role })),
    };
    Ok(Decided { answer: Answer::OperatorChanged(Box::new(after)), effects, told: Some(told) })
}

/// Decides to dismiss an operator. Their sessions end with it, and the invitations that they have made, or may have made by an API
/// key whose secret they know: the key holds on, for programs need it, and is to be looked after.
pub(super) fn dismiss(set: &WorkingSet, operation: &Operation, id: &str) -> Result<Decided, Refusal> {
    let operator: OperatorRecord = set.stored(id)?.ok_or(Code::OperatorUnknown)?;
    within(set, operation, &operator.may())?;
    still_an_owner(set, &operator)?;
    let mut effects = vec![Effect::Document(Document::gone::<OperatorRecord>(id))];
    let sessions: Vec<SessionRecord> = set.all_stored()?;
    effects.extend(sessions.iter().filter(|session| session.operator == id).map(sessions::ended));
    let invitations: Vec<InvitationRecord> = set.all_stored()?;
    for invitation in &invitations {
        if second::is_known_to(set, &invitation.by, id)? {
            effects.push(ended(invitation));
        }
    }
    let told = Told {
        action: "operator.dismiss",
        subject: Some(id.to_owned()),
        before: Some(json!({ "name": operator.name, "role": operator.role })),
        after: None,
    };
    Ok(Decided { answer: Answer::Operated, effects, told: Some(told) })
}

/// Whether nobody has access: there is neither an operator nor an API key that holds.
fn is_nobody_there(set: &WorkingSet, now: Timestamp) -> Result<bool, Refusal> {
    let keys: Vec<ApiKeyRecord> = set.all_stored()?;
    let has_key = keys.iter().any(|key| key.stage(now) == KeyStage::Active);
    Ok(!has_key && set.all_stored::<OperatorRecord>()?.is_empty())
}

/// Refuses whoever would give this role to others and may not do all of it; or has it by a key that holds for a while, or in
/// some networks, for an operator is bound by neither.
fn gives(set: &WorkingSet, operation: &Operation, role: Role) -> Result<(), Refusal> {
    let may = role::may(role, None, KeyMode::Live);
    within(set, operation, &may)?;
    fresh_for(set, operation, &may)?;
    let is_bound = |key: &ApiKeyRecord| key.expires_at.is_some() || !key.ranges.is_empty();
    if key_of(set, operation)?.is_some_and(|key| is_bound(&key)) {
        let message = "an operator would have access for longer, and from more networks, than this API key";
        return Err(Refusal::new(Code::AccessRefused, message));
    }
    Ok(())
}

/// Refuses to have the last owner go.
fn still_an_owner(set: &WorkingSet, going: &OperatorRecord) -> Result<(), Refusal> {
    let operators: Vec<OperatorRecord> = set.all_stored()?;
    let is_other = |it: &OperatorRecord| it.role == Role::Owner && it.id != going.id;
    if going.role == Role::Owner && !operators.iter().any(is_other) {
        return Err(Code::LastOwner.into());
    }
    Ok(())
}

fn is_operator(by: &By, operator: &str) -> bool {
    matches!(by, By::Operator { id, .. } if id == operator)
}

/// That the invitations end that somebody has made.
pub(super) fn invitations_by(
    set: &WorkingSet,
    is_theirs: impl Fn(&By) -> bool,
) -> Result<Vec<Effect>, Refusal> {
    let invitations: Vec<InvitationRecord> = set.all_stored()?;
    Ok(invitations.iter().filter(|it| is_theirs(&it.by)).map(ended).collect())
}

fn ended(invitation: &InvitationRecord) -> Effect {
    Effect::Document(Document::gone::<InvitationRecord>(&invitation.id))
}

/// What the audit log says of an invitation: neither its secret nor the hash of it.
fn of_invitation(invitation: &InvitationRecord) -> Value {
    json!({ "name": invitation.name, "role": invitation.role, "expires_at_ms": invitation.expires_at })
}

#[cfg(test)]
mod tests;
