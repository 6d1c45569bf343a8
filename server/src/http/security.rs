//! Security headers: on every answer, whatever it is.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

/// What an answer may do that is not a page: nothing.
const NOTHING: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'");

/// What no page of ours ever needs of a device.
pub(super) const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), \
     microphone=(), midi=(), payment=(), usb=()";

/// The same for every answer that does not bring its own. The content security policy is apart: every page brings its own.
const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("permissions-policy"), HeaderValue::from_static(PERMISSIONS)),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// Puts them on an answer.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    add(response.headers_mut());
    response
}

/// Has a browser that came by an encrypted connection come by none other for so many seconds: a year.
const STRICT: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Whether a browser that asked this host is to come by encrypted connections alone: browsers would take that of `localhost`
/// to be said of every program on the machine, and of addresses they do not take it.
pub(super) fn is_strict(host: Option<&HeaderValue>) -> bool {
    let Some(authority) = host.and_then(|host| host.to_str().ok()?.parse::<Authority>().ok()) else {
        return false;
    };
    let host = authority.host().trim_matches(['[', ']']);
    host.contains('.') && !host.ends_with(".localhost") && host.parse::<IpAddr>().is_err()
}

/// Says so on an answer.
pub(super) fn strict(headers: &mut HeaderMap) {
    headers.insert(STRICT_TRANSPORT_SECURITY, STRICT);
}

fn add(headers: &mut HeaderMap) {
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(NOTHING);
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_others_reach_are_told_to_be_encrypted_for_ever_and_those_of_this_machine_are_not() {
        for (host, expected) in [
            ("play.example", true),
            ("play.example:8443", true),
            ("localhost", false),
            ("localhost:8443", false),
            ("play.localhost", false),
            ("127.0.0.1:8443", false),
            ("[::1]:8443", false),
            ("[2001:db8::1]", false),
            ("", false),
            ("not a host", false),
        ] {
            assert_eq!(is_strict(Some(&HeaderValue::from_str(host).unwrap())), expected, "{host}");
        }
        assert!(!is_strict(None));
    }
}
