//! `/problems/{code}`: what a problem's `type` refers to, so that following it explains the code.

use axum::Router;
use axum::routing::get;
use dripline_shared::error::Code;

use super::parameter::Place;
use super::problem::Refused;

/// The routes.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/problems/{code}", get(explain))
}

async fn explain(Place(text): Place<String>) -> Result<String, Refused> {
    let code = Code::ALL.iter().find(|code| code.as_str() == text).ok_or(Code::NotFound)?;
    Ok(format!("{} (HTTP status {})\n\n{}.\n", code.as_str(), code.status(), code.title()))
}
