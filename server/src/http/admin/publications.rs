//! `/admin/v1/catalog/publications`: catalogs that come into force, and those that were.

use axum::Json;
use axum::extract::State;
use dripline_shared::api::operate::proposals::Proposal;
use dripline_shared::api::operate::{Publication, PublicationRequest, Publications};
use dripline_shared::catalog::Catalog;

use super::guard::Access;
use super::place::PublicationPlace;
use super::proposals::Answered;
use super::{ADMIN_BYTES_MAX, GUARDED, GUARDED_CHANGES};
use crate::http::App;
use crate::http::answers::{CHANGES, JSON, problems};
use crate::http::body::JsonBody;
use crate::http::documented::{Documented, routes};
use crate::http::parameter::Place;
use crate::http::problem::Refused;

problems! {
    /// Why publications are not shown.
    ListProblems: [GUARDED],
}
problems! {
    /// Why the catalog of a publication is not shown.
    SeeProblems: [GUARDED],
    InvalidParameter, PublicationUnknown,
}
problems! {
    /// Why nothing was published.
    PublishProblems: [GUARDED, GUARDED_CHANGES, JSON, CHANGES],
    CatalogInvalid, CatalogPinned, CatalogChanged, CatalogUnchanged, CatalogScheduled, PublicationUnknown, DraftUnknown,
    DraftChanged, ProposalsUsedUp,
}
problems! {
    /// Why a publication was not cancelled.
    CancelProblems: [GUARDED, GUARDED_CHANGES, CHANGES],
    InvalidParameter, PublicationUnknown, PublicationPast,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new().routes(routes!(list, publish)).routes(routes!(see, cancel))
}

/// All publications, the newest first: the history of the catalog.
#[utoipa::path(
    get,
    path = "/admin/v1/catalog/publications",
    tag = "operators",
    operation_id = "list_publications",
    security(("api_key" = []), ("session" = [])),
    responses((status = 200, description = "The publications.", body = Publications), ListProblems),
)]
async fn list(State(app): State<App>) -> Result<Json<Publications>, Refused> {
    Ok(Json(app.faucet.publications().await?))
}

/// Publishes a draft, or once more what was in force before; at once, or from a moment on. Whoever has not seen what is in
/// force by now is told so, and nothing has changed.
#[utoipa::path(
    post,
    path = "/admin/v1/catalog/publications",
    tag = "operators",
    operation_id = "publish_catalog",
    security(("api_key" = []), ("session" = [])),
    request_body = PublicationRequest,
    responses(
        (status = 200, description = "The publication.", body = Publication),
        (status = 202, description = "It raises budgets by so much that another operator has to confirm it.", body = Proposal),
        PublishProblems
    ),
)]
async fn publish(
    State(app): State<App>,
    access: Access,
    JsonBody(request): JsonBody<PublicationRequest, ADMIN_BYTES_MAX>,
) -> Result<Answered<Publication>, Refused> {
    Ok(Answered(app.faucet.publish(access.who, request).await?))
}

/// The catalog of a publication.
#[utoipa::path(
    get,
    path = "/admin/v1/catalog/publications/{publication}",
    tag = "operators",
    operation_id = "published_catalog",
    security(("api_key" = []), ("session" = [])),
    params(PublicationPlace),
    responses((status = 200, description = "The catalog.", body = Catalog), SeeProblems),
)]
async fn see(
    State(app): State<App>,
    Place(place): Place<PublicationPlace>,
) -> Result<Json<Catalog>, Refused> {
    Ok(Json(app.faucet.published_catalog(place.publication).await?))
}

/// Cancels a publication that waits to come into force.
#[utoipa::path(
    delete,
    path = "/admin/v1/catalog/publications/{publication}",
    tag = "operators",
    operation_id = "cancel_publication",
    security(("api_key" = []), ("session" = [])),
    params(PublicationPlace),
    responses((status = 200, description = "The publication, as it stands.", body = Publication), CancelProblems),
)]
async fn cancel(
    State(app): State<App>,
    access: Access,
    Place(place): Place<PublicationPlace>,
) -> Result<Json<Publication>, Refused> {
    Ok(Json(app.faucet.cancel_publication(access.who, place.publication).await?))
}
