//! `/api/v1/wallets`: what a wallet has, and how it came to it. Asking creates nothing.

use axum::Json;
use axum::extract::State;
use dripline_shared::api::{HistoryPage, WalletView};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;
use super::answers::{READS, problems};
use super::parameter::{HistoryOptions, Options, Place, WalletPlace};
use super::problem::Refused;

problems! {
    /// Why a wallet is not shown.
    WalletProblems: [READS],
    InvalidWallet, InvalidParameter,
}
problems! {
    /// Why a history is not shown.
    HistoryProblems: [READS],
    InvalidWallet, InvalidParameter,
}

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(wallet)).routes(routes!(history))
}

/// What a wallet has. One that the server has never seen has nothing.
#[utoipa::path(
    get,
    path = "/api/v1/wallets/{wallet}",
    tag = "wallets",
    operation_id = "wallet",
    params(WalletPlace),
    responses((status = 200, description = "What it has.", body = WalletView), WalletProblems),
)]
async fn wallet(
    State(app): State<App>,
    Place(place): Place<WalletPlace>,
) -> Result<Json<WalletView>, Refused> {
    Ok(Json(app.faucet.wallet(place.wallet).await?))
}

/// A page of a wallet's history, the newest first.
#[utoipa::path(
    get,
    path = "/api/v1/wallets/{wallet}/history",
    tag = "wallets",
    operation_id = "history",
    params(WalletPlace, HistoryOptions),
    responses((status = 200, description = "A page of it.", body = HistoryPage), HistoryProblems),
)]
async fn history(
    State(app): State<App>,
    Place(place): Place<WalletPlace>,
    Options(options): Options<HistoryOptions>,
) -> Result<Json<HistoryPage>, Refused> {
    let limit = options.limit()?;
    Ok(Json(app.faucet.history(place.wallet, options.before, limit).await?))
}
