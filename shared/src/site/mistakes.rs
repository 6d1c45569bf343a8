//! Mistakes in what is said of a site.

use std::collections::BTreeSet;

use super::{SITE_LOGO_MAX, SITE_ORIGINS_MAX, SITE_TEXT_MAX, Site, is_origin};
use crate::api::operate::Mistake;
use crate::campaign::Audience;
use crate::catalog::{Catalog, LEVELS_MAX, is_id};
use crate::text::{is_line, is_name};

/// What a picture's `data:` address may begin with: what browsers draw without running anything in it.
const LOGO_KINDS: [&str; 3] =
    ["data:image/png;base64,", "data:image/webp;base64,", "data:image/svg+xml;base64,"];

struct Findings(Vec<Mistake>);

impl Findings {
    fn check(&mut self, holds: bool, field: impl Into<String>, expected: impl Into<String>) {
        if !holds {
            self.0.push(Mistake { field: field.into(), expected: expected.into() });
        }
    }
}

impl Site {
    /// Every mistake that can be found without a catalog.
    pub fn mistakes(&self) -> Vec<Mistake> {
        let mut found = Findings(Vec::new());
        found.check(is_id(&self.id), "id", "1 to 32 lower-case letters, digits and '-'");
        let expected = || format!("1 to {SITE_TEXT_MAX} characters, in one line, none of them invisible");
        found.check(is_text(&self.name) && is_name(&self.name), "name", expected());
        self.check_origins(&mut found);
        if let Some(campaign) = &self.campaign {
            found.check(is_id(campaign), "campaign", "the id of a campaign");
        }
        if let Some(levels) = &self.levels {
            let count = (1..=LEVELS_MAX).contains(&levels.len());
            found.check(count, "levels", format!("1 to {LEVELS_MAX} levels, or nothing for all of them"));
            let mut named = BTreeSet::new();
            for (index, level) in levels.iter().enumerate() {
                let field = format!("levels[{index}]");
                found.check(is_id(level), &field, "the id of a level");
                found.check(named.insert(level), field, "a level that is not named before");
            }
        }
        let look = &self.look;
        for (name, text) in [("title", &look.title), ("text", &look.text)] {
            let fits = text.as_ref().is_none_or(|text| is_text(text) && is_line(text));
            found.check(fits, format!("look.{name}"), expected());
        }
        for (name, colour) in [("accent", &look.accent), ("accent_dark", &look.accent_dark)] {
            let fits = colour.as_ref().is_none_or(|colour| is_colour(colour));
            found.check(fits, format!("look.{name}"), "a colour such as #1a73e8");
        }
        let expected =
            format!("a PNG, WebP or SVG as a data: address in Base64, of at most {SITE_LOGO_MAX} characters");
        found.check(look.logo.as_ref().is_none_or(|logo| is_logo(logo)), "look.logo", expected);
        found.0
    }

    /// Every mistake, also in what it names of the catalog in force.
    pub fn mistakes_in(&self, catalog: &Catalog) -> Vec<Mistake> {
        let mut found = Findings(self.mistakes());
        let campaign = self.campaign.as_ref().map(|id| catalog.campaign(id));
        let expected = "the id of a campaign that is in force, for everybody or for this site among others";
        let is_for_it = campaign.is_none_or(|campaign| {
            campaign.is_some_and(|campaign| match &campaign.audience {
                Audience::Site { site } => *site == self.id,
                Audience::Everybody | Audience::Vouchers | Audience::NewWallets { .. } => true,
            })
        });
        found.check(is_for_it, "campaign", expected);
        for (index, level) in self.levels.iter().flatten().enumerate() {
            let expected = "the id of a level that is in force";
            found.check(catalog.level(level).is_some(), format!("levels[{index}]"), expected);
        }
        if let Some(campaign) = campaign.flatten() {
            let pays = catalog.levels.iter().any(|it| self.has_level(&it.id) && campaign.has_level(&it.id));
            found.check(pays, "levels", "at least one level that the campaign pays for");
        }
        found.0
    }

    fn check_origins(&self, found: &mut Findings) {
        let count = (1..=SITE_ORIGINS_MAX).contains(&self.origins.len());
        found.check(count, "origins", format!("1 to {SITE_ORIGINS_MAX} origins"));
        let mut named = BTreeSet::new();
        for (index, origin) in self.origins.iter().enumerate() {
            let field = format!("origins[{index}]");
            let expected = "an origin as browsers write it, such as https://shop.example, in lower case, without a path, a slash at \
                            the end, or the usual port; or http:// with localhost, a name below it, or an address of this machine";
            found.check(is_origin(origin), &field, expected);
            found.check(named.insert(origin), field, "an origin that is not named before");
        }
    }
}

/// Whether that is as long as a name or a line may be, without spaces around it.
fn is_text(text: &str) -> bool {
    (1..=SITE_TEXT_MAX).contains(&text.trim().chars().count()) && text.trim() == text
}

fn is_colour(text: &str) -> bool {
    let is_hexadecimal = |digits: &str| digits.len() == 6 && digits.bytes().all(|it| it.is_ascii_hexdigit());
    text.strip_prefix('#').is_some_and(is_hexadecimal)
}

fn is_logo(text: &str) -> bool {
    let digits = LOGO_KINDS.iter().find_map(|kind| text.strip_prefix(kind));
    text.len() <= SITE_LOGO_MAX && digits.is_some_and(is_base64)
}

/// Whether that is Base64 with its padding (RFC 4648, section 4), of at least one byte.
fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    let padding = text.len().saturating_sub(digits.len());
    !digits.is_empty() && padding <= 2 && text.len().is_multiple_of(4) && digits.bytes().all(is_digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::{SiteLook, SiteMode};

    /// The fields with mistakes of a site that is called so, above whose levels that stands.
    fn wrong(name: &str, title: &str) -> Vec<String> {
        let look =
            SiteLook { title: Some(title.to_owned()), text: Some(title.to_owned()), ..SiteLook::default() };
        let site = Site {
            id: "shop".to_owned(),
            name: name.to_owned(),
            mode: SiteMode::Test,
            origins: vec!["https://shop.example".to_owned()],
            campaign: None,
            levels: None,
            look,
        };
        site.mistakes().into_iter().map(|mistake| mistake.field).collect()
    }

    #[test]
    fn no_site_is_called_what_looks_like_another_one_and_texts_for_visitors_are_spelled_as_their_language_is()
    {
        assert_eq!(wrong("The shop", "می\u{200c}خواهم ❤\u{fe0f}"), [""; 0]);
        assert_eq!(wrong("The sh\u{200d}op", "Play"), ["name"]);
        assert_eq!(wrong("The shop", "Play \u{202e}yalp"), ["look.title", "look.text"]);
        assert_eq!(wrong("The \u{2066}shop", "One\u{2028}two"), ["name", "look.title", "look.text"]);
    }
}
