//! `/api/v1/levels`, `/api/v1/catalog` and `/api/v1/campaigns`: what can be played, what it pays and out of what; and the keys that the faucet signs with.

use axum::Json;
use axum::extract::State;
use dripline_shared::api::{CampaignView, CatalogView, FaucetKeys, LevelView};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;
use super::answers::{READS, problems};
use super::problem::Refused;

problems! {
    /// Why the catalog is not shown.
    CatalogProblems: [],
}

problems! {
    /// Why the campaigns are not shown.
    CampaignsProblems: [READS],
}

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(levels))
        .routes(routes!(catalog))
        .routes(routes!(campaigns))
        .routes(routes!(keys))
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

/// The campaigns that are not over, with their dates, their boosts and what they have left.
#[utoipa::path(
    get,
    path = "/api/v1/campaigns",
    tag = "catalog",
    operation_id = "campaigns",
    responses((status = 200, description = "The campaigns.", body = Vec<CampaignView>), CampaignsProblems),
)]
async fn campaigns(State(app): State<App>) -> Result<Json<Vec<CampaignView>>, Refused> {
    Ok(Json(app.faucet.campaigns().await?))
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
