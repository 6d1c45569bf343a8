//! How many messages are sent to which webhook at the same time, so that none of them holds up others. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many messages are sent at the same time.
const AT_ONCE_MAX: usize = 48;
/// How many of them go to one webhook.
const OF_WEBHOOK_MAX: usize = 8;
/// How many of them go to webhooks that did not take the last message, or late: they may hold each up for as long as is waited for an
/// answer.
const OF_FAILING_MAX: usize = 16;
/// How many go to one such webhook.
const OF_ONE_FAILING_MAX: usize = 1;

/// What is under way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Under {
    /// How many messages are being sent, by webhook.
    pub(crate) way: BTreeMap<Arc<str>, usize>,
    /// The webhooks that did not take the last message, or late.
    pub(crate) failing: BTreeSet<Arc<str>>,
}

impl Under {
    fn of(&self, webhook: &str) -> usize {
        self.way.get(webhook).copied().unwrap_or(0)
    }

    fn all(&self) -> usize {
        self.way.values().sum()
    }

    /// Whether nothing is being sent.
    pub(crate) fn is_nothing(&self) -> bool {
        self.way.is_empty()
    }

    fn to_failing(&self) -> usize {
        self.failing.iter().map(|webhook| self.of(webhook)).sum()
    }

    /// A message is being sent.
    pub(crate) fn begin(&mut self, webhook: &Arc<str>) {
        let count = self.way.entry(Arc::clone(webhook)).or_default();
        *count = count.saturating_add(1);
    }

    /// It was sent, and taken soon or not.
    pub(crate) fn end(&mut self, webhook: &Arc<str>, is_well: bool) {
        if let Some(count) = self.way.get_mut(webhook) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.way.remove(webhook);
            }
        }
        if is_well {
            self.failing.remove(webhook);
        } else {
            self.failing.insert(Arc::clone(webhook));
        }
    }
}

/// For how many more messages there is room, by webhook, of those to which messages are due: one for each after the other, beginning
/// at another one each `turn`, as long as there is.
pub(crate) fn share(under: &Under, due: &[Arc<str>], turn: usize) -> Vec<(Arc<str>, usize)> {
    let mut left = AT_ONCE_MAX.saturating_sub(under.all());
    let mut left_of_failing = OF_FAILING_MAX.saturating_sub(under.to_failing());
    let first = turn.checked_rem(due.len()).unwrap_or(0);
    let (before, from) = due.split_at(first);
    let mut shares: Vec<(Arc<str>, usize)> =
        from.iter().chain(before).map(|webhook| (Arc::clone(webhook), 0)).collect();
    loop {
        let left_before = left;
        for (webhook, share) in &mut shares {
            let is_failing = under.failing.contains(webhook);
            let most = if is_failing { OF_ONE_FAILING_MAX } else { OF_WEBHOOK_MAX };
            let is_room = under.of(webhook).saturating_add(*share) < most;
            if left == 0 || !is_room || (is_failing && left_of_failing == 0) {
                continue;
            }
            *share = share.saturating_add(1);
            left = left.saturating_sub(1);
            if is_failing {
                left_of_failing = left_of_failing.saturating_sub(1);
            }
        }
        if left == left_before {
            break;
        }
    }
    shares.retain(|(_, share)| *share > 0);
    shares
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn named(numbers: impl IntoIterator<Item = usize>) -> Vec<Arc<str>> {
        numbers.into_iter().map(|number| format!("{number:03}").into()).collect()
    }

    #[test]
    fn a_webhook_alone_has_all_the_room_that_one_may_have_and_one_that_fails_has_one_message() {
        let due = named([1]);
        let mut under = Under::default();
        assert_eq!(share(&under, &due, 0), [(due[0].clone(), OF_WEBHOOK_MAX)]);
        under.begin(&due[0]);
        assert_eq!(share(&under, &due, 5), [(due[0].clone(), OF_WEBHOOK_MAX - 1)]);
        under.end(&due[0], false);
        assert_eq!(share(&under, &due, 0), [(due[0].clone(), 1)]);
        under.begin(&due[0]);
        assert_eq!(share(&under, &due, 0), []);
        under.end(&due[0], true);
        assert_eq!(share(&under, &due, 0), [(due[0].clone(), OF_WEBHOOK_MAX)]);
        assert_eq!(under, Under::default());
    }

    #[test]
    fn however_many_fail_there_is_room_for_one_that_does_not() {
        let failing = named(1..=500);
        let mut under = Under { failing: failing.iter().cloned().collect(), ..Under::default() };
        let taken = share(&under, &failing, 7);
        assert_eq!(taken.len(), OF_FAILING_MAX);
        for (webhook, _) in &taken {
            under.begin(webhook);
        }
        let well: Arc<str> = "well".into();
        let mut due = failing;
        due.push(Arc::clone(&well));
        assert_eq!(share(&under, &due, 0), [(well, OF_WEBHOOK_MAX)]);
    }

    #[test]
    fn each_comes_first_in_some_turn() {
        let due = named(0..100);
        let first = |turn| share(&Under::default(), &due, turn)[0].0.clone();
        assert_eq!((0..100).map(first).collect::<BTreeSet<_>>().len(), 100);
    }

    proptest! {
        #[test]
        fn no_bound_is_ever_passed(
            way in prop::collection::btree_map(0_usize..60, 1_usize..3, 0..20),
            failing in prop::collection::btree_set(0_usize..60, 0..60),
            due in prop::collection::btree_set(0_usize..60, 0..60),
            turn in any::<usize>(),
        ) {
            let name = |number: usize| -> Arc<str> { format!("{number:03}").into() };
            let mut under = Under {
                way: way.into_iter().map(|(number, count)| (name(number), count)).collect(),
                failing: failing.into_iter().map(name).collect(),
            };
            let (all_before, failing_before) = (under.all(), under.to_failing());
            let due: Vec<Arc<str>> = due.into_iter().map(name).collect();
            let shares = share(&under, &due, turn);
            for (webhook, count) in &shares {
                prop_assert!(due.contains(webhook) && *count > 0);
                (0..*count).for_each(|_| under.begin(webhook));
                prop_assert!(under.of(webhook) <= OF_WEBHOOK_MAX);
            }
            prop_assert!(under.all() <= all_before.max(AT_ONCE_MAX));
            prop_assert!(under.to_failing() <= failing_before.max(OF_FAILING_MAX));
            // Room is left over only where nobody may have it.
            if under.all() < AT_ONCE_MAX {
                let well = due.iter().filter(|webhook| !under.failing.contains(*webhook));
                prop_assert!(well.into_iter().all(|webhook| under.of(webhook) >= OF_WEBHOOK_MAX));
            }
        }
    }
}
