//! The time until a moment, counted down.

use dripline_shared::time::Timestamp;
use yew::prelude::*;

use crate::api::Api;
use crate::format::{countdown, fill};
use crate::hooks::now::use_now;
use crate::locales::texts;

/// Until when.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// Tells the server's time.
    pub(crate) api: Api,
    /// The moment.
    pub(crate) until: Timestamp,
}

/// "in 4:05", and "now" from then on.
#[function_component]
pub(crate) fn Remaining(props: &Props) -> Html {
    let left_ms = props.until.since(use_now(&props.api, 1_000));
    let text = if left_ms == 0 {
        texts().now.to_owned()
    } else {
        fill(texts().in_time, &[("time", &countdown(left_ms))])
    };
    html! { <span class="remaining">{ text }</span> }
}
