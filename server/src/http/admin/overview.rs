//! `/admin/v1/overview`: how everything stands, in one body.

use axum::Json;
use axum::extract::State;
use dripline_shared::api::overview::Overview;

use super::GUARDED;
use crate::http::App;
use crate::http::answers::problems;
use crate::http::documented::{Documented, routes};

problems! {
    /// Why it is not shown.
    OverviewProblems: [GUARDED],
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new().routes(routes!(overview))
}

/// How everything stands: what is played, claimed, paid and refused; what is left of budgets and below ceilings; what is owed
/// and what there is; and how the server is. What is counted is what the server that answers has seen since it started.
#[utoipa::path(
    get,
    path = "/admin/v1/overview",
    tag = "operators",
    operation_id = "overview",
    security(("api_key" = []), ("session" = [])),
    responses((status = 200, description = "How it stands.", body = Overview), OverviewProblems),
)]
async fn overview(State(app): State<App>) -> Json<Overview> {
    Json(app.overview().await)
}
