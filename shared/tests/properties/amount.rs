//! Amounts: one text for one amount, and arithmetic that never wraps.

use dripline_shared::amount::{Amount, AmountError, Asset, LEDGER_DECIMALS_MAX};
use proptest::prelude::*;

use crate::support::{amounts, config};

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_amount_reads_back_from_its_text_and_its_json(amount in amounts()) {
        prop_assert_eq!(amount.to_string().parse(), Ok(amount));
        let json = serde_json::to_string(&amount).unwrap();
        prop_assert_eq!(&json, &format!("\"{amount}\""));
        prop_assert_eq!(serde_json::from_str::<Amount>(&json).unwrap(), amount);
    }

    #[test]
    fn a_text_that_is_an_amount_is_the_text_of_that_amount(text in "[0-9]{1,21}|[ -~]{0,6}|\\PC{0,4}") {
        if let Ok(amount) = text.parse::<Amount>() {
            prop_assert_eq!(amount.to_string(), text);
        }
    }

    #[test]
    fn an_amount_reads_back_from_its_decimal_text(amount in amounts(), decimals in 0..=LEDGER_DECIMALS_MAX) {
        let text = amount.to_decimal(decimals);
        prop_assert_eq!(Amount::from_decimal(&text, decimals), Ok(amount));
        prop_assert!(!text.ends_with('.') && !text.starts_with('.'));
    }

    #[test]
    fn a_decimal_text_has_the_value_of_its_digits(
        whole in 0..=1_000_000_i64,
        fraction in "[0-9]{1,9}",
        decimals in 0..=LEDGER_DECIMALS_MAX,
    ) {
        let read = Amount::from_decimal(&format!("{whole}.{fraction}"), decimals);
        if fraction.len() > usize::from(decimals) {
            prop_assert_eq!(read, Err(AmountError::TooManyDecimals));
        } else {
            let scale = 10_i64.pow(u32::from(decimals));
            let missing = u32::from(decimals) - u32::try_from(fraction.len()).unwrap();
            let units = whole * scale + fraction.parse::<i64>().unwrap() * 10_i64.pow(missing);
            prop_assert_eq!(read.map(Amount::units), Ok(units));
        }
    }

    #[test]
    fn arithmetic_is_that_of_whole_numbers_or_none(left in amounts(), right in amounts()) {
        let (a, b) = (i128::from(left.units()), i128::from(right.units()));
        let expected = |units: i128| i64::try_from(units).ok().filter(|units| *units >= 0);
        prop_assert_eq!(left.checked_add(right).map(Amount::units), expected(a + b));
        prop_assert_eq!(left.checked_sub(right).map(Amount::units), expected(a - b));
        prop_assert_eq!(i128::from(left.saturating_sub(right).units()), (a - b).max(0));
    }

    #[test]
    fn reading_any_text_never_panics(text in "\\PC*", decimals in any::<u8>()) {
        let _any = (text.parse::<Amount>(), Amount::from_decimal(&text, decimals));
    }
}

#[test]
fn the_bounds_are_zero_and_the_largest_signed_number() {
    assert_eq!("9223372036854775807".parse(), Ok(Amount::MAX));
    assert_eq!("9223372036854775808".parse::<Amount>(), Err(AmountError::OutOfRange));
    assert_eq!("0".parse(), Ok(Amount::ZERO));
    assert_eq!(Amount::try_from(-1_i64), Err(AmountError::OutOfRange));
    assert_eq!(Amount::try_from(u128::MAX), Err(AmountError::OutOfRange));
    assert_eq!(Amount::from_decimal("9223372036.854775807", 9), Ok(Amount::MAX));
    assert_eq!(Amount::from_decimal("9223372036.854775808", 9), Err(AmountError::OutOfRange));
}

#[test]
fn other_spellings_of_a_number_are_refused() {
    for text in
        ["", "-1", "+1", " 1", "1 ", "01", "00", "1e3", "1.", ".5", "1.0", "0x1", "1_000", "1,5", "\u{663}"]
    {
        assert_eq!(text.parse::<Amount>(), Err(AmountError::NotDecimal), "{text:?}");
    }
    for text in ["", "-1", "+1", "01.5", "1.", ".5", ".", "1.5.5", "1. 5", "1.\u{663}"] {
        assert_eq!(Amount::from_decimal(text, 9), Err(AmountError::NotDecimal), "{text:?}");
    }
    for json in ["1", "1.0", "-1", "null", "[\"1\"]", "\"\""] {
        assert!(serde_json::from_str::<Amount>(json).is_err(), "{json}");
    }
}

#[test]
fn an_asset_writes_amounts_for_people() {
    let asset = Asset { code: "DRIP".to_owned(), decimals: 6 };
    assert_eq!(asset.format(Amount::from_units(1_500_000)), "1.5 DRIP");
    assert_eq!(asset.format(Amount::from_units(1)), "0.000001 DRIP");
    assert_eq!(asset.format(Amount::ZERO), "0 DRIP");
    assert_eq!(asset.format(Amount::MAX), "9223372036854.775807 DRIP");
}
