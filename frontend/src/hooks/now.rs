//! The server's time, told again and again: for what is counted down.

use dripline_shared::time::Timestamp;
use gloo_timers::callback::Interval;
use yew::prelude::*;

use crate::api::Api;

/// The server's time. The component is rendered again every `interval_ms` milliseconds.
#[hook]
pub(crate) fn use_now(api: &Api, interval_ms: u32) -> Timestamp {
    let update = use_force_update();
    use_effect_with(interval_ms, move |interval_ms| {
        let interval = Interval::new(*interval_ms, move || update.force_update());
        move || drop(interval)
    });
    api.now()
}
