//! Numbers and people as the pages write them. Pure.

use dripline_shared::amount::Amount;
use dripline_shared::api::operate::By;

/// A whole number with its thousands apart, by a thin space that does not break: `12 345`.
pub(crate) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len().saturating_sub(at)).is_multiple_of(3) && digits.len() > 4 {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// An amount that is an estimate, by its three leading digits: more would promise too much.
pub(crate) fn roughly(amount: Amount) -> Amount {
    let units = amount.units();
    let mut step: i64 = 1;
    while units / step >= 1000 {
        step = step.saturating_mul(10);
    }
    let rounded = units.saturating_add(step / 2) / step;
    Amount::try_from(rounded.saturating_mul(step)).unwrap_or(amount)
}

/// Who changed something.
pub(crate) fn by(by: &By) -> String {
    match by {
        By::Server => "the server".to_owned(),
        By::File => "the catalog file".to_owned(),
        By::CommandLine => "command line".to_owned(),
        By::Operator { name, .. } => name.clone(),
        By::ApiKey { name, .. } => format!("{name} (API key)"),
        By::Unknown => "a stranger".to_owned(),
    }
}

/// A word of the protocol as people read it: `edit_catalog` is "edit catalog".
pub(crate) fn words(word: &str) -> String {
    word.replace(['_', '.'], " ")
}

/// Lines of comma-separated values (RFC 4180), the names of the columns first.
pub(crate) fn csv(columns: &[String], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        format!("{}\r\n", cells.join(","))
    };
    std::iter::once(line(columns)).chain(rows.iter().map(|row| line(row))).collect()
}

/// A cell, in quotes where it has to be. Programs take a cell that begins so for a formula: then a blank comes first.
fn quoted(cell: &str) -> String {
    let cell = if !is_number(cell) && cell.starts_with(['=', '+', '-', '@']) {
        format!(" {cell}")
    } else {
        cell.to_owned()
    };
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

/// Whether that is a number as this page writes them: `-1.5`.
fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, rest].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart_from_five_digits_on() {
        assert_eq!(number(0), "0");
        assert_eq!(number(1234), "1234");
        assert_eq!(number(1_234_567), "1\u{202f}234\u{202f}567");
    }

    #[test]
    fn estimates_have_three_digits() {
        let rough = |units| roughly(Amount::from_units(units)).units();
        assert_eq!([0, 7, 999, 1_004, 1_005, 803_494].map(rough), [0, 7, 999, 1_000, 1_010, 803_000]);
        assert_eq!(roughly(Amount::MAX).units(), 9_220_000_000_000_000_000);
    }

    #[test]
    fn cells_are_quoted_where_they_must_be_and_never_formulas() {
        let rows = [vec!["a,b".to_owned(), "say \"x\"".to_owned(), "-1.5".to_owned(), "=1+1".to_owned()]];
        let names = ["one", "two", "three", "four"].map(str::to_owned);
        assert_eq!(csv(&names, &rows), "one,two,three,four\r\n\"a,b\",\"say \"\"x\"\"\",-1.5, =1+1\r\n");
    }
}
