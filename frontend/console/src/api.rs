//! The only place that fetches.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use dripline_shared::api::Problem;
use dripline_shared::api::access::Me;
use dripline_shared::error::Code;
use dripline_shared::json::FromJson;
use gloo_net::http::{Method, RequestBuilder, Response};
use serde_json::Value;

use crate::{json, passkey, route};

/// By what the server knows who asks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Credential {
    /// By nothing yet, or by a cookie that allows to look alone.
    #[default]
    None,
    /// By a cookie, which this page cannot read, and by the token that is needed besides to change something.
    Session(Rc<RefCell<Open>>),
    /// By an API key. It is kept nowhere: whoever loads the page anew enters it anew.
    Key(Rc<str>),
}

/// A session that is open.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Open {
    /// The token.
    csrf: String,
    /// Its id.
    id: String,
    /// The id of the operator whose it is.
    operator: String,
}

impl Open {
    /// That of whoever has signed in, if they did by a passkey.
    pub(crate) fn of(me: &Me) -> Option<Self> {
        let (csrf, session, operator) = (me.csrf.as_ref()?, me.session.as_ref()?, me.operator.as_ref()?);
        Some(Self { csrf: csrf.clone(), id: session.id.clone(), operator: operator.id.clone() })
    }
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

    /// The refusal for this reason, if it is one.
    pub(crate) fn refused_for(&self, codes: &[Code]) -> Option<&Problem> {
        match self {
            Self::Refused(problem) if codes.contains(&problem.code) => Some(problem),
            _ => None,
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

    /// Asks for something, or has it done, saying this. What is answered, whatever it means: what reads it is not part of the code that
    /// waits for it, which would be there once for each kind of answer.
    pub(crate) fn request(&self, method: Method, path: &str, body: Option<Value>) -> Asked<Value> {
        let text = self.text(method, path, body);
        Box::pin(async move { parsed(&text.await?) })
    }

    /// Asks for something that is not JSON.
    pub(crate) async fn get_text(&self, path: &str) -> Outcome<String> {
        self.text(Method::GET, path, None).await
    }

    fn text(&self, method: Method, path: &str, body: Option<Value>) -> Asked<String> {
        let (this, path, body) = (self.clone(), path.to_owned(), body.map(|body| json::written(&body)));
        Box::pin(async move {
            let answer = this.once(method.clone(), &path, body.as_deref()).await;
            match &answer {
                Err(failure) if failure.refused_for(&[Code::VerificationNeeded]).is_some() => {
                    if this.verify().await { this.once(method, &path, body.as_deref()).await } else { answer }
                }
                _ => answer,
            }
        })
    }

    async fn once(&self, method: Method, path: &str, body: Option<&str>) -> Outcome<String> {
        let builder = self.builder(method, path);
        let request = match body {
            None => builder.build(),
            Some(body) => builder.header("Content-Type", "application/json").body(body),
        };
        let response = request.map_err(unreachable)?.send().await.map_err(unreachable)?;
        let text = response.text().await.map_err(unreachable)?;
        if response.ok() { Ok(text) } else { Err(refusal(response.status(), &text)) }
    }

    /// Has whoever is signed in show their passkey again, where they are: a session that begins just now takes the place of the one
    /// that was open. Gives whether it did.
    async fn verify(&self) -> bool {
        let Credential::Session(open) = &self.credential else { return false };
        let Some(new) = passkey::sign_in().await.ok().as_ref().and_then(Open::of) else { return false };
        let former = open.replace(new);
        if former.operator != open.borrow().operator {
            // Somebody else: what is on the page is not theirs.
            route::reload();
            return false;
        }
        // It would end by itself, too.
        let _ = self.once(Method::POST, &format!("sessions/{}/revoke", former.id), None).await;
        true
    }

    /// A stream of events; see [`events`](crate::events).
    pub(crate) async fn stream(&self, path: &str, until: &web_sys::AbortSignal) -> Outcome<Response> {
        let builder = self.builder(Method::GET, path).abort_signal(Some(until));
        let request = builder.header("Accept", "text/event-stream").build().map_err(unreachable)?;
        let response = request.send().await.map_err(unreachable)?;
        if response.ok() {
            return Ok(response);
        }
        Err(refusal(response.status(), &response.text().await.map_err(unreachable)?))
    }

    fn builder(&self, method: Method, path: &str) -> RequestBuilder {
        let builder = RequestBuilder::new(&format!("/admin/v1/{path}")).method(method);
        match &self.credential {
            Credential::None => builder,
            Credential::Session(open) => builder.header("X-Dripline-CSRF", &open.borrow().csrf),
            Credential::Key(key) => builder.header("Authorization", &format!("Bearer {key}")),
        }
    }
}

/// What is asked for. It is the same type for whatever is asked, so that the page has the code of it once.
pub(crate) type Asked<T> = Pin<Box<dyn Future<Output = Outcome<T>>>>;

fn parsed(text: &str) -> Outcome<Value> {
    // There is nothing to be told.
    if text.is_empty() {
        return Ok(Value::Null);
    }
    json::read(text).ok_or_else(|| Failure::Unreachable("its answer is no JSON".to_owned()))
}

/// Read by the rules' own JSON, as in the player's page: serde's code for all that operators read would be a quarter of this one.
pub(crate) fn typed<T: FromJson>(json: &Value) -> Outcome<T> {
    T::from_json(json).ok_or_else(|| {
        Failure::Unreachable("its answer is of another version: load this page anew".to_owned())
    })
}

/// What an answer means, or what to tell of there being none.
pub(crate) fn meant<T: FromJson>(answer: Outcome<Value>) -> Result<T, String> {
    answer.and_then(|answer| typed(&answer)).map_err(|failure| failure.text())
}

fn refusal(status: u16, text: &str) -> Failure {
    match parsed(text).and_then(|json| typed::<Problem>(&json)) {
        Ok(problem) => Failure::Refused(Box::new(problem)),
        Err(_) => Failure::Unreachable(format!("it answered {status}")),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "called by `map_err`")]
fn unreachable(error: gloo_net::Error) -> Failure {
    Failure::Unreachable(error.to_string())
}
