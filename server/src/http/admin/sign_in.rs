//! `/admin/v1/sign-in` and `/admin/v1/invitation`: how people come. Both are open to anybody who asks from a page of ours.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use dripline_shared::api::access::Me;
use dripline_shared::api::sign_in::{
    Ceremony, InvitationAcceptance, InvitationOptions, InvitationQuestion, SignInRequest,
};
use dripline_shared::error::Code;

use super::guard::Visitor;
use super::me::of_session;
use super::session::keep;
use super::{OPEN, VISITOR_BYTES_MAX};
use crate::faucet::SignedIn;
use crate::http::App;
use crate::http::answers::{CHANGES, JSON, problems};
use crate::http::body::JsonBody;
use crate::http::documented::{Documented, routes};
use crate::http::problem::Refused;

problems! {
    /// Why nobody is asked to sign in.
    AskProblems: [OPEN, CHANGES],
}
problems! {
    /// Why nobody has signed in.
    SignInProblems: [OPEN, JSON, CHANGES],
    SignInRefused, CeremonyOver,
}
problems! {
    /// Why it is not said what an invitation is for.
    InvitationProblems: [OPEN, JSON, CHANGES],
    InvitationWrong,
}
problems! {
    /// Why an invitation was not taken.
    AcceptProblems: [OPEN, JSON, CHANGES],
    InvitationWrong, CeremonyOver, PasskeyRefused,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new()
        .routes(routes!(ask_who))
        .routes(routes!(sign_in))
        .routes(routes!(ask_for_first))
        .routes(routes!(accept))
}

/// What the browser is to ask passkeys, so that somebody signs in.
#[utoipa::path(
    post,
    path = "/admin/v1/sign-in/options",
    tag = "operators",
    operation_id = "ask_who_signs_in",
    responses((status = 200, description = "The question, for five minutes.", body = Ceremony), AskProblems),
)]
async fn ask_who(State(app): State<App>, visitor: Visitor) -> Result<Json<Ceremony>, Refused> {
    Ok(Json(app.faucet.ask_who(&visitor.site).await?))
}

/// Signs in by what a passkey has answered. Each answer counts once.
#[utoipa::path(
    post,
    path = "/admin/v1/sign-in",
    tag = "operators",
    operation_id = "sign_in",
    request_body = SignInRequest,
    responses(
        (
            status = 200,
            description = "Whoever has signed in.",
            body = Me,
            headers(("Set-Cookie" = String, description = "The session."))
        ),
        SignInProblems
    ),
)]
async fn sign_in(
    State(app): State<App>,
    visitor: Visitor,
    JsonBody(request): JsonBody<SignInRequest, VISITOR_BYTES_MAX>,
) -> Result<Response, Refused> {
    let signed_in = app.faucet.sign_in(Some(Arc::clone(&visitor.from)), &visitor.site, &request).await;
    match signed_in {
        Ok(signed_in) => begun(&signed_in),
        Err(not) => {
            if let Some(by) = not.by {
                visitor.known.get_or_init(|| *by);
            }
            Err(not.refusal.into())
        }
    }
}

/// What an invitation is for, and what the browser is to ask for so that it is taken.
#[utoipa::path(
    post,
    path = "/admin/v1/invitation/options",
    tag = "operators",
    operation_id = "ask_for_passkey_of_invited",
    request_body = InvitationQuestion,
    responses(
        (status = 200, description = "The question, for five minutes.", body = InvitationOptions), InvitationProblems
    ),
)]
async fn ask_for_first(
    State(app): State<App>,
    visitor: Visitor,
    JsonBody(question): JsonBody<InvitationQuestion, VISITOR_BYTES_MAX>,
) -> Result<Json<InvitationOptions>, Refused> {
    Ok(Json(app.faucet.ask_for_first(&visitor.site, &question.invitation).await?))
}

/// Takes an invitation with a new passkey: whoever was invited is an operator from now on, and has signed in.
#[utoipa::path(
    post,
    path = "/admin/v1/invitation",
    tag = "operators",
    operation_id = "take_invitation",
    request_body = InvitationAcceptance,
    responses(
        (
            status = 200,
            description = "Whoever has come.",
            body = Me,
            headers(("Set-Cookie" = String, description = "The session."))
        ),
        AcceptProblems
    ),
)]
async fn accept(
    State(app): State<App>,
    visitor: Visitor,
    JsonBody(acceptance): JsonBody<InvitationAcceptance, VISITOR_BYTES_MAX>,
) -> Result<Response, Refused> {
    begun(&app.faucet.accept(Some(visitor.from), &visitor.site, acceptance).await?)
}

/// A session that has begun: its cookie, and whose it is.
fn begun(signed_in: &SignedIn) -> Result<Response, Refused> {
    let mut response = Json(of_session(&signed_in.open)).into_response();
    response.headers_mut().insert(SET_COOKIE, keep(&signed_in.token).map_err(|_| Code::Internal)?);
    Ok(response)
}
