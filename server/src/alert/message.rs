//! What the operator's webhook is told of an alert, and when it is tried again. Pure.

use dripline_shared::api::alert::{AlertData, AlertMessage, AlertTurn};
use dripline_shared::round::Hash;
use dripline_shared::time::{MINUTE_MS, SECOND_MS};

use super::AlertRecord;

/// How long it takes after each attempt that failed to the next one, in milliseconds; after further ones, as long as after the
/// last. It counts for each message by itself.
const DELAYS_MS: [u64; 6] =
    [15 * SECOND_MS, 30 * SECOND_MS, MINUTE_MS, 2 * MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS];

/// A message as it is sent: the same each time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id: the header `webhook-id`. Whoever gets it twice takes it once.
    pub id: String,
    /// Its body.
    pub body: Vec<u8>,
}

/// The id of the message that an alert has begun, or has ended.
pub fn message_id(record: &AlertRecord, turn: AlertTurn) -> String {
    let name = match turn {
        AlertTurn::Began => "began",
        AlertTurn::Ended => "ended",
    };
    format!("alert_{}_{name}", record.id)
}

/// The message that an alert of this faucet has begun, or has ended.
pub fn message(record: &AlertRecord, turn: AlertTurn, faucet: Hash) -> Message {
    let (at, until) = match turn {
        AlertTurn::Began => (record.since, None),
        AlertTurn::Ended => (record.until.unwrap_or(record.since), record.until),
    };
    let id = message_id(record, turn);
    let message = AlertMessage {
        kind: turn,
        timestamp: at.to_string(),
        data: AlertData {
            faucet,
            id: record.id.to_string(),
            kind: record.kind,
            subject: record.subject.clone(),
            since_ms: record.since,
            until_ms: until,
            text: record.text.clone(),
            figures: record.figures.clone(),
        },
    };
    // Plain data always serialises.
    let body = serde_json::to_vec(&message).unwrap_or_default();
    Message { id, body }
}

/// After how long it is tried again, in milliseconds, when so many attempts in a row have failed: at least one.
pub fn delay_ms(failed: usize) -> u64 {
    let [.., longest] = DELAYS_MS;
    DELAYS_MS.get(failed.saturating_sub(1)).copied().unwrap_or(longest)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use dripline_shared::api::alert::AlertKind;
    use dripline_shared::time::Timestamp;
    use serde_json::{Value, json};

    use super::*;
    use crate::alert::Condition;
    use crate::alert::turns::{Found, Turn, decide};

    #[test]
    fn a_message_says_which_alert_and_is_the_same_each_time() {
        let condition = Condition {
            kind: AlertKind::BudgetSpent,
            subject: "default".to_owned(),
            text: "The campaign default has spent 80 % of its budget of DRIP.".to_owned(),
            figures: BTreeMap::from([("percent".to_owned(), 80)]),
        };
        let server = Hash([0; 32]);
        let found = Found { conditions: vec![condition], server, tells: true };
        let Turn::Put(record) = decide(&[], &found, Timestamp(1_800_000_000_000)).remove(0) else {
            panic!("it begins");
        };
        let began = message(&record, AlertTurn::Began, Hash([7; 32]));
        assert_eq!(began.id, "alert_1800000000000-budget_spent-default_began");
        let body: Value = serde_json::from_slice(&began.body).unwrap();
        let expected = json!({
            "type": "alert.began",
            "timestamp": "2027-01-15T08:00:00.000Z",
            "data": {
                "faucet": "07".repeat(32),
                "id": "1800000000000-budget_spent-default",
                "kind": "budget_spent",
                "subject": "default",
                "since_ms": 1_800_000_000_000_u64,
                "until_ms": null,
                "text": "The campaign default has spent 80 % of its budget of DRIP.",
                "figures": { "percent": 80 },
            },
        });
        assert_eq!(body, expected);
        let over = AlertRecord { until: Some(Timestamp(1_800_000_600_000)), ..record };
        assert_eq!(message(&over, AlertTurn::Began, Hash([7; 32])), began);
        let ended = message(&over, AlertTurn::Ended, Hash([7; 32]));
        assert_eq!(ended.id, "alert_1800000000000-budget_spent-default_ended");
        let body: Value = serde_json::from_slice(&ended.body).unwrap();
        assert_eq!(
            (&body["type"], &body["timestamp"]),
            (&json!("alert.ended"), &json!("2027-01-15T08:10:00.000Z"))
        );
        assert_eq!(body["data"]["until_ms"], json!(1_800_000_600_000_u64));
    }

    #[test]
    fn attempts_follow_at_growing_delays_up_to_a_quarter_of_an_hour() {
        let seconds: Vec<u64> = (1..=8).map(|failed| delay_ms(failed) / SECOND_MS).collect();
        assert_eq!(seconds, [15, 30, 60, 120, 300, 900, 900, 900]);
    }
}
