//! A text to take along: a secret that is shown once, a link.

use wasm_bindgen_futures::JsFuture;
use yew::platform::spawn_local;
use yew::prelude::*;

use super::{button, piece};

#[derive(PartialEq)]
struct CopyProps {
    /// The text.
    text: String,
    /// What it is.
    label: &'static str,
}

/// A text with a button that copies it.
pub(crate) fn copy(text: String, label: &'static str) -> Html {
    piece!(use_copy, label, CopyProps { text, label })
}

#[hook]
fn use_copy(props: &CopyProps) -> Html {
    let told = use_state(|| "Copy");
    let press = {
        let (text, told) = (props.text.clone(), told.clone());
        Callback::from(move |()| {
            let (text, told) = (text.clone(), told.clone());
            spawn_local(async move {
                let clipboard = web_sys::window().map(|window| window.navigator().clipboard());
                let copied = match clipboard {
                    Some(clipboard) => JsFuture::from(clipboard.write_text(&text)).await.is_ok(),
                    None => false,
                };
                told.set(if copied { "Copied" } else { "Select it and copy it" });
            });
        })
    };
    html! {
        <div class="copy">
            <code class="copy-text" tabindex="0" aria-label={props.label}>{ &props.text }</code>
            { button(*told, false, press) }
        </div>
    }
}
