//! What an operator has the server do, and what is told of it.

use std::future::Future;
use std::pin::Pin;

use gloo_net::http::Method;
use serde_json::Value;
use yew::platform::spawn_local;
use yew::prelude::*;

use super::{Tone, confirm, notice};
use crate::api::{Failure, Outcome};
use crate::session::{Session, use_session};

/// What becomes of an answer.
type Done = Box<dyn FnOnce(Outcome<Value>) -> Outcome<String>>;

/// Something that is done now and then.
#[derive(Clone)]
pub(crate) struct Action {
    session: Session,
    is_busy: UseStateHandle<bool>,
    told: UseStateHandle<Option<(Tone, String)>>,
}

impl Action {
    /// Whether it is under way.
    pub(crate) fn is_busy(&self) -> bool {
        *self.is_busy
    }

    /// Does it, and tells what came of it.
    pub(crate) fn run(&self, doing: impl Future<Output = Result<String, Failure>> + 'static) {
        self.run_boxed(Box::pin(doing));
    }

    /// The same for whatever is done, so that the page has the code of it once.
    fn run_boxed(&self, doing: Pin<Box<dyn Future<Output = Result<String, Failure>>>>) {
        let this = self.clone();
        this.is_busy.set(true);
        this.told.set(None);
        spawn_local(async move {
            let told = match doing.await {
                Ok(text) => (Tone::Good, text),
                Err(failure) => (Tone::Risk, this.session.told(&failure)),
            };
            this.told.set((!told.1.is_empty()).then_some(told));
            this.is_busy.set(false);
        });
    }

    /// Asks the server for it, and tells what is made of what it answers.
    pub(crate) fn send(
        &self,
        method: Method,
        path: String,
        body: Option<Value>,
        done: impl FnOnce(Outcome<Value>) -> Outcome<String> + 'static,
    ) {
        self.send_boxed(method, path, body, Box::new(done));
    }

    /// The same whatever is made of it.
    fn send_boxed(&self, method: Method, path: String, body: Option<Value>, done: Done) {
        let api = self.session.api.clone();
        self.run_boxed(Box::pin(async move { done(api.request(method, &path, body).await) }));
    }

    /// What has the server do this, where nothing need be said. What is seen is read anew then, also where the server refused:
    /// somebody else has changed it.
    pub(crate) fn asking(
        &self,
        method: Method,
        path: String,
        told: &str,
        again: &Callback<()>,
    ) -> Callback<()> {
        let (this, told, again) = (self.clone(), told.to_owned(), again.clone());
        Callback::from(move |()| {
            let (told, again) = (told.clone(), again.clone());
            this.send(method.clone(), path.clone(), None, move |answer| {
                if !matches!(answer, Err(Failure::Unreachable(_))) {
                    again.emit(());
                }
                answer.map(|_| told)
            });
        })
    }

    /// Has the server do what may have to wait for a second operator.
    pub(crate) fn propose(&self, path: String, body: Value, told: &str, again: &Callback<()>) {
        let (told, again) = (told.to_owned(), again.clone());
        self.send(Method::POST, path, Some(body), move |answer| {
            // A proposal says what is proposed, and nothing else does.
            let is_proposed = answer?.get("proposed").is_some();
            again.emit(());
            Ok(if is_proposed { "It waits for a second operator.".to_owned() } else { told })
        });
    }

    /// A button for what cannot be taken back, off while something is under way.
    pub(crate) fn confirm(&self, name: &'static str, question: &'static str, meant: Callback<()>) -> Html {
        confirm(name, question.into(), meant, self.is_busy())
    }

    /// What was told last.
    pub(crate) fn view(&self) -> Html {
        self.told.as_ref().map(|(tone, text)| notice(*tone, text)).unwrap_or_default()
    }
}

/// Something that is done now and then.
#[hook]
pub(crate) fn use_action() -> Action {
    Action { session: use_session(), is_busy: use_state(|| false), told: use_state(|| None) }
}
