//! A small client of the public API: JSON and segments, with patience where the server asks for it.

use std::thread::sleep;
use std::time::Duration;

use dripline_shared::api::Problem;
use dripline_shared::error::Code;
use dripline_shared::round::RoundToken;
use dripline_shared::statement::is_origin;
use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::Agent;
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE};
use ureq::http::{Method, Request};

use super::Failure;

/// The largest answer that is read, in bytes: a catalog of 256 levels has about 200,000.
const ANSWER_BYTES_MAX: u64 = 4 << 20;
/// How long one request may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a request is made before its failure counts.
const ATTEMPTS_MAX: u32 = 5;
/// How long to wait after a failure of the network's.
const NETWORK_PAUSE: Duration = Duration::from_millis(500);
/// The longest wait that a server may ask for between two attempts.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// A client of one server.
pub(super) struct Client {
    agent: Agent,
    origin: String,
}

/// A body on its way out. Everything can be sent again: requests that change something carry ids of their own.
#[derive(Clone, Copy)]
enum Content<'a> {
    None,
    Json(&'a [u8]),
    Bytes(&'a [u8]),
}

/// An attempt that was not answered as hoped.
struct Missed {
    failure: Failure,
    /// After how long another attempt may do better.
    again_after: Option<Duration>,
}

impl Client {
    /// A client of the server at `url`: scheme, host and port.
    pub(super) fn new(url: &str) -> Result<Self, Failure> {
        let origin = url.trim_end_matches('/');
        if !is_origin(origin) {
            return Err(Failure::Argument(format!(
                "{url}: expected an address such as https://play.example"
            )));
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(REQUEST_TIMEOUT))
            .max_redirects(0)
            .user_agent(concat!("dripline/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self { agent: config.into(), origin: origin.to_owned() })
    }

    /// The origin that the server knows this client's page by.
    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// Gets something.
    pub(super) fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        token: Option<RoundToken>,
    ) -> Result<T, Failure> {
        self.send(&Method::GET, path, token, Content::None)
    }

    /// Posts JSON, or nothing.
    pub(super) fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        token: Option<RoundToken>,
        body: Option<&impl Serialize>,
    ) -> Result<T, Failure> {
        let json = body
            .map(serde_json::to_vec)
            .transpose()
            .map_err(|error| Failure::impossible("cannot write a request", error))?;
        self.send(&Method::POST, path, token, json.as_deref().map_or(Content::None, Content::Json))
    }

    /// Puts bytes.
    pub(super) fn put<T: DeserializeOwned>(
        &self,
        path: &str,
        token: RoundToken,
        bytes: &[u8],
    ) -> Result<T, Failure> {
        self.send(&Method::PUT, path, Some(token), Content::Bytes(bytes))
    }

    /// Sends a request until it is answered for good: a busy server and a broken network are tried again.
    fn send<T: DeserializeOwned>(
        &self,
        method: &Method,
        path: &str,
        token: Option<RoundToken>,
        content: Content<'_>,
    ) -> Result<T, Failure> {
        let mut attempts = 1;
        loop {
            match self.send_once(method, path, token, content) {
                Ok(bytes) => return self.read(path, &bytes),
                Err(Missed { again_after: Some(wait), .. }) if attempts < ATTEMPTS_MAX => sleep(wait),
                Err(missed) => return Err(missed.failure),
            }
            attempts += 1;
        }
    }

    fn send_once(
        &self,
        method: &Method,
        path: &str,
        token: Option<RoundToken>,
        content: Content<'_>,
    ) -> Result<Vec<u8>, Missed> {
        let failed =
            |error: &dyn std::fmt::Display| Failure::impossible(format!("{}{path}", self.origin), error);
        let broken = |error: &dyn std::fmt::Display| Missed {
            failure: failed(error),
            again_after: Some(NETWORK_PAUSE),
        };
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.origin));
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(content_type) = content.content_type() {
            request = request.header(CONTENT_TYPE, content_type);
        }
        let request = request
            .body(content.bytes())
            .map_err(|error| Missed { failure: failed(&error), again_after: None })?;
        let mut response = self.agent.run(request).map_err(|error| broken(&error))?;
        let body = response.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec();
        let bytes = body.map_err(|error| broken(&error))?;
        if response.status().is_success() {
            return Ok(bytes);
        }
        match serde_json::from_slice::<Problem>(&bytes) {
            Ok(problem) => {
                Err(Missed { again_after: wait_of(&problem), failure: Failure::Refused(Box::new(problem)) })
            }
            Err(_) => {
                Err(Missed { failure: failed(&format!("answered {}", response.status())), again_after: None })
            }
        }
    }

    fn read<T: DeserializeOwned>(&self, path: &str, bytes: &[u8]) -> Result<T, Failure> {
        serde_json::from_slice(bytes).map_err(|error| {
            Failure::impossible(format!("{}{path}: not an answer of Dripline", self.origin), error)
        })
    }
}

/// How long to wait before the same request may do better: only what is of the moment and of the server. A limit of
/// the wallet's is an answer.
fn wait_of(problem: &Problem) -> Option<Duration> {
    let passes = matches!(
        problem.code,
        Code::RateLimited | Code::Overloaded | Code::StorageUnavailable | Code::ShuttingDown
    );
    passes.then(|| Duration::from_millis(problem.retry_after_ms.unwrap_or_default()).min(WAIT_MAX))
}

impl<'a> Content<'a> {
    fn content_type(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Json(_) => Some("application/json"),
            Self::Bytes(_) => Some("application/octet-stream"),
        }
    }

    fn bytes(self) -> &'a [u8] {
        match self {
            Self::None => &[],
            Self::Json(bytes) | Self::Bytes(bytes) => bytes,
        }
    }
}
