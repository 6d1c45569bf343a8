//! Payouts on an EVM chain, against a real node.
//!
//! The node is the program that `DRIPLINE_ANVIL` names; `cargo xtask anvil` installs it and prints where it is, and
//! `cargo xtask test` does both. The contracts are those in `tests/contracts`, compiled when the tests begin.
#![expect(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

mod chain;
mod command;
mod disperse;
mod go_between;
mod liars;
mod node;
mod operator;
mod payouts;
mod restored;
mod scene;
mod stuck;
mod tokens;

#[expect(dead_code, reason = "what runs with faults need, too")]
#[path = "../faults/json_http.rs"]
mod json_http;

#[expect(dead_code, unused_imports, reason = "what other suites need, too")]
#[path = "../play/support/mod.rs"]
mod support;
