//! The picture of a site: chosen as a file, kept as its `data:` address.

use js_sys::{Function, Promise};
use serde_json::{Value, json};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, FileReader, HtmlInputElement};
use yew::platform::spawn_local;
use yew::prelude::*;

use crate::components::button;

/// Where it is in a site.
pub(super) const LOGO: &str = "look.logo";

/// The field. Its picture is seen as soon as it is chosen.
pub(super) fn logo(
    picture: Option<&String>,
    mistake: Option<String>,
    is_fixed: bool,
    changed: &Callback<(String, Value)>,
) -> Html {
    let choose = {
        let changed = changed.clone();
        Callback::from(move |event: Event| {
            let files = event.target_unchecked_into::<HtmlInputElement>().files();
            let Some(file) = files.and_then(|files| files.get(0)) else { return };
            let changed = changed.clone();
            spawn_local(async move {
                if let Some(address) = address(&file).await {
                    changed.emit((LOGO.to_owned(), json!(address)));
                }
            });
        })
    };
    let remove = changed.reform(|()| (LOGO.to_owned(), Value::Null));
    // What the rules refuse may be no picture.
    let seen = picture.filter(|_| mistake.is_none());
    html! {
        <div class="setting">
            if let Some(picture) = seen {
                <img class="logo" src={picture.clone()} alt="The logo" />
            }
            if !is_fixed {
                <label for="logo">{ "Logo" }</label>
                // Another field once it is empty again, for this one goes on naming the file.
                <input key={picture.is_none().to_string()} id="logo" type="file" accept="image/png,image/webp,image/svg+xml" onchange={choose} aria-describedby="logo-hint" />
                if picture.is_some() {
                    { button("Without a logo", false, remove) }
                }
                <span id="logo-hint" class="quiet">{ "PNG, WebP or SVG, up to 17 KB." }</span>
            }
            if let Some(mistake) = mistake {
                <span class="setting-mistake" role="alert">{ mistake }</span>
            }
        </div>
    }
}

/// A file as a `data:` address; `None` where it cannot be read.
async fn address(file: &Blob) -> Option<String> {
    let reader = FileReader::new().ok()?;
    let read = Promise::new(&mut |done: Function, _| reader.set_onloadend(Some(&done)));
    reader.read_as_data_url(file).ok()?;
    JsFuture::from(read).await.ok()?;
    reader.result().ok().as_ref().and_then(JsValue::as_string)
}
