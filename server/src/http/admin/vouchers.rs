//! `/admin/v1/campaigns/{campaign}/vouchers`: codes by which wallets are in a campaign.

use axum::Json;
use axum::extract::State;
use dripline_shared::api::operate::{MadeVouchers, VoucherIssue, VoucherList, VoucherRequest};

use super::guard::Access;
use super::place::{CampaignPlace, IssuePlace};
use super::{GUARDED, GUARDED_CHANGES};
use crate::http::App;
use crate::http::answers::{CHANGES, JSON, problems};
use crate::http::body::JsonBody;
use crate::http::documented::{Documented, routes};
use crate::http::parameter::Place;
use crate::http::problem::Refused;

/// The longest body, in bytes.
const BODY_MAX: usize = 1 << 10;

problems! {
    /// Why vouchers are not shown.
    ListProblems: [GUARDED],
    InvalidParameter, UnknownCampaign,
}
problems! {
    /// Why no vouchers were made.
    MakeProblems: [GUARDED, GUARDED_CHANGES, JSON, CHANGES],
    InvalidParameter, UnknownCampaign, ClientIdReused, VouchersUsedUp,
}
problems! {
    /// Why vouchers were not revoked.
    RevokeProblems: [GUARDED, GUARDED_CHANGES, CHANGES],
    InvalidParameter, UnknownCampaign, VouchersUnknown,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new().routes(routes!(list, make)).routes(routes!(revoke))
}

/// The vouchers of a campaign: how many were made each time, and how many of them were used.
#[utoipa::path(
    get,
    path = "/admin/v1/campaigns/{campaign}/vouchers",
    tag = "operators",
    operation_id = "list_vouchers",
    security(("api_key" = []), ("session" = [])),
    params(CampaignPlace),
    responses((status = 200, description = "The vouchers.", body = VoucherList), ListProblems),
)]
async fn list(
    State(app): State<App>,
    Place(place): Place<CampaignPlace>,
) -> Result<Json<VoucherList>, Refused> {
    Ok(Json(app.faucet.vouchers(&place.campaign).await?))
}

/// Makes vouchers of a campaign. The answer has their codes, which are stored as hashes: if it is lost, send the same request once
/// more. It makes nothing new, and has the same codes.
#[utoipa::path(
    post,
    path = "/admin/v1/campaigns/{campaign}/vouchers",
    tag = "operators",
    operation_id = "make_vouchers",
    security(("api_key" = []), ("session" = [])),
    params(CampaignPlace),
    request_body = VoucherRequest,
    responses((status = 200, description = "The vouchers, and their codes.", body = MadeVouchers), MakeProblems),
)]
async fn make(
    State(app): State<App>,
    access: Access,
    Place(place): Place<CampaignPlace>,
    JsonBody(request): JsonBody<VoucherRequest, BODY_MAX>,
) -> Result<Json<MadeVouchers>, Refused> {
    Ok(Json(app.faucet.make_vouchers(access.who, place.campaign.into(), request).await?))
}

/// Revokes those of an issue that nobody has used. Who has used one stays in the campaign.
#[utoipa::path(
    delete,
    path = "/admin/v1/campaigns/{campaign}/vouchers/{issue}",
    tag = "operators",
    operation_id = "revoke_vouchers",
    security(("api_key" = []), ("session" = [])),
    params(IssuePlace),
    responses((status = 200, description = "The issue, as it stands.", body = VoucherIssue), RevokeProblems),
)]
async fn revoke(
    State(app): State<App>,
    access: Access,
    Place(place): Place<IssuePlace>,
) -> Result<Json<VoucherIssue>, Refused> {
    Ok(Json(app.faucet.revoke_vouchers(access.who, place.campaign.into(), place.issue).await?))
}
