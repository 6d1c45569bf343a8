//! Dripline's rules, the same in the browser and on the server.
//!
//! Everything here is pure: no I/O, no clock, no source of randomness, no floats, no iteration in the order of a
//! hash, and no panic on any input. The lints below and `clippy.toml` hold it to that, because a replay that differs
//! by one bit between wasm32 and x86-64 would refuse an honest player.
//!
//! Read in this order: [`amount`], [`wallet`] and [`time`] are the nouns; [`game`] is the simulation and
//! [`game::replay`] what the server believes; [`level`] and [`catalog`] are what an operator tunes; [`reward`] and
//! [`limit`] decide about money; [`round`], [`transcript`], [`payout`] and [`statement`] are the protocol; [`log`] shows
//! that the books were only ever added to; [`api`] is the wire, and [`json`] how a page reads it.
#![deny(
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used
)]
#![cfg_attr(
    test,
    allow(
        clippy::as_conversions,
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used,
        clippy::expect_used,
        reason = "a test may panic: that is how it fails"
    )
)]

pub mod amount;
pub mod api;
pub mod campaign;
pub mod catalog;
pub mod error;
pub mod game;
mod hex;
pub mod json;
pub mod level;
pub mod limit;
pub mod log;
pub mod payout;
pub mod progress;
pub mod read_key;
pub mod reward;
pub mod rng;
pub mod round;
#[cfg(feature = "server")]
mod schema;
#[cfg(feature = "operators")]
pub mod site;
pub mod statement;
#[cfg(feature = "operators")]
pub mod text;
pub mod time;
pub mod transcript;
pub mod wallet;
