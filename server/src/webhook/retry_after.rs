//! When a receiver wants to be asked again. Pure.

use std::time::{Duration, UNIX_EPOCH};

use dripline_shared::time::{SECOND_MS, Timestamp};

/// What the header `Retry-After` says, in milliseconds: a number of seconds, or a moment by HTTP. `None` where it says
/// neither.
pub(crate) fn retry_after(text: &str, now: Timestamp) -> Option<u64> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.parse().unwrap_or(u64::MAX).saturating_mul(SECOND_MS));
    }
    let moment = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
    u64::try_from(moment.checked_sub(Duration::from_millis(now.0)).unwrap_or_default().as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(784_111_777_000);

    #[test]
    fn it_is_a_number_of_seconds_or_a_moment_by_http() {
        for (text, wanted) in [
            ("2", Some(2_000)),
            (" 120 ", Some(120_000)),
            ("0", Some(0)),
            ("99999999999999999999999", Some(u64::MAX)),
            // RFC 9110's own example, 12 seconds later.
            ("Sun, 06 Nov 1994 08:49:49 GMT", Some(12_000)),
            ("Sun, 06 Nov 1994 08:49:30 GMT", Some(0)),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
        ] {
            assert_eq!(retry_after(text, NOW), wanted, "{text}");
        }
    }
}
