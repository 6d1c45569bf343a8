//! What the page tells the operator.

use yew::prelude::*;

/// How it is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Something was done.
    Good,
    /// To be known.
    Plain,
    /// Something is wrong.
    Risk,
}

/// A text in a box; what is wrong is said at once by screen readers.
pub(crate) fn notice(tone: Tone, text: &str) -> Html {
    let (class, role) = match tone {
        Tone::Good => ("notice is-done", "status"),
        Tone::Plain => ("notice", "note"),
        Tone::Risk => ("notice is-warning", "alert"),
    };
    html! { <p {class} {role}>{ text }</p> }
}
