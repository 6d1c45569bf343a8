//! Keeps what is edited: a little later, one request after the other, each naming the revision that it replaces.

use std::cell::RefCell;
use std::rc::Rc;

use dripline_shared::api::operate::{Draft, DraftRequest};
use dripline_shared::catalog::Catalog;
use dripline_shared::json::ToJson;
use gloo_net::http::Method;
use gloo_timers::callback::Timeout;
use yew::platform::spawn_local;
use yew::prelude::*;

use crate::api::typed;
use crate::session::{Session, use_session};

/// How long to wait for another change before a request is made, in milliseconds.
const CALM_MS: u32 = 600;

/// How the newest state of a draft stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kept {
    /// It is kept, under this revision.
    Here(u64),
    /// It will be soon.
    Soon,
    /// It is not, and what was told of that.
    Refused(String),
}

/// Keeps a draft.
#[derive(Clone)]
pub(crate) struct Keeper {
    inner: Rc<RefCell<Inner>>,
    kept: UseStateHandle<Kept>,
    session: Session,
}

/// What is on the way.
struct Inner {
    draft: Option<Draft>,
    waiting: Option<Catalog>,
    is_busy: bool,
    timer: Option<Timeout>,
}

impl Keeper {
    /// How the newest state stands.
    pub(crate) fn kept(&self) -> &Kept {
        &self.kept
    }

    /// Keeps this state of the catalog.
    pub(crate) fn keep(&self, catalog: Catalog) {
        let this = self.clone();
        let mut inner = self.inner.borrow_mut();
        inner.waiting = Some(catalog);
        inner.timer = Some(Timeout::new(CALM_MS, move || this.begin()));
        drop(inner);
        self.kept.set(Kept::Soon);
    }

    fn begin(&self) {
        let this = self.clone();
        if !std::mem::replace(&mut self.inner.borrow_mut().is_busy, true) {
            spawn_local(async move {
                this.send_all().await;
                this.inner.borrow_mut().is_busy = false;
            });
        }
    }

    /// What is to be sent next.
    fn next(&self) -> Option<(Draft, Catalog)> {
        let mut inner = self.inner.borrow_mut();
        Some((inner.draft.clone()?, inner.waiting.take()?))
    }

    /// The revision of what was kept, if nothing newer waits.
    fn note(&self, kept: Draft) -> Option<u64> {
        let mut inner = self.inner.borrow_mut();
        let revision = kept.revision;
        inner.draft = Some(kept);
        inner.waiting.is_none().then_some(revision)
    }

    /// Sends what waits until nothing does, or something was refused.
    async fn send_all(&self) {
        loop {
            let Some((draft, catalog)) = self.next() else { return };
            let request = DraftRequest {
                name: draft.name.clone(),
                catalog,
                base: draft.base,
                replaces: Some(draft.revision),
            };
            let path = format!("catalog/drafts/{}", draft.id);
            let answer = self.session.api.request(Method::PUT, &path, Some(request.to_json())).await;
            match answer.and_then(|answer| typed(&answer)) {
                Ok(kept) => {
                    if let Some(revision) = self.note(kept) {
                        self.kept.set(Kept::Here(revision));
                    }
                }
                Err(failure) => {
                    self.kept.set(Kept::Refused(self.session.told(&failure)));
                    return;
                }
            }
        }
    }
}

/// Keeps this draft; nothing where there is none.
#[hook]
pub(crate) fn use_keeper(draft: Option<Draft>) -> Keeper {
    let kept = use_state(|| Kept::Here(draft.as_ref().map_or(0, |draft| draft.revision)));
    let inner = use_mut_ref(move || Inner { draft, waiting: None, is_busy: false, timer: None });
    Keeper { inner, kept, session: use_session() }
}
