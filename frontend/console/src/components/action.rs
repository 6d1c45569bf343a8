//! What an operator has the server do, and what is told of it.

use std::future::Future;
use std::pin::Pin;

use yew::platform::spawn_local;
use yew::prelude::*;

use super::{Tone, notice};
use crate::api::Failure;
use crate::session::{Session, use_session};

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
