//! The player's page, those beside it, and their files: everything that no route of the API answers.

use std::path::Path;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};
use dripline_shared::error::Code;
use tokio::task::spawn_blocking;

use super::problem::Refused;
use super::{App, embed};
use crate::assets::{Accepted, Asset, Kept, accepts_html};

/// For files whose names change with their content.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// For the others: may be kept, but asked about each time.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");
/// Where the operators' page is, and the one that it has in a frame.
const CONSOLE: [&str; 2] = ["console", "console/watch"];
/// Below these, an address that is not known is not a page.
const NO_PAGES_BELOW: [&str; 5] = ["api", "admin", ".well-known", "problems", "embed"];
/// What a person sees whose server has no pages inside.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Dripline</title>\
    <h1>This server was built without its pages</h1>\
    <p>Build it with <code>cargo xtask build</code>, or start it with <code>cargo xtask run</code>. \
    Its API works: see <a href=\"/api/docs\">/api/docs</a>.</p></html>\n";

/// Answers what no route matched of those that operators have on a listener of their own: with the console and its files.
pub(super) async fn console(State(app): State<App>, request: Request) -> Result<Response, Refused> {
    let place = request.uri().path().trim_start_matches('/');
    let file = match place {
        _ if CONSOLE.contains(&place) => app.options.assets.page(place),
        // Other pages are none of theirs.
        _ if Path::new(place).extension().is_some_and(|it| it == "html") => None,
        _ => app.options.assets.get(place),
    };
    let asset = file.ok_or(Code::NotFound)?;
    if is_read(request.method()) { Ok(send(asset, request.headers())) } else { Ok(not_read()) }
}

/// Whether a page or a file may be asked for like this.
fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

fn not_read() -> Response {
    let mut refused = Refused::from(Code::MethodNotAllowed).into_response();
    refused.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    refused
}

/// Answers what no route matched.
pub(super) async fn fallback(State(app): State<App>, request: Request) -> Result<Response, Refused> {
    let (request, _) = request.into_parts();
    let (path, headers) = (request.uri.path(), &request.headers);
    let place = path.trim_start_matches('/');
    if CONSOLE.contains(&place) && !app.options.serves_admin {
        return Err(Code::NotFound.into());
    }
    let older = if app.options.assets.get(place).is_none() { older(&app, place).await } else { None };
    let file = app.options.assets.get(place).or_else(|| app.options.assets.page(place)).or(older.as_ref());
    let page_wanted = is_page_route(&request.uri) && accepts_html(headers, false);
    if file.is_none() && !page_wanted {
        return Err(Code::NotFound.into());
    }
    if !is_read(&request.method) {
        return Ok(not_read());
    }
    match file.or_else(|| app.options.assets.index()) {
        Some(asset) => {
            let mut response = send(asset, headers);
            embed::allow(place, asset.immutable, response.headers_mut());
            Ok(response)
        }
        None if accepts_html(headers, true) => Ok((StatusCode::NOT_FOUND, Html(NOT_BUILT)).into_response()),
        None => Err(Code::PageNotBuilt.into()),
    }
}

/// A loader or a bridge that a page of others still names, of a release that is past or that only another server has yet.
async fn older(app: &App, place: &str) -> Option<Asset> {
    let kept = app.options.kept.clone().filter(|_| Kept::may_have(place))?;
    let place = place.to_owned();
    spawn_blocking(move || kept.read(&place)).await.ok().flatten()
}

/// Answers a method that a known address does not have.
pub(super) async fn method_not_allowed() -> Refused {
    Code::MethodNotAllowed.into()
}

/// Whether the player's page, which routes by itself, may know an address: no file, and nothing of the API.
fn is_page_route(uri: &Uri) -> bool {
    let mut parts = uri.path().trim_start_matches('/').split('/');
    let is_below = parts.next().is_some_and(|first| NO_PAGES_BELOW.contains(&first));
    !is_below && !uri.path().contains('.')
}

/// A file in the smallest form that the client accepts; nothing where the client has it already.
pub(super) fn send(asset: &Asset, headers: &HeaderMap) -> Response {
    let mut response = Response::new(Body::empty());
    let answer = response.headers_mut();
    answer.insert(ETAG, asset.etag.clone());
    answer.insert(CACHE_CONTROL, if asset.immutable { FOR_EVER } else { REVALIDATE });
    answer.insert(VARY, HeaderValue::from(ACCEPT_ENCODING));
    if let Some(policy) = &asset.policy {
        answer.insert(CONTENT_SECURITY_POLICY, policy.clone());
    }
    if is_known(asset, headers) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    answer.insert(CONTENT_TYPE, asset.content_type.clone());
    let (form, encoding) = smallest(asset, Accepted::of(headers));
    if let Some(encoding) = encoding {
        answer.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    *response.body_mut() = Body::from(form);
    response
}

/// Whether `If-None-Match` names what there is.
fn is_known(asset: &Asset, headers: &HeaderMap) -> bool {
    let strong = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let current = asset.etag.to_str().map(strong).unwrap_or_default();
    headers
        .get_all(IF_NONE_MATCH)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .any(|tags| tags.trim() == "*" || tags.split(',').any(|tag| strong(tag) == current))
}

fn smallest(asset: &Asset, accepted: Accepted) -> (Bytes, Option<&'static str>) {
    match (&asset.brotli, &asset.gzip) {
        (Some(form), _) if accepted.brotli => (form.clone(), Some("br")),
        (_, Some(form)) if accepted.gzip => (form.clone(), Some("gzip")),
        _ => (asset.plain.clone(), None),
    }
}
