//! `/admin/v1`: what operators do by HTTP.
//!
//! [`guard`] is the one place where a request is let through: by the key or the session that it shows, and by what [`table`]
//! demands for its route. Handlers find out from it who asks, and check nothing of that themselves.

mod alerts;
mod audit;
mod catalog;
mod drafts;
mod emergency;
mod events;
mod feed;
mod guard;
mod keys;
mod me;
mod operators;
mod origin;
mod overview;
mod passkeys;
mod payouts;
mod place;
mod players;
mod proposals;
mod publications;
mod refusals;
mod session;
mod sessions;
mod sign_in;
mod site_webhooks;
mod sites;
mod table;
mod vouchers;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use dripline_shared::error::Code;
use dripline_shared::limit::CountLimit;
use dripline_shared::time::SECOND_MS;

use super::{App, docs, never_stored};
use crate::http::documented::Documented;

pub(super) use feed::Feed;
pub use operators::invitation_link;
pub(super) use refusals::Refusals;
pub use session::COOKIE_NAME;
pub use table::{Demand, Demanded, demands};

/// How many requests of people who are not signed in yet a network may make: signing in takes two.
pub(super) const VISITORS: CountLimit = CountLimit { burst: 30, every_ms: 2 * SECOND_MS };
/// Of how many networks that is remembered; all others share one.
pub(super) const VISITORS_MAX: usize = 4_096;
/// The longest JSON body of whoever is not signed in, in bytes: what a passkey answers has below 4,000.
const VISITOR_BYTES_MAX: usize = 1 << 14;
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
    Code::SessionEnded,
    Code::Overloaded,
    Code::StorageUnavailable,
];

/// What any of the operations may answer that change something: by a session, they must come from its page.
const GUARDED_CHANGES: &[Code] = &[Code::CsrfRefused];
/// What those for operators alone may answer who have signed in.
const FOR_SESSIONS: &[Code] = &[Code::SessionNeeded];
/// What those may answer that are open to anybody.
const OPEN: &[Code] =
    &[Code::OriginRefused, Code::PasskeysNeedDomain, Code::Overloaded, Code::StorageUnavailable];

/// The routes, guarded, and their document.
pub(super) fn routes(app: &App) -> Router<App> {
    api()
        .into_router()
        .route_layer(from_fn_with_state(app.clone(), guard::guard))
        .layer(from_fn(never_stored))
        .merge(docs::operators_route())
}

/// The operations, with their documentation.
pub(super) fn api() -> Documented {
    Documented::new()
        .merge(overview::routes())
        .merge(events::routes())
        .merge(sign_in::routes())
        .merge(me::routes())
        .merge(sessions::routes())
        .merge(passkeys::routes())
        .merge(operators::routes())
        .merge(alerts::routes())
        .merge(keys::routes())
        .merge(audit::routes())
        .merge(catalog::routes())
        .merge(publications::routes())
        .merge(drafts::routes())
        .merge(players::routes())
        .merge(payouts::routes())
        .merge(emergency::routes())
        .merge(proposals::routes())
        .merge(vouchers::routes())
        .merge(sites::routes())
        .merge(site_webhooks::routes())
}
