//! What the webhooks of sites are told, when it is sent again, and what their answers mean. Pure.
//!
//! A message is written with what it tells ([`NewDelivery`](crate::store::record::NewDelivery)), in the same transaction, and sent
//! afterwards, by whichever server takes it first. What is sent twice has the same id.

mod answer;
mod low;
mod message;
mod room;
mod schedule;

pub(crate) use answer::meaning;
pub use low::Low;
pub(crate) use low::{is_of_another_budget, is_told, of_budget};
pub(crate) use message::{budget_low, of_claim, test};
pub(crate) use room::{Under, share};
