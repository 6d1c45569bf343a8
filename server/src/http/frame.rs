//! `/embed/frame`: the player's page inside pages of others, which only those may show whose origins a site has.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::extract::{RawQuery, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use dripline_shared::error::Code;

use super::App;
use super::pages::send;
use super::problem::Refused;
use super::security::PERMISSIONS;
use crate::assets::Asset;

/// The page, among the files; without it the player's page itself is in the frame.
const PAGE: &str = "embed/frame";
/// What the policy of every page says, and that of the frame says otherwise.
const BY_NOBODY: &str = "frame-ancestors 'none'";
/// Pages that are cut off from other origins (COEP) show only frames that say this and the next.
const CROSS_ORIGIN: HeaderValue = HeaderValue::from_static("cross-origin");
/// That the frame itself takes nothing of other origins, which it does not anyway.
const REQUIRE_CORP: HeaderValue = HeaderValue::from_static("require-corp");
/// What the frame may not do besides what no page of ours may, whatever the page around allows it: that one could lie over it, and have the
/// player's key copied by somebody who does not see what is pressed.
const NO_CLIPBOARD: &str = "clipboard-read=(), clipboard-write=()";
/// What a developer reads who looks at the address that a frame stays empty for. Visitors never see it: no page may show it.
const UNKNOWN: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Dripline</title>\
    <h1>There is no such site here</h1>\
    <p>The address of this frame names no site that is registered with this faucet, or one that has ended. Check \
    the <code>site</code> of your widget's tag, or ask whoever runs the faucet.</p></html>\n";

/// The route.
pub(super) fn routes() -> axum::Router<App> {
    axum::Router::new().route("/embed/frame", get(frame))
}

/// The page, for pages of the site's origins and our own, and for no others.
async fn frame(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let named = site_in(query.as_deref().unwrap_or_default());
    let origins = named.map(|site| app.faucet.site_origins(&site)).unwrap_or_default();
    if origins.is_empty() {
        let html = [(CONTENT_TYPE, "text/html; charset=utf-8")];
        return Ok((StatusCode::NOT_FOUND, html, UNKNOWN).into_response());
    }
    let assets = &app.options.assets;
    let page = assets.page(PAGE).or_else(|| assets.index()).ok_or(Code::PageNotBuilt)?;
    let page = shown_by(page, &origins)?;
    let mut response = send(&page, &headers);
    let answer = response.headers_mut();
    answer.insert(HeaderName::from_static("cross-origin-resource-policy"), CROSS_ORIGIN);
    answer.insert(HeaderName::from_static("cross-origin-embedder-policy"), REQUIRE_CORP);
    let permissions =
        HeaderValue::from_str(&format!("{PERMISSIONS}, {NO_CLIPBOARD}")).map_err(|_| Code::Internal)?;
    answer.insert(HeaderName::from_static("permissions-policy"), permissions);
    Ok(response)
}

/// The site that a query names: exactly one, once. Everything else in it is for the page.
fn site_in(query: &str) -> Option<String> {
    let pairs: Vec<(String, String)> =
        axum::extract::Query::try_from_uri(&format!("/?{query}").parse().ok()?)
            .map(|axum::extract::Query(pairs)| pairs)
            .ok()?;
    let mut named = pairs.into_iter().filter(|(name, _)| name == "site").map(|(_, site)| site);
    let site = named.next()?;
    named.next().is_none().then_some(site)
}

/// A page that pages of these origins may show. Its validator is of who may as well: a browser that has it from before asks for the
/// whole of it where that is otherwise.
fn shown_by(page: &Asset, origins: &[String]) -> Result<Asset, Code> {
    let policy = page.policy.as_ref().and_then(|policy| policy.to_str().ok()).ok_or(Code::Internal)?;
    if !policy.contains(BY_NOBODY) {
        return Err(Code::Internal);
    }
    let by = format!("frame-ancestors 'self' {}", origins.join(" "));
    let mut hasher = DefaultHasher::new();
    origins.hash(&mut hasher);
    let tag = page.etag.to_str().unwrap_or_default().trim_end_matches('"');
    let tag = format!("{tag}-{:016x}\"", hasher.finish());
    let header = |text: &str| HeaderValue::from_str(text).map_err(|_| Code::Internal);
    Ok(Asset { policy: Some(header(&policy.replace(BY_NOBODY, &by))?), etag: header(&tag)?, ..page.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_names_a_site_once_or_none() {
        for (query, expected) in [
            ("site=shop", Some("shop")),
            ("level=catch-1&site=shop&theme=dark", Some("shop")),
            ("site=sh%6fp", Some("shop")),
            ("", None),
            ("site=", Some("")),
            ("Site=shop", None),
            ("site=shop&site=other", None),
            ("site=shop&site=shop", None),
            ("site[]=shop", None),
        ] {
            assert_eq!(site_in(query).as_deref(), expected, "{query}");
        }
    }
}
