//! What operators stop at once: games, levels, campaigns and rails. Pure.
//!
//! It goes beside what the configuration stops, and above every catalog and what rounds have pinned; every server follows it
//! within a second.
//!
//! Only what there is can be stopped, so that nobody believes that something has stopped whose name was misspelt: games, rails, and levels
//! and campaigns of any catalog that was published, for rounds have pinned what is in force no more. Whatever is stopped can be
//! resumed, also once it has gone.

use dripline_shared::catalog::is_id;
use dripline_shared::error::Code;
use serde_json::json;

use super::{Decided, Told, line, of_field};
use crate::check;
use crate::in_force::InForce;
use crate::refusal::Refusal;
use crate::store::command::{Answer, Operation};
use crate::store::record::{Document, EMERGENCY_ID, EmergencyRecord, StopRecord};
use crate::store::working::{Effect, WorkingSet};

/// The most that is stopped at a time.
const STOPS_MAX: usize = 200;

/// Decides to stop something, or to let it run again.
pub(super) fn set_stop(
    in_force: Option<&InForce>,
    set: &WorkingSet,
    operation: &Operation,
    (name, stopped, reason, was_published): (&str, bool, &str, bool),
) -> Result<Decided, Refusal> {
    let reason = line("reason", reason)?;
    let id = check::campaign::id_in(name).or_else(|| check::rail::id_in(name)).unwrap_or(name);
    if !is_id(id) {
        let expected = "expected the id of a level or a game, campaign:<id> or rail:<id>";
        return Err(of_field("name", expected.to_owned()));
    }
    if let Some(in_force) = in_force.filter(|it| stopped && !was_published && !it.has(name)) {
        return Err(of_field(
            "name",
            format!("there is no {name}, but there are {}", in_force.likes_of(name)),
        ));
    }
    if !stopped && in_force.is_some_and(|in_force| in_force.stopped_by_file.contains(name)) {
        return Err(Code::StoppedByFile.into());
    }
    let before: EmergencyRecord = set.stored(EMERGENCY_ID)?.unwrap_or_default();
    let mut after = before.clone();
    if stopped {
        let stop = StopRecord { reason: reason.to_owned(), by: operation.by.clone(), at: operation.now };
        after.stopped.entry(name.to_owned()).or_insert(stop);
    } else {
        after.stopped.remove(name);
    }
    if after.stopped.len() > STOPS_MAX {
        return Err(of_field("name", format!("expected at most {STOPS_MAX} to be stopped at a time")));
    }
    if after == before {
        return Ok(Decided { answer: Answer::Operated, effects: Vec::new(), told: None });
    }
    let told = Told {
        action: if stopped { "emergency.stop" } else { "emergency.resume" },
        subject: Some(name.to_owned()),
        before: before.stopped.get(name).map(|stop| json!({ "reason": stop.reason, "at_ms": stop.at })),
        after: Some(json!({ "stopped": stopped, "reason": reason })),
    };
    let effects = vec![Effect::Document(Document::of(&after)?)];
    Ok(Decided { answer: Answer::Operated, effects, told: Some(told) })
}
