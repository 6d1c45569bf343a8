//! Watching requests: each gets an id, a line in the log when it was answered, and counts in the metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use dripline_shared::error::Code;
use tracing::Instrument;
use tracing::field::Empty;

use super::client::{Clients, Peer, REQUEST_ID};
use crate::edge::Edge;
use crate::telemetry::{Answered, Metrics, Stopwatch, TRACES};

/// The route of requests that no route of the API matched: pages, and what is not there.
const NO_ROUTE: &str = "pages";

/// Names and counts requests.
#[derive(Debug, Clone)]
pub(super) struct Observer {
    ids: Arc<RequestIds>,
    clients: Arc<Clients>,
    metrics: Metrics,
}

#[derive(Debug)]
struct RequestIds {
    /// Random, so that ids of two runs differ.
    start: u32,
    next: AtomicU64,
}

impl Observer {
    /// An observer that counts in `metrics`, and knows of `clients` who is believed about ids.
    pub(super) fn new(edge: &Edge, clients: Clients, metrics: Metrics) -> Self {
        let start = u32::from_be_bytes(edge.random());
        let ids = RequestIds { start, next: AtomicU64::new(0) };
        Self { ids: Arc::new(ids), clients: Arc::new(clients), metrics }
    }
}

impl RequestIds {
    fn next(&self) -> String {
        format!("{:08x}-{:x}", self.start, self.next.fetch_add(1, Ordering::Relaxed))
    }
}

/// Watches one request.
pub(super) async fn observe(State(observer): State<Observer>, request: Request, next: Next) -> Response {
    let stopwatch = Stopwatch::start();
    let peer = request.extensions().get::<Peer>().copied();
    let told = observer.clients.request_id(peer, request.headers()).map(str::to_owned);
    let id = told.unwrap_or_else(|| observer.ids.next());
    let method = name_of(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    // Whatever is logged on the way has the id, however little is logged.
    let span = tracing::error_span!("request", request_id = %id);
    let name = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    let trace = tracing::info_span!(
        target: TRACES,
        "request",
        otel.name = format!("{method} {name}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = name,
        http.response.status_code = Empty,
        error.type = Empty,
        dripline.request_id = %id,
    );
    let mut response = next.run(request).instrument(trace.clone()).instrument(span.clone()).await;
    let duration = stopwatch.elapsed();
    let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    let status = response.status().as_u16();
    let code = response.extensions_mut().remove::<Code>();
    trace.record("http.response.status_code", status);
    if let Some(code) = code {
        trace.record("error.type", code.as_str());
    }
    drop(trace);
    observer.metrics.answered(Answered { method, route, status, code, duration });
    span.in_scope(|| report(&Answered { method, route, status, code, duration }));
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// One line: what the server itself failed at is for the operator's attention, all else is for the curious.
fn report(answered: &Answered<'_>) {
    let Answered { method, route, status, code, duration } = answered;
    let code = code.map_or("", Code::as_str);
    let duration_us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    if *status >= 500 {
        tracing::warn!(method, route, status, code, duration_us, "answered");
    } else {
        tracing::debug!(method, route, status, code, duration_us, "answered");
    }
}

/// The method's name; any token can be a method, and the metrics must stay bounded.
fn name_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        _ => "OTHER",
    }
}
