//! Admission: whether a request may have its effect, and from when. One file a check.
//!
//! Every check is a pure function of facts and `now`. Where it passes it gives the state that the transaction of the
//! effect stores; where it does not it gives a [`Reason`] with a stable code and, where waiting helps, the moment from
//! which it passes. Signatures and replays are not here: they need no facts and cost more (`play::prove`).

use dripline_shared::api::Reason;
use dripline_shared::error::Code;
use dripline_shared::time::Timestamp;

pub mod attempts;
pub mod budget;
pub mod campaign;
pub mod cooldown;
pub mod drips;
pub mod level;
pub mod opens;
pub mod outflow;
pub mod rail;
pub mod site;
pub mod standing;
pub mod statement;
pub mod voucher;
pub mod withdrawal;

/// A reason about `subject`.
fn reason(code: Code, subject: impl Into<String>, message: impl Into<String>) -> Reason {
    Reason { code, message: message.into(), subject: Some(subject.into()), until_ms: None }
}

/// A reason about `subject` that will have passed at `until`.
fn reason_until(
    code: Code,
    subject: impl Into<String>,
    message: impl Into<String>,
    until: Timestamp,
) -> Reason {
    Reason { until_ms: Some(until), ..reason(code, subject, message) }
}
