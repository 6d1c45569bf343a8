//! Pausing a rail and letting it run: by hand, or by itself after too many failures, because its chain shows what the store
//! does not, or because its treasury has too little. Pure.
//!
//! A pause for a treasury that has too little is the only one that ends without an operator. It begins when the next batch
//! and its cost do not fit what the treasury holds, and ends when the one that waits longest does: so each end is followed by
//! something that is paid, and the store is written only then. What was sent before goes on meanwhile.

use std::sync::Arc;

use crate::payout::lease;
use crate::store::command::{Answer, Halt, NoteExamined, SetPause, SetShort};
use crate::store::record::{BatchRecord, Pause, RailRecord};
use crate::store::working::{Effect, WorkingSet};

/// What the reason of a pause begins with, after which the operator has to compare the chain with the store.
const RECOVERY: &str = "recovery: ";
/// What the reason of a pause begins with that ends by itself once the treasury has enough. What is missing follows, as it was
/// when the pause began.
const SHORT: &str = "treasury low: ";
/// What players are told of such a pause: what the treasury has, and where, is the operator's.
const SHORT_FOR_PLAYERS: &str =
    "The faucet's treasury is being refilled. Your withdrawal waits in the queue, and is paid then.";

/// What the reasons that operators give must not begin with.
pub(crate) const RESERVED: [&str; 2] = [RECOVERY, SHORT];

/// Whether the rail signs new payouts: it is not paused.
pub(crate) fn signs(rail: &RailRecord) -> bool {
    rail.pause.is_none()
}

/// Whether the rail goes on with what was sent before: it is not paused, or for nothing but that its treasury has too little.
pub(crate) fn goes_on(rail: &RailRecord) -> bool {
    rail.pause.as_ref().is_none_or(is_short)
}

/// Whether a pause ends by itself, once the treasury has enough.
pub(crate) fn is_short(pause: &Pause) -> bool {
    pause.why.starts_with(SHORT)
}

/// Why the rail is paused, for players.
pub(crate) fn told(pause: &Pause) -> &str {
    if is_short(pause) { SHORT_FOR_PLAYERS } else { &pause.why }
}

/// Whether a rail is paused because its chain shows what the store does not.
pub(crate) fn is_in_recovery(pause: &Pause) -> bool {
    pause.why.starts_with(RECOVERY)
}

/// Decides to pause a rail, or to let it run. One that runs again starts to count its failures anew, and signs with another
/// nonce than before, and examines its treasury from another transaction on, where that is said.
pub(crate) fn decide(set: &WorkingSet, command: &SetPause) -> (Answer, Vec<Effect>) {
    let pause = command.why.as_ref().map(|why| Pause { at: command.now, why: Arc::clone(why) });
    let before = set.rail(&command.rail);
    let failures = if pause.is_some() { before.failures } else { 0 };
    let next_nonce = command.known.next_nonce.or(before.next_nonce);
    let examined = command.known.examined.clone().or_else(|| before.examined.clone());
    let rail = RailRecord { failures, pause, next_nonce, examined, ..before };
    (Answer::RailSet(rail.clone()), vec![Effect::Rail(rail)])
}

/// Decides to halt a rail, and to note of which batch it had to be. What it was halted for first stays its reason: more
/// will be found for as long as nobody has looked. Nothing follows for a server that has lost the rail's lease: what it saw
/// may be what another one did.
pub(crate) fn halt(set: &WorkingSet, command: &Halt) -> (Answer, Vec<Effect>) {
    let before = set.rail(&command.rail);
    if !lease::is_current(set, &command.rail, command.epoch) {
        return (Answer::RailSet(before), Vec::new());
    }
    let mut effects = Vec::new();
    let batch = command.batch.and_then(|id| set.batch(id)).filter(|batch| batch.ended_at.is_none());
    let Some(why) = &command.why else {
        // Whoever cancels it later has not looked at what is found then.
        let alive = batch.filter(|batch| batch.halted_at.is_some());
        let alive = alive.map(|batch| Effect::Batch(BatchRecord { halted_at: None, ..batch.clone() }));
        return (Answer::RailSet(before), alive.into_iter().collect());
    };
    if let Some(batch) = batch.filter(|batch| batch.halted_at.is_none()) {
        effects.push(Effect::Batch(BatchRecord { halted_at: Some(command.now), ..batch.clone() }));
    }
    if before.pause.as_ref().is_some_and(is_in_recovery) {
        return (Answer::RailSet(before), effects);
    }
    let pause = Pause { at: command.now, why: format!("{RECOVERY}{why}").into() };
    let rail = RailRecord { pause: Some(pause), ..before };
    effects.push(Effect::Rail(rail.clone()));
    (Answer::RailSet(rail), effects)
}

/// Decides to pause a rail whose treasury has too little, or to let it run again where nothing else has paused it. A rail that
/// is paused stays so for its first reason. Nothing follows for a server that has lost the rail's lease.
pub(crate) fn short(set: &WorkingSet, command: &SetShort) -> (Answer, Vec<Effect>) {
    let before = set.rail(&command.rail);
    let unchanged = |before: RailRecord| (Answer::RailSet(before), Vec::new());
    if !lease::is_current(set, &command.rail, command.epoch) {
        return unchanged(before);
    }
    let pause = match (&command.missing, &before.pause) {
        (Some(missing), None) => Some(Pause { at: command.now, why: format!("{SHORT}{missing}").into() }),
        (None, Some(pause)) if is_short(pause) => None,
        _ => return unchanged(before),
    };
    let rail = RailRecord { pause, ..before };
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
