//! Something that the player should know.

use yew::prelude::*;

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
pub(crate) fn notice(weight: Weight, title: &str, content: Html) -> Html {
    let (class, picture) = match weight {
        Weight::Calm => ("notice", Icon::Drop),
        Weight::Warning => ("notice is-warning", Icon::Warning),
    };
    html! {
        <div {class} role="status">
            { icon(picture) }
            <div class="notice-text">
                <strong>{ title }</strong>
                { content }
            </div>
        </div>
    }
}
