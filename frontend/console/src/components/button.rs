//! Buttons.

use yew::prelude::*;

/// A small button.
pub(crate) fn button(name: &'static str, is_off: bool, press: Callback<()>) -> Html {
    opener(name, is_off, None, press)
}

/// A small button; of one that opens something, whether that is open.
pub(crate) fn opener(name: &'static str, is_off: bool, is_open: Option<bool>, press: Callback<()>) -> Html {
    html! {
        <button type="button" class="button is-quiet is-small" disabled={is_off}
            aria-expanded={is_open.map(|is_open| if is_open { "true" } else { "false" })}
            onclick={pressed(press)}>{ name }</button>
    }
}

/// A button that looks like a link.
pub(crate) fn link(text: Html, press: Callback<()>) -> Html {
    html! { <button type="button" class="link" onclick={pressed(press)}>{ text }</button> }
}

fn pressed(press: Callback<()>) -> Callback<MouseEvent> {
    Callback::from(move |_: MouseEvent| press.emit(()))
}
