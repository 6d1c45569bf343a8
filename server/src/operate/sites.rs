//! Sites: registering, changing and ending them, and their keys. Pure.

use dripline_shared::api::Reason;
use dripline_shared::api::operate::Mistake;
use dripline_shared::error::Code;
use dripline_shared::limit::CountLimit;
use dripline_shared::round::Hash;
use dripline_shared::site::{Site, SiteLook};
use dripline_shared::time::{HOUR_MS, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::former::former;
use super::{Decided, Told, refused, site_webhooks};
use crate::in_force::InForce;
use crate::refusal::Refusal;
use crate::site::{SITES_REVISION_ID, SiteKeyName, SiteKeyRecord, SiteRecord, SitesRevision};
use crate::store::command::{Answer, MakeSite, Operation, SiteChange};
use crate::store::record::Document;
use crate::store::working::{Effect, WorkingSet};

/// The most sites that have not ended.
pub const SITES_MAX: usize = 500;
/// How many may be registered, whatever became of them: of each that has ended something is kept for good, and is read by servers
/// with the others.
const REGISTRATIONS: CountLimit = CountLimit { burst: 1_000, every_ms: HOUR_MS };

/// What is counted of sites. Their looks, of which most of a record may be, are not looked at for that.
#[derive(Deserialize)]
struct Counted {
    made_at: Timestamp,
    ended_at: Option<Timestamp>,
}

/// Decides.
pub(super) fn decide(
    in_force: Option<&InForce>,
    set: &WorkingSet,
    operation: &Operation,
    change: &SiteChange,
) -> Result<Decided, Refusal> {
    match change {
        SiteChange::Make(make) => register(in_force, set, operation, make),
        SiteChange::Set { site, revision } => say(in_force, set, operation, site, *revision),
        SiteChange::RotateKey { id, which, hash, overlap_ms } => {
            rotate(set, operation, id, *which, *hash, *overlap_ms)
        }
        SiteChange::RevokeKey { id, which } => revoke(set, operation, id, *which),
        SiteChange::End { id } => end(set, operation, id),
        SiteChange::Webhook { site, change } => site_webhooks::decide(in_force, set, operation, site, change),
    }
}

fn register(
    in_force: Option<&InForce>,
    set: &WorkingSet,
    operation: &Operation,
    make: &MakeSite,
) -> Result<Decided, Refusal> {
    let (site, now) = (&make.site, operation.now);
    without_mistakes(in_force, site)?;
    // Also of one that has ended: pages that still name it must not show what is another's.
    if set.stored::<SiteRecord>(&site.id)?.is_some() {
        return Err(refused(Code::SiteTaken, &site.id, format!("the id {} is taken", site.id)));
    }
    let all: Vec<Counted> = set.all_stored_as::<SiteRecord, _>()?;
    let holds = all.iter().filter(|other| other.ended_at.is_none()).count();
    if holds >= SITES_MAX {
        let message = format!("there may be {SITES_MAX} sites that have not ended");
        return Err(Refusal::new(Code::SitesUsedUp, message));
    }
    REGISTRATIONS.take(registrations(&all), now).map_err(|until| {
        let message = format!("so many sites were registered that another one can be at {until}");
        Refusal::until(Code::SitesUsedUp, message, until)
    })?;
    let key = |(id, hash): &(String, Hash)| SiteKeyRecord {
        id: id.clone(),
        hash: *hash,
        former: None,
        by: operation.by.clone(),
        made_at: now,
        revoked_at: None,
    };
    let record = SiteRecord {
        site: site.clone(),
        revision: 1,
        secret: key(&make.secret),
        statistics: key(&make.statistics),
        by: operation.by.clone(),
        made_at: now,
        changed_by: operation.by.clone(),
        changed_at: now,
        ended_at: None,
        webhooks: Vec::new(),
    };
    changed(set, "site.make", None, record)
}

/// The state of the limit on registrations, which those that there were have left.
fn registrations(all: &[Counted]) -> Option<Timestamp> {
    let mut times: Vec<Timestamp> = all.iter().map(|site| site.made_at).collect();
    times.sort_unstable();
    times.into_iter().fold(None, |state: Option<Timestamp>, at| {
        Some(state.map_or(at, |state| state.max(at)).plus(REGISTRATIONS.every_ms))
    })
}

fn say(
    in_force: Option<&InForce>,
    set: &WorkingSet,
    operation: &Operation,
    site: &Site,
    revision: u64,
) -> Result<Decided, Refusal> {
    let before = that_holds(set, &site.id)?;
    if before.revision != revision {
        let is = before.revision;
        return Err(refused(Code::SiteChanged, is.to_string(), format!("the site is at revision {is}")));
    }
    if site.mode != before.site.mode {
        // Its secrets say what it is for.
        let expected = format!("{}, as it was registered", before.site.mode.as_str());
        return Err(invalid(vec![Mistake { field: "mode".to_owned(), expected }]));
    }
    without_mistakes(in_force, site)?;
    if *site == before.site {
        return Ok(unchanged(before));
    }
    let after = SiteRecord {
        site: site.clone(),
        revision: before.revision.saturating_add(1),
        changed_by: operation.by.clone(),
        changed_at: operation.now,
        ..before.clone()
    };
    changed(set, "site.change", Some(&before), after)
}

fn rotate(
    set: &WorkingSet,
    operation: &Operation,
    id: &str,
    which: SiteKeyName,
    hash: Hash,
    overlap_ms: Option<u64>,
) -> Result<Decided, Refusal> {
    let now = operation.now;
    let before = that_holds(set, id)?;
    let key = before.key(which);
    let former = former(key.hash, overlap_ms, now)?;
    let after = SiteKeyRecord {
        hash,
        // A secret that was revoked does not come back with the next one.
        former: Some(former).filter(|former| former.until > now && key.revoked_at.is_none()),
        by: operation.by.clone(),
        made_at: now,
        revoked_at: None,
        ..key.clone()
    };
    let action = match which {
        SiteKeyName::Secret => "site.rotate_secret",
        SiteKeyName::Statistics => "site.rotate_statistics_key",
    };
    changed(set, action, Some(&before), with_key(&before, which, after))
}

/// Decides to revoke a key. One that was revoked stays as it is.
fn revoke(set: &WorkingSet, operation: &Operation, id: &str, which: SiteKeyName) -> Result<Decided, Refusal> {
    let before = that_holds(set, id)?;
    let key = before.key(which);
    if key.revoked_at.is_some() {
        return Ok(unchanged(before));
    }
    let after = SiteKeyRecord { former: None, revoked_at: Some(operation.now), ..key.clone() };
    let action = match which {
        SiteKeyName::Secret => "site.revoke_secret",
        SiteKeyName::Statistics => "site.revoke_statistics_key",
    };
    changed(set, action, Some(&before), with_key(&before, which, after))
}

/// Decides to end a site. One that has ended stays as it is. How it looked nobody asks any more, and a picture is most of what is kept.
fn end(set: &WorkingSet, operation: &Operation, id: &str) -> Result<Decided, Refusal> {
    let before: SiteRecord = set.stored(id)?.ok_or(Code::UnknownSite)?;
    if before.ended_at.is_some() {
        return Ok(unchanged(before));
    }
    let site = Site { look: SiteLook::default(), ..before.site.clone() };
    let after = SiteRecord { site, ended_at: Some(operation.now), ..before.clone() };
    changed(set, "site.end", Some(&before), after)
}

/// The site of this id, which has not ended.
pub(super) fn that_holds(set: &WorkingSet, id: &str) -> Result<SiteRecord, Refusal> {
    let record: SiteRecord = set.stored(id)?.ok_or(Code::UnknownSite)?;
    if record.ended_at.is_some() { Err(Code::SiteEnded.into()) } else { Ok(record) }
}

fn with_key(record: &SiteRecord, which: SiteKeyName, key: SiteKeyRecord) -> SiteRecord {
    match which {
        SiteKeyName::Secret => SiteRecord { secret: key, ..record.clone() },
        SiteKeyName::Statistics => SiteRecord { statistics: key, ..record.clone() },
    }
}

/// Refuses what has mistakes: what is named of a catalog must be in the one in force, where that is known.
fn without_mistakes(in_force: Option<&InForce>, site: &Site) -> Result<(), Refusal> {
    let mistakes = in_force.map_or_else(|| site.mistakes(), |in_force| site.mistakes_in(&in_force.catalog));
    if mistakes.is_empty() { Ok(()) } else { Err(invalid(mistakes)) }
}

/// The refusal of what is said of a site: a reason for each mistake.
fn invalid(mistakes: Vec<Mistake>) -> Refusal {
    let reason = |it: Mistake| Reason {
        code: Code::SiteInvalid,
        message: format!("{}: expected {}", it.field, it.expected),
        subject: Some(it.field),
        until_ms: None,
    };
    let reasons = mistakes.into_iter().map(reason).collect();
    Refusal { reasons, retry_after_ms: None, outcome: None, open_round: None }
}

/// A site that stays as it is.
pub(super) fn unchanged(record: SiteRecord) -> Decided {
    Decided { answer: Answer::SiteChanged(Box::new(record)), effects: Vec::new(), told: None }
}

/// A site as it is now, and what the audit log says of that.
fn changed(
    set: &WorkingSet,
    action: &'static str,
    before: Option<&SiteRecord>,
    after: SiteRecord,
) -> Result<Decided, Refusal> {
    let told = Told {
        action,
        subject: Some(after.site.id.clone()),
        before: before.map(summary),
        after: Some(summary(&after)),
    };
    stored(set, after, Some(told))
}

/// Stores a site as it is now, with what has servers look at it.
pub(super) fn stored(set: &WorkingSet, after: SiteRecord, told: Option<Told>) -> Result<Decided, Refusal> {
    let SitesRevision { revision } = set.stored(SITES_REVISION_ID)?.unwrap_or_default();
    let revision = SitesRevision { revision: revision.saturating_add(1) };
    let effects = vec![Effect::Document(Document::of(&after)?), Effect::Document(Document::of(&revision)?)];
    Ok(Decided { answer: Answer::SiteChanged(Box::new(after)), effects, told })
}

/// What the audit log says of a site: neither secrets nor their hashes, and of a picture only how long it is.
fn summary(record: &SiteRecord) -> Value {
    let SiteRecord { site, secret, statistics, .. } = record;
    let key = |key: &SiteKeyRecord| {
        json!({
            "id": key.id,
            "made_at_ms": key.made_at,
            "former_until_ms": key.former.map(|former| former.until),
            "revoked_at_ms": key.revoked_at,
        })
    };
    json!({
        "name": site.name,
        "mode": site.mode,
        "origins": site.origins,
        "campaign": site.campaign,
        "levels": site.levels,
        "look": {
            "accent": site.look.accent,
            "accent_dark": site.look.accent_dark,
            "logo_length": site.look.logo.as_ref().map(String::len),
            "title": site.look.title,
            "text": site.look.text,
        },
        "revision": record.revision,
        "secret": key(secret),
        "statistics_key": key(statistics),
        "ended_at_ms": record.ended_at,
    })
}

#[cfg(test)]
mod tests;
