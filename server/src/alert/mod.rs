//! Alerts: what somebody should look at, before players do. Pure.
//!
//! [`rules`] find in what operators are shown ([`Overview`](dripline_shared::api::overview::Overview)) what is the matter by
//! now; [`turns`] decides from that, and from the alerts that there are, which begin and which are over; [`message`] is what the
//! operator's webhook is told, and [`attempts`] when. An alert is a document of the store, and a turn is decided in the transaction that stores it, so that of
//! several servers one finds it first and tells it.

pub mod attempts;
pub mod message;
mod record;
pub mod rules;
pub mod turns;
pub mod usual;

pub use record::{AlertRecord, server_hash};
pub use rules::{AlertRules, Condition};
