//! The server's core as its callers see it: rounds, claims, limits, ledger, with a clock of the tests' own.
#![expect(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

mod alerts;
mod assets;
mod books;
mod campaigns;
mod claims;
mod clock;
mod crowds;
#[path = "../store/database.rs"]
mod database;
mod delegations;
mod dormant;
mod exports;
mod halts;
mod insight;
mod journey;
mod ledger;
mod moves;
mod overview;
mod own_wallets;
mod payers;
mod payouts;
mod prices;
mod publications;
mod read_keys;
mod refusals_claim;
mod refusals_open;
mod refusals_segment;
mod registry;
mod restart;
mod servers;
mod site_views;
mod sites;
mod stops;
mod support;
mod treasury;
mod vouchers;
