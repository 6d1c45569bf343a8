//! What a browser accepts: which compressed form, and whether a page.

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, ACCEPT_ENCODING};

/// The compressed forms that a client accepts (RFC 9110, section 12.5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// Brotli.
    pub(crate) brotli: bool,
    /// gzip.
    pub(crate) gzip: bool,
}

impl Accepted {
    /// As the request says. Without the header, only the plain form is safe.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        Self { brotli: accepts(headers, "br"), gzip: accepts(headers, "gzip") }
    }
}

/// Whether `coding` is accepted: named with a weight above 0, or meant by `*` and not named.
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let mut any = false;
    for element in elements(headers, &ACCEPT_ENCODING) {
        let (name, parameters) = element.split_once(';').unwrap_or((element, ""));
        let name = name.trim();
        let accepted = !is_weight_zero(parameters);
        if name.eq_ignore_ascii_case(coding) {
            return accepted;
        }
        if name == "*" {
            any = accepted;
        }
    }
    any
}

/// Whether parameters say `q=0`, `q=0.0` and so on: not acceptable at all.
fn is_weight_zero(parameters: &str) -> bool {
    parameters.split(';').any(|parameter| {
        parameter.split_once('=').is_some_and(|(name, weight)| {
            let weight = weight.trim();
            name.trim().eq_ignore_ascii_case("q")
                && weight.starts_with('0')
                && weight.bytes().all(|byte| byte == b'0' || byte == b'.')
        })
    })
}

/// Whether a page would do: `explicitly` asks for HTML to be named, else `*/*` and no header at all do as well.
pub(crate) fn accepts_html(headers: &HeaderMap, explicitly: bool) -> bool {
    if !headers.contains_key(ACCEPT) {
        return !explicitly;
    }
    elements(headers, &ACCEPT).any(|element| {
        let media_type = element.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        matches!(media_type.as_str(), "text/html" | "text/*") || (media_type == "*/*" && !explicitly)
    })
}

/// The elements of a header that is a list.
fn elements<'a>(
    headers: &'a HeaderMap,
    name: &axum::http::HeaderName,
) -> impl Iterator<Item = &'a str> + use<'a> {
    headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: axum::http::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn compressed_forms_are_sent_only_to_those_who_accept_them() {
        for (value, brotli, gzip) in [
            ("gzip, deflate, br, zstd", true, true),
            ("gzip", false, true),
            ("BR;q=1.0", true, false),
            ("br;q=0, gzip;q=0.5", false, true),
            ("br;q=0.000", false, false),
            ("br; Q=0.001", true, false),
            ("*", true, true),
            ("*;q=0", false, false),
            ("*, br;q=0", false, true),
            ("identity", false, false),
            ("brotli, xgzip", false, false),
            ("", false, false),
        ] {
            assert_eq!(
                Accepted::of(&headers(ACCEPT_ENCODING, value)),
                Accepted { brotli, gzip },
                "{value:?}"
            );
        }
        assert_eq!(Accepted::of(&HeaderMap::new()), Accepted { brotli: false, gzip: false });
    }

    #[test]
    fn pages_are_for_those_who_accept_html() {
        for (value, somehow, explicitly) in [
            ("text/html,application/xhtml+xml,*/*;q=0.8", true, true),
            ("TEXT/HTML;q=0.9", true, true),
            ("*/*", true, false),
            ("application/json", false, false),
            ("image/avif,image/webp", false, false),
        ] {
            assert_eq!(accepts_html(&headers(ACCEPT, value), false), somehow, "{value}");
            assert_eq!(accepts_html(&headers(ACCEPT, value), true), explicitly, "{value}");
        }
        assert!(accepts_html(&HeaderMap::new(), false));
        assert!(!accepts_html(&HeaderMap::new(), true));
    }
}
