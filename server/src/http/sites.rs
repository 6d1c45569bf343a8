//! `/api/v1/sites`: what anybody learns of a site whose pages show the games, and its owner of what came of it. Pages of the
//! site's origins may read them; besides, other origins may read the loader alone (`embed`).

use std::time::Duration;

use axum::extract::State;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method};
use axum::middleware::from_fn;
use axum::{Json, Router};
use dripline_shared::api::sites::{SiteStatistics, SiteView};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::answers::{READS, problems};
use super::documented::{Documented, routes};
use super::pages::method_not_allowed;
use super::parameter::{DaysOptions, KeyOfSite, Options, Place, SitePlace};
use super::problem::Refused;
use super::{App, never_stored};
use crate::faucet::Faucet;

/// For how long a browser may go by what it was told about requests that it has to ask about first.
const ASKED_FOR: Duration = Duration::from_mins(10);
/// What the addresses of sites begin with.
const BELOW: &str = "/api/v1/sites/";

problems! {
    /// Why a site is not shown.
    SiteProblems: [],
    InvalidParameter, UnknownSite,
}

problems! {
    /// Why statistics are not shown.
    StatisticsProblems: [READS],
    InvalidParameter, WrongStatisticsKey,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new().routes(routes!(see)).routes(routes!(statistics))
}

/// The routes as they are served: what they say to methods that they do not have is theirs, too, for a browser asks by one first.
pub(super) fn for_its_pages(faucet: Faucet) -> Router<App> {
    let routes = routes().into_router().method_not_allowed_fallback(method_not_allowed);
    routes.layer(from_fn(never_stored)).layer(by_its_pages(faucet))
}

/// Has browsers give answers to pages of the origins of the site that the address names: each is told its own origin, letter for
/// letter, and no others are told any.
fn by_its_pages(faucet: Faucet) -> CorsLayer {
    let is_its = move |origin: &HeaderValue, parts: &Parts| {
        let site = parts.uri.path().strip_prefix(BELOW).and_then(|rest| rest.split('/').next());
        let (Some(site), Ok(origin)) = (site, origin.to_str()) else { return false };
        faucet.site_origins(site).iter().any(|own| own == origin)
    };
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(is_its))
        .allow_methods([Method::GET])
        .allow_headers([AUTHORIZATION])
        .max_age(ASKED_FOR)
}

/// What pages need to know of a site: how it looks, and whether what is won there is paid.
#[utoipa::path(
    get,
    path = "/api/v1/sites/{site}",
    tag = "sites",
    operation_id = "site",
    params(SitePlace),
    responses((status = 200, description = "The site.", body = SiteView), SiteProblems),
)]
async fn see(State(app): State<App>, Place(place): Place<SitePlace>) -> Result<Json<SiteView>, Refused> {
    Ok(Json(app.faucet.site(&place.site)?))
}

/// What came of a site, by day: how many rounds were opened and won, and what was paid for them. For whoever has its read-only key.
#[utoipa::path(
    get,
    path = "/api/v1/sites/{site}/statistics",
    tag = "sites",
    operation_id = "site_statistics",
    security(("statistics_key" = [])),
    params(SitePlace, DaysOptions),
    responses(
        (status = 200, description = "The days on which anything came of it.", body = SiteStatistics),
        StatisticsProblems
    ),
)]
async fn statistics(
    State(app): State<App>,
    Place(place): Place<SitePlace>,
    KeyOfSite(key): KeyOfSite,
    Options(options): Options<DaysOptions>,
) -> Result<Json<SiteStatistics>, Refused> {
    Ok(Json(app.faucet.site_statistics(&place.site, key, options.days()?).await?))
}
