//! `/admin/v1/catalog/drafts`: catalogs that are worked on.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use dripline_shared::api::operate::{Draft, DraftList, DraftRequest};

use super::guard::Access;
use super::place::{DraftPlace, RevisionOptions};
use super::{ADMIN_BYTES_MAX, GUARDED, GUARDED_CHANGES};
use crate::http::App;
use crate::http::answers::{CHANGES, JSON, problems};
use crate::http::body::JsonBody;
use crate::http::documented::{Documented, routes};
use crate::http::parameter::{Options, Place};
use crate::http::problem::Refused;
use crate::store::command::KeepDraft;

problems! {
    /// Why drafts are not shown.
    ListProblems: [GUARDED],
}
problems! {
    /// Why a draft is not shown.
    SeeProblems: [GUARDED],
    InvalidParameter, DraftUnknown,
}
problems! {
    /// Why a draft was not kept.
    KeepProblems: [GUARDED, GUARDED_CHANGES, JSON, CHANGES],
    InvalidParameter, PublicationUnknown, DraftUnknown, DraftChanged, DraftsUsedUp,
}
problems! {
    /// Why a draft was not dropped.
    DropProblems: [GUARDED, GUARDED_CHANGES, CHANGES],
    InvalidParameter, DraftUnknown, DraftChanged,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new().routes(routes!(list)).routes(routes!(see, keep, discard))
}

/// All drafts.
#[utoipa::path(
    get,
    path = "/admin/v1/catalog/drafts",
    tag = "operators",
    operation_id = "list_drafts",
    security(("api_key" = []), ("session" = [])),
    responses((status = 200, description = "The drafts.", body = DraftList), ListProblems),
)]
async fn list(State(app): State<App>) -> Result<Json<DraftList>, Refused> {
    Ok(Json(DraftList { drafts: app.faucet.drafts().await? }))
}

/// A draft.
#[utoipa::path(
    get,
    path = "/admin/v1/catalog/drafts/{draft}",
    tag = "operators",
    operation_id = "draft",
    security(("api_key" = []), ("session" = [])),
    params(DraftPlace),
    responses((status = 200, description = "The draft.", body = Draft), SeeProblems),
)]
async fn see(State(app): State<App>, Place(place): Place<DraftPlace>) -> Result<Json<Draft>, Refused> {
    Ok(Json(app.faucet.draft(&place.draft).await?))
}

/// Keeps a draft, new or changed. It may have mistakes. Whoever has not seen its newest revision is told so.
#[utoipa::path(
    put,
    path = "/admin/v1/catalog/drafts/{draft}",
    tag = "operators",
    operation_id = "keep_draft",
    security(("api_key" = []), ("session" = [])),
    params(DraftPlace),
    request_body = DraftRequest,
    responses((status = 200, description = "The draft, as it is kept.", body = Draft), KeepProblems),
)]
async fn keep(
    State(app): State<App>,
    access: Access,
    Place(place): Place<DraftPlace>,
    JsonBody(request): JsonBody<DraftRequest, ADMIN_BYTES_MAX>,
) -> Result<Json<Draft>, Refused> {
    let DraftRequest { name, catalog, base, replaces } = request;
    let keep = KeepDraft { id: place.draft.into(), name, catalog: Arc::new(catalog), base, replaces };
    Ok(Json(app.faucet.keep_draft(access.who, keep).await?))
}

/// Drops a draft. The answer has those that are left.
#[utoipa::path(
    delete,
    path = "/admin/v1/catalog/drafts/{draft}",
    tag = "operators",
    operation_id = "drop_draft",
    security(("api_key" = []), ("session" = [])),
    params(DraftPlace, RevisionOptions),
    responses((status = 200, description = "The drafts that are left.", body = DraftList), DropProblems),
)]
async fn discard(
    State(app): State<App>,
    access: Access,
    Place(place): Place<DraftPlace>,
    Options(options): Options<RevisionOptions>,
) -> Result<Json<DraftList>, Refused> {
    app.faucet.drop_draft(access.who, place.draft.into(), options.revision).await?;
    Ok(Json(DraftList { drafts: app.faucet.drafts().await? }))
}
