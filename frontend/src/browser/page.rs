//! Facts about the page and its window.

use dripline_shared::time::Timestamp;
use gloo_events::EventListener;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, FocusOptions, HtmlElement, HtmlInputElement, VisibilityState, Window};

/// The window, in which everything here runs.
///
/// # Panics
/// Outside a browser's window: the page runs nowhere else.
pub(crate) fn window() -> Window {
    web_sys::window().expect("the page runs in a window")
}

/// The document.
///
/// # Panics
/// As [`window`].
pub(crate) fn document() -> Document {
    window().document().expect("a window has a document")
}

/// Where this page came from: `https://example.org`. Statements name it.
pub(crate) fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// The site in whose page this one is shown, as the script of the frame says.
pub(crate) fn site() -> Option<String> {
    js_sys::Reflect::get(&window(), &"driplineSite".into()).ok()?.as_string()
}

/// Whether the browser gives this page the cryptography that a player key needs.
pub(crate) fn has_cryptography() -> bool {
    let subtle = window().crypto().map(|crypto| js_sys::Reflect::get(&crypto, &"subtle".into()));
    window().is_secure_context() && matches!(subtle, Ok(Ok(subtle)) if !subtle.is_undefined())
}

/// Whether the browser believes that there is a network.
pub(crate) fn is_online() -> bool {
    window().navigator().on_line()
}

/// Whether the player cannot see the page at the moment.
pub(crate) fn is_hidden() -> bool {
    document().visibility_state() == VisibilityState::Hidden
}

/// Whether a media query holds.
pub(crate) fn matches_media(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|list| list.matches())
}

/// Whether the player asked for less motion.
pub(crate) fn prefers_reduced_motion() -> bool {
    matches_media("(prefers-reduced-motion: reduce)")
}

/// Calls back when a media query begins or ceases to hold.
pub(crate) fn on_media_change(query: &str, callback: impl FnMut() + 'static) -> Option<EventListener> {
    let list = window().match_media(query).ok().flatten()?;
    let mut callback = callback;
    Some(EventListener::new(&list, "change", move |_| callback()))
}

/// The value of a design token, such as `--water`.
pub(crate) fn design_token(name: &str) -> String {
    let root = document().document_element();
    let style = root.and_then(|root| window().get_computed_style(&root).ok().flatten());
    style.and_then(|style| style.get_property_value(name).ok()).unwrap_or_default().trim().to_owned()
}

/// Asks the browser not to throw the page's storage away. Its answer changes nothing for us, so it is not awaited.
pub(crate) fn ask_to_keep_storage() {
    let storage = js_sys::Reflect::get(&window().navigator(), &"storage".into());
    if storage.is_ok_and(|storage| storage.is_object()) {
        let _answer = window().navigator().storage().persist();
    }
}

/// Loads the page anew.
pub(crate) fn reload() {
    // A window that cannot be reloaded is closing.
    let _reloaded = window().location().reload();
}

/// Sets the window's title.
pub(crate) fn set_title(title: &str) {
    document().set_title(title);
}

/// Moves the keyboard's focus to the element with this id, and the element into sight.
pub(crate) fn focus(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        // An element that cannot take the focus leaves it where it was.
        let _focused = element.unchecked_ref::<HtmlElement>().focus();
    }
}

/// Moves the keyboard's focus to what a reference has found, and that into sight.
pub(crate) fn focus_on(reference: &yew::NodeRef) {
    if let Some(element) = reference.cast::<HtmlElement>() {
        // As for `focus`.
        let _focused = element.focus();
    }
}

/// Moves the keyboard's focus to the element with this id, without scrolling.
pub(crate) fn focus_in_place(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        let options = FocusOptions::new();
        options.set_prevent_scroll(true);
        // As for `focus`.
        let _focused = element.unchecked_ref::<HtmlElement>().focus_with_options(&options);
    }
}

/// What is entered in the field with this id; nothing where there is none.
pub(crate) fn field(id: &str) -> String {
    let field = document().get_element_by_id(id);
    field.map(|field| field.unchecked_ref::<HtmlInputElement>().value()).unwrap_or_default()
}

/// Takes `value` out of an address that ends in `#name=value`: it is for this page alone, and not kept in the history.
pub(crate) fn take_fragment(name: &str) -> Option<String> {
    let fragment = window().location().hash().ok()?;
    let value = fragment.strip_prefix('#')?.strip_prefix(name)?.strip_prefix('=')?;
    if let Ok(history) = window().history() {
        // As for `push_path`.
        let _replaced = history.replace_state_with_url(&JsValue::NULL, "", Some(&path()));
    }
    Some(value.to_owned())
}

/// Scrolls to the top.
pub(crate) fn scroll_to_top() {
    window().scroll_to_with_x_and_y(0.0, 0.0);
}

/// The path of the address.
pub(crate) fn path() -> String {
    window().location().pathname().unwrap_or_default()
}

/// Adds a place to the history of the window.
pub(crate) fn push_path(path: &str) {
    if let Ok(history) = window().history() {
        // Refused only where the address is of another origin, which ours never is.
        let _pushed = history.push_state_with_url(&JsValue::NULL, "", Some(path));
    }
}

/// The tag of the browser's language: `en-GB`.
pub(crate) fn language() -> String {
    window().navigator().language().unwrap_or_default()
}

/// Marks the document as showing a round in play, so that its surroundings can stand back.
pub(crate) fn mark_playing(is_playing: bool) {
    if let Some(root) = document().document_element() {
        // Refused only for names that are no names.
        let _marked = root.toggle_attribute_with_force("data-playing", is_playing);
    }
}

/// A moment as the player's calendar and clock say it: `31 Jan, 23:59`.
pub(crate) fn local_moment(moment: Timestamp) -> String {
    let options = js_sys::Object::new();
    for (name, value) in [("day", "numeric"), ("month", "short"), ("hour", "2-digit"), ("minute", "2-digit")]
    {
        // A plain object takes any field.
        let _set = js_sys::Reflect::set(&options, &name.into(), &value.into());
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds since 1970 stay below 2^53 for 280,000 years"
    )]
    let date = js_sys::Date::new(&JsValue::from_f64(moment.0 as f64));
    String::from(date.to_locale_string(&language(), &options))
}
