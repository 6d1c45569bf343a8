//! `/admin/v1/sessions`: who has signed in.

use axum::Json;
use axum::extract::State;
use dripline_shared::api::access::Permission;
use dripline_shared::api::sign_in::SessionList;

use super::guard::{Access, Shown};
use super::place::SessionPlace;
use super::{GUARDED, GUARDED_CHANGES};
use crate::http::App;
use crate::http::answers::{CHANGES, problems};
use crate::http::documented::{Documented, routes};
use crate::http::parameter::Place;
use crate::http::problem::Refused;

problems! {
    /// Why sessions are not shown.
    SeeProblems: [GUARDED],
}
problems! {
    /// Why a session was not ended.
    RevokeProblems: [GUARDED, GUARDED_CHANGES, CHANGES],
    InvalidParameter, SessionUnknown,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new().routes(routes!(list)).routes(routes!(revoke))
}

/// Sessions that are open: everybody's for whoever manages operators, and one's own for others.
#[utoipa::path(
    get,
    path = "/admin/v1/sessions",
    tag = "operators",
    operation_id = "list_sessions",
    security(("api_key" = []), ("session" = [])),
    responses((status = 200, description = "The sessions, the oldest first.", body = SessionList), SeeProblems),
)]
async fn list(State(app): State<App>, access: Access) -> Result<Json<SessionList>, Refused> {
    Ok(Json(visible(&app, &access).await?))
}

/// Ends a session: one's own, or another one's by whoever manages operators.
#[utoipa::path(
    post,
    path = "/admin/v1/sessions/{session}/revoke",
    tag = "operators",
    operation_id = "revoke_session",
    security(("api_key" = []), ("session" = [])),
    params(SessionPlace),
    responses((status = 200, description = "The sessions that are left.", body = SessionList), RevokeProblems),
)]
async fn revoke(
    State(app): State<App>,
    access: Access,
    Place(place): Place<SessionPlace>,
) -> Result<Json<SessionList>, Refused> {
    app.faucet.end_session(access.who.clone(), place.session.into(), false).await?;
    Ok(Json(visible(&app, &access).await?))
}

/// The sessions that whoever asks may see.
async fn visible(app: &App, access: &Access) -> Result<SessionList, Refused> {
    let (own, asking) = match &access.shown {
        Shown::Key(_) => ("", None),
        Shown::Session(open) => (open.operator.id.as_str(), Some(open.session.id.as_str())),
    };
    let of = (!access.shown.may(Permission::ManageOperators)).then_some(own);
    Ok(app.faucet.sessions(of, asking).await?)
}
