//! What the answer of a webhook means. Pure. What it says besides its status is not read.

use dripline_shared::time::Timestamp;

use super::schedule::next;
use crate::store::record::{Came, DeliveryRecord, Tried};
use crate::webhook::{Status, retry_after};

/// Gone, by HTTP: by Standard Webhooks, nothing is to be sent there any more.
const GONE: u16 = 410;
/// The longest that is kept of what went wrong, in characters.
const ERROR_MAX: usize = 200;

/// What came of sending a message at `now`, by what was answered or what went wrong; and whether the webhook is gone. `random` is any
/// number.
pub(crate) fn meaning(
    delivery: &DeliveryRecord,
    answer: Result<Status, String>,
    random: u64,
    now: Timestamp,
) -> (Tried, bool) {
    let (number, attempts, earlier) = (delivery.number, delivery.attempts, delivery.earlier);
    let tried = |came| Tried { number, attempts, earlier, at: now, came };
    let (error, wanted) = match answer {
        Ok(Status { status: 200..=299, .. }) => return (tried(Came::Delivered), false),
        Ok(Status { status: GONE, .. }) => {
            let error = "HTTP status 410: it is gone".to_owned();
            return (tried(Came::GivenUp { error }), true);
        }
        Ok(Status { status: status @ 300..=399, .. }) => {
            (format!("HTTP status {status}: redirects are not followed"), None)
        }
        Ok(Status { status, retry_after: wanted }) => {
            (format!("HTTP status {status}"), wanted.and_then(|text| retry_after(&text, now)))
        }
        Err(error) => (error.chars().filter(|char| !char.is_control()).take(ERROR_MAX).collect(), None),
    };
    // After an operator had it sent once more, it is tried as if it were new.
    let attempts = attempts.saturating_sub(earlier);
    let came = match next(attempts, wanted, random, now, delivery.ends_at) {
        Some(at) => Came::Again { at, error },
        None => Came::GivenUp { error },
    };
    (tried(came), false)
}

#[cfg(test)]
mod tests {
    use dripline_shared::api::operate::webhooks::SiteEvent;
    use dripline_shared::time::SECOND_MS;

    use super::*;
    use crate::store::record::{NewDelivery, TRY_FOR_MS};

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn taken() -> DeliveryRecord {
        let new = NewDelivery {
            message: "msg_1".into(),
            webhook: "w".into(),
            event: SiteEvent::Cleared,
            body: "{}".into(),
            made_at: NOW,
        };
        DeliveryRecord { attempts: 1, ..DeliveryRecord::new(7, &new) }
    }

    fn came(answer: Result<Status, String>, now: Timestamp) -> (Came, bool) {
        let (tried, is_gone) = meaning(&taken(), answer, 0, now);
        assert_eq!((tried.number, tried.attempts, tried.at), (7, 1, now));
        (tried.came, is_gone)
    }

    fn status(status: u16, retry_after: Option<&str>) -> Status {
        Status { status, retry_after: retry_after.map(str::to_owned) }
    }

    #[test]
    fn only_what_was_taken_is_not_sent_again() {
        for taken in [200, 201, 202, 204, 299] {
            assert_eq!(came(Ok(status(taken, None)), NOW), (Came::Delivered, false));
        }
        for refused in [100, 301, 302, 307, 400, 401, 403, 404, 408, 429, 500, 502, 503, 504, 599] {
            let (came, is_gone) = came(Ok(status(refused, None)), NOW);
            assert!(matches!(came, Came::Again { at, .. } if at == NOW.plus(5 * SECOND_MS)), "{refused}");
            assert!(!is_gone);
        }
    }

    #[test]
    fn one_that_is_gone_is_sent_nothing_any_more() {
        let error = "HTTP status 410: it is gone".to_owned();
        assert_eq!(came(Ok(status(410, Some("5"))), NOW), (Came::GivenUp { error }, true));
    }

    #[test]
    fn after_an_operator_had_it_sent_once_more_it_is_tried_as_if_it_were_new() {
        for (attempts, earlier, seconds) in [(3, 0, 45), (20, 19, 5), (21, 19, 15)] {
            let delivery = DeliveryRecord { attempts, earlier, ..taken() };
            let (tried, _) = meaning(&delivery, Ok(status(500, None)), 0, NOW);
            assert_eq!((tried.attempts, tried.earlier), (attempts, earlier));
            assert!(matches!(tried.came, Came::Again { at, .. } if at == NOW.plus(seconds * SECOND_MS)));
        }
    }

    #[test]
    fn a_webhook_says_when_it_wants_to_be_asked_again() {
        let (came, _) = came(Ok(status(503, Some("120"))), NOW);
        assert!(matches!(came, Came::Again { at, .. } if at == NOW.plus(120 * SECOND_MS)));
    }

    #[test]
    fn after_three_days_it_is_given_up_and_what_went_wrong_is_told_in_short() {
        let error = format!("it\nbroke {}", "x".repeat(500));
        let (came, is_gone) = came(Err(error), NOW.plus(TRY_FOR_MS));
        let Came::GivenUp { error } = came else { panic!("{came:?}") };
        assert!(error.starts_with("itbroke xxx") && error.len() == ERROR_MAX && !is_gone);
    }
}
