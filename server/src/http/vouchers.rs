//! `/api/v1/vouchers`: what the code of a voucher is for.

use axum::Json;
use axum::extract::State;
use dripline_shared::api::{VoucherLook, VoucherView};

use super::App;
use super::answers::{JSON, READS, problems};
use super::body::JsonBody;
use super::documented::{Documented, routes};
use super::problem::Refused;

problems! {
    /// Why it is not told what a code is for.
    LookProblems: [JSON, READS],
    InvalidWallet, VoucherUnknown, VoucherUsed, VoucherExpired,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new().routes(routes!(look))
}

/// Tells what a code is for, to a wallet that can use it or has used it. Nothing is changed by it.
///
/// The code is in the body, where no log of addresses has it. All codes that are none have one answer.
#[utoipa::path(
    post,
    path = "/api/v1/vouchers/look",
    tag = "catalog",
    operation_id = "look_at_voucher",
    request_body = VoucherLook,
    responses((status = 200, description = "What it is for.", body = VoucherView), LookProblems),
)]
async fn look(
    State(app): State<App>,
    JsonBody(request): JsonBody<VoucherLook>,
) -> Result<Json<VoucherView>, Refused> {
    Ok(Json(app.faucet.look_at_voucher(request).await?))
}
