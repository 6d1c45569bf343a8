//! `/admin/v1/audit`: what operators have changed, and what was refused.

use axum::Json;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use dripline_shared::api::operate::AuditPage;

use super::GUARDED;
use super::place::{AuditExportOptions, AuditOptions};
use crate::http::App;
use crate::http::answers::problems;
use crate::http::documented::{Documented, routes};
use crate::http::parameter::Options;
use crate::http::problem::Refused;

problems! {
    /// Why the audit log is not shown.
    AuditProblems: [GUARDED],
    InvalidParameter,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new().routes(routes!(page)).routes(routes!(export))
}

/// A page of the audit log, the newest first.
#[utoipa::path(
    get,
    path = "/admin/v1/audit",
    tag = "operators",
    operation_id = "audit",
    security(("api_key" = []), ("session" = [])),
    params(AuditOptions),
    responses((status = 200, description = "A page of it.", body = AuditPage), AuditProblems),
)]
async fn page(
    State(app): State<App>,
    Options(options): Options<AuditOptions>,
) -> Result<Json<AuditPage>, Refused> {
    let limit = options.limit()?;
    Ok(Json(app.faucet.audit_page(options.before, limit).await?))
}

/// The audit log as lines of JSON, the newest first: at most 10,000 entries. What each says is as it was written, so that its
/// hash can be computed.
#[utoipa::path(
    get,
    path = "/admin/v1/audit.jsonl",
    tag = "operators",
    operation_id = "export_audit",
    security(("api_key" = []), ("session" = [])),
    params(AuditExportOptions),
    responses(
        (status = 200, description = "The lines.", body = String, content_type = "application/jsonl"), AuditProblems
    ),
)]
async fn export(
    State(app): State<App>,
    Options(options): Options<AuditExportOptions>,
) -> Result<impl IntoResponse, Refused> {
    let lines = app.faucet.audit_lines(options.before).await?;
    let headers = [
        (CONTENT_TYPE, "application/jsonl"),
        (CONTENT_DISPOSITION, "attachment; filename=\"dripline-audit.jsonl\""),
    ];
    Ok((headers, lines))
}
