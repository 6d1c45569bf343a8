//! `/admin/v1/keys`: the API keys of operators.

use axum::Json;
use axum::extract::State;
use dripline_shared::api::access::{ApiKeyList, ApiKeyRequest, ApiKeyRotation, ApiKeySecret, ApiKeyView};

use super::guard::Access;
use super::place::KeyPlace;
use super::{ADMIN_BYTES_MAX, GUARDED, GUARDED_CHANGES};
use crate::http::App;
use crate::http::answers::{CHANGES, JSON, problems};
use crate::http::body::JsonBody;
use crate::http::documented::{Documented, routes};
use crate::http::parameter::Place;
use crate::http::problem::Refused;

problems! {
    /// Why keys are not shown.
    SeeProblems: [GUARDED],
}
problems! {
    /// Why a key was not made.
    MakeProblems: [GUARDED, GUARDED_CHANGES, JSON, CHANGES],
    ApiKeysUsedUp, VerificationNeeded,
}
problems! {
    /// Why a key was not rotated.
    RotateProblems: [GUARDED, GUARDED_CHANGES, JSON, CHANGES],
    InvalidParameter, ApiKeyUnknown, ApiKeyEnded, VerificationNeeded,
}
problems! {
    /// Why a key was not revoked.
    RevokeProblems: [GUARDED, GUARDED_CHANGES, CHANGES],
    InvalidParameter, ApiKeyUnknown,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new().routes(routes!(list, make)).routes(routes!(rotate)).routes(routes!(revoke))
}

/// All API keys, also those that hold no more; their secrets are not known.
#[utoipa::path(
    get,
    path = "/admin/v1/keys",
    tag = "operators",
    operation_id = "list_api_keys",
    security(("api_key" = []), ("session" = [])),
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
    security(("api_key" = []), ("session" = [])),
    request_body = ApiKeyRequest,
    responses((status = 200, description = "The key.", body = ApiKeySecret), MakeProblems),
)]
async fn make(
    State(app): State<App>,
    access: Access,
    JsonBody(request): JsonBody<ApiKeyRequest, ADMIN_BYTES_MAX>,
) -> Result<Json<ApiKeySecret>, Refused> {
    Ok(Json(app.faucet.make_api_key(access.who, request).await?))
}

/// Gives an API key a new secret; the former one holds for a while. The answer has the new one, this once.
#[utoipa::path(
    post,
    path = "/admin/v1/keys/{key}/rotate",
    tag = "operators",
    operation_id = "rotate_api_key",
    security(("api_key" = []), ("session" = [])),
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
    Ok(Json(app.faucet.rotate_api_key(access.who, &place.key, rotation).await?))
}

/// Revokes an API key: from now on it holds nowhere.
#[utoipa::path(
    post,
    path = "/admin/v1/keys/{key}/revoke",
    tag = "operators",
    operation_id = "revoke_api_key",
    security(("api_key" = []), ("session" = [])),
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
