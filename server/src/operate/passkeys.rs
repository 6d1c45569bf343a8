//! Passkeys of operators: adding and removing them. Pure. There is always one.

use dripline_shared::error::Code;
use serde_json::{Value, json};

use super::{Decided, Told, fresh, name, sessions, within};
use crate::access::{AnsweredCeremony, OperatorRecord, PasskeyRecord, SessionRecord};
use crate::refusal::Refusal;
use crate::store::command::{Answer, Operation};
use crate::store::record::Document;
use crate::store::working::{Effect, WorkingSet};

/// The most passkeys of an operator.
pub const PASSKEYS_MAX: usize = 10;

/// Decides to add a passkey that has answered.
pub(super) fn add(
    set: &WorkingSet,
    operation: &Operation,
    operator: &str,
    passkey: &PasskeyRecord,
    answered: &AnsweredCeremony,
) -> Result<Decided, Refusal> {
    let name = name(&passkey.name)?;
    fresh(set, operation)?;
    let operators: Vec<OperatorRecord> = set.all_stored()?;
    let before = operators.iter().find(|it| it.id == operator).ok_or(Code::OperatorUnknown)?;
    if before.passkeys.len() >= PASSKEYS_MAX {
        return Err(Refusal::new(Code::PasskeysUsedUp, format!("there may be {PASSKEYS_MAX} passkeys")));
    }
    is_new(&operators, passkey)?;
    let mut effects = sessions::answer(set, answered, operation.now)?;
    let mut after = before.clone();
    after.passkeys.push(PasskeyRecord { name: name.to_owned(), ..passkey.clone() });
    effects.push(Effect::Document(Document::of(&after)?));
    Ok(changed("passkey.add", before, after, &passkey.id, effects))
}

/// Decides to take a passkey from an operator, who may do no more than whoever asks: everybody from themselves. Sessions that began with it end, but for the one that asks.
pub(super) fn remove(
    set: &WorkingSet,
    operation: &Operation,
    operator: &str,
    passkey: &str,
) -> Result<Decided, Refusal> {
    let before: OperatorRecord = set.stored(operator)?.ok_or(Code::OperatorUnknown)?;
    within(set, operation, &before.may())?;
    if !before.passkeys.iter().any(|it| it.id == passkey) {
        return Err(Code::PasskeyUnknown.into());
    }
    if before.passkeys.len() <= 1 {
        return Err(Code::LastPasskey.into());
    }
    let mut after = before.clone();
    after.passkeys.retain(|it| it.id != passkey);
    let mut effects = vec![Effect::Document(Document::of(&after)?)];
    let asking = operation.session.as_ref().map(|session| &*session.id);
    let sessions: Vec<SessionRecord> = set.all_stored()?;
    let ends = |it: &&SessionRecord| {
        it.operator == operator && it.passkey == passkey && Some(it.id.as_str()) != asking
    };
    effects.extend(sessions.iter().filter(ends).map(sessions::ended));
    Ok(changed("passkey.remove", &before, after, passkey, effects))
}

/// Refuses a passkey that signs somebody in already.
pub(super) fn is_new(operators: &[OperatorRecord], passkey: &PasskeyRecord) -> Result<(), Refusal> {
    if operators.iter().any(|operator| operator.passkey_of(&passkey.credential).is_some()) {
        return Err(Refusal::new(Code::PasskeyRefused, "that passkey signs somebody in already"));
    }
    Ok(())
}

fn changed(
    action: &'static str,
    before: &OperatorRecord,
    after: OperatorRecord,
    passkey: &str,
    effects: Vec<Effect>,
) -> Decided {
    let told = Told {
        action,
        subject: Some(passkey.to_owned()),
        before: Some(of_passkeys(before)),
        after: Some(of_passkeys(&after)),
    };
    Decided { answer: Answer::OperatorChanged(Box::new(after)), effects, told: Some(told) }
}

/// What the audit log says of an operator's passkeys.
fn of_passkeys(operator: &OperatorRecord) -> Value {
    let of_passkey = |passkey: &PasskeyRecord| json!({ "id": passkey.id, "name": passkey.name });
    json!({ "operator": operator.id, "passkeys": operator.passkeys.iter().map(of_passkey).collect::<Vec<_>>() })
}
