//! API keys: making, rotating and revoking them, and noting that one was used. Pure.
//!
//! Nobody gives more than they have: whoever makes or rotates a key, and so learns its secret, may do at least what the key
//! may do.

use std::collections::BTreeSet;

use dripline_shared::api::access::{KeyStage, Permission};
use dripline_shared::api::operate::By;
use dripline_shared::error::Code;
use dripline_shared::time::{DAY_MS, Timestamp};
use ipnet::IpNet;
use serde_json::{Value, json};

use super::former::former;
use super::{Decided, Told, fresh_for, key_of, name, of_field, within};
use crate::access::{ApiKeyRecord, permissions, role};
use crate::refusal::Refusal;
use crate::store::command::{Answer, MakeKey, Operation, RotateKey};
use crate::store::record::Document;
use crate::store::working::{Effect, WorkingSet};

/// The most keys that hold at a time.
pub const KEYS_MAX: usize = 200;
/// The most networks of a key.
const RANGES_MAX: usize = 32;
/// The longest time until a key expires, in milliseconds, where it does.
pub const EXPIRY_MAX_MS: u64 = 10 * 366 * DAY_MS;

/// Decides to make a key.
pub(super) fn make(set: &WorkingSet, operation: &Operation, make: &MakeKey) -> Result<Decided, Refusal> {
    let (request, now) = (&make.request, operation.now);
    let name = name(&request.name)?;
    let scopes: Option<BTreeSet<Permission>> =
        request.scopes.as_ref().map(|scopes| scopes.iter().copied().collect());
    let of_role = permissions(request.role);
    if let Some(beyond) = scopes.iter().flatten().find(|scope| !of_role.contains(scope)) {
        let of_role: Vec<&str> = of_role.iter().map(|permission| permission.as_str()).collect();
        let (beyond, role) = (beyond.as_str(), request.role.as_str());
        let message =
            format!("expected what the role {role} may do ({}), and not {beyond}", of_role.join(", "));
        return Err(of_field("scopes", message));
    }
    let scopes: Option<Vec<Permission>> = scopes.map(|scopes| scopes.into_iter().collect());
    let may = role::may(request.role, scopes.as_deref(), request.mode);
    if may.is_empty() {
        return Err(of_field(
            "scopes",
            "expected at least one permission that the key has by them".to_owned(),
        ));
    }
    within(set, operation, &may)?;
    fresh_for(set, operation, &may)?;
    let giver = key_of(set, operation)?;
    let record = ApiKeyRecord {
        id: make.id.clone(),
        name: name.to_owned(),
        mode: request.mode,
        role: request.role,
        scopes,
        ranges: ranges(&request.ranges)?,
        hash: make.hash,
        former: None,
        by: operation.by.clone(),
        made_at: now,
        rotated_at: now,
        rotated_by: None,
        expires_at: expiry(request.expires_at_ms, now)?,
        used_at: None,
        revoked_at: None,
    };
    bounded(giver.as_ref(), &record)?;
    let all: Vec<ApiKeyRecord> = set.all_stored()?;
    if all.iter().any(|other| other.id == record.id) {
        return Err(Code::Internal.into());
    }
    if all.iter().filter(|other| other.stage(now) == KeyStage::Active).count() >= KEYS_MAX {
        return Err(Refusal::new(Code::ApiKeysUsedUp, format!("there may be {KEYS_MAX} keys that hold")));
    }
    changed("key.make", None, record)
}

/// Decides to give a key a new secret.
pub(super) fn rotate(
    set: &WorkingSet,
    operation: &Operation,
    rotate: &RotateKey,
) -> Result<Decided, Refusal> {
    let now = operation.now;
    let before: ApiKeyRecord = set.stored(&rotate.id)?.ok_or(Code::ApiKeyUnknown)?;
    if before.stage(now) != KeyStage::Active {
        return Err(Code::ApiKeyEnded.into());
    }
    within(set, operation, &before.may())?;
    fresh_for(set, operation, &before.may())?;
    let after = ApiKeyRecord {
        hash: rotate.hash,
        former: Some(former(before.hash, rotate.rotation.overlap_ms, now)?),
        rotated_at: now,
        rotated_by: Some(operation.by.clone()),
        expires_at: expiry(rotate.rotation.expires_at_ms, now)?.or(before.expires_at),
        ..before.clone()
    };
    bounded(key_of(set, operation)?.as_ref(), &after)?;
    changed("key.rotate", Some(&before), after)
}

/// Decides to revoke a key. One that was revoked stays as it is.
pub(super) fn revoke(set: &WorkingSet, operation: &Operation, id: &str) -> Result<Decided, Refusal> {
    let now = operation.now;
    let before: ApiKeyRecord = set.stored(id)?.ok_or(Code::ApiKeyUnknown)?;
    if before.revoked_at.is_some() {
        return Ok(Decided { answer: Answer::KeyChanged(Box::new(before)), effects: Vec::new(), told: None });
    }
    // Every key may end itself.
    if key_of(set, operation)?.is_none_or(|asking| asking.id != before.id) {
        within(set, operation, &before.may())?;
    }
    let after = ApiKeyRecord { revoked_at: Some(now), ..before.clone() };
    let mut decided = changed("key.revoke", Some(&before), after)?;
    // Whoever had stolen it may have invited themselves by it.
    let is_its = |by: &By| matches!(by, By::ApiKey { id, .. } if *id == before.id);
    decided.effects.extend(super::operators::invitations_by(set, is_its)?);
    Ok(decided)
}

/// Decides to note that a key was used: of that the audit log says nothing.
pub(super) fn used(set: &WorkingSet, id: &str, now: Timestamp) -> Result<Decided, Refusal> {
    let before: ApiKeyRecord = set.stored(id)?.ok_or(Code::ApiKeyUnknown)?;
    let mut effects = Vec::new();
    if before.is_use_noted(now) {
        effects.push(Effect::Document(Document::of(&ApiKeyRecord { used_at: Some(now), ..before })?));
    }
    Ok(Decided { answer: Answer::Operated, effects, told: None })
}

fn changed(
    action: &'static str,
    before: Option<&ApiKeyRecord>,
    after: ApiKeyRecord,
) -> Result<Decided, Refusal> {
    let told = Told {
        action,
        subject: Some(after.id.clone()),
        before: before.map(summary),
        after: Some(summary(&after)),
    };
    let effects = vec![Effect::Document(Document::of(&after)?)];
    Ok(Decided { answer: Answer::KeyChanged(Box::new(after)), effects, told: Some(told) })
}

/// What the audit log says of a key: neither secrets nor their hashes.
fn summary(record: &ApiKeyRecord) -> Value {
    json!({
        "name": record.name,
        "mode": record.mode,
        "role": record.role,
        "scopes": record.scopes,
        "ranges": record.ranges,
        "rotated_at_ms": record.rotated_at,
        "former_until_ms": record.former.map(|former| former.until),
        "expires_at_ms": record.expires_at,
        "revoked_at_ms": record.revoked_at,
    })
}

/// Refuses a key that would hold for longer, or in more places, than that of whoever learns its secret.
fn bounded(giver: Option<&ApiKeyRecord>, key: &ApiKeyRecord) -> Result<(), Refusal> {
    let Some(giver) = giver else { return Ok(()) };
    if let Some(until) = giver.expires_at.filter(|until| key.expires_at.is_none_or(|at| at > *until)) {
        let message = format!("the key would hold for longer than yours, which expires at {until}");
        return Err(Refusal::new(Code::AccessRefused, message));
    }
    let is_inside = |range: &IpNet| giver.ranges.iter().any(|of_giver| of_giver.contains(range));
    if !giver.ranges.is_empty() && (key.ranges.is_empty() || !key.ranges.iter().all(is_inside)) {
        let message = "the key could be used from networks from which yours cannot";
        return Err(Refusal::new(Code::AccessRefused, message));
    }
    Ok(())
}

fn ranges(texts: &[String]) -> Result<Vec<IpNet>, Refusal> {
    if texts.len() > RANGES_MAX {
        return Err(of_field("ranges", format!("expected at most {RANGES_MAX} networks")));
    }
    let range = |(index, text): (usize, &String)| {
        let expected = || "expected a network such as 192.0.2.0/24 or 2001:db8::/32".to_owned();
        text.parse().map_err(|_| of_field(&format!("ranges[{index}]"), expected()))
    };
    texts.iter().enumerate().map(range).map(|range| range.map(|range: IpNet| range.trunc())).collect()
}

fn expiry(at: Option<Timestamp>, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
    if at.is_some_and(|at| at <= now || at.since(now) > EXPIRY_MAX_MS) {
        return Err(of_field("expires_at_ms", "expected a moment that comes, within ten years".to_owned()));
    }
    Ok(at)
}
