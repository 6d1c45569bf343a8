//! Handing texts to the player: downloads and the clipboard.

use gloo_timers::callback::Timeout;
use js_sys::Array;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// How long a text is there to be saved, in milliseconds.
const KEPT_MS: u32 = 60_000;

/// Offers a text as a file to be saved. Returns whether the browser took it.
pub(crate) fn download(name: &str, text: &str) -> bool {
    let offer = || -> Option<()> {
        let kind = BlobPropertyBag::new();
        kind.set_type("text/plain");
        let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &kind).ok()?;
        let address = Url::create_object_url_with_blob(&blob).ok()?;
        let link: HtmlAnchorElement =
            web_sys::window()?.document()?.create_element("a").ok()?.unchecked_into();
        link.set_href(&address);
        link.set_download(name);
        link.click();
        // Only once the browser has read it for certain: the click is all that has happened by now, and whoever asks where
        // to save a file asks first.
        Timeout::new(KEPT_MS, move || {
            // Refused for none: an address that is none is passed over.
            let _revoked = Url::revoke_object_url(&address);
        })
        .forget();
        Some(())
    };
    offer().is_some()
}

/// Copies a text. Returns whether the browser did.
pub(crate) async fn copy(text: &str) -> bool {
    let Some(window) = web_sys::window() else { return false };
    JsFuture::from(window.navigator().clipboard().write_text(text)).await.is_ok()
}
