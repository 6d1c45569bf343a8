//! Read-only keys: `/api/v1/read-keys`, and `/api/v1/history`, which is read with one.

use axum::Json;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use dripline_shared::api::{
    HistoryPage, IssuedReadKey, ReadKeyList, ReadKeyListRequest, ReadKeyRequest, ReadKeyRevocation,
};

use super::App;
use super::answers::{CHANGES, JSON, READS, problems};
use super::body::JsonBody;
use super::documented::{Documented, routes};
use super::parameter::{ExportOptions, HistoryOptions, KeyOfReader, Options};
use super::problem::Refused;

problems! {
    /// Why a read-only key was not issued.
    IssueProblems: [JSON, CHANGES],
    InvalidWallet, WeakWallet, InvalidSignature, BadSignature, StatementTooOld, StatementFromFuture, WrongFaucet,
    WrongOrigin, ClientIdReused, WalletUnknown, ReadKeyUnknown, ReadKeysUsedUp,
}
problems! {
    /// Why read-only keys are not listed.
    ListProblems: [JSON, READS],
    InvalidWallet, WeakWallet, InvalidSignature, BadSignature, StatementTooOld, StatementFromFuture, WrongFaucet,
    WrongOrigin,
}
problems! {
    /// Why a read-only key was not revoked.
    RevokeProblems: [JSON, CHANGES],
    InvalidWallet, WeakWallet, InvalidSignature, BadSignature, StatementTooOld, StatementFromFuture, WrongFaucet,
    WrongOrigin, ReadKeyUnknown,
}
problems! {
    /// Why a history is not shown to whoever has a key.
    KeyHistoryProblems: [READS],
    InvalidParameter, WrongReadKey,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new()
        .routes(routes!(issue))
        .routes(routes!(list))
        .routes(routes!(revoke))
        .routes(routes!(history))
        .routes(routes!(table))
}

/// Issues a key that reads a wallet's history and can do nothing else.
///
/// The signature is the wallet's, over the statement that the other fields make. The same request again gets the same key.
#[utoipa::path(
    post,
    path = "/api/v1/read-keys",
    tag = "wallets",
    operation_id = "issue_read_key",
    request_body = ReadKeyRequest,
    responses((status = 200, description = "The key.", body = IssuedReadKey), IssueProblems),
)]
async fn issue(
    State(app): State<App>,
    JsonBody(request): JsonBody<ReadKeyRequest>,
) -> Result<Json<IssuedReadKey>, Refused> {
    Ok(Json(app.faucet.issue_read_key(request).await?))
}

/// Lists the read-only keys of a wallet that hold. The signature is the wallet's, over the statement that the other fields make.
#[utoipa::path(
    post,
    path = "/api/v1/read-keys/list",
    tag = "wallets",
    operation_id = "list_read_keys",
    request_body = ReadKeyListRequest,
    responses((status = 200, description = "The keys.", body = ReadKeyList), ListProblems),
)]
async fn list(
    State(app): State<App>,
    JsonBody(request): JsonBody<ReadKeyListRequest>,
) -> Result<Json<ReadKeyList>, Refused> {
    Ok(Json(app.faucet.list_read_keys(request).await?))
}

/// Revokes a read-only key. The signature is the wallet's, over the statement that the other fields make.
#[utoipa::path(
    post,
    path = "/api/v1/read-keys/revoke",
    tag = "wallets",
    operation_id = "revoke_read_key",
    request_body = ReadKeyRevocation,
    responses((status = 200, description = "The keys that are left.", body = ReadKeyList), RevokeProblems),
)]
async fn revoke(
    State(app): State<App>,
    JsonBody(request): JsonBody<ReadKeyRevocation>,
) -> Result<Json<ReadKeyList>, Refused> {
    Ok(Json(app.faucet.revoke_read_key(request).await?))
}

/// A page of the history that a read-only key reads, the newest first, with the transactions that paid withdrawals.
#[utoipa::path(
    get,
    path = "/api/v1/history",
    tag = "wallets",
    operation_id = "history_by_key",
    security(("read_key" = [])),
    params(HistoryOptions),
    responses((status = 200, description = "A page of it.", body = HistoryPage), KeyHistoryProblems),
)]
async fn history(
    State(app): State<App>,
    KeyOfReader(key): KeyOfReader,
    Options(options): Options<HistoryOptions>,
) -> Result<Json<HistoryPage>, Refused> {
    let limit = options.limit()?;
    Ok(Json(app.faucet.history_by_key(key, options.before, limit).await?))
}

/// The history that a read-only key reads as a table (CSV), the newest first: at most 10,000 lines.
#[utoipa::path(
    get,
    path = "/api/v1/history.csv",
    tag = "wallets",
    operation_id = "history_table_by_key",
    security(("read_key" = [])),
    params(ExportOptions),
    responses(
        (status = 200, description = "The table.", body = String, content_type = "text/csv"), KeyHistoryProblems
    ),
)]
async fn table(
    State(app): State<App>,
    KeyOfReader(key): KeyOfReader,
    Options(options): Options<ExportOptions>,
) -> Result<impl IntoResponse, Refused> {
    let wallet = app.faucet.read_key_wallet(key).await?;
    let table = app.faucet.export(wallet, options.format, options.before).await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"dripline-history.csv\""),
    ];
    Ok((headers, table))
}
