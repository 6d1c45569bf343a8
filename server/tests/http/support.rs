//! A server for a test: a faucet in memory, a clock that the test sets, random numbers that are the same every time.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use dripline_server::edge::Edge;
use dripline_server::faucet::{Faucet, Settings};
use dripline_server::http::{Options, PROBLEM_JSON, Peer, admin_router, openapi, operators_openapi, router};
use dripline_server::telemetry::Metrics;
use dripline_shared::api::Problem;
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::rng::SegmentRng;
use dripline_shared::round::Seed;
use dripline_shared::time::Timestamp;
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower::ServiceExt;

/// The origin whose pages may prompt.
pub(crate) const ORIGIN: &str = "http://localhost:8080";
/// When tests begin.
pub(crate) const START: Timestamp = Timestamp(1_800_000_000_000);

/// A server for a test.
pub(crate) struct Server {
    pub(crate) router: Router,
    /// What a listener for operators alone serves.
    pub(crate) admin_router: Router,
    pub(crate) metrics: Metrics,
    pub(crate) edge: Edge,
    pub(crate) faucet: Faucet,
    clock: Arc<AtomicU64>,
    documented: BTreeSet<(String, Vec<String>, u16, String)>,
}

/// An answer, read whole.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Server {
    /// A server with the defaults of a first run.
    pub(crate) fn start() -> Self {
        Self::with(|_| ())
    }

    /// A server with options of the test's.
    pub(crate) fn with(change: impl FnOnce(&mut Options)) -> Self {
        Self::of(Settings::new(Catalog::first_run()), Self::clock(), change)
    }

    /// An edge whose clock begins when tests begin, and the clock.
    pub(crate) fn clock() -> (Edge, Arc<AtomicU64>) {
        let clock = Arc::new(AtomicU64::new(START.0));
        (edge(Arc::clone(&clock)), clock)
    }

    /// A server of a faucet with these settings.
    pub(crate) fn of(
        mut settings: Settings,
        (edge, clock): (Edge, Arc<AtomicU64>),
        change: impl FnOnce(&mut Options),
    ) -> Self {
        settings.origins = vec![ORIGIN.to_owned()];
        let faucet = Faucet::start(settings, edge.clone()).expect("the faucet starts");
        let metrics = Metrics::new(faucet.clone());
        let mut options = Options::new(edge.clone());
        change(&mut options);
        let admin_router = admin_router(faucet.clone(), options.clone(), metrics.clone());
        let router = router(faucet.clone(), options, metrics.clone());
        Self { router, admin_router, metrics, edge, faucet, clock, documented: documented() }
    }

    /// The server after a stop and a start.
    pub(crate) async fn again(self, settings: Settings, change: impl FnOnce(&mut Options)) -> Self {
        let Self { router, admin_router, metrics, faucet, edge, clock, .. } = self;
        drop((router, admin_router, metrics));
        faucet.shutdown().await;
        Self::of(settings, (edge, clock), change)
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, duration_ms: u64) {
        self.clock.fetch_add(duration_ms, Ordering::SeqCst);
    }

    /// The time.
    pub(crate) fn now(&self) -> Timestamp {
        self.edge.now()
    }

    /// Sends a request and reads the answer, which must have what every answer has: the security headers, a request
    /// id, and, where it is an error, a problem document with a code that the operation documents.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.router.clone().oneshot(request).await.expect("the service always answers");
        let (head, body) = response.into_parts();
        let goes_on = head.headers.get("content-type").is_some_and(|it| it == "text/event-stream");
        let body = if goes_on && method != Method::HEAD {
            // One that goes on for ever is known by its beginning.
            first_event(body).await
        } else {
            body.collect().await.expect("the body is whole").to_bytes()
        };
        let answer = Answer { status: head.status, headers: head.headers, body };
        // The frame is for pages of others, where it names a site of theirs: its own tests look at that.
        answer.check(path == "/embed/frame" && answer.status != StatusCode::NOT_FOUND);
        // An answer to HEAD has no body.
        if answer.is_problem() && method != Method::HEAD {
            self.check_documented(&method, &path, &answer.problem());
        }
        answer
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request =
            headers.iter().fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// From a peer of this address, with these headers.
    pub(crate) async fn get_from(&self, peer: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let peer = Peer(SocketAddr::new(peer.parse().unwrap(), 50_000));
        let request =
            headers.iter().fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
        self.send(request.extension(peer).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<Body>) -> Answer {
        let request = Request::post(path).header("content-type", "application/json");
        self.send(request.body(body.into()).unwrap()).await
    }

    fn check_documented(&self, method: &Method, path: &str, problem: &Problem) {
        let unrouted = [Code::NotFound, Code::MethodNotAllowed, Code::PageNotBuilt];
        if unrouted.contains(&problem.code) {
            return;
        }
        let known = self.documented.iter().any(|(known_method, template, status, code)| {
            known_method == method.as_str()
                && matches(template, path)
                && *status == problem.status
                && code == problem.code.as_str()
        });
        let is_operation = self
            .documented
            .iter()
            .any(|(known_method, template, ..)| known_method == method.as_str() && matches(template, path));
        assert!(known || !is_operation, "{method} {path} does not document {}", problem.code.as_str());
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("headers are visible ASCII"))
    }

    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn is_problem(&self) -> bool {
        self.header("content-type") == Some(PROBLEM_JSON)
    }

    /// The problem document, which must agree with the answer around it.
    pub(crate) fn problem(&self) -> Problem {
        assert!(self.is_problem(), "{} {}", self.status, self.text());
        let problem: Problem = serde_json::from_slice(&self.body).expect("a problem document");
        assert_eq!(problem.status, self.status.as_u16());
        assert_eq!(problem.status, problem.code.status());
        assert_eq!(problem.reasons.first().map(|reason| reason.code), Some(problem.code));
        let seconds = problem.retry_after_ms.map(|wait| wait.div_ceil(1_000).to_string());
        assert_eq!(self.header("retry-after"), seconds.as_deref());
        assert_eq!(self.header("cache-control"), Some("no-store"));
        problem
    }

    /// The code of a refusal.
    pub(crate) fn code(&self) -> Code {
        self.problem().code
    }

    /// What the refusal is about.
    pub(crate) fn subject(&self) -> Option<String> {
        self.problem().reasons.remove(0).subject
    }

    fn check(&self, is_frame: bool) {
        // What is for pages of every origin says it in both ways, or in none.
        let is_for_others = is_frame || self.header("access-control-allow-origin") == Some("*");
        for (name, expected) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", if is_for_others { "cross-origin" } else { "same-origin" }),
        ] {
            assert_eq!(self.header(name), Some(expected), "{name}");
        }
        let policy = self.header("content-security-policy").expect("a content security policy");
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert!(is_frame || policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
        assert!(self.headers.contains_key("permissions-policy"));
        assert!(self.headers.contains_key("x-request-id"));
    }
}

/// The first event of a body, with what comes before it.
async fn first_event(mut body: Body) -> Bytes {
    let mut read = Vec::new();
    while !String::from_utf8_lossy(&read).contains("\ndata: ") {
        let frame = body.frame().await.expect("there is an event").expect("the body does not break");
        read.extend_from_slice(&frame.into_data().expect("bytes"));
    }
    read.into()
}

/// An edge with this clock, and random numbers that differ within a run but not between runs.
fn edge(clock: Arc<AtomicU64>) -> Edge {
    let rng = Mutex::new(SegmentRng::new(&Seed([42; 32])));
    Edge::new(
        move || Timestamp(clock.load(Ordering::SeqCst)),
        move |bytes| {
            let mut rng = rng.lock().expect("no test panics while it draws");
            for chunk in bytes.chunks_mut(4) {
                let word = rng.next_u32().to_le_bytes();
                chunk.copy_from_slice(&word[..chunk.len()]);
            }
        },
    )
}

/// Every answer that the OpenAPI document lists besides successes: method, path, status, code.
fn documented() -> BTreeSet<(String, Vec<String>, u16, String)> {
    let mut answers = BTreeSet::new();
    for document in [openapi(), operators_openapi()] {
        let document: Value = serde_json::to_value(document).unwrap();
        for (path, item) in document["paths"].as_object().unwrap() {
            let template: Vec<String> = path.split('/').map(str::to_owned).collect();
            for (method, operation) in item.as_object().unwrap() {
                let method = method.to_uppercase();
                for (status, response) in operation["responses"].as_object().unwrap() {
                    let status: u16 = status.parse().unwrap();
                    let codes = &response["content"][PROBLEM_JSON]["schema"]["allOf"][1]["properties"]["code"]
                        ["enum"];
                    for code in codes.as_array().into_iter().flatten() {
                        let code = code.as_str().unwrap().to_owned();
                        answers.insert((method.clone(), template.clone(), status, code));
                    }
                }
            }
        }
    }
    answers
}

fn matches(template: &[String], path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    parts.len() == template.len()
        && template.iter().zip(parts).all(|(expected, part)| expected.starts_with('{') || expected == part)
}
