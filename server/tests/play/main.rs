//! The server's core as its callers see it: rounds, claims, limits, ledger, with a clock of the tests' own.

mod claims;
mod crowds;
mod journey;
mod ledger;
mod refusals_claim;
mod refusals_open;
mod refusals_segment;
mod restart;
mod support;
