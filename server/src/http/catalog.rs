//! `/api/v1/levels` and `/api/v1/catalog`: what can be played and what it pays; and the keys that the faucet signs with.

use axum::Json;
use axum::extract::State;
use dripline_shared::api::{CatalogView, FaucetKeys, LevelView};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;
use super::answers::problems;

problems! {
    /// Why the catalog is not shown.
    CatalogProblems: [],
}

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(levels)).routes(routes!(catalog)).routes(routes!(keys))
}

/// All levels, in the order in which players see them.
#[utoipa::path(
    get,
    path = "/api/v1/levels",
    tag = "catalog",
    operation_id = "levels",
    responses((status = 200, description = "The levels.", body = Vec<LevelView>), CatalogProblems),
)]
async fn levels(State(app): State<App>) -> Json<Vec<LevelView>> {
    Json(app.faucet.catalog().levels)
}

/// What a page needs to know of a faucet.
#[utoipa::path(
    get,
    path = "/api/v1/catalog",
    tag = "catalog",
    operation_id = "catalog",
    responses((status = 200, description = "The catalog in force.", body = CatalogView), CatalogProblems),
)]
async fn catalog(State(app): State<App>) -> Json<CatalogView> {
    Json(app.faucet.catalog())
}

/// Every key that this faucet ever signed with.
#[utoipa::path(
    get,
    path = "/.well-known/dripline-keys.json",
    tag = "catalog",
    operation_id = "keys",
    responses((status = 200, description = "The keys, the oldest first.", body = FaucetKeys), CatalogProblems),
)]
async fn keys(State(app): State<App>) -> Json<FaucetKeys> {
    Json(app.faucet.keys())
}
