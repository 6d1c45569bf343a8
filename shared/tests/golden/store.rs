//! Reading, comparing and blessing golden files.

use std::path::PathBuf;
use std::{env, fs};

use serde_json::Value;

/// Whether the files are to be written anew.
pub(crate) fn blesses() -> bool {
    env::var_os("DRIPLINE_BLESS").is_some_and(|value| value == "1")
}

fn path(name: &str) -> PathBuf {
    // Asked when it runs: two checkouts that build in one folder may share this program.
    let package = env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs the tests");
    PathBuf::from(package).join("../tests/golden").join(name)
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from_digit(digit.into(), 16).expect("below 16")).collect()
}

/// The bytes that [`hex`] wrote.
pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal");
    (0..text.len()).step_by(2).map(byte).collect()
}

/// What the file holds; `None` where there is none.
pub(crate) fn read(name: &str) -> Option<Value> {
    let text = fs::read_to_string(path(name)).ok()?;
    Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("tests/golden/{name}: {error}")))
}

/// Compares `actual` with the file, or writes it.
pub(crate) fn hold(name: &str, actual: &Value) {
    if blesses() {
        let text = serde_json::to_string_pretty(actual).expect("JSON is written");
        fs::write(path(name), text + "\n").unwrap_or_else(|error| panic!("tests/golden/{name}: {error}"));
    }
    let expected = read(name).unwrap_or_else(|| panic!("tests/golden/{name} is missing"));
    if let Some(place) = difference(&expected, actual, "") {
        panic!("tests/golden/{name} differs at {place}");
    }
}

/// The first place where two values differ, with both sides.
fn difference(expected: &Value, actual: &Value, place: &str) -> Option<String> {
    match (expected, actual) {
        (Value::Object(left), Value::Object(right)) if left.keys().eq(right.keys()) => {
            left.iter().find_map(|(name, value)| difference(value, &right[name], &format!("{place}/{name}")))
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => left
            .iter()
            .zip(right)
            .enumerate()
            .find_map(|(index, (one, other))| difference(one, other, &format!("{place}/{index}"))),
        _ if expected == actual => None,
        _ => Some(format!("{place}\n  the file: {expected}\n  now:      {actual}")),
    }
}
