//! Something that the player should know.

use crate::components::element::{Element, Name, element, text};
use crate::components::icon::{Icon, icon};

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Good to know.
    Calm,
    /// To be acted on.
    Warning,
}

/// A notice with what can be done about it. It is found where it stands, and not announced: what counts down in it would
/// be announced again and again.
#[inline(never)]
pub(crate) fn notice(weight: Weight, title: &str, content: Vec<Element>) -> Element {
    around(weight, text("strong", "", title), content)
}

/// A notice that answers what the player just did: a screen reader says its title, once, as it appears.
#[inline(never)]
pub(crate) fn answer(weight: Weight, title: &str, content: Vec<Element>) -> Element {
    around(weight, text("strong", "", title).attribute(Name::Role, "alert"), content)
}

fn around(weight: Weight, title: Element, content: Vec<Element>) -> Element {
    let (class, picture) = match weight {
        Weight::Calm => ("notice", Icon::Drop),
        Weight::Warning => ("notice is-warning", Icon::Warning),
    };
    let words = element("div", "notice-text").with(title).group(content);
    element("div", class).with(icon(picture)).with(words)
}
