//! Which addresses a rail of a webhook can pay to: only the operator knows. Pure.

use dripline_shared::payout::is_address;
use regex_lite::{Regex, RegexBuilder};

/// The longest pattern, in bytes.
pub const PATTERN_BYTES_MAX: usize = 500;
/// The longest hint, in characters.
pub const HINT_MAX: usize = 100;
/// The most memory that a pattern may take, in bytes: it is tried by whoever sets an address.
const PATTERN_SIZE_MAX: usize = 64 * 1024;
/// How deep a pattern may be nested.
const NESTING_MAX: u32 = 20;

/// What an address must be.
#[derive(Debug)]
pub(super) struct Addresses {
    /// What the whole of it matches.
    pattern: Option<Regex>,
    /// What was expected of one that is not, for a player.
    expected: String,
}

/// Whether a text is a pattern. It says what is wrong with it otherwise.
pub(crate) fn check_pattern(pattern: &str) -> Result<(), String> {
    whole(pattern).map(drop)
}

impl Addresses {
    /// Addresses that match a pattern, of which players are told the hint.
    pub(super) fn new(pattern: Option<&str>, hint: Option<&str>) -> Result<Self, String> {
        let expected = match (hint, pattern) {
            (Some(hint), _) => hint.to_owned(),
            (None, Some(pattern)) => format!("an address of the form {pattern}"),
            (None, None) => "1 to 128 visible ASCII characters".to_owned(),
        };
        Ok(Self { pattern: pattern.map(whole).transpose()?, expected })
    }

    /// Whether a text is an address. Otherwise: what was expected.
    pub(super) fn check(&self, address: &str) -> Result<(), String> {
        let matches = self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(address));
        if matches && is_address(address) { Ok(()) } else { Err(self.expected.clone()) }
    }
}

/// A pattern for the whole of a text.
fn whole(pattern: &str) -> Result<Regex, String> {
    if pattern.is_empty() || pattern.len() > PATTERN_BYTES_MAX {
        return Err(format!("1 to {PATTERN_BYTES_MAX} bytes"));
    }
    let built = |text: &str| {
        let mut builder = RegexBuilder::new(text);
        builder
            .size_limit(PATTERN_SIZE_MAX)
            .nest_limit(NESTING_MAX)
            .build()
            .map_err(|error| error.to_string())
    };
    // By itself first: `a)|(b` is no pattern, though it is one between brackets.
    built(pattern)?;
    built(&format!("^(?:{pattern})$"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(pattern: &str, address: &str) -> bool {
        Addresses::new(Some(pattern), None).unwrap().check(address).is_ok()
    }

    #[test]
    fn the_whole_of_an_address_matches() {
        let mail = r"[a-z0-9_.-]+@[a-z0-9.-]+\.[a-z]{2,}";
        for (address, is_one) in [
            ("alice@wallet.example", true),
            ("alice@wallet.example/", false),
            ("<alice@wallet.example", false),
            ("alice@wallet", false),
            ("alice", false),
        ] {
            assert_eq!(accepts(mail, address), is_one, "{address}");
        }
        // Also where a part of the pattern would match first.
        assert!(accepts("a|ab", "ab"));
        assert!(!accepts("a|ab", "abc"));
        assert!(accepts("(?i)lno1[a-z]+", "LNO1abc"));
    }

    #[test]
    fn no_pattern_takes_more_than_one_visible_word() {
        for address in ["", "a b", "a\n", "ä", &"a".repeat(129)] {
            assert!(!accepts("(?s).*", address), "{address}");
            assert!(Addresses::new(None, None).unwrap().check(address).is_err());
        }
        assert!(accepts("(?s).*", &"a".repeat(128)));
        assert!(Addresses::new(None, None).unwrap().check("alice").is_ok());
    }

    #[test]
    fn what_is_expected_is_told_in_the_operators_words() {
        let told = |pattern, hint| Addresses::new(pattern, hint).unwrap().check("no one").unwrap_err();
        assert_eq!(told(Some("a+"), Some("a Lightning address")), "a Lightning address");
        assert_eq!(told(Some("a+"), None), "an address of the form a+");
        assert_eq!(told(None, None), "1 to 128 visible ASCII characters");
    }

    #[test]
    fn what_is_no_pattern_or_takes_too_much_is_refused() {
        for pattern in ["", "(", "a)|(b", "[", "(?x)a #", "a{1000}{1000}", &"(".repeat(300), &"a".repeat(501)]
        {
            assert!(check_pattern(pattern).is_err(), "{pattern}");
        }
        assert!(check_pattern(&"a".repeat(500)).is_ok());
    }
}
