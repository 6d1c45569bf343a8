//! Which refused attempts the audit log is told of: what one key, operator or network is refused for the same reason is folded. The
//! log would otherwise grow as fast as the throttle lets anybody ask.
//!
//! Of those that are not written there is a count. It goes into the next entry, or into one of its own with the next request under
//! `/admin` once its minute is over: so whoever reads the log reads it. It is in memory, and each server has its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use dripline_shared::api::operate::By;
use dripline_shared::error::Code;
use dripline_shared::time::{MINUTE_MS, Timestamp};

/// For how long what follows an entry is folded, in milliseconds.
const FOLDED_MS: u64 = MINUTE_MS;
/// How many kinds of attempts by keys and operators are told apart; all others of them are folded into one.
const KINDS_MAX: usize = 1_024;
/// From how many networks strangers are told apart. They are apart from all others, whom a crowd of them must not displace.
const NETWORKS_MAX: usize = 256;

/// A refused attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attempt {
    /// Who.
    pub(super) by: By,
    /// From which network.
    pub(super) from: Arc<str>,
    /// What the route is called.
    pub(super) action: &'static str,
    /// What it was about.
    pub(super) subject: Option<String>,
    /// Why.
    pub(super) code: Code,
    /// Whether they were let through, and what they asked for could not be done.
    pub(super) is_let_through: bool,
}

/// See the module.
#[derive(Debug, Default)]
pub(in crate::http) struct Refusals {
    known: Mutex<HashMap<String, Kind>>,
    strangers: Mutex<HashMap<String, Kind>>,
}

#[derive(Debug)]
struct Kind {
    written_at: Timestamp,
    /// The last attempt since that was not written, and how many there were.
    unwritten: Option<(Attempt, u64)>,
}

impl Kind {
    /// Whether its minute is over. A clock that was put back keeps nothing from being written.
    fn is_over(&self, now: Timestamp) -> bool {
        self.written_at > now || now.since(self.written_at) >= FOLDED_MS
    }
}

impl Attempt {
    /// What it is folded with. Whoever has a key, perhaps a stolen one, hides no action behind another. Of strangers it is all from a
    /// network, for they can have any reason.
    fn kind(&self) -> String {
        let (code, action) = (self.code.as_str(), self.action);
        match &self.by {
            By::ApiKey { id, .. } => format!("key {id} {code} {action}"),
            By::Operator { id, .. } => format!("operator {id} {code} {action}"),
            By::Unknown | By::Server | By::File | By::CommandLine => format!("network {}", self.from),
        }
    }

    fn is_of_a_stranger(&self) -> bool {
        !matches!(self.by, By::ApiKey { .. } | By::Operator { .. })
    }
}

impl Refusals {
    /// Whether an attempt is to be written now, and how many before it were not.
    pub(super) fn take(&self, attempt: &Attempt, now: Timestamp) -> Option<u64> {
        let (kinds, most) = if attempt.is_of_a_stranger() {
            (&self.strangers, NETWORKS_MAX)
        } else {
            (&self.known, KINDS_MAX)
        };
        let mut kinds = kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let mut name = attempt.kind();
        if !kinds.contains_key(&name) && kinds.len() >= most {
            kinds.retain(|_, kind| kind.unwritten.is_some() || !kind.is_over(now));
            if kinds.len() >= most {
                "others".clone_into(&mut name);
            }
        }
        match kinds.get_mut(&name) {
            Some(kind) if !kind.is_over(now) => {
                let count = kind.unwritten.as_ref().map_or(0, |(_, count)| *count).saturating_add(1);
                kind.unwritten = Some((attempt.clone(), count));
                None
            }
            found => {
                let before = found.and_then(|kind| kind.unwritten.take()).map_or(0, |(_, count)| count);
                kinds.insert(name, Kind { written_at: now, unwritten: None });
                Some(before)
            }
        }
    }

    /// What was not written and whose minute is over: the last of each kind, and how many before it were not written either.
    pub(super) fn due(&self, now: Timestamp) -> Vec<(Attempt, u64)> {
        let mut due = Vec::new();
        for kinds in [&self.known, &self.strangers] {
            let mut kinds = kinds.lock().unwrap_or_else(PoisonError::into_inner);
            for kind in kinds.values_mut().filter(|kind| kind.unwritten.is_some() && kind.is_over(now)) {
                if let Some((attempt, count)) = kind.unwritten.take() {
                    kind.written_at = now;
                    due.push((attempt, count.saturating_sub(1)));
                }
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn attempt(key: &str, code: Code) -> Attempt {
        Attempt {
            by: By::ApiKey { id: key.to_owned(), name: key.to_owned() },
            from: "192.0.2.0/24".into(),
            action: "me.see",
            subject: None,
            code,
            is_let_through: false,
        }
    }

    #[test]
    fn of_a_key_and_a_reason_one_attempt_a_minute_is_written_with_the_count_of_the_others() {
        let refusals = Refusals::default();
        let (revoked, elsewhere) = (attempt("a", Code::AccessRevoked), attempt("a", Code::AccessElsewhere));
        assert_eq!(refusals.take(&revoked, NOW), Some(0));
        for _ in 0..3_000 {
            assert_eq!(refusals.take(&revoked, NOW.plus(FOLDED_MS - 1)), None);
        }
        assert_eq!(refusals.take(&elsewhere, NOW), Some(0), "for another reason");
        assert_eq!(refusals.take(&attempt("b", Code::AccessRevoked), NOW), Some(0), "of another key");
        assert_eq!(refusals.take(&revoked, NOW.plus(FOLDED_MS)), Some(3_000));
        assert_eq!(refusals.take(&revoked, NOW.plus(2 * FOLDED_MS)), Some(0));
        assert_eq!(refusals.take(&revoked, NOW), Some(0), "a clock that was put back folds nothing");
    }

    #[test]
    fn what_was_not_written_is_due_once_its_minute_is_over_and_once_alone() {
        let refusals = Refusals::default();
        let revoked = attempt("a", Code::AccessRevoked);
        for _ in 0..5 {
            refusals.take(&revoked, NOW);
        }
        assert_eq!(refusals.due(NOW.plus(FOLDED_MS - 1)), []);
        assert_eq!(
            refusals.due(NOW.plus(FOLDED_MS)),
            [(revoked.clone(), 3)],
            "the first, this one, and three"
        );
        assert_eq!(refusals.due(NOW.plus(3 * FOLDED_MS)), []);
        assert_eq!(refusals.take(&revoked, NOW.plus(FOLDED_MS)), None, "what is due begins a minute, too");
    }

    #[test]
    fn however_many_there_are_it_stays_bounded_and_all_are_counted() {
        let refusals = Refusals::default();
        let (mut written, mut counted) = (0_u64, 0_u64);
        for number in 0..5_000 {
            if let Some(before) = refusals.take(&attempt(&number.to_string(), Code::AccessRevoked), NOW) {
                (written, counted) = (written + 1, counted + before);
            }
        }
        assert!(refusals.known.lock().unwrap().len() <= KINDS_MAX + 1);
        for (_, before) in refusals.due(NOW.plus(FOLDED_MS)) {
            (written, counted) = (written + 1, counted + before);
        }
        assert_eq!(written + counted, 5_000);
        assert!(written <= 1_026, "{written}");
    }

    #[test]
    fn a_crowd_of_strangers_displaces_no_key_and_a_key_hides_no_action_behind_another() {
        let refusals = Refusals::default();
        for number in 0..5_000 {
            let from = format!("network {number}").into();
            refusals.take(&Attempt { by: By::Unknown, from, ..attempt("", Code::AccessMissing) }, NOW);
        }
        assert!(refusals.strangers.lock().unwrap().len() <= NETWORKS_MAX + 1);
        let revoked = attempt("a", Code::AccessRevoked);
        for action in ["keys.make", "payouts.approve", "me.see"] {
            assert_eq!(refusals.take(&Attempt { action, ..revoked.clone() }, NOW), Some(0), "{action}");
        }
        assert_eq!(refusals.take(&revoked, NOW), None);
    }
}
