//! `/admin/v1/alerts`: what somebody should look at.

use axum::Json;
use axum::extract::State;
use dripline_shared::api::alert::AlertList;

use super::GUARDED;
use crate::http::App;
use crate::http::answers::problems;
use crate::http::documented::{Documented, routes};
use crate::http::problem::Refused;

problems! {
    /// Why alerts are not shown.
    AlertProblems: [GUARDED],
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new().routes(routes!(alerts))
}

/// Alerts that are on, and the last 100 that are over. It is looked every half minute what is the matter.
#[utoipa::path(
    get,
    path = "/admin/v1/alerts",
    tag = "operators",
    operation_id = "alerts",
    security(("api_key" = []), ("session" = [])),
    responses((status = 200, description = "The alerts.", body = AlertList), AlertProblems),
)]
async fn alerts(State(app): State<App>) -> Result<Json<AlertList>, Refused> {
    Ok(Json(app.faucet.alerts().await?))
}
