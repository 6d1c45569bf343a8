//! The metrics: requests by route and status, and the faucet's figures, in the text format of Prometheus.

mod faucet;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use dripline_shared::error::Code;
use dripline_shared::time::{SECOND_MS, Timestamp};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use self::faucet::FaucetFigures;
use crate::faucet::Faucet;

/// The content type of the exposition.
pub const METRICS_CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// The upper bounds of the buckets of the time that an answer takes, in seconds.
const DURATION_BOUNDS_S: [f64; 12] =
    [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// All metrics of one server. Cheap to clone; all clones are the same.
#[derive(Debug, Clone)]
pub struct Metrics {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabels, Histogram>,
    connections: Gauge,
    event_listeners: Gauge,
    certificate_refused: Gauge,
    certificate_expires: Gauge,
}

/// What requests are counted by. The route is as the code writes it, so there are as many as routes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    status: u16,
    code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    method: &'static str,
    route: String,
}

/// An answer, to be counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answered<'a> {
    /// The method; unusual ones count as `OTHER`.
    pub(crate) method: &'static str,
    /// The route as the code writes it.
    pub(crate) route: &'a str,
    /// The status.
    pub(crate) status: u16,
    /// The code of a problem.
    pub(crate) code: Option<Code>,
    /// How long it took.
    pub(crate) duration: Duration,
}

impl Metrics {
    /// The metrics of a server with this faucet.
    pub fn new(faucet: Faucet) -> Self {
        let mut registry = Registry::with_prefix("dripline");
        let requests = Family::default();
        let durations: Family<RouteLabels, Histogram> =
            Family::new_with_constructor(|| Histogram::new(DURATION_BOUNDS_S));
        let connections = Gauge::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "How long an answer took",
            Unit::Seconds,
            durations.clone(),
        );
        registry.register("http_connections", "Connections open", connections.clone());
        let event_listeners = Gauge::default();
        registry.register(
            "http_event_listeners",
            "Consoles of operators that listen to events",
            event_listeners.clone(),
        );
        let certificate_refused = Gauge::default();
        registry.register(
            "tls_certificate_refused",
            "Whether the files of the certificate cannot be used, and an older one is shown",
            certificate_refused.clone(),
        );
        let certificate_expires = Gauge::default();
        registry.register_with_unit(
            "tls_certificate_expires_timestamp",
            "Until when the certificate holds that is shown; 0 without one",
            Unit::Seconds,
            certificate_expires.clone(),
        );
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "Which build it is", build);
        registry.register_collector(Box::new(FaucetFigures(faucet)));
        Self {
            inner: Arc::new(Inner {
                registry,
                requests,
                durations,
                connections,
                event_listeners,
                certificate_refused,
                certificate_expires,
            }),
        }
    }

    /// Counts an answer.
    pub(crate) fn answered(&self, answered: Answered<'_>) {
        let Answered { method, route, status, code, duration } = answered;
        let code = code.map_or("", Code::as_str);
        let labels = RequestLabels { method, route: route.to_owned(), status, code };
        self.inner.requests.get_or_create(&labels).inc();
        let labels = RouteLabels { method, route: route.to_owned() };
        self.inner.durations.get_or_create(&labels).observe(duration.as_secs_f64());
    }

    /// The number of open connections, to be raised and lowered.
    pub(crate) fn connections(&self) -> &Gauge {
        &self.inner.connections
    }

    /// The number of consoles that listen to events, to be raised and lowered.
    pub(crate) fn event_listeners(&self) -> &Gauge {
        &self.inner.event_listeners
    }

    /// Whether the files of a newer certificate cannot be used.
    pub(crate) fn is_certificate_refused(&self) -> bool {
        self.inner.certificate_refused.get() != 0
    }

    /// Tells until when the certificate holds that is shown, and whether the files of a newer one cannot be used.
    pub fn certificate(&self, expires_at: Timestamp, is_refused: bool) {
        let seconds = i64::try_from(expires_at.0.div_euclid(SECOND_MS)).unwrap_or(i64::MAX);
        self.inner.certificate_expires.set(seconds);
        self.inner.certificate_refused.set(i64::from(is_refused));
    }

    /// All metrics as text.
    pub fn exposition(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.inner.registry)?;
        Ok(text)
    }
}
