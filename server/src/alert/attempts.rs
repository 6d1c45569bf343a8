//! What has not been taken, and when it is tried again. Pure.
//!
//! Each message has delays of its own: one that a receiver never takes holds no other one back. Those that were never tried come first,
//! so none of many that fail keeps another one from its turn.

use std::collections::BTreeMap;

use dripline_shared::time::Timestamp;

use super::AlertRecord;
use super::message::{delay_ms, message_id};

/// How many attempts in a row have failed to send each message, and when the last one did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attempts {
    failed: BTreeMap<String, (usize, Timestamp)>,
}

impl Attempts {
    /// Which of these alerts is to be told of next, as its place among them; nothing while none is due. A clock that was put back
    /// keeps nothing from being tried.
    pub fn next(&self, records: &[AlertRecord], now: Timestamp) -> Option<usize> {
        let due = records.iter().enumerate().filter_map(|(place, record)| {
            let failed = self.failed.get(&message_id(record, record.to_tell()?));
            let (count, at) = failed.copied().unwrap_or_default();
            let is_due = count == 0 || at > now || now.since(at) >= delay_ms(count);
            is_due.then_some((at, place))
        });
        due.min().map(|(_, place)| place)
    }

    /// Notes that a message was not taken.
    pub fn note_failed(&mut self, message: &str, now: Timestamp) {
        let (count, at) = self.failed.entry(message.to_owned()).or_default();
        (*count, *at) = (count.saturating_add(1), now);
    }

    /// Forgets all messages but what these alerts have to tell.
    pub fn keep(&mut self, records: &[AlertRecord]) {
        let id = |record: &AlertRecord| Some(message_id(record, record.to_tell()?));
        let waiting: Vec<String> = records.iter().filter_map(id).collect();
        self.failed.retain(|message, _| waiting.contains(message));
    }
}

#[cfg(test)]
mod tests {
    use dripline_shared::api::alert::{AlertKind, AlertTurn};
    use dripline_shared::round::Hash;
    use dripline_shared::time::SECOND_MS;

    use super::*;
    use crate::alert::Condition;
    use crate::alert::turns::{Found, Turn, decide};

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn records(subjects: &[&str]) -> Vec<AlertRecord> {
        let condition = |subject: &&str| Condition {
            kind: AlertKind::BudgetSpent,
            subject: (*subject).to_owned(),
            text: String::new(),
            figures: BTreeMap::new(),
        };
        let conditions = subjects.iter().map(condition).collect();
        let turns = decide(&[], &Found { conditions, server: Hash([0; 32]), tells: true }, NOW);
        let record = |turn| match turn {
            Turn::Put(record) => record,
            Turn::Forget(record) => panic!("{record:?}"),
        };
        turns.into_iter().map(record).collect()
    }

    fn began(record: &AlertRecord) -> String {
        message_id(record, AlertTurn::Began)
    }

    #[test]
    fn a_message_that_is_never_taken_holds_no_other_back_and_waits_longer_each_time() {
        let mut records = records(&["a", "b"]);
        let mut attempts = Attempts::default();
        assert_eq!(attempts.next(&records, NOW), Some(0));
        attempts.note_failed(&began(&records[0]), NOW);
        assert_eq!(attempts.next(&records, NOW), Some(1), "the other one goes on");
        records[1] = records[1].clone().told(AlertTurn::Began);
        let (mut now, mut delays) = (NOW, Vec::new());
        for _ in 0..3 {
            let before = now;
            while attempts.next(&records, now).is_none() {
                now = now.plus(SECOND_MS);
            }
            delays.push(now.since(before) / SECOND_MS);
            attempts.note_failed(&began(&records[0]), now);
        }
        assert_eq!(delays, [15, 30, 60]);
        assert_eq!(attempts.next(&records, NOW), Some(0), "a clock that was put back holds nothing back");
    }

    #[test]
    fn of_what_is_due_that_comes_first_which_was_never_tried_or_was_tried_longest_ago() {
        let records = records(&["a", "b", "c"]);
        let mut attempts = Attempts::default();
        attempts.note_failed(&began(&records[0]), NOW.plus(1));
        attempts.note_failed(&began(&records[1]), NOW);
        assert_eq!(attempts.next(&records, NOW.plus(15 * SECOND_MS + 1)), Some(2));
        attempts.note_failed(&began(&records[2]), NOW.plus(15 * SECOND_MS + 1));
        assert_eq!(attempts.next(&records, NOW.plus(15 * SECOND_MS + 1)), Some(1));
    }

    #[test]
    fn what_was_taken_or_given_up_is_forgotten() {
        let records = records(&["a", "b"]);
        let mut attempts = Attempts::default();
        for record in &records {
            attempts.note_failed(&began(record), NOW);
        }
        attempts.keep(&[records[0].clone(), records[1].clone().told(AlertTurn::Began)]);
        assert_eq!(attempts.next(&records, NOW), Some(1), "it is as if it had never been tried");
        assert_eq!(attempts.next(&records[..1], NOW), None);
    }
}
