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

/// A notice with what can be done about it.
#[inline(never)]
pub(crate) fn notice(weight: Weight, title: &str, content: Vec<Element>) -> Element {
    let (class, picture) = match weight {
        Weight::Calm => ("notice", Icon::Drop),
        Weight::Warning => ("notice is-warning", Icon::Warning),
    };
    let words = element("div", "notice-text").with(text("strong", "", title)).group(content);
    element("div", class).attribute(Name::Role, "status").with(icon(picture)).with(words)
}
