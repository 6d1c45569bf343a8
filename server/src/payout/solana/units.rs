//! From the ledger's units to the chain's, exactly, and back, rounded down. Pure.

use dripline_shared::amount::Amount;

/// How many of the chain's units one ledger unit is: ten to the power of the decimals that the chain has more. `None`
/// where the chain has fewer than the ledger (fractions of its unit could be owed then), or where they are too many for
/// any amount.
pub(super) fn scale(ledger_decimals: u8, chain_decimals: u8) -> Option<u64> {
    let more = chain_decimals.checked_sub(ledger_decimals)?;
    10_u64.checked_pow(u32::from(more))
}

/// The chain's units of an amount, `None` where they do not fit: the chain counts in 64 bits.
pub(super) fn chain_units(amount: Amount, scale: u64) -> Option<u64> {
    u64::try_from(amount.units()).ok()?.checked_mul(scale)
}

/// The ledger's units of what the chain counts, rounded down; the largest amount where it is more than that.
pub(super) fn ledger_units(chain_units: u64, scale: u64) -> Amount {
    let units = chain_units.checked_div(scale).unwrap_or(0);
    i64::try_from(units).ok().and_then(|units| Amount::try_from(units).ok()).unwrap_or(Amount::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_unit_is_a_power_of_ten_of_the_chains_units() {
        assert_eq!(scale(6, 9), Some(1_000));
        assert_eq!(scale(9, 9), Some(1));
        assert_eq!(scale(0, 19), Some(10_000_000_000_000_000_000));
        assert_eq!(chain_units(Amount::from_units(950), 1_000), Some(950_000));
        assert_eq!(chain_units(Amount::ZERO, u64::MAX), Some(0));
    }

    #[test]
    fn what_the_chain_counts_is_rounded_down_to_ledger_units() {
        assert_eq!(ledger_units(950_999, 1_000), Amount::from_units(950));
        assert_eq!(ledger_units(999, 1_000), Amount::ZERO);
        assert_eq!(ledger_units(u64::MAX, 1), Amount::MAX);
    }

    #[test]
    fn a_chain_that_is_coarser_than_the_ledger_or_far_too_fine_has_no_scale() {
        assert_eq!(scale(9, 6), None);
        assert_eq!(scale(0, 20), None);
    }

    #[test]
    fn what_does_not_fit_the_chain_is_never_cut() {
        assert_eq!(chain_units(Amount::MAX, 1), Some(9_223_372_036_854_775_807));
        assert_eq!(chain_units(Amount::MAX, 2), Some(18_446_744_073_709_551_614));
        assert_eq!(chain_units(Amount::MAX, 10), None);
    }
}
