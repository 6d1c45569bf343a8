//! `/admin/v1/me` and `/admin/v1/keys`: who asks, and the API keys of operators.

use axum::Json;
use axum::extract::State;
use dripline_shared::api::access::{ApiKeyList, ApiKeyRequest, ApiKeyRotation, ApiKeySecret, ApiKeyView, Me};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::guard::Access;
use super::place::KeyPlace;
use super::{ADMIN_BYTES_MAX, GUARDED};
use crate::http::App;
use crate::http::answers::{CHANGES, JSON, problems};
use crate::http::body::JsonBody;
use crate::http::parameter::Place;
use crate::http::problem::Refused;

problems! {
    /// Why keys are not shown.
    SeeProblems: [GUARDED],
}
problems! {
    /// Why a key was not made.
    MakeProblems: [GUARDED, JSON, CHANGES],
    ApiKeysUsedUp,
}
problems! {
    /// Why a key was not rotated.
    RotateProblems: [GUARDED, JSON, CHANGES],
    InvalidParameter, ApiKeyUnknown, ApiKeyEnded,
}
problems! {
    /// Why a key was not revoked.
    RevokeProblems: [GUARDED, CHANGES],
    InvalidParameter, ApiKeyUnknown,
}

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(me))
        .routes(routes!(list, make))
        .routes(routes!(rotate))
        .routes(routes!(revoke))
}

/// Who asks, and what they may do.
#[utoipa::path(
    get,
    path = "/admin/v1/me",
    tag = "operators",
    operation_id = "me",
    security(("api_key" = [])),
    responses((status = 200, description = "Whoever asks.", body = Me), SeeProblems),
)]
async fn me(State(app): State<App>, access: Access) -> Json<Me> {
    let key = access.key.view(app.options.edge.now());
    Json(Me { by: access.who.by, role: key.role, permissions: key.permissions.clone(), key: Some(key) })
}

/// All API keys, also those that hold no more; their secrets are not known.
#[utoipa::path(
    get,
    path = "/admin/v1/keys",
    tag = "operators",
    operation_id = "list_api_keys",
    security(("api_key" = [])),
    responses((status = 200, description = "The keys, the oldest first.", body = ApiKeyList), SeeProblems),
)]
async fn list(State(app): State<App>) -> Result<Json<ApiKeyList>, Refused> {
    Ok(Json(app.faucet.api_keys().await?))
}

/// Makes an API key, which may do no more than the one that is shown. The answer has its secret, this once.
#[utoipa::path(
    post,
    path = "/admin/v1/keys",
    tag = "operators",
    operation_id = "make_api_key",
    security(("api_key" = [])),
    request_body = ApiKeyRequest,
    responses((status = 200, description = "The key.", body = ApiKeySecret), MakeProblems),
)]
async fn make(
    State(app): State<App>,
    access: Access,
    JsonBody(request): JsonBody<ApiKeyRequest, ADMIN_BYTES_MAX>,
) -> Result<Json<ApiKeySecret>, Refused> {
    Ok(Json(app.faucet.make_api_key(access.giver(), request).await?))
}

/// Gives an API key a new secret; the former one holds for a while. The answer has the new one, this once.
#[utoipa::path(
    post,
    path = "/admin/v1/keys/{key}/rotate",
    tag = "operators",
    operation_id = "rotate_api_key",
    security(("api_key" = [])),
    params(KeyPlace),
    request_body = ApiKeyRotation,
    responses((status = 200, description = "The key.", body = ApiKeySecret), RotateProblems),
)]
async fn rotate(
    State(app): State<App>,
    access: Access,
    Place(place): Place<KeyPlace>,
    JsonBody(rotation): JsonBody<ApiKeyRotation, ADMIN_BYTES_MAX>,
) -> Result<Json<ApiKeySecret>, Refused> {
    Ok(Json(app.faucet.rotate_api_key(access.giver(), &place.key, rotation).await?))
}

/// Revokes an API key: from now on it holds nowhere.
#[utoipa::path(
    post,
    path = "/admin/v1/keys/{key}/revoke",
    tag = "operators",
    operation_id = "revoke_api_key",
    security(("api_key" = [])),
    params(KeyPlace),
    responses((status = 200, description = "The key, as it stands.", body = ApiKeyView), RevokeProblems),
)]
async fn revoke(
    State(app): State<App>,
    access: Access,
    Place(place): Place<KeyPlace>,
) -> Result<Json<ApiKeyView>, Refused> {
    Ok(Json(app.faucet.revoke_api_key(access.who, place.key.into()).await?))
}
