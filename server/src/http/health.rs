//! `/healthz` (the process answers) and `/readyz` (it can work). Never throttled: they are for the operator's machines.
//! However many ask whether it is ready, the writer is asked once at a time.

use axum::extract::State;

use super::App;
use super::answers::{CHANGES, problems};
use super::documented::{Documented, routes};
use super::problem::Refused;

/// Not throttled.
pub(super) const PATHS: [&str; 2] = ["/healthz", "/readyz"];

problems! {
    /// Why a server is not ready.
    ReadyProblems: unthrottled [CHANGES],
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new().routes(routes!(health)).routes(routes!(ready))
}

/// Whether the process answers.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "operation",
    operation_id = "health",
    responses((status = 200, description = "It does.", body = String, content_type = "text/plain")),
)]
async fn health() -> &'static str {
    "ok\n"
}

/// Whether the server can work: its storage answers.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operation",
    operation_id = "ready",
    responses((status = 200, description = "It can.", body = String, content_type = "text/plain"), ReadyProblems),
)]
async fn ready(State(app): State<App>) -> Result<&'static str, Refused> {
    app.faucet.ready().await?;
    Ok("ready\n")
}
