//! Payouts under faults: whatever goes wrong between the server, its store and a chain, everybody is paid exactly once, the
//! ledger verifies, and nothing stays stuck.
//!
//! A run pays many players by a real rail against a real node, or a receiver of messages. In each of its episodes something goes wrong at a step of
//! the payout ([`fault`]): the process ends there ([`watched`]), the line to the node loses, cuts, doubles, delays or
//! falsifies what is said ([`line`](mod@line)), or blocks pass. Then the episode goes on until everybody is paid or has the money back,
//! and what arrived on the chain is compared with what the books say ([`run`]). How often each fault had an effect is
//! printed, and with `DRIPLINE_LONG` written into `docs/reliability.md` ([`matrix`]). The same for what can happen to the
//! database, with a chain of the tests' own ([`postgres`](mod@postgres)).
#![expect(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

mod alerts;
mod evm;
mod fault;
mod json_http;
mod line;
mod matrix;
mod plan;
mod postgres;
mod run;
mod solana;
mod watched;
mod webhook;

#[expect(dead_code, reason = "what the tests of the store need, too")]
#[path = "../store/database.rs"]
mod database;

#[expect(dead_code, reason = "what the tests of the rail need, too")]
#[path = "../evm/node.rs"]
mod evm_node;

#[expect(dead_code, reason = "what the tests of the rail need, too")]
#[path = "../solana/node.rs"]
mod solana_node;

#[expect(dead_code, reason = "what the tests of the rail need, too")]
#[path = "../webhook/receiver.rs"]
mod receiver;

#[expect(dead_code, unused_imports, reason = "what other suites need, too")]
#[path = "../play/support/mod.rs"]
mod support;
