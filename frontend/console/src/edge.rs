//! The edge of the page: the only place that reads the clock and asks for randomness.
#![expect(clippy::disallowed_methods, reason = "this is the edge that the other modules are told to use")]

use dripline_shared::time::Timestamp;
use js_sys::{Date, Object, Reflect};
use wasm_bindgen::JsValue;

/// This machine's idea of the time.
pub(crate) fn now() -> Timestamp {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number of milliseconds, with a fraction; below zero it saturates"
    )]
    Timestamp(Date::now() as u64)
}

/// Random bytes of the browser's cryptographic generator; `None` where there is none, as in no browser that has passkeys.
pub(crate) fn random() -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    web_sys::window()?.crypto().ok()?.get_random_values_with_u8_array(&mut bytes).ok()?;
    Some(bytes)
}

/// A moment as people here write it: day and time of day.
pub(crate) fn moment(at: Timestamp) -> String {
    localized(at, &[("dateStyle", "medium"), ("timeStyle", "short")])
}

/// A moment to the second.
pub(crate) fn second(at: Timestamp) -> String {
    localized(at, &[("dateStyle", "medium"), ("timeStyle", "medium")])
}

/// The time of day of a moment.
pub(crate) fn time_of_day(at: Timestamp) -> String {
    localized(at, &[("timeStyle", "short")])
}

/// A day by UTC as people here write it.
pub(crate) fn day(at: Timestamp) -> String {
    localized(at, &[("dateStyle", "medium"), ("timeZone", "UTC")])
}

/// When the day of this place begins that has the date of a day by UTC, in seconds since 1970: there a chart shows that date.
pub(crate) fn day_in_chart(at: Timestamp) -> f64 {
    let utc = date(at);
    utc.get_time() / 1000.0 + utc.get_timezone_offset() * 60.0
}

fn localized(at: Timestamp, settings: &[(&str, &str)]) -> String {
    let options = Object::new();
    for (name, value) in settings {
        // Setting a field of a fresh object cannot fail.
        let _ = Reflect::set(&options, &JsValue::from_str(name), &JsValue::from_str(value));
    }
    date(at).to_locale_string("default", &options).into()
}

fn date(at: Timestamp) -> Date {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
    Date::new(&JsValue::from_f64(at.0 as f64))
}

/// A moment as a field of the kind `datetime-local` has it, in the time of this place: `2026-05-01T12:00`.
pub(crate) fn local_input(at: Timestamp) -> String {
    let date = date(at);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}",
        date.get_full_year(),
        date.get_month().saturating_add(1),
        date.get_date(),
        date.get_hours(),
        date.get_minutes()
    )
}

/// The moment that such a field means; `None` where it is empty or no moment.
pub(crate) fn from_local_input(text: &str) -> Option<Timestamp> {
    let milliseconds = Date::new(&JsValue::from_str(text)).get_time();
    if text.is_empty() || !milliseconds.is_finite() || milliseconds < 0.0 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
    Some(Timestamp(milliseconds as u64))
}
