//! `/api/v1/levels`, `/api/v1/catalog` and `/api/v1/campaigns`: what can be played, what it pays and out of what; and the keys that the faucet signs with.

use axum::Json;
use axum::extract::State;
use dripline_shared::api::{CampaignView, CatalogView, FaucetKeys, LevelView};

use super::App;
use super::answers::{READS, problems};
use super::documented::{Documented, routes};
use super::parameter::{Options, SiteOptions};
use super::problem::Refused;

problems! {
    /// Why the catalog is not shown.
    CatalogProblems: [],
    InvalidParameter, UnknownSite,
}

problems! {
    /// Why the keys are not shown.
    KeysProblems: [],
}

problems! {
    /// Why the campaigns are not shown.
    CampaignsProblems: [READS],
    InvalidParameter, UnknownSite,
}

/// What is asked for of the catalog.
fn asked(app: &App, options: &SiteOptions) -> Result<CatalogView, Refused> {
    match &options.site {
        Some(site) => Ok(app.faucet.catalog_of_site(site)?),
        None => Ok(app.faucet.catalog()),
    }
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new()
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
    params(SiteOptions),
    responses((status = 200, description = "The levels.", body = Vec<LevelView>), CatalogProblems),
)]
async fn levels(
    State(app): State<App>,
    Options(options): Options<SiteOptions>,
) -> Result<Json<Vec<LevelView>>, Refused> {
    Ok(Json(asked(&app, &options)?.levels))
}

/// What a page needs to know of a faucet.
#[utoipa::path(
    get,
    path = "/api/v1/catalog",
    tag = "catalog",
    operation_id = "catalog",
    params(SiteOptions),
    responses((status = 200, description = "The catalog in force.", body = CatalogView), CatalogProblems),
)]
async fn catalog(
    State(app): State<App>,
    Options(options): Options<SiteOptions>,
) -> Result<Json<CatalogView>, Refused> {
    Ok(Json(asked(&app, &options)?))
}

/// The campaigns that are not over, with their dates, their boosts and what they have left; of a site, the one that pays there.
#[utoipa::path(
    get,
    path = "/api/v1/campaigns",
    tag = "catalog",
    operation_id = "campaigns",
    params(SiteOptions),
    responses((status = 200, description = "The campaigns.", body = Vec<CampaignView>), CampaignsProblems),
)]
async fn campaigns(
    State(app): State<App>,
    Options(options): Options<SiteOptions>,
) -> Result<Json<Vec<CampaignView>>, Refused> {
    Ok(Json(app.faucet.campaigns(options.site.as_deref()).await?))
}

/// Every key that this faucet ever signed with.
#[utoipa::path(
    get,
    path = "/.well-known/dripline-keys.json",
    tag = "catalog",
    operation_id = "keys",
    responses((status = 200, description = "The keys, the oldest first.", body = FaucetKeys), KeysProblems),
)]
async fn keys(State(app): State<App>) -> Json<FaucetKeys> {
    Json(app.faucet.keys())
}
