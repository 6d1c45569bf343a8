//! Alerts that begin and end, as documents. Pure. They are no changes by operators, and the audit log has none of them.

use dripline_shared::api::alert::AlertTurn;

use super::Decided;
use crate::alert::AlertRecord;
use crate::alert::turns::{Found, Turn, decide};
use crate::refusal::Refusal;
use crate::store::command::{Answer, Operation};
use crate::store::record::Document;
use crate::store::working::{Effect, WorkingSet};

/// Decides what follows from what a server has found.
pub(super) fn turn(set: &WorkingSet, operation: &Operation, found: &Found) -> Result<Decided, Refusal> {
    let records: Vec<AlertRecord> = set.all_stored()?;
    let turns = decide(&records, found, operation.now).into_iter();
    let effects = turns.map(|turn| {
        Ok(Effect::Document(match turn {
            Turn::Put(record) => Document::of(&record)?,
            Turn::Forget(record) => Document::gone::<AlertRecord>(&record.id),
        }))
    });
    Ok(Decided { answer: Answer::Operated, effects: effects.collect::<Result<_, Refusal>>()?, told: None })
}

/// Decides that the receiver of the webhook was told.
pub(super) fn told(set: &WorkingSet, id: &str, turn: AlertTurn) -> Result<Decided, Refusal> {
    let record: Option<AlertRecord> = set.stored(id)?;
    // One that was forgotten meanwhile needs no note.
    let record = record.filter(|record| record.to_tell() == Some(turn)).map(|record| record.told(turn));
    let effects = record.iter().map(|record| Ok(Effect::Document(Document::of(record)?)));
    Ok(Decided { answer: Answer::Operated, effects: effects.collect::<Result<_, Refusal>>()?, told: None })
}
