//! One to three stars.

use crate::components::element::{Element, Name, element};
use crate::components::icon::{Icon, icon};
use crate::format::fill;
use crate::locales::texts;

/// The stars reached, of three.
#[inline(never)]
pub(crate) fn stars(count: u8) -> Element {
    let label = fill(texts().stars_of_three, &[("count", &count.to_string())]);
    let mut stars = element("span", "stars").attribute(Name::Role, "img").attribute(Name::AriaLabel, &label);
    for star in 1..=3_u8 {
        stars
            .push(element("span", if star <= count { "star is-lit" } else { "star" }).with(icon(Icon::Star)));
    }
    stars
}

/// The place of the stars where it is not known how many were reached.
pub(crate) fn stars_unknown() -> Element {
    stars(0).attribute(Name::AriaLabel, texts().stars_unknown)
}
