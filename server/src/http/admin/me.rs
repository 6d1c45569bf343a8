//! `/admin/v1/me` and `/admin/v1/sign-out`: who asks, and going.

use axum::Json;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use dripline_shared::api::access::Me;
use dripline_shared::api::sign_in::SessionList;
use dripline_shared::error::Code;
use dripline_shared::time::Timestamp;

use super::guard::{Access, Shown};
use super::session::forget;
use super::{FOR_SESSIONS, GUARDED, GUARDED_CHANGES};
use crate::access::ApiKeyRecord;
use crate::faucet::OpenSession;
use crate::http::App;
use crate::http::answers::{CHANGES, problems};
use crate::http::documented::{Documented, routes};
use crate::http::problem::Refused;

problems! {
    /// Why it is not said who asks.
    SeeProblems: [GUARDED],
}
problems! {
    /// Why nobody has signed out.
    SignOutProblems: [GUARDED, GUARDED_CHANGES, FOR_SESSIONS, CHANGES],
    SessionUnknown,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new().routes(routes!(me)).routes(routes!(sign_out))
}

/// Who asks, and what they may do.
#[utoipa::path(
    get,
    path = "/admin/v1/me",
    tag = "operators",
    operation_id = "me",
    security(("api_key" = []), ("session" = [])),
    responses((status = 200, description = "Whoever asks.", body = Me), SeeProblems),
)]
async fn me(State(app): State<App>, access: Access) -> Json<Me> {
    Json(match &access.shown {
        Shown::Session(open) => of_session(open),
        Shown::Key(key) => of_key(key, app.options.edge.now()),
    })
}

/// Ends the session that asks, and has the browser forget it. The answer has the operator's others.
#[utoipa::path(
    post,
    path = "/admin/v1/sign-out",
    tag = "operators",
    operation_id = "sign_out",
    security(("session" = [])),
    responses((status = 200, description = "The operator's sessions that are left.", body = SessionList), SignOutProblems),
)]
async fn sign_out(State(app): State<App>, access: Access) -> Result<Response, Refused> {
    let OpenSession { session, operator, .. } = access.session()?.clone();
    app.faucet.end_session(access.who, session.id.into(), true).await?;
    let left = app.faucet.sessions(Some(&operator.id), None).await?;
    let mut response = Json(left).into_response();
    response.headers_mut().insert(SET_COOKIE, forget().map_err(|_| Code::Internal)?);
    Ok(response)
}

/// Whoever has shown an API key.
fn of_key(key: &ApiKeyRecord, now: Timestamp) -> Me {
    let view = key.view(now);
    Me {
        by: key.name_of(),
        role: key.role,
        permissions: view.permissions.clone(),
        key: Some(view),
        operator: None,
        session: None,
        csrf: None,
    }
}

/// An operator who has signed in.
pub(super) fn of_session(open: &OpenSession) -> Me {
    let OpenSession { session, operator, csrf } = open;
    let view = operator.view();
    Me {
        by: operator.name_of(),
        role: operator.role,
        permissions: view.permissions.clone(),
        key: None,
        session: Some(session.view(operator, Some(&session.id))),
        operator: Some(view),
        csrf: Some(csrf.to_string()),
    }
}
