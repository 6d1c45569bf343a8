//! An answer of the API, whole.

use axum::http::{HeaderMap, StatusCode, header};
use dripline_shared::api::Problem;
use dripline_shared::error::Code;
use serde::de::DeserializeOwned;

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as this type.
    ///
    /// # Panics
    /// Where it is another answer: a test that expected this one has failed.
    #[track_caller]
    pub fn expect<T: DeserializeOwned>(&self) -> T {
        assert!(self.status.is_success(), "{self}");
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// The body as a problem.
    ///
    /// # Panics
    /// Where it is none.
    #[track_caller]
    pub fn problem(&self) -> Problem {
        assert!(!self.status.is_success(), "{self}");
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// The code of the problem, if it is one.
    pub fn code(&self) -> Option<Code> {
        let is_problem = !self.status.is_success();
        is_problem
            .then(|| serde_json::from_slice::<Problem>(&self.body).ok().map(|problem| problem.code))
            .flatten()
    }

    /// The content type, without parameters.
    pub fn content_type(&self) -> &str {
        let value =
            self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim()
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = String::from_utf8_lossy(&self.body);
        write!(formatter, "{} {}", self.status, text.chars().take(600).collect::<String>())
    }
}
