//! Every store behaves alike: the same suite for each, and the same answers as the store in memory for any sequence of
//! commands.

#![expect(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

mod addresses;
mod bench;
mod conformance;
mod contention;
mod corrections;
mod database;
mod delegations;
mod deliveries;
mod dormant;
mod leases;
mod likeness;
mod moves;
mod payouts;
mod postgres;
mod read_keys;
mod rollback;
mod sequence;
mod servers;
mod several;
mod short;
mod sites;
mod slices;
mod standing;
mod webhooks;
