//! Watching requests: each gets an id, a line in the log when it was answered, and counts in the metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use dripline_shared::error::Code;

use crate::edge::Edge;
use crate::telemetry::{Answered, Metrics, Stopwatch};

/// The header that tells a client the id of its request, to be named when asking the operator about it.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The route of requests that no route of the API matched: pages, and what is not there.
const NO_ROUTE: &str = "pages";

/// Names and counts requests.
#[derive(Debug, Clone)]
pub(super) struct Observer {
    ids: Arc<RequestIds>,
    metrics: Metrics,
}

#[derive(Debug)]
struct RequestIds {
    /// Random, so that ids of two runs differ.
    start: u32,
    next: AtomicU64,
}

impl Observer {
    /// An observer that counts in `metrics`.
    pub(super) fn new(edge: &Edge, metrics: Metrics) -> Self {
        let start = u32::from_be_bytes(edge.random());
        Self { ids: Arc::new(RequestIds { start, next: AtomicU64::new(0) }), metrics }
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
    let id = observer.ids.next();
    let method = name_of(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    let duration = stopwatch.elapsed();
    let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    let status = response.status().as_u16();
    let code = response.extensions_mut().remove::<Code>();
    observer.metrics.answered(Answered { method, route, status, code, duration });
    report(&Answered { method, route, status, code, duration }, &id);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// One line: what the server itself failed at is for the operator's attention, all else is for the curious.
fn report(answered: &Answered<'_>, request_id: &str) {
    let Answered { method, route, status, code, duration } = answered;
    let code = code.map_or("", Code::as_str);
    let duration_us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    if *status >= 500 {
        tracing::warn!(request_id, method, route, status, code, duration_us, "answered");
    } else {
        tracing::debug!(request_id, method, route, status, code, duration_us, "answered");
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
