//! Traces: how long the parts of requests, of transactions and of payouts take, for a collector of OpenTelemetry (OTLP over HTTP).
//!
//! Spans have a target of their own, [`TRACES`], which the log never shows, and which costs next to nothing where no collector
//! is set. They are sent by a thread of their own from a queue that is bounded: where the collector is slow or away, spans are
//! lost, and nothing waits. As little is told as in the log and the metrics: routes, and never what they were asked about.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::registry::LookupSpan;
use ureq::Agent;

use crate::payout::rpc::{from_environment, host_of};

/// The target of spans for traces.
pub(crate) const TRACES: &str = "dripline_traces";
/// Where collectors take traces, below their address.
const PATH: &str = "/v1/traces";
/// How long a collector may take for an answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long the last spans may take at the end.
const END_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;
/// All of something, in per cent.
const WHOLE: f64 = 100.0;

/// Where traces are sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceSettings {
    /// The address of the collector, such as `http://127.0.0.1:4318`, or `env:NAME`.
    pub endpoint: String,
    /// What the server is called there.
    pub service: String,
    /// How many of a hundred traces are sent.
    pub sample_percent: u32,
}

/// Traces that are sent.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Traces to this collector. Asks nobody; what is wrong with its address otherwise.
    pub(super) fn open(settings: &TraceSettings) -> Result<Self, String> {
        let TraceSettings { endpoint, service, sample_percent } = settings;
        let url = format!("{}{PATH}", from_environment(endpoint)?.trim_end_matches('/'));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Collector::new(host_of(endpoint)))
            .with_endpoint(url)
            .with_timeout(TIMEOUT)
            .build()
            .map_err(|error| error.to_string())?;
        let resource = Resource::builder_empty()
            .with_service_name(service.clone())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let share = f64::from(*sample_percent) / WHOLE;
        let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(share)));
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource)
            .with_sampler(sampler)
            .build();
        Ok(Self(provider))
    }

    /// What makes traces of spans.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("dripline"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(Targets::new().with_target(TRACES, LevelFilter::INFO))
    }

    /// Sends what is left. Blocks for some seconds at most.
    pub fn end(&self) {
        if let Err(error) = self.0.shutdown_with_timeout(END_TIMEOUT) {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// Asks the collector, with the client that all else is asked with.
#[derive(Debug)]
struct Collector {
    agent: Agent,
    /// What may be logged of its address.
    name: String,
    /// Whether it did not take the last ones: an outage is told once.
    is_away: AtomicBool,
}

impl Collector {
    fn new(name: String) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(TIMEOUT))
            .max_redirects(0)
            .user_agent(concat!("dripline/", env!("CARGO_PKG_VERSION")))
            .build();
        Self { agent: config.into(), name, is_away: AtomicBool::new(false) }
    }

    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ureq::Error> {
        let (parts, body) = request.into_parts();
        let mut response = self.agent.run(Request::from_parts(parts, &*body))?;
        let bytes = response.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec()?;
        Ok(response.map(|_| bytes.into()))
    }

    /// Tells that it is away, or there again.
    fn note(&self, why: Option<String>) {
        let was_away = self.is_away.swap(why.is_some(), Ordering::Relaxed);
        match why {
            Some(why) if !was_away => {
                tracing::warn!(collector = self.name, why, "traces are not taken, and lost");
            }
            None if was_away => tracing::info!(collector = self.name, "traces are taken again"),
            _ => {}
        }
    }
}

#[async_trait]
impl HttpClient for Collector {
    // On the thread of the exporter, which does nothing else.
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sent = self.send(request);
        self.note(match &sent {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(format!("it answers {}", response.status())),
            // The address may have a key in it.
            Err(ureq::Error::Timeout(_)) => Some("it does not answer in time".to_owned()),
            Err(_) => Some("it cannot be reached".to_owned()),
        });
        Ok(sent?)
    }
}
