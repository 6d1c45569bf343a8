//! `/api/v1/ledger`: the books in sums, for whoever would know whether there is enough.

use axum::Json;
use axum::extract::State;
use dripline_shared::api::LedgerView;

use super::App;
use super::answers::{READS, problems};
use super::documented::{Documented, routes};
use super::problem::Refused;

problems! {
    /// Why the books are not shown.
    LedgerProblems: [READS],
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new().routes(routes!(ledger))
}

/// The books in sums: what came in, what players have, and what the treasury holds on each chain. They are added up
/// at most every ten seconds, and chains are asked once a minute, whoever asks how often.
#[utoipa::path(
    get,
    path = "/api/v1/ledger",
    tag = "log",
    operation_id = "ledger",
    responses((status = 200, description = "The books.", body = LedgerView), LedgerProblems),
)]
async fn ledger(State(app): State<App>) -> Result<Json<LedgerView>, Refused> {
    Ok(Json(app.faucet.ledger().await?))
}
