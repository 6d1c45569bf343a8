//! The only place that fetches.

use std::rc::Rc;

use dripline_shared::api::Problem;
use gloo_net::http::{Method, Request, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// By what the server knows who asks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Credential {
    /// By nothing yet, or by a cookie that allows to look alone.
    #[default]
    None,
    /// By a cookie, which this page cannot read, and by the token that is needed besides to change something.
    Session {
        /// The token.
        csrf: Rc<str>,
    },
    /// By an API key. It is kept nowhere: whoever loads the page anew enters it anew.
    Key(Rc<str>),
}

/// Why something was not done.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Failure {
    /// The server was not reached, or its answer was not understood.
    Unreachable(String),
    /// The server refused.
    Refused(Box<Problem>),
}

impl Failure {
    /// What to tell the operator.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Unreachable(why) => format!("The server could not be reached: {why}"),
            Self::Refused(problem) if problem.detail.is_empty() => problem.title.clone(),
            Self::Refused(problem) => format!("{}: {}", problem.title, problem.detail),
        }
    }

    /// Whether nobody is signed in any more.
    pub(crate) fn is_signed_out(&self) -> bool {
        matches!(self, Self::Refused(problem) if problem.status == 401)
    }
}

/// What a request came to.
pub(crate) type Outcome<T> = Result<T, Failure>;

/// Asks the server, as whoever is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Api {
    credential: Credential,
}

impl Api {
    /// As whoever has this.
    pub(crate) fn new(credential: Credential) -> Self {
        Self { credential }
    }

    /// Asks for something.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Outcome<T> {
        read(send(self.builder(Method::GET, path).build()).await?).await
    }

    /// Asks for something that is not JSON.
    pub(crate) async fn get_text(&self, path: &str) -> Outcome<String> {
        let response = send(self.builder(Method::GET, path).build()).await?;
        if !response.ok() {
            return Err(refusal(response).await);
        }
        response.text().await.map_err(unreachable)
    }

    /// Sends something.
    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Outcome<T> {
        read(send(self.builder(method, path).json(body)).await?).await
    }

    /// Asks for something to be done that needs nothing to be said.
    pub(crate) async fn post_nothing<T: DeserializeOwned>(&self, path: &str) -> Outcome<T> {
        read(send(self.builder(Method::POST, path).build()).await?).await
    }

    /// Sends a request without a body whose answer has nothing to tell.
    pub(crate) async fn ask(&self, method: Method, path: &str) -> Outcome<()> {
        nothing(send(self.builder(method, path).build()).await?).await
    }

    /// A stream of events; see [`events`](crate::events).
    pub(crate) async fn stream(&self, path: &str, until: &web_sys::AbortSignal) -> Outcome<Response> {
        let builder = self.builder(Method::GET, path).abort_signal(Some(until));
        let response = send(builder.header("Accept", "text/event-stream").build()).await?;
        if response.ok() { Ok(response) } else { Err(refusal(response).await) }
    }

    fn builder(&self, method: Method, path: &str) -> RequestBuilder {
        let builder = RequestBuilder::new(&format!("/admin/v1/{path}")).method(method);
        match &self.credential {
            Credential::None => builder,
            Credential::Session { csrf } => builder.header("X-Dripline-CSRF", csrf),
            Credential::Key(key) => builder.header("Authorization", &format!("Bearer {key}")),
        }
    }
}

async fn send(request: Result<Request, gloo_net::Error>) -> Outcome<Response> {
    request.map_err(unreachable)?.send().await.map_err(unreachable)
}

async fn read<T: DeserializeOwned>(response: Response) -> Outcome<T> {
    if response.ok() { response.json().await.map_err(unreachable) } else { Err(refusal(response).await) }
}

async fn nothing(response: Response) -> Outcome<()> {
    if response.ok() { Ok(()) } else { Err(refusal(response).await) }
}

async fn refusal(response: Response) -> Failure {
    let status = response.status();
    match response.json::<Problem>().await {
        Ok(problem) => Failure::Refused(Box::new(problem)),
        Err(_) => Failure::Unreachable(format!("it answered {status}")),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "called by `map_err`")]
fn unreachable(error: gloo_net::Error) -> Failure {
    Failure::Unreachable(error.to_string())
}
