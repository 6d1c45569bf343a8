//! `/api/v1/notices`: what the operator has to tell players.

use axum::Json;
use axum::extract::State;
use dripline_shared::api::Notices;

use super::App;
use super::answers::problems;
use super::documented::{Documented, routes};

problems! {
    /// Why the notices are not shown.
    NoticesProblems: [],
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new().routes(routes!(notices))
}

/// What the operator tells players: terms, where it does not pay, and where more is told.
#[utoipa::path(
    get,
    path = "/api/v1/notices",
    tag = "catalog",
    operation_id = "notices",
    responses((status = 200, description = "What there is to tell.", body = Notices), NoticesProblems),
)]
async fn notices(State(app): State<App>) -> Json<Notices> {
    Json(app.options.notices.clone())
}
