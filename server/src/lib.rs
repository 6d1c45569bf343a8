//! Dripline's server.
//!
//! `http` (routes, extractors, problems) calls [`faucet`] (the use cases), which calls `store` (whole operations in one
//! transaction each). Decisions are pure functions of facts and `now`, in `play`, `check` and the shared crate. Nothing
//! below `http` knows axum; nothing above `store` knows SQL. The time and random bytes that anything depends on come from
//! [`edge`]; the stopwatch of [`telemetry`] only tells the operator how long an answer took.

pub mod access;
pub mod alert;
pub mod assets;
pub mod check;
pub mod cli;
pub mod config;
mod delegation;
pub mod edge;
pub mod export;
pub mod faucet;
pub mod http;
pub mod in_force;
pub mod keys;
pub mod ledger;
pub mod log;
pub mod operate;
pub mod outbox;
pub mod payout;
pub mod play;
pub mod price;
mod read_key;
pub mod refusal;
pub mod signed_message;
pub mod simulate;
pub mod site;
pub mod store;
pub mod telemetry;
pub mod verification;
pub mod voucher;
mod webhook;
