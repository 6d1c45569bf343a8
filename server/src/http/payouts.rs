//! Payouts: `/api/v1/rails`, `/api/v1/addresses` and `/api/v1/withdrawals`.

use axum::Json;
use axum::extract::State;
use dripline_shared::api::{
    AddressRequest, AddressView, RailList, WithdrawalPage, WithdrawalRequest, WithdrawalView,
};

use super::App;
use super::answers::{CHANGES, JSON, READS, problems};
use super::body::JsonBody;
use super::documented::{Documented, routes};
use super::parameter::{Options, Place, WalletPlace, WithdrawalOptions, WithdrawalPlace};
use super::problem::Refused;

problems! {
    /// Why the rails are not told.
    RailProblems: [READS],
}
problems! {
    /// Why an address was not set.
    AddressProblems: [JSON, CHANGES],
    InvalidWallet, WeakWallet, InvalidSignature, BadSignature, StatementTooOld, StatementFromFuture, WrongFaucet,
    WrongOrigin, UnknownSite, ClientIdReused, UnknownRail, WalletUnknown, InvalidAddress, OwnAddress, OwnershipNeeded,
}
problems! {
    /// Why a withdrawal was not accepted.
    WithdrawProblems: [JSON, CHANGES],
    InvalidWallet, WeakWallet, InvalidSignature, BadSignature, StatementTooOld, StatementFromFuture, WrongFaucet,
    WrongOrigin, UnknownSite, ClientIdReused, UnknownRail, UnknownAsset, InvalidAddress, OwnAddress, AddressNotSet, AddressDiffers, AddressWaiting,
    BelowThreshold, AboveMaximum, BalanceTooLow, FeeAboveMaximum, RailUnreachable, WalletBanned,
}
problems! {
    /// Why a withdrawal is not shown.
    WithdrawalProblems: [READS],
    InvalidParameter, WithdrawalUnknown,
}
problems! {
    /// Why withdrawals are not shown.
    WithdrawalsProblems: [READS],
    InvalidWallet, InvalidParameter,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new()
        .routes(routes!(rails))
        .routes(routes!(set_address))
        .routes(routes!(withdraw))
        .routes(routes!(withdrawal))
        .routes(routes!(withdrawals))
}

/// The rails: how money can be withdrawn, from how much on, and what that costs now.
#[utoipa::path(
    get,
    path = "/api/v1/rails",
    tag = "payouts",
    operation_id = "rails",
    responses((status = 200, description = "The rails.", body = RailList), RailProblems),
)]
async fn rails(State(app): State<App>) -> Result<Json<RailList>, Refused> {
    Ok(Json(app.faucet.rails().await?))
}

/// Sets the address that withdrawals of a wallet by a rail are paid to.
///
/// The signature is the wallet's, over the address statement that the other fields make. The first address counts at
/// once; one that takes the place of another is paid to only after the rail's waiting time.
#[utoipa::path(
    post,
    path = "/api/v1/addresses",
    tag = "payouts",
    operation_id = "set_address",
    request_body = AddressRequest,
    responses((status = 200, description = "The address is set.", body = AddressView), AddressProblems),
)]
async fn set_address(
    State(app): State<App>,
    JsonBody(request): JsonBody<AddressRequest>,
) -> Result<Json<AddressView>, Refused> {
    Ok(Json(app.faucet.set_address(request).await?))
}

/// Requests a payout.
///
/// The signature is the wallet's, over the withdrawal statement that the other fields make. The amount leaves the
/// balance at once and is pending until it is paid or back. The same request again gets the withdrawal as it stands.
#[utoipa::path(
    post,
    path = "/api/v1/withdrawals",
    tag = "payouts",
    operation_id = "withdraw",
    request_body = WithdrawalRequest,
    responses((status = 200, description = "It is requested.", body = WithdrawalView), WithdrawProblems),
)]
async fn withdraw(
    State(app): State<App>,
    JsonBody(request): JsonBody<WithdrawalRequest>,
) -> Result<Json<WithdrawalView>, Refused> {
    Ok(Json(app.faucet.withdraw(request).await?))
}

/// How a withdrawal stands.
#[utoipa::path(
    get,
    path = "/api/v1/withdrawals/{withdrawal}",
    tag = "payouts",
    operation_id = "withdrawal",
    params(WithdrawalPlace),
    responses((status = 200, description = "How it stands.", body = WithdrawalView), WithdrawalProblems),
)]
async fn withdrawal(
    State(app): State<App>,
    Place(place): Place<WithdrawalPlace>,
) -> Result<Json<WithdrawalView>, Refused> {
    Ok(Json(app.faucet.withdrawal(place.withdrawal).await?))
}

/// A page of a wallet's withdrawals, the newest first.
#[utoipa::path(
    get,
    path = "/api/v1/wallets/{wallet}/withdrawals",
    tag = "payouts",
    operation_id = "withdrawals",
    params(WalletPlace, WithdrawalOptions),
    responses((status = 200, description = "A page of them.", body = WithdrawalPage), WithdrawalsProblems),
)]
async fn withdrawals(
    State(app): State<App>,
    Place(place): Place<WalletPlace>,
    Options(options): Options<WithdrawalOptions>,
) -> Result<Json<WithdrawalPage>, Refused> {
    let limit = options.limit()?;
    Ok(Json(app.faucet.withdrawals(place.wallet, options.before, limit).await?))
}
