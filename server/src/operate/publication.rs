//! Catalogs that come into force: at once, at a time, or because a server was started with one. Pure.
//!
//! What is in force is always the newest publication whose time has come. So a rollback is a publication too, of what was in
//! force before, and the list of them is the history.

use dripline_shared::amount::Amount;
use dripline_shared::api::operate::{By, Draft, Mistake};
use dripline_shared::campaign::{Campaign, CampaignStage};
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::text::is_line;
use dripline_shared::time::{DAY_MS, Timestamp};
use serde_json::{Value, json};

use super::difference::differences;
use super::{Decided, Told, of_field, refused};
use crate::in_force::InForce;
use crate::refusal::Refusal;
use crate::store::command::{Adopt, Answer, Operation, Publish};
use crate::store::record::{CatalogRecord, Document, PublicationRecord, publication_id};
use crate::store::working::{Effect, WorkingSet};

/// The most characters of a note.
pub const NOTE_MAX: usize = 500;
/// The longest time that a publication may wait, in milliseconds.
pub const SCHEDULE_MAX_MS: u64 = 366 * DAY_MS;
/// The most differences that the audit log tells of one publication.
const TOLD_MAX: usize = 500;

/// Which of these publications is in force at `now`.
pub fn live(publications: &[PublicationRecord], now: Timestamp) -> Option<&PublicationRecord> {
    publications.iter().filter(|publication| publication.is_due(now)).max_by_key(|it| it.number)
}

/// Decides to note what a server has in force from its start on, or from its file: whatever waits is cancelled where it would
/// replace that.
pub(super) fn adopt(set: &WorkingSet, operation: &Operation, adopt: &Adopt) -> Result<Decided, Refusal> {
    let publications: Vec<PublicationRecord> = set.all_stored()?;
    let now = operation.now;
    let version = adopt.catalog.version();
    if let Some(newer) =
        live(&publications, now).filter(|live| adopt.seen.is_some_and(|seen| seen != live.number))
    {
        let answer = Answer::Published { publication: newer.clone(), new: false };
        return Ok(Decided { answer, effects: Vec::new(), told: None });
    }
    if let Some(live) = live(&publications, now).filter(|live| live.version == version) {
        let answer = Answer::Published { publication: live.clone(), new: false };
        // What came from a file is kept once more: that is how an operator mends what this build could not read.
        let catalog = CatalogRecord { version, catalog: (*adopt.catalog).clone() };
        let effects = match operation.by {
            By::Server => Vec::new(),
            _ => vec![Effect::Document(Document::of(&catalog)?)],
        };
        return Ok(Decided { answer, effects, told: None });
    }
    let mut effects = Vec::new();
    for waiting in publications.iter().filter(|publication| publication.is_scheduled(now)) {
        let cancelled = PublicationRecord { cancelled: Some(now), ..waiting.clone() };
        effects.push(Effect::Document(Document::of(&cancelled)?));
    }
    let new = Publish {
        catalog: adopt.catalog.clone(),
        replaces: 0,
        note: adopt.note.clone(),
        from: None,
        draft: None,
    };
    let mut decided = publish_next(&publications, operation, &new, &Value::Null)?;
    effects.append(&mut decided.effects);
    Ok(Decided { effects, ..decided })
}

/// Decides to publish a catalog.
pub(super) fn publish(
    in_force: &InForce,
    set: &WorkingSet,
    operation: &Operation,
    publish: &Publish,
) -> Result<Decided, Refusal> {
    let publications: Vec<PublicationRecord> = set.all_stored()?;
    let now = operation.now;
    well_formed(publish, now)?;
    if let Some(waiting) = publications.iter().find(|publication| publication.is_scheduled(now)) {
        let message =
            format!("publication {} comes into force at {}: cancel it first", waiting.number, waiting.from);
        return Err(Refusal::new(Code::CatalogScheduled, message));
    }
    let live = live(&publications, now).ok_or(Code::Internal)?;
    // A server that has not followed yet compares with an older one.
    if live.number != publish.replaces || live.number != in_force.publication {
        let message =
            format!("publication {} is in force, and this was made from {}", live.number, publish.replaces);
        return Err(refused(Code::CatalogChanged, live.number.to_string(), message));
    }
    if live.version == publish.catalog.version() {
        return Err(Code::CatalogUnchanged.into());
    }
    same_asset(&in_force.catalog, &publish.catalog)?;
    let told: Vec<_> = differences(&in_force.catalog, &publish.catalog);
    let count = told.len();
    let told: Vec<_> = told.into_iter().take(TOLD_MAX).collect();
    let mut decided =
        publish_next(&publications, operation, publish, &json!({ "count": count, "changes": told }))?;
    if let Some((id, revision)) = &publish.draft {
        super::draft::as_seen(set, id, *revision)?;
        decided.effects.push(Effect::Document(Document::gone::<Draft>(id)));
    }
    Ok(decided)
}

/// What a campaign has paid, and what it has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spent {
    /// What it has paid.
    pub paid: Amount,
    /// What it has left.
    pub left: Amount,
}

/// What is wrong with a catalog beside the one that is in force; `spent` is of a campaign, and `now` is when it comes into force.
pub fn mistakes_beside(
    before: &Catalog,
    after: &Catalog,
    spent: impl Fn(&str) -> Spent,
    now: Timestamp,
) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for (index, campaign) in after.campaigns.iter().enumerate() {
        let mut told = |name: &str, expected: String| {
            mistakes.push(Mistake { field: format!("campaigns[{index}].{name}"), expected });
        };
        let Spent { paid, left } = spent(&campaign.id);
        if campaign.budget < paid {
            told("budget", format!("at least what the campaign has paid ({paid})"));
        }
        let Some(old) = before.campaign(&campaign.id) else { continue };
        let has_rounds = matches!(old.stage(now), CampaignStage::Running | CampaignStage::Ending);
        if has_rounds && campaign.ends_ms != old.ends_ms && campaign.ends_ms.is_some_and(|ends| ends < now) {
            // It would be over, with its money gone, while rounds are in play that were opened in good faith.
            told("ends_ms", "an end that has not passed when this comes into force".to_owned());
        }
        if !is_locked(before, old, left, now) {
            continue;
        }
        if campaign.budget < old.budget && campaign.budget >= paid {
            let expected = format!("at least {}: it is locked until the campaign is over", old.budget);
            told("budget", expected);
        }
        if campaign.starts_ms != old.starts_ms {
            told("starts_ms", "the start as it was: the campaign has started".to_owned());
        }
    }
    for campaign in before.campaigns.iter().filter(|campaign| after.campaign(&campaign.id).is_none()) {
        if campaign.stage(now) == CampaignStage::Over && spent(&campaign.id).left.is_zero() {
            continue;
        }
        // Its rounds could not be claimed any more.
        let expected = format!(
            "the campaign {} too: an end, a lower budget or the emergency stop ends it, and once it is over and has \
             returned what was left, it can go",
            campaign.id
        );
        mistakes.push(Mistake { field: "campaigns".to_owned(), expected });
    }
    mistakes
}

/// Whether a campaign's budget is locked: it has started at a start that was said, and some of its rounds can still be claimed.
fn is_locked(catalog: &Catalog, campaign: &Campaign, left: Amount, now: Timestamp) -> bool {
    let may_pay = match campaign.stage(now) {
        CampaignStage::Running => !campaign.is_used_up(left, catalog.range_of(campaign)),
        CampaignStage::Ending => true,
        CampaignStage::Waiting | CampaignStage::Over => false,
    };
    campaign.starts_ms.is_some() && may_pay
}

/// The next publication.
fn publish_next(
    publications: &[PublicationRecord],
    operation: &Operation,
    publish: &Publish,
    differences: &Value,
) -> Result<Decided, Refusal> {
    let now = operation.now;
    let number = publications.iter().map(|it| it.number).max().unwrap_or(0).saturating_add(1);
    let version = publish.catalog.version();
    let record = PublicationRecord {
        number,
        version,
        by: operation.by.clone(),
        note: publish.note.clone(),
        at: now,
        from: publish.from.unwrap_or(now),
        cancelled: None,
    };
    let catalog = CatalogRecord { version, catalog: (*publish.catalog).clone() };
    let before =
        live(publications, now).map(|live| json!({ "number": live.number, "version": live.version }));
    let after = json!({
        "number": number, "version": version, "from_ms": record.from, "note": record.note, "differences": differences
    });
    let effects = vec![Effect::Document(Document::of(&catalog)?), Effect::Document(Document::of(&record)?)];
    let told =
        Told { action: "catalog.publish", subject: Some(number.to_string()), before, after: Some(after) };
    Ok(Decided { answer: Answer::Published { publication: record, new: true }, effects, told: Some(told) })
}

/// Decides to cancel a publication that waits.
pub(super) fn cancel(set: &WorkingSet, number: u64, now: Timestamp) -> Result<Decided, Refusal> {
    let found: Option<PublicationRecord> = set.stored(&publication_id(number))?;
    let record = found.ok_or(Code::PublicationUnknown)?;
    if record.cancelled.is_some() {
        let answer = Answer::Published { publication: record, new: false };
        return Ok(Decided { answer, effects: Vec::new(), told: None });
    }
    if !record.is_scheduled(now) {
        return Err(Code::PublicationPast.into());
    }
    let cancelled = PublicationRecord { cancelled: Some(now), ..record.clone() };
    let told = Told {
        action: "catalog.cancel",
        subject: Some(number.to_string()),
        before: Some(json!({ "version": record.version, "from_ms": record.from })),
        after: None,
    };
    let effects = vec![Effect::Document(Document::of(&cancelled)?)];
    Ok(Decided { answer: Answer::Published { publication: cancelled, new: true }, effects, told: Some(told) })
}

/// Whether a text can be the note of a publication: it is in one line, and not too long.
pub fn is_note(text: &str) -> bool {
    text.chars().count() <= NOTE_MAX && is_line(text)
}

fn well_formed(publish: &Publish, now: Timestamp) -> Result<(), Refusal> {
    if !is_note(&publish.note) {
        return Err(of_field(
            "note",
            format!("expected at most {NOTE_MAX} characters, in one line, none of them invisible"),
        ));
    }
    let waits = publish.from.map(|from| (from > now, from.since(now)));
    if waits.is_some_and(|(is_later, waits)| !is_later || waits > SCHEDULE_MAX_MS) {
        return Err(of_field("from_ms", "expected a moment that comes, within a year".to_owned()));
    }
    Ok(())
}

/// Balances, rails and prices are of the asset that a server was started with.
fn same_asset(before: &Catalog, after: &Catalog) -> Result<(), Refusal> {
    if before.asset == after.asset {
        return Ok(());
    }
    let message = format!(
        "asset: expected {} with {} decimals, as it is in force; another one comes into force by a start",
        before.asset.code, before.asset.decimals
    );
    Err(refused(Code::CatalogInvalid, "asset", message))
}
