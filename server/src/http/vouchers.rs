//! `/api/v1/vouchers`: what the code of a voucher is for.

use axum::Json;
use axum::extract::State;
use dripline_shared::api::{VoucherLook, VoucherView};

use super::App;
use super::answers::{JSON, READS, problems};
use super::body::JsonBody;
use super::documented::{Documented, routes};
use super::parameter::{Options, SiteOptions};
use super::problem::Refused;

problems! {
    /// Why it is not told what a code is for.
    LookProblems: [JSON, READS],
    InvalidWallet, InvalidParameter, UnknownSite, VoucherUnknown, VoucherUsed, VoucherExpired,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new().routes(routes!(look))
}

/// Tells what a code is for, to a wallet that can use it or has used it. Nothing is changed by it.
///
/// The code is in the body, where no log of addresses has it. All codes that are none have one answer. On a site, levels are named
/// only where the code is of the campaign that pays there.
#[utoipa::path(
    post,
    path = "/api/v1/vouchers/look",
    tag = "catalog",
    operation_id = "look_at_voucher",
    params(SiteOptions),
    request_body = VoucherLook,
    responses((status = 200, description = "What it is for.", body = VoucherView), LookProblems),
)]
async fn look(
    State(app): State<App>,
    Options(options): Options<SiteOptions>,
    JsonBody(request): JsonBody<VoucherLook>,
) -> Result<Json<VoucherView>, Refused> {
    Ok(Json(app.faucet.look_at_voucher(request, options.site.as_deref()).await?))
}
