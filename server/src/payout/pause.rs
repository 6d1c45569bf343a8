//! Pausing a rail and letting it run: by hand, or by itself after too many failures. Pure.

use std::sync::Arc;

use crate::payout::lease;
use crate::store::command::{Answer, NoteExamined, SetPause};
use crate::store::record::{Pause, RailRecord};
use crate::store::working::{Effect, WorkingSet};

/// Decides to pause a rail, or to let it run. One that runs again starts to count its failures anew, and signs with another
/// nonce than before where that is said.
pub(crate) fn decide(set: &WorkingSet, command: &SetPause) -> (Answer, Vec<Effect>) {
    let pause = command.why.as_ref().map(|why| Pause { at: command.now, why: Arc::clone(why) });
    let before = set.rail(&command.rail);
    let failures = if pause.is_some() { before.failures } else { 0 };
    let next_nonce = command.next_nonce.or(before.next_nonce);
    let rail = RailRecord { failures, pause, next_nonce, ..before };
    (Answer::RailSet(rail.clone()), vec![Effect::Rail(rail)])
}

/// Decides to note up to which transaction a treasury was examined. Whoever does not have the rail any more notes nothing.
pub(crate) fn examined(set: &WorkingSet, command: &NoteExamined) -> (Answer, Vec<Effect>) {
    let before = set.rail(&command.rail);
    if !lease::is_current(set, &command.rail, command.epoch) {
        return (Answer::RailSet(before), Vec::new());
    }
    let rail = RailRecord { examined: Some(Arc::clone(&command.transaction)), ..before };
    (Answer::RailSet(rail.clone()), vec![Effect::Rail(rail)])
}
