//! Catalogs that are worked on. Pure.
//!
//! A draft's revision is the number of the entry of the audit log that tells of it. So none ever repeats, also of a draft that was dropped
//! and made again under its id: what somebody has seen under a revision is what there is, or nothing.

use dripline_shared::api::operate::Draft;
use dripline_shared::error::Code;
use serde_json::json;

use super::{Decided, Told, name, refused};
use crate::refusal::Refusal;
use crate::store::command::{Answer, KeepDraft, Operation};
use crate::store::record::{Document, PublicationRecord, publication_id};
use crate::store::working::{Effect, WorkingSet};

/// The most drafts at a time.
const DRAFTS_MAX: usize = 20;

/// Decides to keep a draft, new or changed.
pub(super) fn keep(set: &WorkingSet, operation: &Operation, keep: &KeepDraft) -> Result<Decided, Refusal> {
    let name = name(&keep.name)?;
    let base: Option<PublicationRecord> = set.stored(&publication_id(keep.base))?;
    base.ok_or(Code::PublicationUnknown)?;
    let before: Option<Draft> = set.stored(&keep.id)?;
    match (&before, keep.replaces) {
        (Some(draft), Some(revision)) if draft.revision == revision => {}
        (None, Some(_)) => return Err(Code::DraftUnknown.into()),
        (None, None) if set.all_stored::<Draft>()?.len() >= DRAFTS_MAX => {
            return Err(Code::DraftsUsedUp.into());
        }
        (None, None) => {}
        (Some(draft), _) => return Err(changed(draft)),
    }
    let draft = Draft {
        id: keep.id.to_string(),
        name: name.to_owned(),
        catalog: (*keep.catalog).clone(),
        base: keep.base,
        revision: set.audit_head().map_or(0, |(number, _)| number).saturating_add(1),
        by: operation.by.clone(),
        at_ms: operation.now,
    };
    let told = Told {
        action: "draft.keep",
        subject: Some(draft.id.clone()),
        before: before.as_ref().map(|draft| {
            json!({ "name": draft.name, "revision": draft.revision, "version": draft.catalog.version() })
        }),
        after: Some(json!({
            "name": draft.name, "revision": draft.revision, "version": draft.catalog.version(), "base": draft.base
        })),
    };
    let effects = vec![Effect::Document(Document::of(&draft)?)];
    Ok(Decided { answer: Answer::DraftKept(Box::new(draft)), effects, told: Some(told) })
}

/// Decides to drop a draft.
pub(super) fn discard(set: &WorkingSet, id: &str, revision: u64) -> Result<Decided, Refusal> {
    let draft = as_seen(set, id, revision)?;
    let told = Told {
        action: "draft.drop",
        subject: Some(id.to_owned()),
        before: Some(json!({ "name": draft.name, "version": draft.catalog.version() })),
        after: None,
    };
    let effects = vec![Effect::Document(Document::gone::<Draft>(id))];
    Ok(Decided { answer: Answer::Operated, effects, told: Some(told) })
}

/// The draft, if this revision of it is the newest.
pub(super) fn as_seen(set: &WorkingSet, id: &str, revision: u64) -> Result<Draft, Refusal> {
    let draft: Draft = set.stored(id)?.ok_or(Code::DraftUnknown)?;
    if draft.revision == revision { Ok(draft) } else { Err(changed(&draft)) }
}

/// The refusal of whoever has seen another revision of a draft.
pub fn changed(draft: &Draft) -> Refusal {
    let revision = draft.revision;
    refused(Code::DraftChanged, revision.to_string(), format!("the draft is at revision {revision}"))
}
