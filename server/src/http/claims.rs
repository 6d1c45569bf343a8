//! `/api/v1/claims`: the reward of a round.

use axum::extract::State;
use axum::{Extension, Json};
use dripline_shared::api::{ClaimRequest, Receipt};

use super::answers::{CHANGES, JSON, problems};
use super::body::JsonBody;
use super::client::Client;
use super::documented::{Documented, routes};
use super::problem::Refused;
use super::{App, caller};

problems! {
    /// Why a claim was not accepted.
    ClaimProblems: [JSON, CHANGES],
    InvalidSignature, BadSignature, RoundUnknown, RoundExpired, RoundEnded, RoundNotFinished, RoundClaimed,
    TranscriptInvalid, TranscriptTooShort, TranscriptTooLong, GoalNotMet, RulesChanged, LevelStopped, WalletBanned, NotDelegated, Cooldown,
    DripsUsedUp, CeilingReached, BudgetUsedUp, UnknownCampaign,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new().routes(routes!(claim))
}

/// Claims the reward of a round.
///
/// The signature is the wallet's, over the claim statement of the round. A round that was claimed with the same
/// signature answers its stored receipt. A refusal changes nothing: where it tells a time, try again then.
#[utoipa::path(
    post,
    path = "/api/v1/claims",
    tag = "rounds",
    operation_id = "claim",
    request_body = ClaimRequest,
    responses((status = 200, description = "The drip is credited.", body = Receipt), ClaimProblems),
)]
async fn claim(
    State(app): State<App>,
    Extension(client): Extension<Client>,
    JsonBody(request): JsonBody<ClaimRequest>,
) -> Result<Json<Receipt>, Refused> {
    Ok(Json(app.faucet.claim(request, &caller(client)).await?))
}
