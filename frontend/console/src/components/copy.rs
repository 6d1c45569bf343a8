//! A text to take along: a secret that is shown once, a link.

use wasm_bindgen_futures::JsFuture;
use yew::platform::spawn_local;
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub(crate) struct CopyProps {
    /// The text.
    pub(crate) text: AttrValue,
    /// What it is.
    pub(crate) label: AttrValue,
}

/// A text with a button that copies it.
#[component]
pub(crate) fn Copy(props: &CopyProps) -> Html {
    let told = use_state(|| "Copy");
    let press = {
        let (text, told) = (props.text.clone(), told.clone());
        Callback::from(move |_: MouseEvent| {
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
            <code class="copy-text" tabindex="0" aria-label={props.label.clone()}>{ &props.text }</code>
            <button type="button" class="button is-quiet is-small" onclick={press}>{ *told }</button>
        </div>
    }
}
