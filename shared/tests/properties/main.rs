//! Properties of the rules: what must hold for every input, tried on many.
//!
//! The cases are drawn from a fixed seed, so that every run tries the same ones; with `DRIPLINE_LONG` set there are
//! forty times as many, from another seed.

mod amount;
mod campaign;
mod catalog;
mod count_limit;
mod identifiers;
mod json;
mod log;
mod log_entry;
mod money_limit;
mod progress;
mod reward;
mod rng;
mod site;
mod statement;
mod support;
mod time;
mod timing;
mod transcript;
mod wallet;
