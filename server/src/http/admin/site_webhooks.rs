//! `/admin/v1/sites/{site}/webhooks`: where the servers of sites are told what happens there.

use axum::Json;
use axum::extract::State;
use dripline_shared::api::operate::sites::SiteKeyRotation;
use dripline_shared::api::operate::webhooks::{
    SiteWebhook, SiteWebhooks, WebhookChange, WebhookDeliveries, WebhookMessage, WebhookRequest,
    WebhookSecret,
};

use super::guard::Access;
use super::place::{DeliveryPlace, WebhookPlace};
use super::{ADMIN_BYTES_MAX, GUARDED, GUARDED_CHANGES};
use crate::http::App;
use crate::http::answers::{CHANGES, JSON, problems};
use crate::http::body::JsonBody;
use crate::http::documented::{Documented, routes};
use crate::http::parameter::{HistoryOptions, Options, Place, SitePlace};
use crate::http::problem::Refused;

problems! {
    /// Why webhooks are not shown.
    ListProblems: [GUARDED],
    InvalidParameter, UnknownSite,
}
problems! {
    /// Why a webhook was not made.
    MakeProblems: [GUARDED, GUARDED_CHANGES, JSON, CHANGES],
    InvalidParameter, UnknownSite, SiteEnded, WebhookInvalid, WebhooksUsedUp,
}
problems! {
    /// Why a webhook was not changed.
    ChangeProblems: [GUARDED, GUARDED_CHANGES, JSON, CHANGES],
    InvalidParameter, UnknownSite, SiteEnded, WebhookUnknown, WebhookInvalid,
}
problems! {
    /// Why the secret of a webhook was not rotated.
    RotateProblems: [GUARDED, GUARDED_CHANGES, JSON, CHANGES],
    InvalidParameter, UnknownSite, SiteEnded, WebhookUnknown,
}
problems! {
    /// Why a webhook was not removed.
    RemoveProblems: [GUARDED, GUARDED_CHANGES, CHANGES],
    InvalidParameter, UnknownSite, SiteEnded, WebhookUnknown,
}
problems! {
    /// Why a webhook was not tried.
    TestProblems: [GUARDED, GUARDED_CHANGES, CHANGES],
    InvalidParameter, UnknownSite, SiteEnded, WebhookUnknown, WebhookOff,
}
problems! {
    /// Why the messages to a webhook are not shown.
    DeliveriesProblems: [GUARDED],
    InvalidParameter, UnknownSite, WebhookUnknown,
}
problems! {
    /// Why a message is not sent again.
    ResendProblems: [GUARDED, GUARDED_CHANGES, CHANGES],
    InvalidParameter, UnknownSite, SiteEnded, WebhookUnknown, WebhookOff, DeliveryUnknown,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new()
        .routes(routes!(list, make))
        .routes(routes!(change, remove))
        .routes(routes!(rotate))
        .routes(routes!(test))
        .routes(routes!(deliveries))
        .routes(routes!(resend))
}

/// The webhooks of a site, also of one that has ended. Their secrets are not shown.
#[utoipa::path(
    get,
    path = "/admin/v1/sites/{site}/webhooks",
    tag = "operators",
    operation_id = "site_webhooks",
    security(("api_key" = []), ("session" = [])),
    params(SitePlace),
    responses((status = 200, description = "The webhooks, the oldest first.", body = SiteWebhooks), ListProblems),
)]
async fn list(State(app): State<App>, Place(place): Place<SitePlace>) -> Result<Json<SiteWebhooks>, Refused> {
    Ok(Json(app.faucet.site_webhooks(&place.site).await?))
}

/// Makes a webhook of a site. The answer has its secret, this once.
#[utoipa::path(
    post,
    path = "/admin/v1/sites/{site}/webhooks",
    tag = "operators",
    operation_id = "make_site_webhook",
    security(("api_key" = []), ("session" = [])),
    params(SitePlace),
    request_body = WebhookRequest,
    responses((status = 200, description = "The webhook with its secret.", body = WebhookSecret), MakeProblems),
)]
async fn make(
    State(app): State<App>,
    access: Access,
    Place(place): Place<SitePlace>,
    JsonBody(request): JsonBody<WebhookRequest, ADMIN_BYTES_MAX>,
) -> Result<Json<WebhookSecret>, Refused> {
    Ok(Json(app.faucet.make_site_webhook(access.who, place.site.into(), request).await?))
}

/// Says something else of a webhook, from now on everywhere. While it is off, nothing is written for it; what waited is sent once it is
/// on again, if that is within three days.
#[utoipa::path(
    put,
    path = "/admin/v1/sites/{site}/webhooks/{webhook}",
    tag = "operators",
    operation_id = "change_site_webhook",
    security(("api_key" = []), ("session" = [])),
    params(WebhookPlace),
    request_body = WebhookChange,
    responses((status = 200, description = "The webhook, as it is now.", body = SiteWebhook), ChangeProblems),
)]
async fn change(
    State(app): State<App>,
    access: Access,
    Place(place): Place<WebhookPlace>,
    JsonBody(change): JsonBody<WebhookChange, ADMIN_BYTES_MAX>,
) -> Result<Json<SiteWebhook>, Refused> {
    let (site, webhook) = (place.site.into(), place.webhook.into());
    Ok(Json(app.faucet.set_site_webhook(access.who, site, webhook, change).await?))
}

/// Removes a webhook. What it was to be told is not sent any more.
#[utoipa::path(
    delete,
    path = "/admin/v1/sites/{site}/webhooks/{webhook}",
    tag = "operators",
    operation_id = "remove_site_webhook",
    security(("api_key" = []), ("session" = [])),
    params(WebhookPlace),
    responses((status = 200, description = "Those that are left.", body = SiteWebhooks), RemoveProblems),
)]
async fn remove(
    State(app): State<App>,
    access: Access,
    Place(place): Place<WebhookPlace>,
) -> Result<Json<SiteWebhooks>, Refused> {
    let (site, webhook) = (place.site.into(), place.webhook.into());
    Ok(Json(app.faucet.remove_site_webhook(access.who, site, webhook).await?))
}

/// Gives a webhook a new secret; messages are signed by the former one, too, for a while. The answer has the new one, this once.
#[utoipa::path(
    post,
    path = "/admin/v1/sites/{site}/webhooks/{webhook}/rotate",
    tag = "operators",
    operation_id = "rotate_site_webhook",
    security(("api_key" = []), ("session" = [])),
    params(WebhookPlace),
    request_body = SiteKeyRotation,
    responses((status = 200, description = "The secret, and its webhook.", body = WebhookSecret), RotateProblems),
)]
async fn rotate(
    State(app): State<App>,
    access: Access,
    Place(place): Place<WebhookPlace>,
    JsonBody(rotation): JsonBody<SiteKeyRotation, ADMIN_BYTES_MAX>,
) -> Result<Json<WebhookSecret>, Refused> {
    let (site, webhook) = (place.site.into(), place.webhook.into());
    Ok(Json(app.faucet.rotate_site_webhook(access.who, site, webhook, rotation).await?))
}

/// Sends a webhook a message of the type `test`, to try it.
#[utoipa::path(
    post,
    path = "/admin/v1/sites/{site}/webhooks/{webhook}/test",
    tag = "operators",
    operation_id = "test_site_webhook",
    security(("api_key" = []), ("session" = [])),
    params(WebhookPlace),
    responses((status = 200, description = "The message, which is sent at once.", body = WebhookMessage), TestProblems),
)]
async fn test(
    State(app): State<App>,
    access: Access,
    Place(place): Place<WebhookPlace>,
) -> Result<Json<WebhookMessage>, Refused> {
    let (site, webhook) = (place.site.into(), place.webhook.into());
    Ok(Json(app.faucet.test_site_webhook(access.who, site, webhook).await?))
}

/// The messages to a webhook, and how they stand, also of a site that has ended.
#[utoipa::path(
    get,
    path = "/admin/v1/sites/{site}/webhooks/{webhook}/deliveries",
    tag = "operators",
    operation_id = "site_webhook_deliveries",
    security(("api_key" = []), ("session" = [])),
    params(WebhookPlace, HistoryOptions),
    responses(
        (status = 200, description = "A page of messages, the newest first.", body = WebhookDeliveries),
        DeliveriesProblems
    ),
)]
async fn deliveries(
    State(app): State<App>,
    Place(place): Place<WebhookPlace>,
    Options(options): Options<HistoryOptions>,
) -> Result<Json<WebhookDeliveries>, Refused> {
    let limit = usize::try_from(options.limit()?).unwrap_or(usize::MAX);
    let (site, webhook) = (&place.site, &place.webhook);
    Ok(Json(app.faucet.site_webhook_deliveries(site, webhook, options.before, limit).await?))
}

/// Sends a message to a webhook again, as it was and with the same id.
#[utoipa::path(
    post,
    path = "/admin/v1/sites/{site}/webhooks/{webhook}/deliveries/{delivery}/resend",
    tag = "operators",
    operation_id = "resend_to_site_webhook",
    security(("api_key" = []), ("session" = [])),
    params(DeliveryPlace),
    responses((status = 200, description = "The message, which is sent at once.", body = WebhookMessage), ResendProblems),
)]
async fn resend(
    State(app): State<App>,
    access: Access,
    Place(place): Place<DeliveryPlace>,
) -> Result<Json<WebhookMessage>, Refused> {
    let (site, webhook) = (place.site.into(), place.webhook.into());
    Ok(Json(app.faucet.resend_to_site_webhook(access.who, site, webhook, place.delivery).await?))
}
