//! `/admin/v1/passkeys`: what one signs in with.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use dripline_shared::api::sign_in::{Ceremony, OperatorView, PasskeyRequest};

use super::guard::Access;
use super::place::PasskeyPlace;
use super::{FOR_SESSIONS, GUARDED, GUARDED_CHANGES, VISITOR_BYTES_MAX, origin};
use crate::http::App;
use crate::http::answers::{CHANGES, JSON, problems};
use crate::http::body::JsonBody;
use crate::http::documented::{Documented, routes};
use crate::http::parameter::Place;
use crate::http::problem::Refused;

problems! {
    /// Why no passkey is asked for.
    AskProblems: [GUARDED, GUARDED_CHANGES, FOR_SESSIONS, CHANGES],
    OriginRefused, PasskeysNeedDomain, VerificationNeeded,
}
problems! {
    /// Why a passkey was not added.
    AddProblems: [GUARDED, GUARDED_CHANGES, FOR_SESSIONS, JSON, CHANGES],
    OriginRefused, PasskeysNeedDomain, CeremonyOver, PasskeyRefused, PasskeysUsedUp, OperatorUnknown,
    VerificationNeeded,
}
problems! {
    /// Why a passkey was not removed.
    RemoveProblems: [GUARDED, GUARDED_CHANGES, FOR_SESSIONS, CHANGES],
    InvalidParameter, PasskeyUnknown, LastPasskey, OperatorUnknown,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new().routes(routes!(ask)).routes(routes!(add)).routes(routes!(remove))
}

/// What the browser is to ask for so that one has another passkey.
#[utoipa::path(
    post,
    path = "/admin/v1/passkeys/options",
    tag = "operators",
    operation_id = "ask_for_passkey",
    security(("session" = [])),
    responses((status = 200, description = "The question, for five minutes.", body = Ceremony), AskProblems),
)]
async fn ask(State(app): State<App>, access: Access, headers: HeaderMap) -> Result<Json<Ceremony>, Refused> {
    let site = origin::site(&headers, &app.options.admin_origins)?;
    Ok(Json(app.faucet.ask_for_another(&site, access.session()?).await?))
}

/// Adds a passkey for oneself, in a session that began within the last ten minutes. The answer has all of one's own.
#[utoipa::path(
    post,
    path = "/admin/v1/passkeys",
    tag = "operators",
    operation_id = "add_passkey",
    security(("session" = [])),
    request_body = PasskeyRequest,
    responses((status = 200, description = "The operator, who has it.", body = OperatorView), AddProblems),
)]
async fn add(
    State(app): State<App>,
    access: Access,
    headers: HeaderMap,
    JsonBody(request): JsonBody<PasskeyRequest, VISITOR_BYTES_MAX>,
) -> Result<Json<OperatorView>, Refused> {
    let site = origin::site(&headers, &app.options.admin_origins)?;
    let operator = access.session()?.operator.clone();
    Ok(Json(app.faucet.add_passkey(access.who, &site, &operator, &request).await?.view()))
}

/// Takes a passkey of one's own away, but not the only one. Other sessions that began with it end.
#[utoipa::path(
    delete,
    path = "/admin/v1/passkeys/{passkey}",
    tag = "operators",
    operation_id = "remove_passkey",
    security(("session" = [])),
    params(PasskeyPlace),
    responses((status = 200, description = "The operator, without it.", body = OperatorView), RemoveProblems),
)]
async fn remove(
    State(app): State<App>,
    access: Access,
    Place(place): Place<PasskeyPlace>,
) -> Result<Json<OperatorView>, Refused> {
    let operator = access.session()?.operator.id.as_str().into();
    Ok(Json(app.faucet.remove_passkey(access.who, operator, place.passkey.into()).await?.view()))
}
