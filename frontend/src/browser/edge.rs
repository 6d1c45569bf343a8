//! The edge of the page: the only place that reads a clock or draws random bytes.
#![expect(clippy::disallowed_methods, reason = "this is the edge that the other modules are told to use")]

use dripline_shared::time::Timestamp;
use js_sys::Uint8Array;

/// This machine's idea of the time. May be wrong, and jumps when it is put right: see [`steady_clock`].
pub(crate) fn wall_clock() -> Timestamp {
    moment(js_sys::Date::now())
}

/// What [`wall_clock`] told when the page was loaded, and the time that has passed since. It may be wrong, but it never
/// jumps: only differences to the server's clock are used. Some browsers let it stand while the machine sleeps.
pub(crate) fn steady_clock() -> Timestamp {
    let performance = web_sys::window().and_then(|window| window.performance());
    performance.map_or_else(wall_clock, |performance| moment(performance.time_origin() + performance.now()))
}

fn moment(since_1970_ms: f64) -> Timestamp {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number of milliseconds, with a fraction; below zero it saturates"
    )]
    Timestamp(since_1970_ms as u64)
}

/// Random bytes of the browser's cryptographic generator; `None` where there is none.
pub(crate) fn random<const N: usize>() -> Option<[u8; N]> {
    let array = Uint8Array::new_with_length(u32::try_from(N).ok()?);
    let crypto = web_sys::window()?.crypto().ok()?;
    crypto.get_random_values_with_array_buffer_view(&array).ok()?;
    let mut bytes = [0; N];
    array.copy_to(&mut bytes);
    Some(bytes)
}
