//! `[notices]`: what the operator has to tell players.

use serde::Deserialize;

use super::section::{Check, Section};
use dripline_shared::api;

/// The longest text, in characters.
const TEXT_CHARS_MAX: usize = 4_000;
/// The longest address, in bytes.
const URL_BYTES_MAX: usize = 2_000;
/// The longest address of electronic mail, in bytes: that of RFC 5321.
const MAIL_BYTES_MAX: usize = 254;
/// What an address begins with.
const HTTPS: &str = "https://";

/// Texts and addresses for players. What is not said is not shown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notices {
    /// On which terms one plays.
    terms: Option<String>,
    /// Where there is more about the terms.
    terms_url: Option<String>,
    /// Where the faucet does not pay.
    excluded_regions: Option<String>,
    /// Where it is told what is kept of players.
    privacy_url: Option<String>,
    /// Where the operator is reached.
    contact: Option<String>,
}

impl Section for Notices {
    const NAME: &'static str = "notices";

    fn validate(&self, check: &mut Check<'_>) {
        for (setting, text) in [("terms", &self.terms), ("excluded_regions", &self.excluded_regions)] {
            let expected =
                format!("a text of at most {TEXT_CHARS_MAX} characters, without control characters");
            check.holds(text.as_deref().is_none_or(is_text), setting, expected);
        }
        for (setting, url) in [("terms_url", &self.terms_url), ("privacy_url", &self.privacy_url)] {
            let expected = format!("an address such as \"{HTTPS}play.example/terms\"");
            check.holds(url.as_deref().is_none_or(is_url), setting, expected);
        }
        let is_contact = self.contact.as_deref().is_none_or(|contact| is_url(contact) || is_mail(contact));
        let expected = format!("an address such as \"{HTTPS}play.example/help\" or \"help@play.example\"");
        check.holds(is_contact, "contact", expected);
    }
}

impl Notices {
    /// As players are told.
    pub fn view(&self) -> api::Notices {
        let Self { terms, terms_url, excluded_regions, privacy_url, contact } = self.clone();
        api::Notices { terms, terms_url, excluded_regions, privacy_url, contact }
    }
}

fn is_text(text: &str) -> bool {
    let is_long = text.chars().nth(TEXT_CHARS_MAX).is_some();
    !text.trim().is_empty() && !is_long && text.chars().all(|it| it == '\n' || !it.is_control())
}

/// Pages make links of it: it can be nothing but an address of the web.
fn is_url(url: &str) -> bool {
    let is_of_url = |byte: u8| byte.is_ascii_graphic() && !b"\"'<>\\^`{|}".contains(&byte);
    let is_there = |rest: &str| rest.starts_with(|first: char| first.is_ascii_alphanumeric());
    url.len() <= URL_BYTES_MAX && url.bytes().all(is_of_url) && url.strip_prefix(HTTPS).is_some_and(is_there)
}

/// Pages make links of it, too. That is all that is checked: whether somebody reads it is known to nobody but the operator.
fn is_mail(address: &str) -> bool {
    let is_of_mail = |part: &str, signs: &[u8]| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || signs.contains(&byte))
    };
    address.len() <= MAIL_BYTES_MAX
        && address
            .split_once('@')
            .is_some_and(|(name, host)| is_of_mail(name, b"._+-") && is_of_mail(host, b".-"))
}
