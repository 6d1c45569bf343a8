//! `/problems/{code}`: what a problem's `type` refers to, so that following it explains the code.

use axum::Router;
use axum::extract::RawPathParams;
use axum::routing::get;
use dripline_shared::error::Code;

use super::parameter::{FromPath, Place};
use super::problem::Refused;

/// The routes.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/problems/{code}", get(explain))
}

impl FromPath for Code {
    fn from_path(parts: &RawPathParams) -> Result<Self, Refused> {
        let text = parts.iter().next().map_or("", |(_, text)| text);
        Self::ALL.iter().find(|code| code.as_str() == text).copied().ok_or_else(|| Self::NotFound.into())
    }
}

async fn explain(Place(code): Place<Code>) -> String {
    format!("{} (HTTP status {})\n\n{}.\n", code.as_str(), code.status(), code.title())
}
