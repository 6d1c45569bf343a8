//! The metrics: requests by route and status, and the faucet's figures, in the text format of Prometheus.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use dripline_shared::error::Code;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::faucet::{Faucet, Figures};

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
        registry.register_collector(Box::new(FaucetFigures(faucet)));
        Self { inner: Arc::new(Inner { registry, requests, durations, connections }) }
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

    /// All metrics as text.
    pub fn exposition(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.inner.registry)?;
        Ok(text)
    }
}

/// The faucet's figures, read when they are asked for.
struct FaucetFigures(Faucet);

impl fmt::Debug for FaucetFigures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("FaucetFigures")
    }
}

impl Collector for FaucetFigures {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let figures = self.0.figures();
        for (name, help, value) in counters(&figures) {
            let metric = ConstCounter::new(value);
            metric.encode(encoder.encode_descriptor(name, help, None, metric.metric_type())?)?;
        }
        for (name, help, value) in gauges(&figures) {
            let metric = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            metric.encode(encoder.encode_descriptor(name, help, None, metric.metric_type())?)?;
        }
        let mut refusals =
            encoder.encode_descriptor("refusals", "Refusals, by code", None, MetricType::Counter)?;
        for (code, count) in &figures.refusals {
            ConstCounter::new(*count).encode(refusals.encode_family(&[("code", code.as_str())])?)?;
        }
        Ok(())
    }
}

fn counters(figures: &Figures) -> [(&'static str, &'static str, u64); 7] {
    [
        ("rounds_opened", "Rounds opened", figures.rounds_opened),
        ("segments", "Segments stored", figures.segments),
        ("claims", "Claims accepted", figures.claims),
        ("drips_units", "Ledger units dripped", figures.drips_units),
        ("write_batches", "Transactions committed", figures.batches),
        ("write_changes", "Changes in committed transactions", figures.batched),
        ("storage_errors", "Transactions rolled back because of the storage", figures.storage_errors),
    ]
}

fn gauges(figures: &Figures) -> [(&'static str, &'static str, u64); 4] {
    [
        ("rounds_open", "Rounds in play", figures.rounds_open),
        ("write_queue", "Changes that wait for the writer", figures.write_queue),
        ("prove_queue", "Requests that wait for a proving thread or are on one", figures.prove_queue),
        ("write_batch_max", "The largest transaction, in changes", figures.batch_max),
    ]
}
