//! How many cases are tried, and the values that several properties draw.

use dripline_shared::amount::Amount;
use dripline_shared::time::{TIMESTAMP_MAX, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// The configuration of every property.
pub(crate) fn config() -> ProptestConfig {
    let long = std::env::var_os("DRIPLINE_LONG").is_some();
    let (cases, seed) = if long { (20_000, 2) } else { (500, 1) };
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// What becomes of an ASCII text that somebody alters by a letter: it is put in at a place or in place of what stands there,
/// that is taken out, everything from there on is, and the letter comes at the end.
pub(crate) fn altered(text: &str, at: usize, letter: &str) -> [String; 5] {
    let (before, after, rest) = (&text[..at], &text[at..], &text[at + 1..]);
    [
        format!("{before}{letter}{after}"),
        format!("{before}{letter}{rest}"),
        format!("{before}{rest}"),
        before.to_owned(),
        format!("{text}{letter}"),
    ]
}

/// Any amount, those at the bounds more often.
pub(crate) fn amounts() -> impl Strategy<Value = Amount> {
    prop_oneof![
        4 => 0..=i64::MAX,
        2 => 0..=1_000_000_i64,
        1 => Just(i64::MAX),
        1 => Just(0_i64),
    ]
    .prop_map(|units| Amount::try_from(units).expect("not negative"))
}

/// Any moment that can be written.
pub(crate) fn moments() -> impl Strategy<Value = Timestamp> {
    prop_oneof![4 => 0..=TIMESTAMP_MAX.0, 1 => Just(0), 1 => Just(TIMESTAMP_MAX.0)].prop_map(Timestamp)
}
