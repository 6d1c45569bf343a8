//! From the ledger's units to the chain's, exactly, and back, rounded down. Pure.

use std::sync::Arc;

use dripline_shared::amount::{Amount, Asset};

/// How many of the chain's units one ledger unit is: ten to the power of the decimals that the chain has more. `None`
/// where the chain has fewer than the ledger (fractions of its unit could be owed then), or where they are too many for
/// any amount.
pub(super) fn scale(ledger_decimals: u8, chain_decimals: u8) -> Option<u128> {
    let more = chain_decimals.checked_sub(ledger_decimals)?;
    10_u128.checked_pow(u32::from(more))
}

/// The chain's units of an amount, `None` where 128 bits do not hold them.
pub(super) fn chain_units(amount: Amount, scale: u128) -> Option<u128> {
    u128::try_from(amount.units()).ok()?.checked_mul(scale)
}

/// The ledger's units of what the chain counts, rounded down; the largest amount where it is more than that.
pub(super) fn ledger_units(chain_units: u128, scale: u128) -> Amount {
    let units = chain_units.checked_div(scale).unwrap_or(0);
    i64::try_from(units).ok().and_then(|units| Amount::try_from(units).ok()).unwrap_or(Amount::MAX)
}

/// What is held of a coin on the chain, under its code, in the ledger's units rounded down.
pub(super) fn held(chain_units: u128, chain_decimals: u8, coin: &Asset) -> (Arc<str>, Amount) {
    let amount = match scale(coin.decimals, chain_decimals) {
        Some(scale) => ledger_units(chain_units, scale),
        // The ledger counts it finer than the chain: nothing is rounded.
        None => cost(chain_units, chain_decimals, coin.decimals),
    };
    (coin.code.as_str().into(), amount)
}

/// The ledger's units of what something has cost on the chain, rounded up; the largest amount where it is more than that.
pub(super) fn cost(chain_units: u128, chain_decimals: u8, ledger_decimals: u8) -> Amount {
    let power = |more: u8| 10_u128.checked_pow(u32::from(more)).unwrap_or(u128::MAX);
    let units = match chain_decimals.checked_sub(ledger_decimals) {
        Some(more) => chain_units.div_ceil(power(more)),
        None => chain_units.saturating_mul(power(ledger_decimals.saturating_sub(chain_decimals))),
    };
    i64::try_from(units).ok().and_then(|units| Amount::try_from(units).ok()).unwrap_or(Amount::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_arrives_on_the_chain_is_what_left_the_ledger_to_the_last_unit(
            units in 0..=i64::MAX, ledger_decimals in 0_u8..=18, more in 0_u8..=40,
        ) {
            let amount = Amount::try_from(units).unwrap();
            match scale(ledger_decimals, ledger_decimals + more) {
                None => prop_assert!(more > 38),
                Some(scale) => match chain_units(amount, scale) {
                    Some(on_chain) => prop_assert_eq!((on_chain / scale, on_chain % scale), (units.unsigned_abs().into(), 0)),
                    None => prop_assert!(u128::MAX / scale < u128::from(units.unsigned_abs())),
                },
            }
        }
    }

    #[test]
    fn a_ledger_unit_is_a_power_of_ten_of_the_chains_units() {
        assert_eq!(scale(6, 9), Some(1_000));
        assert_eq!(scale(9, 9), Some(1));
        assert_eq!(scale(0, 38), Some(10_u128.pow(38)));
        assert_eq!(chain_units(Amount::from_units(950), 1_000), Some(950_000));
        assert_eq!(chain_units(Amount::ZERO, u128::MAX), Some(0));
    }

    #[test]
    fn what_something_costs_is_rounded_up_to_ledger_units() {
        assert_eq!(cost(21_000_000_000_000, 18, 9), Amount::from_units(21_000));
        assert_eq!(cost(21_000_000_000_001, 18, 9), Amount::from_units(21_001));
        assert_eq!(cost(1, 18, 0), Amount::from_units(1));
        assert_eq!(cost(0, 18, 0), Amount::ZERO);
        assert_eq!(cost(5_000, 9, 9), Amount::from_units(5_000));
        assert_eq!(cost(5, 3, 6), Amount::from_units(5_000));
        assert_eq!(cost(u128::MAX, 18, 9), Amount::MAX);
    }

    #[test]
    fn what_the_chain_counts_is_rounded_down_to_ledger_units() {
        assert_eq!(ledger_units(950_999, 1_000), Amount::from_units(950));
        assert_eq!(ledger_units(999, 1_000), Amount::ZERO);
        assert_eq!(ledger_units(u128::MAX, 1), Amount::MAX);
    }

    #[test]
    fn a_chain_that_is_coarser_than_the_ledger_or_far_too_fine_has_no_scale() {
        assert_eq!(scale(9, 6), None);
        assert_eq!(scale(0, 39), None);
    }

    #[test]
    fn what_does_not_fit_is_never_cut() {
        assert_eq!(chain_units(Amount::MAX, 1), Some(9_223_372_036_854_775_807));
        assert_eq!(
            chain_units(Amount::MAX, 10_u128.pow(19)),
            Some(9_223_372_036_854_775_807 * 10_u128.pow(19))
        );
        assert_eq!(chain_units(Amount::MAX, 10_u128.pow(20)), None);
    }
}
