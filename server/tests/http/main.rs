//! The server's HTTP edge from outside: what it answers to good and bad requests, to browsers, crowds and slow clients.
//!
//! Requests go straight into the service, without a network, where the network is not what is tested. Every answer is
//! checked for what every answer must have: see `support::Server::send`.
#![expect(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

mod admin;
#[path = "../store/database.rs"]
mod database;
#[expect(dead_code, reason = "what other suites need, too")]
#[path = "../play/support/directory.rs"]
mod directory;
mod document;
mod hostile;
mod inputs;
mod journey;
mod notices;
mod operator;
mod output;
mod pages;
mod process;
mod process_database;
mod protocol;
mod read_keys;
mod request_ids;
mod serving;
mod simulate;
mod site_examples;
mod support;
mod throttle;
mod tls;
mod traces;
mod verification;
