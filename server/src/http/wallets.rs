//! `/api/v1/wallets`: what a wallet has, and how it came to it. Asking creates nothing.

use axum::Json;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use dripline_shared::api::{HistoryPage, WalletView};

use super::App;
use super::answers::{READS, problems};
use super::documented::{Documented, routes};
use super::parameter::{ExportOptions, HistoryOptions, Options, Place, WalletOptions, WalletPlace};
use super::problem::Refused;

problems! {
    /// Why a wallet is not shown.
    WalletProblems: [READS],
    InvalidWallet, InvalidParameter, UnknownSite,
}
problems! {
    /// Why a history is not shown.
    HistoryProblems: [READS],
    InvalidWallet, InvalidParameter,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new().routes(routes!(wallet)).routes(routes!(history)).routes(routes!(export))
}

/// What a wallet has. One that the server has never seen has nothing.
#[utoipa::path(
    get,
    path = "/api/v1/wallets/{wallet}",
    tag = "wallets",
    operation_id = "wallet",
    params(WalletPlace, WalletOptions),
    responses((status = 200, description = "What it has.", body = WalletView), WalletProblems),
)]
async fn wallet(
    State(app): State<App>,
    Place(place): Place<WalletPlace>,
    Options(options): Options<WalletOptions>,
) -> Result<Json<WalletView>, Refused> {
    Ok(Json(app.faucet.wallet(place.wallet, options.site.as_deref()).await?))
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

/// A wallet's history as a table (CSV), the newest first: at most 10,000 lines. For older ones, ask with `before`.
#[utoipa::path(
    get,
    path = "/api/v1/wallets/{wallet}/history.csv",
    tag = "wallets",
    operation_id = "history_table",
    params(WalletPlace, ExportOptions),
    responses((status = 200, description = "The table.", body = String, content_type = "text/csv"), HistoryProblems),
)]
async fn export(
    State(app): State<App>,
    Place(place): Place<WalletPlace>,
    Options(options): Options<ExportOptions>,
) -> Result<impl IntoResponse, Refused> {
    let table = app.faucet.export(place.wallet, options.format, options.before).await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"dripline-history.csv\""),
    ];
    Ok((headers, table))
}
