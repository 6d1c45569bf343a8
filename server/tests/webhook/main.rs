//! Payouts by a webhook, against receivers that do not always do as they should, and against the documented one.
#![expect(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

mod alerts;
#[expect(dead_code, reason = "what other suites need, too")]
#[path = "../evm/command.rs"]
mod command;
mod dry_run;
mod example;
mod faults;
mod payouts;
mod receiver;
mod scene;
mod signatures;
mod site_example;
mod sites;
mod sites_again;

#[expect(dead_code, unused_imports, reason = "what other suites need, too")]
#[path = "../play/support/mod.rs"]
mod support;
