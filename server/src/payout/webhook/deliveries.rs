//! What the process knows of the messages that it has sent: how often, and what was answered last.
//!
//! It is kept in memory alone. Whoever starts anew sends every message again at once that has not ended, which harms
//! nobody: a receiver pays a message once.

use std::collections::BTreeMap;

use dripline_shared::payout::BatchId;
use dripline_shared::time::Timestamp;

use super::answer::{End, Meaning};
use super::schedule;

/// How many messages are remembered: far more than are under way at a time.
const MESSAGES_MAX: usize = 2 * super::ACCEPTED_MAX;

/// What is known of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Delivery {
    attempts: usize,
    /// Whether the receiver has said that it has it. It does not forget that: what it answers afterwards may be somebody else.
    is_accepted: bool,
    /// When it is time for the next attempt.
    next: Timestamp,
    last: Last,
}

/// What came of the last attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Last {
    Ended(End),
    Pending {
        /// What was answered, for the operator.
        what: String,
        /// Whether the operator was told.
        is_told: bool,
    },
}

/// What is known of all messages, by their batches.
#[derive(Debug, Default)]
pub(super) struct Deliveries(BTreeMap<BatchId, Delivery>);

impl Deliveries {
    /// Whether it is time to send the message of this batch.
    pub(super) fn is_due(&self, batch: BatchId, now: Timestamp) -> bool {
        self.0.get(&batch).is_none_or(|delivery| match delivery.last {
            Last::Ended(_) => false,
            Last::Pending { .. } => schedule::is_due(delivery.next, now),
        })
    }

    /// How a message ended, where that is known.
    pub(super) fn end(&self, batch: BatchId) -> Option<&End> {
        match &self.0.get(&batch)?.last {
            Last::Ended(end) => Some(end),
            Last::Pending { .. } => None,
        }
    }

    /// Whether the receiver has said that it has this message, and not how it ended.
    pub(super) fn is_accepted(&self, batch: BatchId) -> bool {
        self.0
            .get(&batch)
            .is_some_and(|delivery| delivery.is_accepted && matches!(delivery.last, Last::Pending { .. }))
    }

    /// What the last attempt came to of a message that has not ended, unless that was told already.
    pub(super) fn tell(&mut self, batch: BatchId) -> Option<String> {
        let Last::Pending { what, is_told } = &mut self.0.get_mut(&batch)?.last else { return None };
        (!std::mem::replace(is_told, true)).then(|| what.clone())
    }

    /// Notes what an attempt at `now` came to; tells when the next one is, if there is one. `wanted` is how long the receiver
    /// wants it to wait, in milliseconds. What has ended stays so.
    pub(super) fn note(
        &mut self,
        batch: BatchId,
        meaning: Meaning,
        wanted: Option<u64>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let (attempts, was_accepted) = match self.0.get(&batch) {
            Some(Delivery { last: Last::Ended(_), .. }) => return None,
            Some(delivery) => (delivery.attempts.saturating_add(1), delivery.is_accepted),
            None => {
                self.make_room();
                (1, false)
            }
        };
        let is_accepted = was_accepted || meaning == Meaning::Accepted;
        let next = schedule::next(batch, attempts, wanted, now);
        let last = match meaning {
            Meaning::End(end) => Last::Ended(end),
            Meaning::Accepted => Last::Pending { what: "accepted".to_owned(), is_told: false },
            Meaning::Unclear(what) => Last::Pending { what, is_told: false },
        };
        let has_ended = matches!(last, Last::Ended(_));
        self.0.insert(batch, Delivery { attempts, is_accepted, next, last });
        (!has_ended).then_some(next)
    }

    /// Forgets a message where there are too many: the oldest that has ended, or else the oldest.
    fn make_room(&mut self) {
        if self.0.len() < MESSAGES_MAX {
            return;
        }
        let ended = self.0.iter().find(|(_, delivery)| matches!(delivery.last, Last::Ended(_)));
        if let Some(batch) = ended.or_else(|| self.0.iter().next()).map(|(batch, _)| *batch) {
            self.0.remove(&batch);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000_000);

    fn batch(number: u16) -> BatchId {
        let mut id = [0; 16];
        id[..2].copy_from_slice(&number.to_be_bytes());
        BatchId(id)
    }

    fn settled() -> End {
        End::Settled { transaction: "t".into() }
    }

    #[test]
    fn a_message_is_due_at_first_and_then_when_its_time_has_come_until_it_has_ended() {
        let (mut deliveries, one) = (Deliveries::default(), batch(1));
        assert!(deliveries.is_due(one, NOW));
        let next = deliveries.note(one, Meaning::Accepted, None, NOW).unwrap();
        assert!(!deliveries.is_due(one, next.minus(1)) && deliveries.is_due(one, next));
        assert!(deliveries.is_due(batch(2), NOW));
        assert_eq!(deliveries.note(one, Meaning::End(settled()), None, next), None);
        assert_eq!(deliveries.end(one), Some(&settled()));
        assert!(!deliveries.is_due(one, next.plus(1_000_000_000)));
    }

    #[test]
    fn what_has_ended_does_not_end_otherwise() {
        let (mut deliveries, one) = (Deliveries::default(), batch(1));
        deliveries.note(one, Meaning::End(settled()), None, NOW);
        let failed = Meaning::End(End::Failed { reason: "late".into() });
        for later in [failed, Meaning::Accepted, Meaning::Unclear("lost".to_owned())] {
            assert_eq!(deliveries.note(one, later, None, NOW), None);
            assert_eq!(deliveries.end(one), Some(&settled()));
        }
    }

    #[test]
    fn what_was_accepted_stays_so_whatever_is_answered_until_it_has_ended() {
        let (mut deliveries, one) = (Deliveries::default(), batch(1));
        let lost = || Meaning::Unclear("lost".to_owned());
        for (meaning, is_accepted) in
            [(lost(), false), (Meaning::Accepted, true), (lost(), true), (Meaning::End(settled()), false)]
        {
            deliveries.note(one, meaning, None, NOW);
            assert_eq!((deliveries.is_accepted(one), deliveries.is_accepted(batch(2))), (is_accepted, false));
        }
    }

    #[test]
    fn what_came_of_an_attempt_is_told_once() {
        let (mut deliveries, one) = (Deliveries::default(), batch(1));
        assert_eq!(deliveries.tell(one), None);
        for why in ["lost", "lost again"] {
            deliveries.note(one, Meaning::Unclear(why.to_owned()), None, NOW);
            assert_eq!(deliveries.tell(one).as_deref(), Some(why));
            assert_eq!(deliveries.tell(one), None);
        }
    }

    #[test]
    fn of_too_many_messages_those_are_forgotten_first_that_have_ended() {
        let mut deliveries = Deliveries::default();
        deliveries.note(batch(0), Meaning::Accepted, None, NOW);
        for number in 1..5_000 {
            deliveries.note(batch(number), Meaning::End(settled()), None, NOW);
        }
        assert_eq!(deliveries.0.len(), MESSAGES_MAX);
        assert!(!deliveries.is_due(batch(0), NOW), "what is under way is still known");
        for number in 5_000..9_000 {
            deliveries.note(batch(number), Meaning::Accepted, None, NOW);
        }
        assert_eq!(deliveries.0.len(), MESSAGES_MAX);
    }
}
