//! HTTP: routes by resource, what they take and answer, and the layers around them.
//!
//! [`router`] makes the service of a faucet, [`serve`] hands connections to it. Nothing below this module knows axum:
//! handlers turn a request into a call of the use cases in [`crate::faucet`], and nothing else.

mod admin;
mod answers;
mod body;
mod catalog;
mod claims;
mod client;
mod delegations;
mod docs;
mod documented;
mod embed;
mod ended;
mod frame;
mod health;
mod ledger;
mod log;
mod notices;
mod observe;
mod pages;
mod parameter;
mod payouts;
mod problem;
mod problem_pages;
mod read_keys;
mod rounds;
mod security;
mod serve;
mod sites;
mod slots;
mod stall;
mod throttle;
mod tls;
mod verification;
mod vouchers;
mod wallets;

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use dripline_shared::api::Notices;
use dripline_shared::api::overview::{Overview, Warning, WarningKind};
use dripline_shared::error::Code;
use dripline_shared::limit::CountLimit;
use prometheus_client::metrics::gauge::Gauge;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::OpenApi;

use self::client::{Client, counted_as};
use self::documented::Documented;
use self::observe::Observer;
use self::problem::Refused;
use self::throttle::Throttle;
use crate::assets::{Assets, Kept};
use crate::edge::Edge;
use crate::faucet::{Caller, Faucet, OfServer};
use crate::refusal::Refusal;
use crate::telemetry::Metrics;

pub use admin::{COOKIE_NAME, Demand, Demanded, demands, invitation_link};
pub use body::JSON_BYTES_MAX;
pub use client::{Clients, ForwardedHeader, Peer};
pub use ended::{Ended, Ending};
pub use problem::PROBLEM_JSON;
pub use serve::{Serving, metrics_router, serve};
pub use throttle::{THROTTLE_ADDRESSES_MAX, THROTTLE_BURST, THROTTLE_PER_SECOND, throttle_limit};
pub use tls::{Tls, TlsError, TlsFiles};

/// How long a body may take to arrive, where nothing else is said.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// How often consoles are told how everything stands, where nothing else is said.
pub const EVENTS_EVERY: Duration = Duration::from_secs(2);

/// How long a console may take nothing of what it is told, where nothing else is said.
pub const EVENTS_SLOW_MAX: Duration = Duration::from_secs(10);

/// How a faucet is served.
#[derive(Debug, Clone)]
pub struct Options {
    /// The clock, for waiting times.
    pub edge: Edge,
    /// The pages.
    pub assets: Assets,
    /// The loaders and bridges of releases that are past, if they are kept.
    pub kept: Option<Kept>,
    /// What the operator tells players.
    pub notices: Notices,
    /// How clients' addresses are found and grouped.
    pub clients: Clients,
    /// How many requests one address may make.
    pub throttle: CountLimit,
    /// How many addresses the throttle remembers.
    pub throttle_addresses_max: usize,
    /// How long a body may take to arrive.
    pub body_timeout: Duration,
    /// What about the configuration is worth a thought.
    pub warnings: Vec<Warning>,
    /// How often consoles are told how everything stands, and asked whether they still may know.
    pub events_every: Duration,
    /// How long a console may take nothing of what it is told.
    pub events_slow_max: Duration,
    /// That the server was told to end: whoever listens to events then hears no more.
    pub ended: Ended,
    /// Whether what operators do is served beside what players do. Otherwise it has a listener of its own, or none.
    pub serves_admin: bool,
    /// The origins of the pages where operators sign in; the first is what the links of invitations begin with.
    pub admin_origins: Vec<String>,
}

impl Options {
    /// No pages, no notices, no proxies, and otherwise what an operator gets who configures nothing.
    pub fn new(edge: Edge) -> Self {
        Self {
            edge,
            assets: Assets::default(),
            kept: None,
            notices: Notices::default(),
            clients: Clients::default(),
            throttle: throttle_limit(THROTTLE_BURST, THROTTLE_PER_SECOND),
            throttle_addresses_max: THROTTLE_ADDRESSES_MAX,
            body_timeout: BODY_TIMEOUT,
            warnings: Vec::new(),
            events_every: EVENTS_EVERY,
            events_slow_max: EVENTS_SLOW_MAX,
            ended: Ended::channel().1,
            serves_admin: true,
            admin_origins: Vec::new(),
        }
    }
}

/// What handlers work with.
#[derive(Debug, Clone)]
struct App {
    faucet: Faucet,
    metrics: Metrics,
    options: Arc<Options>,
    throttle: Arc<Throttle>,
    /// How often the audit log is told of attempts with no key that is known.
    refusals: Arc<admin::Refusals>,
    /// What consoles are told again and again.
    feed: Arc<admin::Feed>,
    /// How often people ask who are not signed in yet.
    visitors: Arc<Throttle>,
    /// How often secrets are tried that no site has.
    guesses: Arc<Throttle>,
}

impl App {
    fn new(faucet: Faucet, options: Options, metrics: Metrics) -> Self {
        let throttle = Throttle::new(options.throttle, options.throttle_addresses_max);
        let visitors = Throttle::new(admin::VISITORS, admin::VISITORS_MAX);
        let guesses = Throttle::new(verification::GUESSES, verification::GUESSES_MAX);
        Self {
            faucet,
            metrics,
            options: Arc::new(options),
            throttle: Arc::new(throttle),
            refusals: Arc::default(),
            feed: Arc::default(),
            visitors: Arc::new(visitors),
            guesses: Arc::new(guesses),
        }
    }

    /// How everything stands, for operators.
    async fn overview(&self) -> Overview {
        let mut warnings = self.options.warnings.clone();
        if self.metrics.is_certificate_refused() {
            let text =
                "the files of the certificate cannot be used, and an older one is shown: the log says why";
            warnings.push(Warning { kind: WarningKind::CertificateRefused, text: text.to_owned() });
        }
        let whole = |gauge: &Gauge| u64::try_from(gauge.get()).unwrap_or_default();
        let connections = whole(self.metrics.connections());
        let listeners = whole(self.metrics.event_listeners());
        self.faucet.overview(OfServer { connections, listeners, warnings }).await
    }
}

/// The service of a faucet. Requests should carry their [`Peer`] as an extension, as [`serve`] adds it.
pub fn router(faucet: Faucet, options: Options, metrics: Metrics) -> Router {
    let app = App::new(faucet, options, metrics.clone());
    let routes = of_faucet().into_router().layer(from_fn(never_stored));
    let routes = routes.merge(docs::routes()).merge(problem_pages::routes()).merge(frame::routes());
    let routes = if app.options.serves_admin { routes.merge(admin::routes(&app)) } else { routes };
    let routes = routes.fallback(pages::fallback).method_not_allowed_fallback(pages::method_not_allowed);
    let routes = routes.merge(sites::for_its_pages(app.faucet.clone()));
    layered(routes, app, metrics)
}

/// The service of what operators do, with their page, and of nothing else: for a listener of its own.
pub fn admin_router(faucet: Faucet, options: Options, metrics: Metrics) -> Router {
    let app = App::new(faucet, options, metrics.clone());
    let routes = admin::routes(&app)
        .merge(problem_pages::routes())
        .fallback(pages::console)
        .method_not_allowed_fallback(pages::method_not_allowed);
    layered(routes, app, metrics)
}

/// Routes with what all of them have around them.
fn layered(routes: Router<App>, app: App, metrics: Metrics) -> Router {
    let edge = app.options.edge.clone();
    let observer = Observer::new(&edge, app.options.clients.clone(), metrics);
    routes
        // The last layer is the outermost: it sees a request first and its answer last.
        .layer(from_fn_with_state(app.clone(), admit))
        .layer(CatchPanicLayer::custom(caught))
        .layer(from_fn_with_state(edge, problem::render))
        .layer(from_fn(security::headers))
        .layer(from_fn_with_state(observer, observe::observe))
        .with_state(app)
}

/// The OpenAPI document of what operators do.
pub fn operators_openapi() -> OpenApi {
    admin::api().document(docs::operators_document())
}

/// The OpenAPI document of everything that is served but for what operators do.
pub fn openapi() -> OpenApi {
    of_faucet().merge(sites::routes()).document(docs::document())
}

/// The operations but for those of sites, with their documentation.
fn of_faucet() -> Documented {
    Documented::new()
        .merge(rounds::routes())
        .merge(claims::routes())
        .merge(verification::routes())
        .merge(catalog::routes())
        .merge(notices::routes())
        .merge(vouchers::routes())
        .merge(wallets::routes())
        .merge(read_keys::routes())
        .merge(delegations::routes())
        .merge(payouts::routes())
        .merge(ledger::routes())
        .merge(log::routes())
        .merge(health::routes())
}

/// Answers of the API are of the moment, and some are secret.
async fn never_stored(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Finds out who asks, and lets only so many requests of one address through.
async fn admit(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().copied();
    let client = app.options.clients.client(peer, request.headers());
    let throttled = !health::PATHS.contains(&request.uri().path());
    if throttled && let Err(until) = app.throttle.take(counted_as(client.address), app.options.edge.now()) {
        return Refused(Refusal::until(Code::RateLimited, Code::RateLimited.title(), until)).into_response();
    }
    request.extensions_mut().insert(client);
    next.run(request).await
}

/// Who asks, as far as the use cases know.
fn caller(client: Client) -> Caller {
    Caller { prefix: client.network.to_string() }
}

/// A panic is a mistake of ours: the operator reads what happened, the client only that it did.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands the payload over")]
fn caught(panic: Box<dyn Any + Send + 'static>) -> Response {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("of unknown kind");
    tracing::error!(message, "a handler panicked");
    Refused::from(Code::Internal).into_response()
}
