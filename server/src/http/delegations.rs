//! Delegations: `/api/v1/delegations`; and what becomes of what a guest had: `/api/v1/balances/move`.

use axum::extract::State;
use axum::{Extension, Json};
use dripline_shared::api::{
    BalanceMoveAnswer, BalanceMoveRequest, DelegationList, DelegationListRequest, DelegationRequest,
    DelegationRevocation, DelegationView,
};

use super::answers::{CHANGES, JSON, READS, problems};
use super::body::JsonBody;
use super::client::Client;
use super::documented::{Documented, routes};
use super::problem::Refused;
use super::{App, caller};

problems! {
    /// Why a browser's key may not play for a wallet.
    DelegateProblems: [JSON, CHANGES],
    InvalidWallet, WeakWallet, InvalidSignature, BadSignature, StatementTooOld, StatementFromFuture, WrongFaucet,
    WrongOrigin, UnknownSite, ClientIdReused, WalletBanned, OpensUsedUp, DelegationUnknown, DelegationsUsedUp,
}
problems! {
    /// Why delegations are not listed.
    ListProblems: [JSON, READS],
    InvalidWallet, WeakWallet, InvalidSignature, BadSignature, StatementTooOld, StatementFromFuture, WrongFaucet,
    WrongOrigin, UnknownSite,
}
problems! {
    /// Why a delegation was not revoked.
    RevokeProblems: [JSON, CHANGES],
    InvalidWallet, WeakWallet, InvalidSignature, BadSignature, StatementTooOld, StatementFromFuture, WrongFaucet,
    WrongOrigin, UnknownSite, DelegationUnknown,
}
problems! {
    /// Why what a guest's key has was not moved.
    MoveProblems: [JSON, CHANGES],
    InvalidWallet, WeakWallet, InvalidSignature, BadSignature, StatementTooOld, StatementFromFuture, WrongFaucet,
    WrongOrigin, ClientIdReused, WalletUnknown, WalletBanned, WalletHeld, NotDelegated, BalanceMoved, RoundUnclaimed,
    WithdrawalPending, MoveWaiting,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new()
        .routes(routes!(delegate))
        .routes(routes!(list))
        .routes(routes!(revoke))
        .routes(routes!(move_balance))
}

/// Lets the key of a browser open rounds and claim rewards for a wallet, for 30 days at most.
///
/// Both sign the statement that the other fields make. The same request again gets the same delegation.
#[utoipa::path(
    post,
    path = "/api/v1/delegations",
    tag = "wallets",
    operation_id = "delegate",
    request_body = DelegationRequest,
    responses((status = 200, description = "The delegation.", body = DelegationView), DelegateProblems),
)]
async fn delegate(
    State(app): State<App>,
    Extension(client): Extension<Client>,
    JsonBody(request): JsonBody<DelegationRequest>,
) -> Result<Json<DelegationView>, Refused> {
    Ok(Json(app.faucet.delegate(request, &caller(client)).await?))
}

/// Lists the delegations of a wallet that hold. The signature is the wallet's, over the statement that the other fields make.
#[utoipa::path(
    post,
    path = "/api/v1/delegations/list",
    tag = "wallets",
    operation_id = "list_delegations",
    request_body = DelegationListRequest,
    responses((status = 200, description = "The delegations.", body = DelegationList), ListProblems),
)]
async fn list(
    State(app): State<App>,
    JsonBody(request): JsonBody<DelegationListRequest>,
) -> Result<Json<DelegationList>, Refused> {
    Ok(Json(app.faucet.list_delegations(request).await?))
}

/// Revokes a delegation. The signature is the wallet's, over the statement that the other fields make.
#[utoipa::path(
    post,
    path = "/api/v1/delegations/revoke",
    tag = "wallets",
    operation_id = "revoke_delegation",
    request_body = DelegationRevocation,
    responses((status = 200, description = "The delegations that are left.", body = DelegationList), RevokeProblems),
)]
async fn revoke(
    State(app): State<App>,
    JsonBody(request): JsonBody<DelegationRevocation>,
) -> Result<Json<DelegationList>, Refused> {
    Ok(Json(app.faucet.revoke_delegation(request).await?))
}

/// Moves all that a guest's key has to a wallet that has delegated to it, once.
///
/// Of both, the wallet gets the stricter limits. The key opens no rounds for itself afterwards. Where the key has a payout address, the
/// wallet must have let it play for as long as a changed address waits. The same request again gets the same answer.
#[utoipa::path(
    post,
    path = "/api/v1/balances/move",
    tag = "wallets",
    operation_id = "move_balance",
    request_body = BalanceMoveRequest,
    responses((status = 200, description = "Where to, and when.", body = BalanceMoveAnswer), MoveProblems),
)]
async fn move_balance(
    State(app): State<App>,
    JsonBody(request): JsonBody<BalanceMoveRequest>,
) -> Result<Json<BalanceMoveAnswer>, Refused> {
    Ok(Json(app.faucet.move_balance(request).await?))
}
