//! Where messages are sent to, and how.

use std::net::IpAddr;
use std::time::Duration;

use ureq::config::ConfigBuilder;
use ureq::http::Uri;
use ureq::typestate::AgentScope;
use ureq::{Agent, Body};

use crate::payout::rpc::{from_environment, host_of};

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;

/// Who is told what messages say.
#[derive(Debug)]
pub(crate) struct Receiver {
    agent: Agent,
    url: String,
    /// What may be logged of its address.
    name: String,
}

/// An answer that came whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The header `Retry-After`.
    pub(crate) retry_after: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// How an answer begins. What else it says was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Status {
    pub(crate) status: u16,
    /// The header `Retry-After`.
    pub(crate) retry_after: Option<String>,
}

/// A message as it is sent once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt<'a> {
    pub(crate) id: &'a str,
    /// Seconds since the epoch.
    pub(crate) seconds: u64,
    pub(crate) signatures: &'a str,
    pub(crate) body: &'a [u8],
}

impl Attempt<'_> {
    /// What is sent with the body.
    fn headers(&self) -> [(&'static str, String); 5] {
        [
            ("content-type", "application/json".to_owned()),
            ("accept", "application/json".to_owned()),
            ("webhook-id", self.id.to_owned()),
            ("webhook-timestamp", self.seconds.to_string()),
            ("webhook-signature", self.signatures.to_owned()),
        ]
    }
}

/// Whether messages may be sent to an address: over TLS, or to this machine itself.
pub(crate) fn is_safe(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else { return false };
    let host = uri.host().unwrap_or_default();
    match uri.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => {
            let host = host.trim_start_matches('[').trim_end_matches(']');
            host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        _ => false,
    }
}

/// How messages are sent: an answer may take so long, and no redirect is followed.
pub(super) fn config(timeout: Duration) -> ConfigBuilder<AgentScope> {
    Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(timeout))
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .max_redirects(0)
        .user_agent(concat!("dripline/", env!("CARGO_PKG_VERSION")))
}

impl Receiver {
    /// The one at this address, or at the one in the variable that it names. Asks nobody.
    pub(crate) fn new(url: &str, timeout: Duration) -> Result<Self, String> {
        let name = host_of(url);
        let url = from_environment(url)?;
        if !is_safe(&url) {
            return Err(format!("{name}: expected an https address, or an http address on loopback"));
        }
        Ok(Self { agent: config(timeout).build().into(), url, name })
    }

    /// The one at this address, which an agent reaches that looks where it leads.
    pub(super) fn by(agent: &Agent, url: &str) -> Self {
        Self { agent: agent.clone(), url: url.to_owned(), name: host_of(url) }
    }

    /// What would be sent, a line each: whereto, without what may be a key, the headers, and the body, which is one line. Sends
    /// nothing.
    pub(crate) fn shown(&self, attempt: Attempt<'_>) -> Vec<String> {
        let mut lines = vec![format!("POST {}", self.name)];
        lines.extend(attempt.headers().into_iter().map(|(name, value)| format!("{name}: {value}")));
        lines.push(String::from_utf8_lossy(attempt.body).into_owned());
        lines
    }

    /// Sends, and waits for the answer. What went wrong is told without the whole address, which may have a key in it.
    pub(crate) fn post(&self, attempt: Attempt<'_>) -> Result<Answer, String> {
        let (Status { status, retry_after }, mut body) = self.send(attempt)?;
        let body = body.with_config().limit(ANSWER_BYTES_MAX).read_to_vec();
        Ok(Answer { status, retry_after, body: body.map_err(|error| self.hidden(&error))? })
    }

    /// Sends, and waits for the beginning of the answer.
    pub(crate) fn tell(&self, attempt: Attempt<'_>) -> Result<Status, String> {
        self.send(attempt).map(|(status, _)| status)
    }

    fn send(&self, attempt: Attempt<'_>) -> Result<(Status, Body), String> {
        let request = self.agent.post(&self.url);
        let request =
            attempt.headers().into_iter().fold(request, |request, (name, value)| request.header(name, value));
        let response = request.send(attempt.body).map_err(|error| self.hidden(&error))?;
        let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
        let retry_after = retry_after.map(str::to_owned);
        Ok((Status { status: response.status().as_u16(), retry_after }, response.into_body()))
    }

    fn hidden(&self, error: &ureq::Error) -> String {
        error.to_string().replace(&self.url, &self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payout::rpc::server::Server;

    const ATTEMPT: Attempt<'_> =
        Attempt { id: "msg_1", seconds: 1, signatures: "v1,AA==", body: br#"{"type":"payout.requested"}"# };

    fn receiver(server: &Server) -> Receiver {
        Receiver::new(&server.url, Duration::from_secs(20)).unwrap()
    }

    #[test]
    fn messages_go_over_tls_or_to_this_machine() {
        for (url, is_one) in [
            ("https://pay.example/hook?key=1", true),
            ("https://10.0.0.7:8443/hook", true),
            ("http://localhost:3000", true),
            ("http://127.0.0.1:3000/hook", true),
            ("http://127.9.9.9", true),
            ("http://[::1]:3000/hook", true),
            ("http://pay.example/hook", false),
            ("http://10.0.0.7/hook", false),
            ("http://localhost.pay.example", false),
            ("http://127.0.0.1.pay.example", false),
            ("http://127.0.0.1@pay.example", false),
            ("http://0.0.0.0/", false),
            ("ftp://127.0.0.1", false),
            ("pay.example", false),
            ("/hook", false),
            ("https://", false),
            ("https://a b", false),
            ("", false),
        ] {
            assert_eq!(is_safe(url), is_one, "{url}");
        }
    }

    #[test]
    fn an_answer_is_read_with_when_to_come_again() {
        let server = Server::answering(
            "HTTP/1.1 202 Accepted\r\nretry-after: 7\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}",
        );
        let expected = Answer { status: 202, retry_after: Some("7".to_owned()), body: b"{}".to_vec() };
        assert_eq!(receiver(&server).post(ATTEMPT), Ok(expected));
        assert_eq!(server.requests(), 1);
    }

    #[test]
    fn a_redirect_is_not_followed() {
        let other = Server::json("{}");
        let head = format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: {}\r\n", other.url);
        let server = Server::answering(head + "connection: close\r\ncontent-length: 0\r\n\r\n");
        assert_eq!(receiver(&server).post(ATTEMPT).map(|answer| answer.status), Ok(307));
        assert_eq!(other.requests(), 0);
    }

    #[test]
    fn an_endless_torn_or_missing_answer_is_none_and_says_nothing_of_the_address() {
        let endless = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}", "x".repeat(70_000));
        for answer in
            [endless.as_str(), "HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{", "nonsense\r\n\r\n", ""]
        {
            let error = receiver(&Server::answering(answer)).post(ATTEMPT).unwrap_err();
            assert!(!error.contains("secret-api-key"), "{error}");
        }
    }

    #[test]
    fn an_address_in_a_variable_that_is_not_set_is_named() {
        let error = Receiver::new("env:DRIPLINE_NO_SUCH_URL", CONNECT_TIMEOUT).unwrap_err();
        assert_eq!(error, "DRIPLINE_NO_SUCH_URL: this variable is not set");
        let error = Receiver::new("http://pay.example/key", CONNECT_TIMEOUT).unwrap_err();
        assert_eq!(error, "http://pay.example: expected an https address, or an http address on loopback");
    }
}
