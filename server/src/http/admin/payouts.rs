//! `/admin/v1/payouts`, `rails`, `batches` and `withdrawals`: how payouts stand, and what is done about them.

use axum::Json;
use axum::extract::State;
use dripline_shared::api::WithdrawalView;
use dripline_shared::api::operate::payouts::{
    ImportRequest, PauseRequest, Payouts, RecordRequest, ResumeRequest, ReturnRequest, WaitingPage,
};
use dripline_shared::api::operate::proposals::Proposal;

use super::guard::Access;
use super::place::{BatchPlace, RailPlace, WaitingOptions};
use super::proposals::Answered;
use super::{ADMIN_BYTES_MAX, GUARDED, GUARDED_CHANGES};
use crate::faucet::WaitingFor;
use crate::http::App;
use crate::http::answers::{CHANGES, JSON, problems};
use crate::http::body::JsonBody;
use crate::http::documented::{Documented, routes};
use crate::http::parameter::{Options, Place, WithdrawalPlace};
use crate::http::problem::Refused;

problems! {
    /// Why payouts are not shown.
    SeeProblems: [GUARDED],
}
problems! {
    /// Why what waits is not shown.
    WaitingProblems: [GUARDED],
    InvalidParameter,
}
problems! {
    /// Why a rail goes on as before.
    RailProblems: [GUARDED, GUARDED_CHANGES, JSON, CHANGES],
    InvalidParameter, UnknownRail, ProposalsUsedUp,
}
problems! {
    /// Why a batch was not cancelled.
    BatchProblems: [GUARDED, GUARDED_CHANGES, CHANGES],
    InvalidParameter, BatchUnknown,
}
problems! {
    /// Why a withdrawal was not approved.
    ApproveProblems: [GUARDED, GUARDED_CHANGES, CHANGES],
    InvalidParameter, WithdrawalUnknown, NotForApproval, ProposalsUsedUp,
}
problems! {
    /// Why the money of a withdrawal did not go back.
    ReturnProblems: [GUARDED, GUARDED_CHANGES, JSON, CHANGES],
    InvalidParameter, WithdrawalUnknown, RailRuns, WithdrawalBatched, WithdrawalEnded,
}
problems! {
    /// Why it was not recorded by what a withdrawal was paid.
    ImportProblems: [GUARDED, GUARDED_CHANGES, JSON, CHANGES],
    InvalidParameter, UnknownRail, WithdrawalUnknown, RailRuns, WithdrawalBatched, WithdrawalEnded, RailUnreachable,
    EvidenceMissing, ProposalsUsedUp,
}
problems! {
    /// Why a payout was not recorded.
    RecordProblems: [GUARDED, GUARDED_CHANGES, JSON, CHANGES],
    InvalidParameter, UnknownRail, UnknownAsset, WalletUnknown, WithdrawalUnknown, BalanceTooLow, RailRuns,
    RailUnreachable, EvidenceMissing, ProposalsUsedUp,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new()
        .routes(routes!(see))
        .routes(routes!(of_operators))
        .routes(routes!(queue))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(record))
        .routes(routes!(cancel))
        .routes(routes!(approve))
        .routes(routes!(give_back))
        .routes(routes!(import))
}

/// How payouts stand: rails, queues, batches under way, treasuries.
#[utoipa::path(
    get,
    path = "/admin/v1/payouts",
    tag = "operators",
    operation_id = "payouts",
    security(("api_key" = []), ("session" = [])),
    responses((status = 200, description = "How they stand.", body = Payouts), SeeProblems),
)]
async fn see(State(app): State<App>) -> Result<Json<Payouts>, Refused> {
    Ok(Json(app.faucet.payouts().await?))
}

/// The withdrawals of all rails that wait for an operator, those that wait longest first: for approval, or for their wallets to be
/// released.
#[utoipa::path(
    get,
    path = "/admin/v1/withdrawals",
    tag = "operators",
    operation_id = "withdrawals_of_operators",
    security(("api_key" = []), ("session" = [])),
    params(WaitingOptions),
    responses((status = 200, description = "A page of them.", body = WaitingPage), WaitingProblems),
)]
async fn of_operators(
    State(app): State<App>,
    Options(options): Options<WaitingOptions>,
) -> Result<Json<WaitingPage>, Refused> {
    let limit = options.limit()?;
    Ok(Json(app.faucet.waiting(WaitingFor::Operators, options.after, limit).await?))
}

/// The withdrawals that wait for their turn by a rail, those that wait longest first.
#[utoipa::path(
    get,
    path = "/admin/v1/rails/{rail}/queue",
    tag = "operators",
    operation_id = "rail_queue",
    security(("api_key" = []), ("session" = [])),
    params(RailPlace, WaitingOptions),
    responses((status = 200, description = "A page of them.", body = WaitingPage), WaitingProblems),
)]
async fn queue(
    State(app): State<App>,
    Place(place): Place<RailPlace>,
    Options(options): Options<WaitingOptions>,
) -> Result<Json<WaitingPage>, Refused> {
    let limit = options.limit()?;
    Ok(Json(app.faucet.waiting(WaitingFor::Rail(place.rail.into()), options.after, limit).await?))
}

/// Pauses a rail: it signs and sends nothing, and what was requested waits. Players are told why. One whose chain shows what the
/// store does not stays paused for that.
#[utoipa::path(
    post,
    path = "/admin/v1/rails/{rail}/pause",
    tag = "operators",
    operation_id = "pause_rail",
    security(("api_key" = []), ("session" = [])),
    params(RailPlace),
    request_body = PauseRequest,
    responses((status = 200, description = "How payouts stand.", body = Payouts), RailProblems),
)]
async fn pause(
    State(app): State<App>,
    access: Access,
    Place(place): Place<RailPlace>,
    JsonBody(request): JsonBody<PauseRequest, ADMIN_BYTES_MAX>,
) -> Result<Json<Payouts>, Refused> {
    Ok(Json(app.faucet.pause_rail(access.who, &place.rail, &request.reason).await?))
}

/// Lets a rail run again. Where its chain shows what the store does not, that may need a second operator.
#[utoipa::path(
    post,
    path = "/admin/v1/rails/{rail}/resume",
    tag = "operators",
    operation_id = "resume_rail",
    security(("api_key" = []), ("session" = [])),
    params(RailPlace),
    request_body = ResumeRequest,
    responses(
        (status = 200, description = "How payouts stand.", body = Payouts),
        (status = 202, description = "Another operator has to confirm it.", body = Proposal),
        RailProblems
    ),
)]
async fn resume(
    State(app): State<App>,
    access: Access,
    Place(place): Place<RailPlace>,
    JsonBody(request): JsonBody<ResumeRequest, ADMIN_BYTES_MAX>,
) -> Result<Answered<Payouts>, Refused> {
    Ok(Answered(app.faucet.resume_rail(access.who, &place.rail, request).await?))
}

/// Records a payout whose withdrawal the store does not have, as after a restore from a backup.
#[utoipa::path(
    post,
    path = "/admin/v1/rails/{rail}/payouts",
    tag = "operators",
    operation_id = "record_payout",
    security(("api_key" = []), ("session" = [])),
    params(RailPlace),
    request_body = RecordRequest,
    responses(
        (status = 200, description = "The withdrawal that was made of it.", body = WithdrawalView),
        (status = 202, description = "Another operator has to confirm it.", body = Proposal),
        RecordProblems
    ),
)]
async fn record(
    State(app): State<App>,
    access: Access,
    Place(place): Place<RailPlace>,
    JsonBody(request): JsonBody<RecordRequest, ADMIN_BYTES_MAX>,
) -> Result<Answered<WithdrawalView>, Refused> {
    Ok(Answered(app.faucet.record_payout(access.who, &place.rail, request).await?))
}

/// Wants a batch not to be paid any more. What was sent of it may be faster; otherwise its money goes back whole.
#[utoipa::path(
    post,
    path = "/admin/v1/batches/{batch}/cancel",
    tag = "operators",
    operation_id = "cancel_batch",
    security(("api_key" = []), ("session" = [])),
    params(BatchPlace),
    responses((status = 200, description = "How payouts stand.", body = Payouts), BatchProblems),
)]
async fn cancel(
    State(app): State<App>,
    access: Access,
    Place(place): Place<BatchPlace>,
) -> Result<Json<Payouts>, Refused> {
    Ok(Json(app.faucet.cancel_batch_by(access.who, place.batch).await?))
}

/// Approves a withdrawal that waits for that.
#[utoipa::path(
    post,
    path = "/admin/v1/withdrawals/{withdrawal}/approve",
    tag = "operators",
    operation_id = "approve_withdrawal",
    security(("api_key" = []), ("session" = [])),
    params(WithdrawalPlace),
    responses(
        (status = 200, description = "The withdrawal, as it stands.", body = WithdrawalView),
        (status = 202, description = "Another operator has to confirm it.", body = Proposal),
        ApproveProblems
    ),
)]
async fn approve(
    State(app): State<App>,
    access: Access,
    Place(place): Place<WithdrawalPlace>,
) -> Result<Answered<WithdrawalView>, Refused> {
    Ok(Answered(app.faucet.approve_withdrawal(access.who, place.withdrawal).await?))
}

/// Gives the money of a withdrawal that waits back whole, and so refuses one that waits for approval. The player is told why. One
/// that waits for its turn can be given back while its rail is paused.
#[utoipa::path(
    post,
    path = "/admin/v1/withdrawals/{withdrawal}/return",
    tag = "operators",
    operation_id = "return_withdrawal",
    security(("api_key" = []), ("session" = [])),
    params(WithdrawalPlace),
    request_body = ReturnRequest,
    responses((status = 200, description = "The withdrawal, as it stands.", body = WithdrawalView), ReturnProblems),
)]
async fn give_back(
    State(app): State<App>,
    access: Access,
    Place(place): Place<WithdrawalPlace>,
    JsonBody(request): JsonBody<ReturnRequest, ADMIN_BYTES_MAX>,
) -> Result<Json<WithdrawalView>, Refused> {
    Ok(Json(app.faucet.return_withdrawal(access.who, place.withdrawal, &request.reason).await?))
}

/// Records by which transaction a withdrawal was paid, where the store does not know. The chain is asked whether that is so.
#[utoipa::path(
    post,
    path = "/admin/v1/withdrawals/{withdrawal}/import",
    tag = "operators",
    operation_id = "import_payout",
    security(("api_key" = []), ("session" = [])),
    params(WithdrawalPlace),
    request_body = ImportRequest,
    responses(
        (status = 200, description = "The withdrawal, as it stands.", body = WithdrawalView),
        (status = 202, description = "Another operator has to confirm it.", body = Proposal),
        ImportProblems
    ),
)]
async fn import(
    State(app): State<App>,
    access: Access,
    Place(place): Place<WithdrawalPlace>,
    JsonBody(request): JsonBody<ImportRequest, ADMIN_BYTES_MAX>,
) -> Result<Answered<WithdrawalView>, Refused> {
    Ok(Answered(app.faucet.import_payout(access.who, place.withdrawal, request).await?))
}
