//! `/api/v1/rounds/{round}/verification` and `/api/v1/siteverify`: that a level was cleared on a site's page, for its server.

use axum::extract::State;
use axum::{Extension, Json};
use dripline_shared::api::{SiteVerifyAnswer, SiteVerifyRequest, VerificationAnswer, VerificationRequest};
use dripline_shared::error::Code;
use dripline_shared::limit::CountLimit;
use dripline_shared::time::SECOND_MS;

use super::App;
use super::answers::{CHANGES, JSON, READS, problems};
use super::body::JsonBody;
use super::client::Client;
use super::documented::{Documented, routes};
use super::parameter::{Place, RoundPlace, Token};
use super::problem::Refused;
use crate::refusal::Refusal;

/// How many secrets that no site has a network may try. Only what is wrong counts: no guess slows a site's own server.
pub(super) const GUESSES: CountLimit = CountLimit { burst: 20, every_ms: 3 * SECOND_MS };
/// Of how many networks that is remembered; all others share one.
pub(super) const GUESSES_MAX: usize = 4_096;

problems! {
    /// Why there is no verification token.
    VerificationProblems: [JSON, READS],
    InvalidParameter, RoundUnknown, WrongToken, UnknownSite, RoundNotOfSite, RoundNotClaimed, OriginNotOfSite, TokenExpired,
}
problems! {
    /// Why a site's server is not answered.
    SiteVerifyProblems: [JSON, CHANGES],
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new().routes(routes!(verification)).routes(routes!(site_verify))
}

/// Makes the verification token of a round that was played on a site's page and claimed.
///
/// The page gives it to its own server, which learns by it what was played. It can be made, and verified, within 300 seconds of
/// the claim. The same request gets the same token.
#[utoipa::path(
    post,
    path = "/api/v1/rounds/{round}/verification",
    tag = "sites",
    operation_id = "make_verification_token",
    params(RoundPlace),
    request_body = VerificationRequest,
    responses((status = 200, description = "The token.", body = VerificationAnswer), VerificationProblems),
    security(("round_token" = [])),
)]
async fn verification(
    State(app): State<App>,
    Place(place): Place<RoundPlace>,
    Token(token): Token,
    JsonBody(request): JsonBody<VerificationRequest>,
) -> Result<Json<VerificationAnswer>, Refused> {
    Ok(Json(app.faucet.verification(place.round, token, request).await?))
}

/// Tells a site's server what was played for a verification token: once.
///
/// It is answered with 200 also where the secret or the token is not good: `success` says so, and `reasons` has one of the codes
/// `secret_unknown`, `token_unknown`, `token_of_other_site`, `token_expired` and `token_spent`. Other statuses say that there is no
/// answer now. Whoever may have to ask again sends an `idempotency_key`: the same token under the same key gets the same answer.
#[utoipa::path(
    post,
    path = "/api/v1/siteverify",
    tag = "sites",
    operation_id = "site_verify",
    request_body = SiteVerifyRequest,
    responses(
        (status = 200, description = "Whether the token is good.", body = SiteVerifyAnswer), SiteVerifyProblems
    ),
)]
async fn site_verify(
    State(app): State<App>,
    Extension(client): Extension<Client>,
    JsonBody(request): JsonBody<SiteVerifyRequest>,
) -> Result<Json<SiteVerifyAnswer>, Refused> {
    let answer = app.faucet.site_verify(request).await?;
    let is_guess = answer.reasons.iter().any(|reason| reason.code == Code::SecretUnknown);
    if is_guess && let Err(until) = app.guesses.take(client.network.network(), app.options.edge.now()) {
        return Err(Refused(Refusal::until(Code::RateLimited, Code::RateLimited.title(), until)));
    }
    Ok(Json(answer))
}
