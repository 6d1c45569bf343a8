//! Which alerts begin, which are over, and who tells them. Pure.
//!
//! What was found again and again is one alert, until it was not found for [`HOLD_MS`]: what comes and goes wakes nobody twice.
//! An alert that only one of several servers can find goes on while that one finds it, and is over when it has gone.

use dripline_shared::round::Hash;
use dripline_shared::time::{DAY_MS, MINUTE_MS, Timestamp};

use super::record::{AlertRecord, Telling};
use super::rules::Condition;

/// For how long something must not have been found until it is over, in milliseconds.
pub const HOLD_MS: u64 = 10 * MINUTE_MS;
/// How often it is written that something is still found, in milliseconds.
const FOUND_EVERY_MS: u64 = HOLD_MS / 2;
/// For how long a server tells an alert that does not say so again, in milliseconds.
pub const TELLS_MS: u64 = 10 * MINUTE_MS;
/// After how long it is not tried any more to tell something, in milliseconds.
pub const GIVEN_UP_AFTER_MS: u64 = DAY_MS;
/// How many alerts that are over are kept.
pub const PAST_MAX: usize = 100;
/// How many may be on.
pub const ON_MAX: usize = 200;

/// What a server has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What is the matter.
    pub conditions: Vec<Condition>,
    /// Which server it is.
    pub server: Hash,
    /// Whether there is anybody to tell.
    pub tells: bool,
}

/// What is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// A new alert, or one that has changed.
    Put(AlertRecord),
    /// One that is forgotten.
    Forget(AlertRecord),
}

/// Decides. `records` are all alerts, in the order of their ids; what is decided leaves nothing to be decided at the same
/// moment.
pub fn decide(records: &[AlertRecord], found: &Found, now: Timestamp) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    let mut after: Vec<AlertRecord> = Vec::with_capacity(records.len());
    for record in records {
        let next = telling(standing(record.clone(), found, now), found, now);
        if next != *record {
            turns.push(Turn::Put(next.clone()));
        }
        after.push(next);
    }
    let is_on = |condition: &Condition| after.iter().any(|it| it.until.is_none() && it.is_of(condition));
    let on = after.iter().filter(|record| record.until.is_none()).count();
    let new: Vec<AlertRecord> = found
        .conditions
        .iter()
        .filter(|condition| !is_on(condition))
        .take(ON_MAX.saturating_sub(on))
        .map(|condition| AlertRecord::new(condition, now, first_telling(found, now)))
        .collect();
    let past: Vec<&AlertRecord> = after.iter().filter(|record| record.until.is_some()).collect();
    let over = past.len().saturating_sub(PAST_MAX);
    let forgotten: Vec<AlertRecord> = past.into_iter().take(over).cloned().collect();
    turns.retain(|turn| !matches!(turn, Turn::Put(record) if forgotten.iter().any(|it| it.id == record.id)));
    turns.extend(new.into_iter().map(Turn::Put));
    turns.extend(forgotten.into_iter().map(Turn::Forget));
    turns
}

/// The alert, found again, or over.
fn standing(record: AlertRecord, found: &Found, now: Timestamp) -> AlertRecord {
    if record.until.is_some() {
        return record;
    }
    // By a clock that was put back, whatever was found later was found now.
    let is_ahead = record.found_at > now;
    let is_found = found.conditions.iter().any(|condition| record.is_of(condition));
    let ago = now.since(record.found_at);
    match is_found {
        _ if is_ahead => AlertRecord { found_at: now, ..record },
        true if ago >= FOUND_EVERY_MS => AlertRecord { found_at: now, ..record },
        false if ago >= HOLD_MS => AlertRecord { until: Some(now), ..record },
        _ => record,
    }
}

fn first_telling(found: &Found, now: Timestamp) -> Telling {
    if found.tells {
        Telling::Open { began: false, by: found.server, by_until: now.plus(TELLS_MS) }
    } else {
        Telling::Nobody
    }
}

/// The alert with who tells it: this server, where nobody else does.
fn telling(record: AlertRecord, found: &Found, now: Timestamp) -> AlertRecord {
    let Telling::Open { began, by, by_until } = record.telling else { return record };
    if record.to_tell().is_none() || !found.tells {
        return record;
    }
    let turned_at = record.until.unwrap_or(record.since);
    if now.since(turned_at) >= GIVEN_UP_AFTER_MS {
        return AlertRecord { telling: Telling::GivenUp, ..record };
    }
    let is_ours = by == found.server;
    // Who took it by a clock that is far ahead has not taken it.
    let runs = now < by_until && by_until <= now.plus(2 * TELLS_MS);
    let is_to_be_renewed = is_ours && by_until.since(now) < TELLS_MS / 2;
    if !runs || is_to_be_renewed {
        let telling = Telling::Open { began, by: found.server, by_until: now.plus(TELLS_MS) };
        return AlertRecord { telling, ..record };
    }
    record
}

#[cfg(test)]
mod tests;
