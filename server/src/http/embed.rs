//! What the files in `embed/` may that no others may: the loader, and the word on which one there is, are for pages of other
//! origins, and the playground shows a frame of our own.
//!
//! Their pages load it as a script, with its digest or without, and also where they take nothing from others that does not
//! say that it is for them (`Cross-Origin-Embedder-Policy: require-corp`).

use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// How the names of the loader's files begin: `v1.js`, `v1.<digest>.js`, `v1.json`.
const LOADER: &str = "embed/v1.";
/// The loader's place stays, and what is there changes with the faucet: within minutes everywhere.
const FOR_MINUTES: HeaderValue = HeaderValue::from_static("public, max-age=300");
/// Says to whom an answer may be given.
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The page where the widget is tried out.
const PLAYGROUND: &str = "embed/playground";

/// Says of the file at this place, without its leading `/`, what it may.
pub(super) fn allow(place: &str, is_immutable: bool, headers: &mut HeaderMap) {
    if place == PLAYGROUND
        && let Some(policy) = headers.get(CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok())
        && let Ok(policy) = HeaderValue::from_str(&format!("{policy}; frame-src 'self'"))
    {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    if !place.starts_with(LOADER) {
        return;
    }
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    if !is_immutable {
        headers.insert(CACHE_CONTROL, FOR_MINUTES);
    }
}
