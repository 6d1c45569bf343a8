//! A line to type something into that is read when it is needed.

use web_sys::HtmlInputElement;
use yew::prelude::*;

/// The field with its label. What is an example of what may be in it is seen while it is empty.
pub(crate) fn text_field(
    id: &'static str,
    label: &'static str,
    field: &NodeRef,
    maxlength: &'static str,
    placeholder: Option<&'static str>,
    is_required: bool,
) -> Html {
    html! {
        <span class="setting">
            <label for={id}>{ label }</label>
            <input {id} ref={field.clone()} type="text" {maxlength} {placeholder} required={is_required} autocomplete="off" />
        </span>
    }
}

/// What is in it.
pub(crate) fn text_of(field: &NodeRef) -> String {
    field.cast::<HtmlInputElement>().map(|field| field.value()).unwrap_or_default()
}
