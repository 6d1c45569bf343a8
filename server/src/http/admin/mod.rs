//! `/admin/v1`: what operators do by HTTP.
//!
//! [`guard`] is the one place where a request is let through: by the key that it shows, and by what [`table`] demands for its
//! route. Handlers find out from it who asks, and check nothing of that themselves.

mod audit;
mod catalog;
mod drafts;
mod guard;
mod keys;
mod place;
mod publications;
mod table;
mod vouchers;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use dripline_shared::error::Code;
use dripline_shared::limit::CountLimit;
use dripline_shared::time::MINUTE_MS;
use utoipa_axum::router::OpenApiRouter;

use super::problem::Refused;
use super::{App, docs, never_stored};

pub use table::{Demand, demands};

/// How often the audit log is told of attempts from a network with no key that is known: once a minute. Anybody can make
/// them, and none of them does anything.
pub(super) const STRANGERS: CountLimit = CountLimit { burst: 1, every_ms: MINUTE_MS };
/// Of how many networks that is remembered; all others share one: whoever has many networks has no more of the log for that.
pub(super) const STRANGERS_MAX: usize = 256;
/// The longest JSON body, in bytes: a whole catalog has below 100,000.
const ADMIN_BYTES_MAX: usize = 1 << 18;

/// What any of the operations may answer.
const GUARDED: &[Code] = &[
    Code::AccessMissing,
    Code::AccessWrong,
    Code::AccessExpired,
    Code::AccessRevoked,
    Code::AccessElsewhere,
    Code::AccessRefused,
    Code::Overloaded,
    Code::StorageUnavailable,
];

/// The routes, guarded, and their document.
pub(super) fn routes(app: &App) -> Router<App> {
    let (routes, document) = api().split_for_parts();
    routes
        .route_layer(from_fn_with_state(app.clone(), guard::guard))
        .layer(from_fn(never_stored))
        .merge(docs::operators_route(&document))
}

/// The operations, with their documentation.
pub(super) fn api() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(docs::operators_document())
        .merge(keys::routes())
        .merge(audit::routes())
        .merge(catalog::routes())
        .merge(publications::routes())
        .merge(drafts::routes())
        .merge(vouchers::routes())
}

/// Answers what no route matched, where there is nothing else.
pub(super) async fn nothing() -> Refused {
    Code::NotFound.into()
}
