//! The time until a moment.

use dripline_shared::time::Timestamp;

use crate::components::element::{Element, text};
use crate::format::{countdown, fill};
use crate::locales::texts;

/// "in 4:05" as seen at `now`, and "now" from the moment on.
pub(crate) fn remaining(until: Timestamp, now: Timestamp) -> Element {
    let left_ms = until.since(now);
    if left_ms == 0 {
        text("span", "remaining", texts().now)
    } else {
        text("span", "remaining", &fill(texts().in_time, &[("time", &countdown(left_ms))]))
    }
}
