//! Serving: connections, how many and for how long, and the orderly end.
//!
//! Every way in which a client can hold a connection without using it has an end: a handshake of TLS that is not finished,
//! headers that do not come (which is also how long an idle connection is kept), a body that does not come
//! ([`super::Options::body_timeout`]), an answer that is not read. HTTP/1.1 only: a proxy in front of this may speak the
//! newer versions to browsers.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use ipnet::IpNet;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;
use tower::ServiceExt;

use super::client::Peer;
use super::security;
use super::slots::{Slot, Slots};
use super::stall::Moving;
use super::tls::Tls;
use crate::telemetry::{METRICS_CONTENT_TYPE, Metrics};

/// The most that a connection buffers, in bytes: also the longest request line and headers together.
const BUFFER_BYTES_MAX: usize = 16_384;
/// The most headers of a request.
const HEADERS_MAX: usize = 64;
/// How long accepting pauses after a failure of the system's, such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How connections are served.
#[derive(Debug, Clone)]
pub struct Serving {
    /// How many connections may be open; others wait in the system's queue.
    pub connections_max: usize,
    /// How many of them one address may have; more are closed at once. Loopback and `proxies` may have any number.
    pub per_address_max: usize,
    /// The networks of the operator's proxies.
    pub proxies: Vec<IpNet>,
    /// What they are encrypted with; without it they are not.
    pub tls: Option<Tls>,
    /// How long a request's headers may take, from the end of the request before; and how long a handshake of TLS.
    pub header_timeout: Duration,
    /// How long a connection may neither take nor give a byte while something is to be sent or awaited.
    pub stall_timeout: Duration,
    /// How long requests in progress may take to finish at the end.
    pub shutdown_grace: Duration,
}

impl Default for Serving {
    /// 4,096 connections, 256 of one address, 15 s for headers, 30 s of stalling, 10 s to finish.
    fn default() -> Self {
        Self {
            connections_max: 4_096,
            per_address_max: 256,
            proxies: Vec::new(),
            tls: None,
            header_timeout: Duration::from_secs(15),
            stall_timeout: Duration::from_secs(30),
            shutdown_grace: Duration::from_secs(10),
        }
    }
}

/// Serves connections until `shutdown` completes, then takes no more, finishes what is in progress, and returns.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    serving: Serving,
    metrics: Metrics,
    shutdown: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let slots = Slots::new(serving.connections_max, serving.per_address_max);
    // Handshakes end when it does: nothing was asked for yet.
    let (serves, ending) = watch::channel(());
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, peer, slot) = tokio::select! {
            biased;
            () = &mut shutdown => break,
            connection = accept(&listener, &slots, &serving) => connection,
        };
        let connection = Connection { peer, router: router.clone(), header_timeout: serving.header_timeout };
        let stream = bounded(stream, serving.stall_timeout);
        let (tls, watcher, ending) = (serving.tls.clone(), graceful.watcher(), ending.clone());
        let gauge = metrics.connections().clone();
        tokio::spawn(async move {
            gauge.inc();
            match tls {
                Some(tls) => connection.encrypted(stream, &tls, ending, watcher).await,
                None => connection.serve(stream, watcher, false).await,
            }
            gauge.dec();
            drop(slot);
        });
    }
    drop((listener, serves));
    if timeout(serving.shutdown_grace, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were not finished in time");
    }
}

/// A connection that was taken.
struct Connection {
    peer: Peer,
    router: Router,
    header_timeout: Duration,
}

impl Connection {
    /// Serves it once its client has shaken hands, unless that takes too long or `ending` has no sender any more.
    async fn encrypted(
        self,
        stream: Moving<TcpStream>,
        tls: &Tls,
        mut ending: watch::Receiver<()>,
        watcher: Watcher,
    ) {
        let shaken = tokio::select! {
            biased;
            _ = ending.changed() => return,
            shaken = timeout(self.header_timeout, tls.acceptor().accept(stream)) => shaken,
        };
        match shaken {
            Ok(Ok(stream)) => self.serve(stream, watcher, true).await,
            Ok(Err(error)) => tracing::debug!(%error, "a handshake failed"),
            Err(_) => tracing::debug!("a handshake took too long"),
        }
    }

    /// Serves it until it ends.
    async fn serve(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        watcher: Watcher,
        is_encrypted: bool,
    ) {
        let Self { peer, router, header_timeout } = self;
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            let is_strict = is_encrypted && security::is_strict(request.headers().get(HOST));
            request.extensions_mut().insert(peer);
            let answer = router.clone().oneshot(request.map(Body::new));
            async move {
                let mut answer = answer.await?;
                if is_strict {
                    security::strict(answer.headers_mut());
                }
                Ok::<_, Infallible>(answer)
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(header_timeout)
            .max_buf_size(BUFFER_BYTES_MAX)
            .max_headers(HEADERS_MAX)
            .serve_connection(TokioIo::new(stream), service);
        // A connection that breaks is the client's affair; what was answered is durable.
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%error, "a connection broke");
        }
    }
}

/// The next connection, once there is a slot for it.
async fn accept(listener: &TcpListener, slots: &Slots, serving: &Serving) -> (TcpStream, Peer, Slot) {
    loop {
        let free = slots.free().await;
        match listener.accept().await {
            Ok((stream, address)) => {
                let address_alone = address.ip().to_canonical();
                let is_exempt = address_alone.is_loopback()
                    || serving.proxies.iter().any(|network| network.contains(&address_alone));
                // Without a slot the stream is dropped, which closes it.
                if let Some(slot) = slots.take(free, address_alone, is_exempt) {
                    return (stream, Peer(address), slot);
                }
            }
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections for the moment");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Whether accepting failed because the client went away again.
fn is_of_the_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

/// A stream that fails when nothing moves for `stall_timeout`.
fn bounded(stream: TcpStream, stall_timeout: Duration) -> Moving<TcpStream> {
    // Small answers should not wait for more to come; where that cannot be set they merely come later.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot turn off delays");
    }
    Moving::new(stream, stall_timeout)
}

/// The service of the metrics' own listener: `/metrics` and nothing else.
pub fn metrics_router(metrics: Metrics) -> Router {
    Router::new().route("/metrics", get(exposition)).layer(from_fn(security::headers)).with_state(metrics)
}

async fn exposition(State(metrics): State<Metrics>) -> Response {
    let content_type = [(CONTENT_TYPE, HeaderValue::from_static(METRICS_CONTENT_TYPE))];
    metrics.exposition().map_or_else(
        |_| StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        |text| (content_type, text).into_response(),
    )
}
