//! `/admin/v1/operators` and `/admin/v1/invitations`: who operates the faucet.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use dripline_shared::api::sign_in::{
    InvitationRequest, InvitationSecret, OperatorList, OperatorView, RoleRequest,
};

use super::guard::Access;
use super::place::{InvitationPlace, OperatorPlace, PasskeyOfPlace};
use super::{ADMIN_BYTES_MAX, GUARDED, GUARDED_CHANGES, origin};
use crate::access::Token;
use crate::faucet::Invited;
use crate::http::App;
use crate::http::answers::{CHANGES, JSON, problems};
use crate::http::body::JsonBody;
use crate::http::documented::{Documented, routes};
use crate::http::parameter::Place;
use crate::http::problem::Refused;

problems! {
    /// Why operators are not shown.
    SeeProblems: [GUARDED],
}
problems! {
    /// Why a role was not changed.
    RoleProblems: [GUARDED, GUARDED_CHANGES, JSON, CHANGES],
    InvalidParameter, OperatorUnknown, LastOwner, VerificationNeeded,
}
problems! {
    /// Why nobody was dismissed.
    DismissProblems: [GUARDED, GUARDED_CHANGES, CHANGES],
    InvalidParameter, OperatorUnknown, LastOwner,
}
problems! {
    /// Why no passkey was taken from an operator.
    RemoveProblems: [GUARDED, GUARDED_CHANGES, CHANGES],
    InvalidParameter, OperatorUnknown, PasskeyUnknown, LastPasskey,
}
problems! {
    /// Why nobody was invited.
    InviteProblems: [GUARDED, GUARDED_CHANGES, JSON, CHANGES],
    OperatorsUsedUp, VerificationNeeded,
}
problems! {
    /// Why an invitation was not revoked.
    RevokeProblems: [GUARDED, GUARDED_CHANGES, CHANGES],
    InvalidParameter, InvitationUnknown,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new()
        .routes(routes!(list))
        .routes(routes!(set_role))
        .routes(routes!(dismiss))
        .routes(routes!(remove_passkey))
        .routes(routes!(invite))
        .routes(routes!(revoke))
}

/// All operators, and invitations that can still be taken.
#[utoipa::path(
    get,
    path = "/admin/v1/operators",
    tag = "operators",
    operation_id = "list_operators",
    security(("api_key" = []), ("session" = [])),
    responses((status = 200, description = "The operators, the oldest first.", body = OperatorList), SeeProblems),
)]
async fn list(State(app): State<App>) -> Result<Json<OperatorList>, Refused> {
    Ok(Json(app.faucet.operators().await?))
}

/// Changes what an operator may do: from now on, also in sessions that are open. The last owner stays one.
#[utoipa::path(
    post,
    path = "/admin/v1/operators/{operator}/role",
    tag = "operators",
    operation_id = "set_operator_role",
    security(("api_key" = []), ("session" = [])),
    params(OperatorPlace),
    request_body = RoleRequest,
    responses((status = 200, description = "The operator, as it is now.", body = OperatorView), RoleProblems),
)]
async fn set_role(
    State(app): State<App>,
    access: Access,
    Place(place): Place<OperatorPlace>,
    JsonBody(request): JsonBody<RoleRequest, ADMIN_BYTES_MAX>,
) -> Result<Json<OperatorView>, Refused> {
    Ok(Json(app.faucet.set_role(access.who, place.operator.into(), request.role).await?))
}

/// Dismisses an operator: their sessions, and the invitations that they have made, also by API keys of theirs, end at once. API
/// keys that they have made hold on. The last owner stays.
#[utoipa::path(
    post,
    path = "/admin/v1/operators/{operator}/dismiss",
    tag = "operators",
    operation_id = "dismiss_operator",
    security(("api_key" = []), ("session" = [])),
    params(OperatorPlace),
    responses((status = 200, description = "The operators that are left.", body = OperatorList), DismissProblems),
)]
async fn dismiss(
    State(app): State<App>,
    access: Access,
    Place(place): Place<OperatorPlace>,
) -> Result<Json<OperatorList>, Refused> {
    app.faucet.dismiss(access.who, place.operator.into()).await?;
    Ok(Json(app.faucet.operators().await?))
}

/// Takes a passkey from an operator who may do no more than whoever asks: of a device that was lost, say. Sessions that began
/// with it end. The only one of an operator stays.
#[utoipa::path(
    delete,
    path = "/admin/v1/operators/{operator}/passkeys/{passkey}",
    tag = "operators",
    operation_id = "remove_passkey_of_operator",
    security(("api_key" = []), ("session" = [])),
    params(PasskeyOfPlace),
    responses((status = 200, description = "The operator, without it.", body = OperatorView), RemoveProblems),
)]
async fn remove_passkey(
    State(app): State<App>,
    access: Access,
    Place(place): Place<PasskeyOfPlace>,
) -> Result<Json<OperatorView>, Refused> {
    let PasskeyOfPlace { operator, passkey } = place;
    Ok(Json(app.faucet.remove_passkey(access.who, operator.into(), passkey.into()).await?.view()))
}

/// Invites somebody, who may do no more than whoever invites. The answer has the link, this once.
#[utoipa::path(
    post,
    path = "/admin/v1/invitations",
    tag = "operators",
    operation_id = "invite_operator",
    security(("api_key" = []), ("session" = [])),
    request_body = InvitationRequest,
    responses((status = 200, description = "The invitation.", body = InvitationSecret), InviteProblems),
)]
async fn invite(
    State(app): State<App>,
    access: Access,
    headers: HeaderMap,
    JsonBody(request): JsonBody<InvitationRequest, ADMIN_BYTES_MAX>,
) -> Result<Json<InvitationSecret>, Refused> {
    let origins = &app.options.admin_origins;
    // The page that whoever asks has open is one that works.
    let asking = origin::site(&headers, origins).ok().map(|site| site.origin().to_owned());
    let origin = asking.or_else(|| origins.first().cloned()).unwrap_or_default();
    let Invited { token, invitation } = app.faucet.invite(access.who, request).await?;
    Ok(Json(InvitationSecret {
        secret: token.to_string(),
        link: invitation_link(&origin, &token),
        invitation,
    }))
}

/// Revokes an invitation: nobody can take it any more.
#[utoipa::path(
    post,
    path = "/admin/v1/invitations/{invitation}/revoke",
    tag = "operators",
    operation_id = "revoke_invitation",
    security(("api_key" = []), ("session" = [])),
    params(InvitationPlace),
    responses((status = 200, description = "What is left.", body = OperatorList), RevokeProblems),
)]
async fn revoke(
    State(app): State<App>,
    access: Access,
    Place(place): Place<InvitationPlace>,
) -> Result<Json<OperatorList>, Refused> {
    app.faucet.revoke_invitation(access.who, place.invitation.into()).await?;
    Ok(Json(app.faucet.operators().await?))
}

/// The link of an invitation: what follows the `#` is sent to no server.
pub fn invitation_link(origin: &str, token: &Token) -> String {
    format!("{origin}/console#invitation={token}")
}
