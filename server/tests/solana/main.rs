//! Payouts by Solana, against a real node.
//!
//! The node is the program that `DRIPLINE_SOLANA_NODE` names; `cargo xtask solana-node` builds it and prints where it is,
//! and `cargo xtask test` does both.
#![expect(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

mod expiry;
mod go_between;
mod node;
mod payouts;
mod rail;
mod recovery;
mod restored;
mod scene;
mod tokens;

#[path = "../evm/command.rs"]
mod command;
#[expect(dead_code, reason = "what runs with faults need, too")]
#[path = "../faults/json_http.rs"]
mod json_http;

#[expect(dead_code, unused_imports, reason = "what other suites need, too")]
#[path = "../play/support/mod.rs"]
mod support;
