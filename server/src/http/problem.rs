//! Problems: how a refusal leaves the server, as RFC 9457's `application/problem+json`.
//!
//! Handlers, extractors and layers answer [`Refused`]; [`render`], the one place that writes problem bodies, turns it
//! into a document, because the waiting time that it tells depends on the clock. What went wrong inside the server
//! never shows: only what a [`Refusal`] says goes out.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use dripline_shared::api::{Problem, Reason};
use dripline_shared::error::Code;
use dripline_shared::time::{SECOND_MS, Timestamp};

use crate::edge::Edge;
use crate::refusal::Refusal;

/// The content type of a problem document.
pub const PROBLEM_JSON: &str = "application/problem+json";
/// How long a client is asked to wait by a 503 that does not say.
const UNAVAILABLE_RETRY_MS: u64 = SECOND_MS;

/// A refusal as an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused(pub(super) Refusal);

impl Refused {
    /// A refusal for one reason.
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self(Refusal::new(code, message))
    }

    /// A refusal for one reason that is about `subject`: a field of the body, a part of the address.
    pub(super) fn about(code: Code, subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self(Reason { code, message: message.into(), subject: Some(subject.into()), until_ms: None }.into())
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl From<Code> for Refused {
    fn from(code: Code) -> Self {
        Self(code.into())
    }
}

/// An answer without a body yet, which [`render`] completes.
impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = status(self.0.code()).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Completes an answer that is a refusal: its document, `Retry-After` and `WWW-Authenticate`. Leaves the code among
/// the answer's extensions, for the log and the metrics.
pub(super) async fn render(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let Some(Refused(refusal)) = response.extensions_mut().remove() else { return response };
    let problem = document(refusal, edge.now());
    // Plain data: strings, numbers and lists always serialise.
    *response.body_mut() = Body::from(serde_json::to_vec(&problem).unwrap_or_default());
    response.extensions_mut().insert(problem.code);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(wait_ms) = problem.retry_after_ms {
        headers.insert(RETRY_AFTER, HeaderValue::from(wait_ms.div_ceil(SECOND_MS)));
    }
    if problem.status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// The document of a refusal at `now`.
pub(super) fn document(refusal: Refusal, now: Timestamp) -> Problem {
    let code = refusal.code();
    let wait_ms = refusal.retry_after_ms(now);
    let unavailable = status(code) == StatusCode::SERVICE_UNAVAILABLE;
    Problem {
        kind: format!("/problems/{}", code.as_str()),
        title: code.title().to_owned(),
        status: code.status(),
        code,
        detail: refusal.reasons.first().map_or(code.title(), |reason| &reason.message).to_owned(),
        retry_after_ms: wait_ms.or(unavailable.then_some(UNAVAILABLE_RETRY_MS)),
        outcome: refusal.outcome,
        open_round: refusal.open_round,
        reasons: refusal.reasons,
    }
}

fn status(code: Code) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_status_that_is_an_error() {
        for code in Code::ALL {
            assert!((400..600).contains(&code.status()), "{code:?}");
            assert_eq!(status(*code).as_u16(), code.status(), "{code:?}");
        }
    }

    #[test]
    fn the_wait_is_until_the_last_reason_has_passed() {
        let mut refusal = Refusal::until(Code::Cooldown, "wait", Timestamp(5_000));
        refusal.reasons.extend(Refusal::until(Code::DripsUsedUp, "wait", Timestamp(9_001)).reasons);
        let problem = document(refusal, Timestamp(1_000));
        assert_eq!(problem.retry_after_ms, Some(8_001));
        assert_eq!(problem.code, Code::Cooldown);
        assert_eq!(problem.kind, "/problems/cooldown");
    }

    #[test]
    fn where_one_reason_does_not_pass_by_waiting_no_wait_is_told() {
        let mut refusal = Refusal::until(Code::Cooldown, "wait", Timestamp(5_000));
        refusal.reasons.extend(Refusal::from(Code::BudgetUsedUp).reasons);
        assert_eq!(document(refusal, Timestamp(1_000)).retry_after_ms, None);
    }

    #[test]
    fn a_server_that_is_unavailable_always_says_when_to_try_again() {
        assert_eq!(
            document(Code::Overloaded.into(), Timestamp(0)).retry_after_ms,
            Some(UNAVAILABLE_RETRY_MS)
        );
        assert_eq!(document(Code::NotFound.into(), Timestamp(0)).retry_after_ms, None);
    }
}
