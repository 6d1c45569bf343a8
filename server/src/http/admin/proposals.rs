//! `/admin/v1/proposals`: what waits for a second operator.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use dripline_shared::api::operate::proposals::{Proposal, Proposals};
use serde::Serialize;

use super::guard::Access;
use super::place::ProposalPlace;
use super::{GUARDED, GUARDED_CHANGES};
use crate::faucet::Acted;
use crate::http::App;
use crate::http::answers::{CHANGES, problems};
use crate::http::documented::{Documented, routes};
use crate::http::parameter::Place;
use crate::http::problem::Refused;

problems! {
    /// Why proposals are not shown.
    ListProblems: [GUARDED],
}
problems! {
    /// Why a proposal was not confirmed: also all for which what was proposed cannot be done (any more).
    ConfirmProblems: [GUARDED, GUARDED_CHANGES, CHANGES],
    InvalidParameter, InvalidRequest, ProposalUnknown, ProposalEnded, SameOperator, WithdrawalUnknown, NotForApproval,
    UnknownRail, UnknownAsset, WalletUnknown, BalanceTooLow, RailRuns, WithdrawalBatched, WithdrawalEnded,
    RailUnreachable, EvidenceMissing, CatalogInvalid, CatalogPinned, CatalogChanged, CatalogUnchanged, CatalogScheduled,
    PublicationUnknown, DraftUnknown, DraftChanged,
}
problems! {
    /// Why a proposal was not withdrawn.
    WithdrawProblems: [GUARDED, GUARDED_CHANGES, CHANGES],
    InvalidParameter, ProposalUnknown, ProposalEnded,
}

/// What came of something that may need a second operator: what the route answers, or with status 202 the proposal.
pub(super) struct Answered<T>(pub(super) Acted<T>);

impl<T: Serialize> IntoResponse for Answered<T> {
    fn into_response(self) -> Response {
        match self.0 {
            Acted::Done(done) => Json(done).into_response(),
            Acted::Proposed(proposal) => (StatusCode::ACCEPTED, Json(proposal)).into_response(),
        }
    }
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new().routes(routes!(list)).routes(routes!(confirm)).routes(routes!(withdraw))
}

/// All proposals that are kept, the newest first: those that are open, and for 30 days those that have ended.
#[utoipa::path(
    get,
    path = "/admin/v1/proposals",
    tag = "operators",
    operation_id = "proposals",
    security(("api_key" = []), ("session" = [])),
    responses((status = 200, description = "They.", body = Proposals), ListProblems),
)]
async fn list(State(app): State<App>) -> Result<Json<Proposals>, Refused> {
    Ok(Json(app.faucet.proposals().await?))
}

/// Confirms a proposal of another operator: what was asked for is found out and decided anew, and done.
#[utoipa::path(
    post,
    path = "/admin/v1/proposals/{proposal}/confirm",
    tag = "operators",
    operation_id = "confirm_proposal",
    security(("api_key" = []), ("session" = [])),
    params(ProposalPlace),
    responses((status = 200, description = "The proposal, as it stands.", body = Proposal), ConfirmProblems),
)]
async fn confirm(
    State(app): State<App>,
    access: Access,
    Place(place): Place<ProposalPlace>,
) -> Result<Json<Proposal>, Refused> {
    Ok(Json(app.faucet.confirm_proposal(access.who, &place.proposal).await?))
}

/// Withdraws a proposal: nothing comes of it.
#[utoipa::path(
    post,
    path = "/admin/v1/proposals/{proposal}/withdraw",
    tag = "operators",
    operation_id = "withdraw_proposal",
    security(("api_key" = []), ("session" = [])),
    params(ProposalPlace),
    responses((status = 200, description = "The proposal, as it stands.", body = Proposal), WithdrawProblems),
)]
async fn withdraw(
    State(app): State<App>,
    access: Access,
    Place(place): Place<ProposalPlace>,
) -> Result<Json<Proposal>, Refused> {
    Ok(Json(app.faucet.withdraw_proposal(access.who, place.proposal.into()).await?))
}
