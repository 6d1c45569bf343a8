use std::collections::{BTreeMap, BTreeSet};

use dripline_shared::api::alert::{AlertKind, AlertTurn};
use dripline_shared::time::HOUR_MS;
use proptest::prelude::*;

use super::*;

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const ONE: Hash = Hash([1; 32]);
const OTHER: Hash = Hash([2; 32]);

fn condition(subject: &str) -> Condition {
    let (kind, text) = (AlertKind::BudgetSpent, format!("{subject} is the matter."));
    Condition { kind, subject: subject.to_owned(), text, figures: BTreeMap::new() }
}

fn found_by(server: Hash, subjects: &[&str]) -> Found {
    Found { conditions: subjects.iter().map(|it| condition(it)).collect(), server, tells: true }
}

/// What a store has.
#[derive(Default)]
struct Store(Vec<AlertRecord>);

impl Store {
    /// Takes what follows; gives how much was written.
    fn turn(&mut self, found: &Found, now: Timestamp) -> usize {
        let turns = decide(&self.0, found, now);
        for turn in &turns {
            match turn {
                Turn::Put(record) => {
                    self.0.retain(|it| it.id != record.id);
                    self.0.push(record.clone());
                }
                Turn::Forget(record) => self.0.retain(|it| it.id != record.id),
            }
        }
        self.0.sort_by(|one, other| one.id.cmp(&other.id));
        turns.len()
    }

    fn find(&mut self, subjects: &[&str], now: Timestamp) -> usize {
        self.turn(&found_by(ONE, subjects), now)
    }

    fn on(&self) -> Vec<&str> {
        self.0.iter().filter(|it| it.until.is_none()).map(|it| &*it.subject).collect()
    }
}

#[test]
fn what_is_found_again_and_again_is_one_alert_and_is_hardly_written() {
    let mut store = Store::default();
    assert_eq!(store.find(&["a", "b"], NOW), 2);
    let written: usize = (1..=20).map(|half| store.find(&["a", "b"], NOW.plus(half * MINUTE_MS / 2))).sum();
    // In ten minutes, for each: twice that it is still there, and twice who tells it.
    assert!(written <= 8, "{written}");
    assert_eq!(store.on(), ["a", "b"]);
    assert_eq!(store.0.len(), 2);
}

#[test]
fn what_was_not_found_for_ten_minutes_is_over_and_the_next_time_it_is_another_alert() {
    let mut store = Store::default();
    store.find(&["a"], NOW);
    store.find(&[], NOW.plus(HOLD_MS - 1));
    assert_eq!(store.on(), ["a"]);
    store.find(&["a"], NOW.plus(HOLD_MS));
    store.find(&[], NOW.plus(2 * HOLD_MS - 1));
    assert_eq!(store.on(), ["a"], "it came back before that");
    store.find(&[], NOW.plus(2 * HOLD_MS));
    assert_eq!(store.0[0].until, Some(NOW.plus(2 * HOLD_MS)));
    store.find(&["a"], NOW.plus(3 * HOLD_MS));
    assert_eq!((store.0.len(), store.on()), (2, vec!["a"]));
    assert_ne!(store.0[0].id, store.0[1].id);
}

#[test]
fn of_several_servers_one_finds_and_tells_it_and_another_one_when_that_has_gone() {
    let mut store = Store::default();
    store.find(&["a"], NOW);
    assert_eq!(store.turn(&found_by(OTHER, &["a"]), NOW.plus(1)), 0);
    assert!(store.0[0].is_told_by(ONE));
    // While it goes on trying, it stays with it.
    store.find(&["a"], NOW.plus(TELLS_MS * 3 / 4));
    assert!(store.0[0].is_told_by(ONE));
    store.turn(&found_by(OTHER, &["a"]), NOW.plus(TELLS_MS + 1));
    assert!(store.0[0].is_told_by(ONE));
    store.turn(&found_by(OTHER, &["a"]), NOW.plus(2 * TELLS_MS));
    assert!(store.0[0].is_told_by(OTHER));
}

#[test]
fn what_one_server_alone_can_find_goes_on_while_it_does_and_ends_by_others_when_it_has_gone() {
    let mut store = Store::default();
    for half in 0..60 {
        let now = NOW.plus(half * MINUTE_MS / 2);
        store.turn(&found_by(ONE, &["one"]), now);
        store.turn(&found_by(OTHER, &[]), now.plus(1));
    }
    assert_eq!(store.on(), ["one"]);
    store.turn(&found_by(OTHER, &[]), NOW.plus(30 * MINUTE_MS + HOLD_MS));
    assert!(store.on().is_empty());
}

#[test]
fn an_alert_is_told_when_it_begins_and_when_it_ends_in_this_order() {
    let mut store = Store::default();
    store.find(&["a"], NOW);
    store.find(&[], NOW.plus(HOLD_MS));
    let record = store.0.remove(0);
    assert_eq!(record.to_tell(), Some(AlertTurn::Began));
    assert_eq!(record.view().is_told, Some(false));
    let record = record.told(AlertTurn::Began);
    assert_eq!(record.to_tell(), Some(AlertTurn::Ended));
    let record = record.told(AlertTurn::Ended);
    assert_eq!((record.to_tell(), record.view().is_told), (None, Some(true)));
    // Once told, nothing is told again.
    assert_eq!(record.clone().told(AlertTurn::Began), record);
}

#[test]
fn what_cannot_be_told_for_a_day_is_given_up_and_what_nobody_is_to_be_told_is_open_for_nobody() {
    let mut store = Store::default();
    store.find(&["a"], NOW);
    store.find(&["a"], NOW.plus(GIVEN_UP_AFTER_MS - 1));
    assert_eq!(store.0[0].to_tell(), Some(AlertTurn::Began));
    store.find(&["a"], NOW.plus(GIVEN_UP_AFTER_MS));
    assert_eq!((store.0[0].to_tell(), store.0[0].view().is_told), (None, Some(false)));
    let mut store = Store::default();
    store.turn(&Found { tells: false, ..found_by(ONE, &["a"]) }, NOW);
    // Whoever sets a receiver later is told of what begins from then on.
    store.find(&["a"], NOW.plus(1));
    assert_eq!((store.0[0].to_tell(), store.0[0].view().is_told), (None, None));
}

#[test]
fn a_hundred_alerts_that_are_over_are_kept() {
    let mut store = Store::default();
    let subjects: Vec<String> = (0..150).map(|number| format!("{number:03}")).collect();
    let subjects: Vec<&str> = subjects.iter().map(String::as_str).collect();
    store.find(&subjects, NOW);
    store.find(&[], NOW.plus(HOLD_MS));
    assert_eq!((store.0.len(), &*store.0[0].subject), (PAST_MAX, "050"));
}

proptest! {
    #[test]
    fn whatever_is_found_and_whatever_the_clocks_say_alerts_stay_bounded_and_what_is_decided_is_decided(
        steps in proptest::collection::vec(
            (any::<bool>(), proptest::collection::btree_set(0_u8..12, 0..6), 0..2 * HOUR_MS, any::<bool>()), 1..60,
        ),
    ) {
        let (mut store, mut now) = (Store::default(), NOW);
        for (by_one, subjects, passed, forward) in steps {
            now = if forward { now.plus(passed) } else { now.minus(passed) };
            let names: Vec<String> = subjects.iter().map(ToString::to_string).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let found = found_by(if by_one { ONE } else { OTHER }, &names);
            store.turn(&found, now);
            let on: BTreeSet<&str> = store.on().into_iter().collect();
            prop_assert_eq!(on.len(), store.on().len(), "one for each subject");
            prop_assert!(names.iter().all(|name| on.contains(name)));
            prop_assert!(store.0.len() <= PAST_MAX + ON_MAX);
            prop_assert_eq!(store.turn(&found, now), 0, "nothing more follows at once");
        }
    }

    #[test]
    fn what_is_over_is_over_within_twenty_minutes_of_a_clock_that_runs(ahead in 0..10 * HOUR_MS) {
        let mut store = Store::default();
        // By a clock that was ahead, and was put right since.
        store.find(&["a"], NOW.plus(ahead));
        for minute in 0..=20 {
            store.find(&[], NOW.plus(minute * MINUTE_MS));
        }
        prop_assert!(store.on().is_empty());
    }
}
