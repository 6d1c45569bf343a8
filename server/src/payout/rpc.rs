//! JSON-RPC over HTTP, as chains speak it: a list of endpoints, each with its health.
//!
//! An endpoint that does not answer properly rests for a while, the longer the more often it failed; meanwhile the
//! others are asked. Nothing that an endpoint answers is believed to be well made: HTML, torn JSON, other types and
//! endless bodies are errors like any other.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use dripline_shared::time::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use ureq::Agent;

use crate::edge::Edge;
use crate::payout::RailError;

mod address;
#[cfg(test)]
pub(crate) mod server;

pub use address::ENDPOINTS_MAX;
pub(crate) use address::{VARIABLE_PREFIX, from_environment, host_of, is_endpoint};

/// How long a request may take in all.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The largest answer that is read, in bytes: a full block has some thousand signatures of 90 bytes.
pub(super) const ANSWER_BYTES_MAX: u64 = 4 << 20;
/// How long an endpoint rests after its first failure, in milliseconds; twice as long after each further one.
const REST_MS: u64 = 1_000;
/// How often that doubles: the longest rest is 256 seconds.
const REST_DOUBLINGS_MAX: u32 = 8;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum RpcError {
    /// The request or the answer got lost, or the server failed.
    #[error("{endpoint}: {why}")]
    Unanswered {
        /// Which, without its path, where providers have their keys.
        endpoint: String,
        /// What happened.
        why: String,
    },
    /// What was answered is not what the protocol says.
    #[error("{endpoint}: {method} was answered with nonsense: {why}")]
    Nonsense {
        /// As above.
        endpoint: String,
        /// The method that was called.
        method: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// It was refused, in good order.
    #[error("{endpoint}: {method} was refused: {message} ({code})")]
    Refused {
        /// As above.
        endpoint: String,
        /// As above.
        method: &'static str,
        /// The protocol's code.
        code: i64,
        /// The server's words.
        message: String,
        /// Whether the code says that the server is not well.
        is_unhealthy: bool,
    },
    /// It is of another chain than the one that was configured.
    #[error("{endpoint}: it is of another chain, whose {what}")]
    OtherChain {
        /// As above.
        endpoint: String,
        /// What tells chains apart, and the other chain's.
        what: String,
    },
    /// It failed a short while ago.
    #[error("{endpoint}: it failed lately and rests")]
    Rests {
        /// As above.
        endpoint: String,
    },
}

impl RpcError {
    /// Whether the endpoint, not the question, is at fault.
    pub(super) fn is_its_fault(&self) -> bool {
        match self {
            Self::Unanswered { .. } | Self::Nonsense { .. } | Self::OtherChain { .. } => true,
            Self::Refused { is_unhealthy, .. } => *is_unhealthy,
            Self::Rests { .. } => false,
        }
    }
}

/// All endpoints.
#[derive(Debug)]
pub(super) struct Rpc {
    endpoints: Vec<Endpoint>,
    edge: Edge,
}

/// One endpoint.
#[derive(Debug)]
pub(super) struct Endpoint {
    agent: Agent,
    url: String,
    pub(super) name: String,
    /// The protocol's codes that say that the server is not well.
    unhealthy: &'static [i64],
    health: Mutex<Health>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Health {
    /// How often it failed since it last did not.
    failures: u32,
    rests_until: Timestamp,
}

/// An answer: a result or an error. Of an answer that has both, the error counts.
#[derive(Deserialize)]
struct Answer {
    jsonrpc: String,
    id: u64,
    #[serde(default)]
    result: Value,
    #[serde(default)]
    error: Option<ServerError>,
}

#[derive(Deserialize)]
struct ServerError {
    code: i64,
    message: String,
}

impl Rpc {
    /// Endpoints at these addresses, as an operator writes them: different servers, 1 to [`ENDPOINTS_MAX`]. `unhealthy` are
    /// the protocol's codes that say that a server is not well.
    pub(super) fn open(addresses: &[String], unhealthy: &'static [i64], edge: Edge) -> Result<Self, String> {
        Ok(Self::new(&address::resolved(addresses)?, unhealthy, edge))
    }

    fn new(urls: &[String], unhealthy: &'static [i64], edge: Edge) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(REQUEST_TIMEOUT))
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .max_redirects(0)
            .user_agent(concat!("dripline/", env!("CARGO_PKG_VERSION")))
            .build();
        let endpoint = |url: &String| Endpoint {
            agent: config.clone().into(),
            url: url.clone(),
            name: address::name_of(url),
            unhealthy,
            health: Mutex::default(),
        };
        Self { endpoints: urls.iter().map(endpoint).collect(), edge }
    }

    /// Asks one endpoint after the other until one answers: the healthy ones first, in their order. Gives the last error.
    pub(super) fn any<T>(&self, question: impl Fn(&Endpoint) -> Result<T, RpcError>) -> Result<T, RpcError> {
        let now = self.edge.now();
        let (rested, resting): (Vec<_>, Vec<_>) =
            self.endpoints.iter().partition(|endpoint| endpoint.health().rests_until <= now);
        let mut last = Err(RpcError::Unanswered {
            endpoint: "all endpoints".to_owned(),
            why: "there are none".to_owned(),
        });
        for endpoint in rested.into_iter().chain(resting) {
            last = endpoint.asked(now, &question);
            if last.is_ok() {
                break;
            }
        }
        last
    }

    /// Asks all endpoints, but for those that rest; of several that all rest, none does.
    pub(super) fn all<T>(
        &self,
        question: impl Fn(&Endpoint) -> Result<T, RpcError>,
    ) -> Vec<Result<T, RpcError>> {
        let now = self.edge.now();
        let rests = |endpoint: &Endpoint| endpoint.health().rests_until > now;
        let all_rest = self.endpoints.iter().all(rests);
        let answer = |endpoint: &Endpoint| {
            if rests(endpoint) && !all_rest {
                return Err(RpcError::Rests { endpoint: endpoint.name.clone() });
            }
            endpoint.asked(now, &question)
        };
        self.endpoints.iter().map(answer).collect()
    }
}

impl Endpoint {
    fn health(&self) -> Health {
        *self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks, and remembers how that went.
    fn asked<T>(
        &self,
        now: Timestamp,
        question: impl Fn(&Self) -> Result<T, RpcError>,
    ) -> Result<T, RpcError> {
        let answer = question(self);
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        match &answer {
            Err(error) if error.is_its_fault() => {
                let rest = REST_MS.saturating_mul(1 << health.failures.min(REST_DOUBLINGS_MAX));
                *health = Health { failures: health.failures.saturating_add(1), rests_until: now.plus(rest) };
            }
            _ => *health = Health::default(),
        }
        answer
    }

    /// What a method was answered with is nothing that the protocol knows.
    pub(super) fn nonsense(&self, method: &'static str, why: &str) -> RpcError {
        RpcError::Nonsense { endpoint: self.name.clone(), method, why: why.to_owned() }
    }

    /// Calls a method.
    pub(super) fn call<T: DeserializeOwned>(
        &self,
        method: &'static str,
        params: &Value,
    ) -> Result<T, RpcError> {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
        let answer =
            self.exchange(&body).map_err(|why| RpcError::Unanswered { endpoint: self.name.clone(), why })?;
        let nonsense = |why: String| RpcError::Nonsense { endpoint: self.name.clone(), method, why };
        let answer: Answer = serde_json::from_str(&answer).map_err(|error| nonsense(error.to_string()))?;
        if answer.jsonrpc != "2.0" || answer.id != 1 {
            return Err(nonsense("it answers another call".to_owned()));
        }
        if let Some(ServerError { code, message }) = answer.error {
            let is_unhealthy = self.unhealthy.contains(&code);
            return Err(RpcError::Refused {
                endpoint: self.name.clone(),
                method,
                code,
                message,
                is_unhealthy,
            });
        }
        serde_json::from_value(answer.result).map_err(|error| nonsense(error.to_string()))
    }

    fn exchange(&self, body: &str) -> Result<String, String> {
        let request = self.agent.post(&self.url).content_type("application/json");
        // Errors of the transport may name the whole address, in which providers have their keys.
        let hidden = |error: ureq::Error| error.to_string().replace(&self.url, &self.name);
        let mut response = request.send(body).map_err(hidden)?;
        if !response.status().is_success() {
            return Err(format!("HTTP status {}", response.status().as_u16()));
        }
        response.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_string().map_err(hidden)
    }
}

impl From<RpcError> for RailError {
    fn from(error: RpcError) -> Self {
        Self::Later(error.to_string())
    }
}

#[cfg(test)]
mod tests;
