//! `/admin/v1/sites`: pages of others that show the games.

use axum::Json;
use axum::extract::State;
use dripline_shared::api::operate::sites::{
    MadeSite, RegisteredSite, SiteChange, SiteKeyRotation, SiteKeySecret, SiteList,
};
use dripline_shared::api::sites::SiteStatistics;
use dripline_shared::error::Code;
use dripline_shared::site::Site;

use super::guard::Access;
use super::{ADMIN_BYTES_MAX, GUARDED, GUARDED_CHANGES};
use crate::http::App;
use crate::http::answers::{CHANGES, JSON, problems};
use crate::http::body::JsonBody;
use crate::http::documented::{Documented, routes};
use crate::http::parameter::{DaysOptions, Options, Place, SitePlace};
use crate::http::problem::Refused;
use crate::site::SiteKeyName;

problems! {
    /// Why sites are not shown.
    ListProblems: [GUARDED],
}
problems! {
    /// Why a site is not shown.
    SeeProblems: [GUARDED],
    InvalidParameter, UnknownSite,
}
problems! {
    /// Why what came of a site is not shown.
    StatisticsProblems: [GUARDED],
    InvalidParameter, UnknownSite,
}
problems! {
    /// Why a site was not registered.
    MakeProblems: [GUARDED, GUARDED_CHANGES, JSON, CHANGES],
    SiteInvalid, SiteTaken, SitesUsedUp,
}
problems! {
    /// Why a site was not changed.
    ChangeProblems: [GUARDED, GUARDED_CHANGES, JSON, CHANGES],
    InvalidParameter, UnknownSite, SiteEnded, SiteChanged, SiteInvalid,
}
problems! {
    /// Why a key of a site was not rotated.
    RotateProblems: [GUARDED, GUARDED_CHANGES, JSON, CHANGES],
    InvalidParameter, UnknownSite, SiteEnded,
}
problems! {
    /// Why a key of a site was not revoked.
    RevokeProblems: [GUARDED, GUARDED_CHANGES, CHANGES],
    InvalidParameter, UnknownSite, SiteEnded,
}
problems! {
    /// Why a site was not ended.
    EndProblems: [GUARDED, GUARDED_CHANGES, CHANGES],
    InvalidParameter, UnknownSite,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new()
        .routes(routes!(list, make))
        .routes(routes!(see, change))
        .routes(routes!(end))
        .routes(routes!(statistics))
        .routes(routes!(rotate_secret))
        .routes(routes!(revoke_secret))
        .routes(routes!(rotate_statistics_key))
        .routes(routes!(revoke_statistics_key))
}

/// All sites, also those that have ended, with what came of each on the last seven days.
#[utoipa::path(
    get,
    path = "/admin/v1/sites",
    tag = "operators",
    operation_id = "list_sites",
    security(("api_key" = []), ("session" = [])),
    responses((status = 200, description = "The sites, by their ids.", body = SiteList), ListProblems),
)]
async fn list(State(app): State<App>) -> Result<Json<SiteList>, Refused> {
    Ok(Json(app.faucet.registered_sites().await?))
}

/// Registers a site. The answer has the secret of its server and the key of its statistics, this once.
#[utoipa::path(
    post,
    path = "/admin/v1/sites",
    tag = "operators",
    operation_id = "make_site",
    security(("api_key" = []), ("session" = [])),
    request_body = Site,
    responses((status = 200, description = "The site with its keys.", body = MadeSite), MakeProblems),
)]
async fn make(
    State(app): State<App>,
    access: Access,
    JsonBody(site): JsonBody<Site, ADMIN_BYTES_MAX>,
) -> Result<Json<MadeSite>, Refused> {
    Ok(Json(app.faucet.register_site(access.who, site).await?))
}

/// A site, also one that has ended. The secrets of its keys are not known.
#[utoipa::path(
    get,
    path = "/admin/v1/sites/{site}",
    tag = "operators",
    operation_id = "registered_site",
    security(("api_key" = []), ("session" = [])),
    params(SitePlace),
    responses((status = 200, description = "The site.", body = RegisteredSite), SeeProblems),
)]
async fn see(
    State(app): State<App>,
    Place(place): Place<SitePlace>,
) -> Result<Json<RegisteredSite>, Refused> {
    Ok(Json(app.faucet.registered_site(&place.site).await?))
}

/// Says something else of a site, from now on everywhere. Whoever has not seen its newest revision is told so.
#[utoipa::path(
    put,
    path = "/admin/v1/sites/{site}",
    tag = "operators",
    operation_id = "change_site",
    security(("api_key" = []), ("session" = [])),
    params(SitePlace),
    request_body = SiteChange,
    responses((status = 200, description = "The site, as it is now.", body = RegisteredSite), ChangeProblems),
)]
async fn change(
    State(app): State<App>,
    access: Access,
    Place(place): Place<SitePlace>,
    JsonBody(SiteChange { site, revision }): JsonBody<SiteChange, ADMIN_BYTES_MAX>,
) -> Result<Json<RegisteredSite>, Refused> {
    if site.id != place.site {
        let expected = format!("expected {}, as in the address", place.site);
        return Err(Refused::about(Code::SiteInvalid, "id", expected));
    }
    Ok(Json(app.faucet.set_site(access.who, site, revision).await?))
}

/// Ends a site: its pages show nothing any more, and its keys hold nowhere. Its id is never another one's.
#[utoipa::path(
    post,
    path = "/admin/v1/sites/{site}/end",
    tag = "operators",
    operation_id = "end_site",
    security(("api_key" = []), ("session" = [])),
    params(SitePlace),
    responses((status = 200, description = "The site, as it stands.", body = RegisteredSite), EndProblems),
)]
async fn end(
    State(app): State<App>,
    access: Access,
    Place(place): Place<SitePlace>,
) -> Result<Json<RegisteredSite>, Refused> {
    Ok(Json(app.faucet.end_site(access.who, place.site.into()).await?))
}

/// What came of a site, by day, also of one that has ended.
#[utoipa::path(
    get,
    path = "/admin/v1/sites/{site}/statistics",
    tag = "operators",
    operation_id = "registered_site_statistics",
    security(("api_key" = []), ("session" = [])),
    params(SitePlace, DaysOptions),
    responses(
        (status = 200, description = "The days on which anything came of it.", body = SiteStatistics),
        StatisticsProblems
    ),
)]
async fn statistics(
    State(app): State<App>,
    Place(place): Place<SitePlace>,
    Options(options): Options<DaysOptions>,
) -> Result<Json<SiteStatistics>, Refused> {
    Ok(Json(app.faucet.registered_site_statistics(&place.site, options.days()?).await?))
}

/// Gives a site's server a new secret; the former one holds for a while. The answer has the new one, this once.
#[utoipa::path(
    post,
    path = "/admin/v1/sites/{site}/secret/rotate",
    tag = "operators",
    operation_id = "rotate_site_secret",
    security(("api_key" = []), ("session" = [])),
    params(SitePlace),
    request_body = SiteKeyRotation,
    responses((status = 200, description = "The secret, and its site.", body = SiteKeySecret), RotateProblems),
)]
async fn rotate_secret(
    State(app): State<App>,
    access: Access,
    Place(place): Place<SitePlace>,
    JsonBody(rotation): JsonBody<SiteKeyRotation, ADMIN_BYTES_MAX>,
) -> Result<Json<SiteKeySecret>, Refused> {
    rotate(&app, access, place, SiteKeyName::Secret, rotation).await
}

/// Revokes the secret of a site's server, also the former one: neither holds from now on. Rotating it makes another one.
#[utoipa::path(
    post,
    path = "/admin/v1/sites/{site}/secret/revoke",
    tag = "operators",
    operation_id = "revoke_site_secret",
    security(("api_key" = []), ("session" = [])),
    params(SitePlace),
    responses((status = 200, description = "The site, as it stands.", body = RegisteredSite), RevokeProblems),
)]
async fn revoke_secret(
    State(app): State<App>,
    access: Access,
    Place(place): Place<SitePlace>,
) -> Result<Json<RegisteredSite>, Refused> {
    revoke(&app, access, place, SiteKeyName::Secret).await
}

/// Gives whoever reads a site's statistics a new key; the former one holds for a while. The answer has the new one, this once.
#[utoipa::path(
    post,
    path = "/admin/v1/sites/{site}/statistics-key/rotate",
    tag = "operators",
    operation_id = "rotate_site_statistics_key",
    security(("api_key" = []), ("session" = [])),
    params(SitePlace),
    request_body = SiteKeyRotation,
    responses((status = 200, description = "The key, and its site.", body = SiteKeySecret), RotateProblems),
)]
async fn rotate_statistics_key(
    State(app): State<App>,
    access: Access,
    Place(place): Place<SitePlace>,
    JsonBody(rotation): JsonBody<SiteKeyRotation, ADMIN_BYTES_MAX>,
) -> Result<Json<SiteKeySecret>, Refused> {
    rotate(&app, access, place, SiteKeyName::Statistics, rotation).await
}

/// Revokes the key of a site's statistics, also the former one. Rotating it makes another one.
#[utoipa::path(
    post,
    path = "/admin/v1/sites/{site}/statistics-key/revoke",
    tag = "operators",
    operation_id = "revoke_site_statistics_key",
    security(("api_key" = []), ("session" = [])),
    params(SitePlace),
    responses((status = 200, description = "The site, as it stands.", body = RegisteredSite), RevokeProblems),
)]
async fn revoke_statistics_key(
    State(app): State<App>,
    access: Access,
    Place(place): Place<SitePlace>,
) -> Result<Json<RegisteredSite>, Refused> {
    revoke(&app, access, place, SiteKeyName::Statistics).await
}

/// Gives one of a site's two keys a new secret.
async fn rotate(
    app: &App,
    access: Access,
    place: SitePlace,
    key: SiteKeyName,
    rotation: SiteKeyRotation,
) -> Result<Json<SiteKeySecret>, Refused> {
    Ok(Json(app.faucet.rotate_site_key(access.who, place.site.into(), key, rotation).await?))
}

/// Revokes one of a site's two keys.
async fn revoke(
    app: &App,
    access: Access,
    place: SitePlace,
    key: SiteKeyName,
) -> Result<Json<RegisteredSite>, Refused> {
    Ok(Json(app.faucet.revoke_site_key(access.who, place.site.into(), key).await?))
}
