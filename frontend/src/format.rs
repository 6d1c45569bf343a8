//! Numbers, times and shares as people read them. Pure.

use dripline_shared::amount::Amount;
use dripline_shared::reward::BASIS_POINTS;
use dripline_shared::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};

/// A span of time that is counted down: `4:05`, `1:00:00`, `2 d 3 h`. Rounded up, so that it never shows zero early.
pub(crate) fn countdown(span_ms: u64) -> String {
    let seconds = span_ms.div_ceil(SECOND_MS);
    let (minutes, second) = (seconds / 60, seconds % 60);
    let (hours, minute) = (minutes / 60, minutes % 60);
    if span_ms >= DAY_MS {
        format!("{} d {} h", hours / 24, hours % 24)
    } else if hours > 0 {
        format!("{hours}:{minute:02}:{second:02}")
    } else {
        format!("{minute}:{second:02}")
    }
}

/// A span of time as it is set: `5 min`, `90 s`, `2 h`.
pub(crate) fn span(span_ms: u64) -> String {
    if span_ms >= HOUR_MS && span_ms.is_multiple_of(HOUR_MS) {
        format!("{} h", span_ms / HOUR_MS)
    } else if span_ms >= 2 * MINUTE_MS && span_ms.is_multiple_of(MINUTE_MS) {
        format!("{} min", span_ms / MINUTE_MS)
    } else {
        format!("{} s", span_ms.div_ceil(SECOND_MS))
    }
}

/// A factor as a person multiplies: `×1.25`.
pub(crate) fn factor(basis_points: u32) -> String {
    let (whole, rest) = (basis_points / BASIS_POINTS, basis_points % BASIS_POINTS);
    let fraction = format!("{rest:04}");
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { format!("×{whole}") } else { format!("×{whole}.{fraction}") }
}

/// A whole number with its thousands apart, by a thin space that does not break: `12 345`.
pub(crate) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) && digits.len() > 4 {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// The form of a text for so many of a thing: the part before the `|` for one, the part behind it for any other number.
pub(crate) fn plural(text: &str, count: u64) -> &str {
    match text.split_once('|') {
        Some((one, _)) if count == 1 => one,
        Some((_, many)) => many,
        None => text,
    }
}

/// A text with both its forms, such as `"{count} drip|{count} drips"`, about so many.
pub(crate) fn counted(text: &str, count: u64) -> String {
    fill(plural(text, count), &[("count", &number(count))])
}

/// An amount that is an estimate, by its two leading digits: more would promise too much.
pub(crate) fn roughly(amount: Amount) -> Amount {
    let units = amount.units();
    let mut step = 1;
    while units / step >= 100 {
        step *= 10;
    }
    let rest = units % step;
    let rounded = (units / step + i64::from(rest >= step - rest)) * step;
    Amount::try_from(rounded).unwrap_or(amount)
}

/// A text with places to fill: `"{level} pays {amount}"`. A place that has no value stays as it is.
pub(crate) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::new();
    let mut rest = text;
    // Letter by letter: searching for words would bring a machinery of 3 KB into the page.
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let place = after.split_once('}').and_then(|(name, after)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((*value, after))
        });
        let (value, after) = place.unwrap_or(("{", after));
        filled.push_str(value);
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countdowns_are_rounded_up_and_grow_from_seconds_to_days() {
        assert_eq!(countdown(0), "0:00");
        assert_eq!(countdown(1), "0:01");
        assert_eq!(countdown(59_001), "1:00");
        assert_eq!(countdown(245_000), "4:05");
        assert_eq!(countdown(3_600_000), "1:00:00");
        assert_eq!(countdown(86_400_000 + 3 * 3_600_000), "1 d 3 h");
    }

    #[test]
    fn spans_use_the_largest_unit_that_divides_them() {
        assert_eq!(span(90_000), "90 s");
        assert_eq!(span(300_000), "5 min");
        assert_eq!(span(7_200_000), "2 h");
        assert_eq!(span(60_000), "60 s");
    }

    #[test]
    fn factors_show_as_many_decimals_as_they_have() {
        assert_eq!(factor(10_000), "×1");
        assert_eq!(factor(12_500), "×1.25");
        assert_eq!(factor(500), "×0.05");
        assert_eq!(factor(20_001), "×2.0001");
    }

    #[test]
    fn large_numbers_have_their_thousands_apart() {
        assert_eq!(number(0), "0");
        assert_eq!(number(9_999), "9999");
        assert_eq!(number(12_345), "12\u{202f}345");
        assert_eq!(number(1_234_567), "1\u{202f}234\u{202f}567");
    }

    #[test]
    fn one_of_a_thing_is_told_apart_from_none_and_many() {
        let text = "{count} day|{count} days";
        assert_eq!(
            [0, 1, 2, 12_345].map(|count| counted(text, count)),
            ["0 days", "1 day", "2 days", "12\u{202f}345 days"]
        );
        assert_eq!(plural("sheep", 1), "sheep");
    }

    #[test]
    fn an_estimate_keeps_two_digits_and_is_rounded_to_the_nearest() {
        let rounded = |units: u32| roughly(Amount::from_units(units)).units();
        assert_eq!([0, 7, 99, 100, 104, 105].map(rounded), [0, 7, 99, 100, 100, 110]);
        assert_eq!(
            [618_750, 994_999, 995_000, u32::MAX].map(rounded),
            [620_000, 990_000, 1_000_000, 4_300_000_000]
        );
        assert_eq!(roughly(Amount::MAX), Amount::try_from(9_200_000_000_000_000_000_i64).unwrap());
    }

    #[test]
    fn places_are_filled_by_name() {
        assert_eq!(fill("{a} and {b} and {a}", &[("a", "1"), ("b", "2")]), "1 and 2 and 1");
        assert_eq!(fill("none", &[("a", "1")]), "none");
        // What is filled in is not looked at again, and a place without a value stays.
        assert_eq!(fill("{a}{c} {", &[("a", "{b}"), ("b", "2")]), "{b}{c} {");
    }
}
