//! `/api/v1/rounds`: opening, playing, looking at and ending a round.

use axum::extract::State;
use axum::{Extension, Json};
use dripline_shared::api::{OpenAnswer, OpenRequest, RoundView, SegmentAnswer};

use super::answers::{CHANGES, JSON, READS, problems};
use super::body::{JsonBody, SegmentBody};
use super::client::Client;
use super::documented::{Documented, routes};
use super::parameter::{Options, Place, RoundPlace, SegmentOptions, SegmentPlace, Token};
use super::problem::Refused;
use super::{App, caller};

problems! {
    /// Why a round was not opened.
    OpenProblems: [JSON, CHANGES],
    InvalidWallet, WeakWallet, InvalidSignature, BadSignature, StatementTooOld, StatementFromFuture, WrongFaucet,
    WrongOrigin, UnknownLevel, UnknownCampaign, LevelLocked, LevelStopped, WalletBanned, NotDelegated, BalanceMoved, RulesOutdated, ClientIdReused, RoundOpen,
    AttemptsUsedUp, OpensUsedUp, CampaignNotStarted, CampaignEnded, LevelNotInCampaign, NotInAudience, BudgetUsedUp,
    VoucherUnknown, VoucherUsed, VoucherExpired, UnknownSite, LevelNotOfSite, CampaignNotOfSite,
}
problems! {
    /// Why a segment was not taken.
    SegmentProblems: [CHANGES],
    InvalidParameter, UnsupportedMediaType, BodyTooLarge, RequestTimeout, InvalidRequest, RoundUnknown, WrongToken,
    RoundExpired, RoundEnded, RoundClaimed, SegmentEarly, SegmentLate, SegmentOutOfOrder, SegmentConflict,
    SegmentMalformed, SegmentAfterFinal,
}
problems! {
    /// Why a round is not shown.
    RoundProblems: [READS],
    InvalidParameter, RoundUnknown, WrongToken,
}
problems! {
    /// Why a round was not ended.
    EndProblems: [CHANGES],
    InvalidParameter, RoundUnknown, WrongToken,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new()
        .routes(routes!(open))
        .routes(routes!(segment))
        .routes(routes!(round))
        .routes(routes!(end))
}

/// Opens a round.
///
/// The signature is the wallet's, over the open statement that the other fields make. Sent again with the same
/// `client_id` and content, it gets the same answer and costs nothing more.
#[utoipa::path(
    post,
    path = "/api/v1/rounds",
    tag = "rounds",
    operation_id = "open_round",
    request_body = OpenRequest,
    responses((status = 200, description = "The round is open.", body = OpenAnswer), OpenProblems),
)]
async fn open(
    State(app): State<App>,
    Extension(client): Extension<Client>,
    JsonBody(request): JsonBody<OpenRequest>,
) -> Result<Json<OpenAnswer>, Refused> {
    Ok(Json(app.faucet.open(request, &caller(client)).await?))
}

/// Sends a segment.
///
/// The body is the segment's encoded inputs, at most 480 bytes. The first write of a segment wins: the same bytes get
/// the same answer, others are refused.
#[utoipa::path(
    put,
    path = "/api/v1/rounds/{round}/segments/{segment}",
    tag = "rounds",
    operation_id = "send_segment",
    params(SegmentPlace, SegmentOptions),
    request_body(content = [u8], content_type = "application/octet-stream"),
    responses((status = 200, description = "The segment is stored.", body = SegmentAnswer), SegmentProblems),
    security(("round_token" = [])),
)]
async fn segment(
    State(app): State<App>,
    Place(place): Place<SegmentPlace>,
    Options(options): Options<SegmentOptions>,
    Token(token): Token,
    SegmentBody(bytes): SegmentBody,
) -> Result<Json<SegmentAnswer>, Refused> {
    Ok(Json(app.faucet.segment(place.round, token, place.segment, options.end, bytes).await?))
}

/// Tells how a round stands: what a page needs to go on after a reload.
#[utoipa::path(
    get,
    path = "/api/v1/rounds/{round}",
    tag = "rounds",
    operation_id = "round",
    params(RoundPlace),
    responses((status = 200, description = "How it stands.", body = RoundView), RoundProblems),
    security(("round_token" = [])),
)]
async fn round(
    State(app): State<App>,
    Place(place): Place<RoundPlace>,
    Token(token): Token,
) -> Result<Json<RoundView>, Refused> {
    Ok(Json(app.faucet.round(place.round, token).await?))
}

/// Ends a round that was lost, is given up, or ran out of time. It costs nothing but the attempt.
#[utoipa::path(
    post,
    path = "/api/v1/rounds/{round}/end",
    tag = "rounds",
    operation_id = "end_round",
    params(RoundPlace),
    responses((status = 200, description = "The round is closed.", body = RoundView), EndProblems),
    security(("round_token" = [])),
)]
async fn end(
    State(app): State<App>,
    Place(place): Place<RoundPlace>,
    Token(token): Token,
) -> Result<Json<RoundView>, Refused> {
    Ok(Json(app.faucet.end(place.round, token).await?))
}
