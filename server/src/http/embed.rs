//! What of the files in `embed/` is for pages of other origins: the loader, and the word on which one there is.
//!
//! Their pages load it as a script, with its digest or without, and also where they take nothing from others that does not
//! say that it is for them (`Cross-Origin-Embedder-Policy: require-corp`).

use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// How the names of the loader's files begin: `v1.js`, `v1.<digest>.js`, `v1.json`.
const LOADER: &str = "embed/v1.";
/// The loader's place stays, and what is there changes with the faucet: within minutes everywhere.
const FOR_MINUTES: HeaderValue = HeaderValue::from_static("public, max-age=300");
/// Says to whom an answer may be given.
pub(super) const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Says of a file at this place, without its leading `/`, that it is for pages of other origins, if it is.
pub(super) fn open_to_others(place: &str, is_immutable: bool, headers: &mut HeaderMap) {
    if !place.starts_with(LOADER) {
        return;
    }
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    if !is_immutable {
        headers.insert(CACHE_CONTROL, FOR_MINUTES);
    }
}
