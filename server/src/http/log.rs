//! `/api/v1/log`: the log of transfers, for whoever would check that the books were only ever added to.

use axum::Json;
use axum::extract::State;
use dripline_shared::api::{ConsistencyProof, InclusionProof, LogEntryView, SignedTreeHead};

use super::App;
use super::answers::{READS, problems};
use super::documented::{Documented, routes};
use super::parameter::{ConsistencyOptions, InclusionOptions, LeafPlace, Options, Place};
use super::problem::Refused;

problems! {
    /// Why there is no head.
    HeadProblems: [READS],
    LogUnknown,
}
problems! {
    /// Why there is no leaf or no proof.
    LogProblems: [READS],
    InvalidParameter, LogUnknown,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new()
        .routes(routes!(head))
        .routes(routes!(entry))
        .routes(routes!(inclusion))
        .routes(routes!(consistency))
}

/// The newest signed head. Keep it: whoever has an older one can have a proof that this one only adds to it.
#[utoipa::path(
    get,
    path = "/api/v1/log/head",
    tag = "log",
    operation_id = "log_head",
    responses((status = 200, description = "The head.", body = SignedTreeHead), HeadProblems),
)]
async fn head(State(app): State<App>) -> Result<Json<SignedTreeHead>, Refused> {
    Ok(Json(app.faucet.log_head().await?))
}

/// A leaf: the text of a transfer.
#[utoipa::path(
    get,
    path = "/api/v1/log/leaves/{index}",
    tag = "log",
    operation_id = "log_leaf",
    params(LeafPlace),
    responses((status = 200, description = "The leaf.", body = LogEntryView), LogProblems),
)]
async fn entry(
    State(app): State<App>,
    Place(place): Place<LeafPlace>,
) -> Result<Json<LogEntryView>, Refused> {
    Ok(Json(app.faucet.log_entry(place.index).await?))
}

/// Proves that a leaf is in the log.
#[utoipa::path(
    get,
    path = "/api/v1/log/inclusion",
    tag = "log",
    operation_id = "log_inclusion",
    params(InclusionOptions),
    responses((status = 200, description = "The proof.", body = InclusionProof), LogProblems),
)]
async fn inclusion(
    State(app): State<App>,
    Options(options): Options<InclusionOptions>,
) -> Result<Json<InclusionProof>, Refused> {
    Ok(Json(app.faucet.log_inclusion(options.leaf, options.size).await?))
}

/// Proves that an older state of the log is the beginning of a newer one.
#[utoipa::path(
    get,
    path = "/api/v1/log/consistency",
    tag = "log",
    operation_id = "log_consistency",
    params(ConsistencyOptions),
    responses((status = 200, description = "The proof.", body = ConsistencyProof), LogProblems),
)]
async fn consistency(
    State(app): State<App>,
    Options(options): Options<ConsistencyOptions>,
) -> Result<Json<ConsistencyProof>, Refused> {
    Ok(Json(app.faucet.log_consistency(options.first, options.second).await?))
}
