//! `/admin/v1/emergency`: what is stopped at once.

use axum::Json;
use axum::extract::State;
use dripline_shared::api::operate::payouts::{EmergencyRequest, EmergencyStops};

use super::guard::Access;
use super::{ADMIN_BYTES_MAX, GUARDED, GUARDED_CHANGES};
use crate::http::App;
use crate::http::answers::{CHANGES, JSON, problems};
use crate::http::body::JsonBody;
use crate::http::documented::{Documented, routes};
use crate::http::problem::Refused;

problems! {
    /// Why it is not shown what is stopped.
    SeeProblems: [GUARDED],
}
problems! {
    /// Why nothing was stopped, or let run.
    StopProblems: [GUARDED, GUARDED_CHANGES, JSON, CHANGES],
    StoppedByFile,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new().routes(routes!(see, stop))
}

/// All that is stopped, here and by the configuration.
#[utoipa::path(
    get,
    path = "/admin/v1/emergency",
    tag = "operators",
    operation_id = "emergency",
    security(("api_key" = []), ("session" = [])),
    responses((status = 200, description = "What is stopped.", body = EmergencyStops), SeeProblems),
)]
async fn see(State(app): State<App>) -> Result<Json<EmergencyStops>, Refused> {
    Ok(Json(app.faucet.stops().await?))
}

/// Stops a game, a level, a campaign or a rail, or lets it run again: at once here, and within a second on other servers.
#[utoipa::path(
    post,
    path = "/admin/v1/emergency",
    tag = "operators",
    operation_id = "set_emergency",
    security(("api_key" = []), ("session" = [])),
    request_body = EmergencyRequest,
    responses((status = 200, description = "What is stopped by now.", body = EmergencyStops), StopProblems),
)]
async fn stop(
    State(app): State<App>,
    access: Access,
    JsonBody(request): JsonBody<EmergencyRequest, ADMIN_BYTES_MAX>,
) -> Result<Json<EmergencyStops>, Refused> {
    Ok(Json(app.faucet.set_stop(access.who, request).await?))
}
