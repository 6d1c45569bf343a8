//! What a receiver's answer means. Pure.
//!
//! Only an answer that says in so many words how the message ended is believed to end it. Everything else, from HTML to a
//! refusal, leaves the money where it is: whoever answers may not be the one who pays.

use std::sync::Arc;

use dripline_shared::payout::is_address;
use serde::Deserialize;

/// The longest reason that a player is shown, in characters.
const REASON_MAX: usize = 200;
/// Accepted, by HTTP.
const ACCEPTED: u16 = 202;

/// How a message ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// Everybody in it was paid.
    Settled {
        /// By this transaction, as the receiver writes it.
        transaction: Arc<str>,
    },
    /// Nobody in it was paid, nor will be by this message.
    Failed {
        /// Why, for a player.
        reason: Arc<str>,
    },
}

/// What an answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The message has ended.
    End(End),
    /// The receiver has it and is at it.
    Accepted,
    /// The receiver may not have it, or it cannot be told what it says.
    Unclear(String),
}

/// An answer's body, in either of its forms. Fields that are not known are ignored.
#[derive(Deserialize)]
struct Body {
    status: Status,
    transaction: Option<String>,
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Settled,
    Failed,
    Accepted,
}

/// What an answer of this HTTP status with this body means.
pub(super) fn read(status: u16, body: &[u8]) -> Meaning {
    let unclear = |why: &str| Meaning::Unclear(why.to_owned());
    match status {
        ACCEPTED => return Meaning::Accepted,
        200..=299 => {}
        300..=399 => return Meaning::Unclear(format!("HTTP status {status}: redirects are not followed")),
        _ => return Meaning::Unclear(format!("HTTP status {status}")),
    }
    let body: Body = match serde_json::from_slice(body) {
        Ok(body) => body,
        // Where it broke, without a word of what may be anybody's.
        Err(error) => {
            return Meaning::Unclear(format!(
                "HTTP status {status} without a status in JSON: line {} column {}",
                error.line(),
                error.column()
            ));
        }
    };
    match (body.status, body.transaction, body.reason) {
        (Status::Accepted, None, None) => Meaning::Accepted,
        (Status::Settled, Some(transaction), None) if is_address(&transaction) => {
            Meaning::End(End::Settled { transaction: transaction.into() })
        }
        (Status::Settled, Some(_), None) => {
            unclear("settled, but by no transaction of 1 to 128 visible ASCII")
        }
        (Status::Settled, None, None) => unclear("settled, but by no transaction"),
        (Status::Failed, None, Some(reason)) if is_reason(&reason) => {
            Meaning::End(End::Failed { reason: reason.into() })
        }
        (Status::Failed, None, Some(_)) => unclear("failed, but for no reason of 1 to 200 characters"),
        (Status::Failed, None, None) => unclear("failed, but for no reason"),
        _ => unclear("it contradicts itself"),
    }
}

/// Whether a text can be shown to a player as a reason.
fn is_reason(text: &str) -> bool {
    let is_long = text.chars().nth(REASON_MAX).is_some();
    !text.trim().is_empty() && !is_long && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(transaction: &str) -> Meaning {
        Meaning::End(End::Settled { transaction: transaction.into() })
    }

    #[test]
    fn an_answer_says_how_a_message_ended_or_that_it_has_not() {
        for (status, body, meaning) in [
            (200, r#"{"status":"settled","transaction":"t"}"#, settled("t")),
            (201, r#"{"status":"settled","transaction":"t","reason":null,"fee":3}"#, settled("t")),
            (
                200,
                r#"{"status":"failed","reason":"Ungültige Adresse"}"#,
                Meaning::End(End::Failed { reason: "Ungültige Adresse".into() }),
            ),
            (200, r#" {"status":"accepted"} "#, Meaning::Accepted),
            (202, "", Meaning::Accepted),
            // By its status it is not at its end yet.
            (202, r#"{"status":"settled","transaction":"t"}"#, Meaning::Accepted),
        ] {
            assert_eq!(read(status, body.as_bytes()), meaning, "{body}");
        }
    }

    #[test]
    fn whatever_else_is_answered_ends_nothing() {
        let long = |status: &str, field: &str, length: usize| {
            format!(r#"{{"status":"{status}","{field}":"{}"}}"#, "x".repeat(length))
        };
        let good = r#"{"status":"settled","transaction":"t"}"#;
        for (status, body) in [
            (200, String::new()),
            (204, String::new()),
            (200, "<!doctype html><h1>settled</h1>".to_owned()),
            (200, "\"settled\"".to_owned()),
            (200, "[]".to_owned()),
            (200, "{}".to_owned()),
            (200, format!("{good}{good}")),
            (200, good[..good.len() - 1].to_owned()),
            (200, r#"{"status":"paid","transaction":"t"}"#.to_owned()),
            (200, r#"{"status":"SETTLED","transaction":"t"}"#.to_owned()),
            (200, r#"{"status":"settled"}"#.to_owned()),
            (200, r#"{"status":"settled","transaction":null}"#.to_owned()),
            (200, r#"{"status":"settled","transaction":7}"#.to_owned()),
            (200, r#"{"status":"settled","transaction":""}"#.to_owned()),
            (200, r#"{"status":"settled","transaction":"a b"}"#.to_owned()),
            (200, r#"{"status":"settled","transaction":"ä"}"#.to_owned()),
            (200, long("settled", "transaction", 129)),
            (200, r#"{"status":"settled","status":"failed","transaction":"t"}"#.to_owned()),
            (200, r#"{"status":"settled","transaction":"t","transaction":"u"}"#.to_owned()),
            (200, r#"{"status":"settled","transaction":"t","reason":"none"}"#.to_owned()),
            (200, r#"{"status":"failed"}"#.to_owned()),
            (200, r#"{"status":"failed","reason":" "}"#.to_owned()),
            (200, r#"{"status":"failed","reason":"a\nb"}"#.to_owned()),
            (200, r#"{"status":"failed","reason":"late","transaction":"t"}"#.to_owned()),
            (200, long("failed", "reason", 201)),
            (200, r#"{"status":"accepted","transaction":"t"}"#.to_owned()),
            (301, good.to_owned()),
            (400, good.to_owned()),
            (401, good.to_owned()),
            (410, good.to_owned()),
            (429, good.to_owned()),
            (500, good.to_owned()),
            (100, good.to_owned()),
        ] {
            assert!(matches!(read(status, body.as_bytes()), Meaning::Unclear(_)), "{status} {body}");
        }
        assert_eq!(read(200, long("settled", "transaction", 128).as_bytes()), settled(&"x".repeat(128)));
    }
}
