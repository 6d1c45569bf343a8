//! What is behind a line that opens it, and is only built once it is open.

use web_sys::HtmlDetailsElement;
use yew::prelude::*;

/// Whether a `details` element is open, and what it calls when that changes.
#[hook]
pub(crate) fn use_fold() -> (bool, Callback<Event>) {
    let is_open = use_state(|| false);
    let toggle = {
        let is_open = is_open.clone();
        Callback::from(move |event: Event| {
            is_open.set(event.target_unchecked_into::<HtmlDetailsElement>().open());
        })
    };
    (*is_open, toggle)
}
