//! What a page shows of the server, and when it asks anew.

use std::cell::Cell;
use std::rc::Rc;

use dripline_shared::json::FromJson;
use yew::platform::spawn_local;
use yew::prelude::*;

use super::{Tone, notice};
use crate::session::use_session;

/// What was asked for.
#[derive(Debug)]
pub(crate) enum Loaded<T> {
    /// The answer has not come yet.
    Waiting,
    /// The answer.
    Here(Rc<T>),
    /// Why there is none.
    Failed(String),
}

impl<T> Clone for Loaded<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Waiting => Self::Waiting,
            Self::Here(answer) => Self::Here(Rc::clone(answer)),
            Self::Failed(why) => Self::Failed(why.clone()),
        }
    }
}

impl<T> Loaded<T> {
    /// The answer, once it is here.
    pub(crate) fn here(&self) -> Option<&Rc<T>> {
        if let Self::Here(answer) = self { Some(answer) } else { None }
    }

    /// What is shown: `show` of the answer, or that there is none.
    pub(crate) fn view(&self, show: impl FnOnce(&Rc<T>) -> Html) -> Html {
        match self {
            Self::Waiting => html! { <p class="quiet" role="status">{ "Asking the server …" }</p> },
            Self::Here(answer) => show(answer),
            Self::Failed(why) => notice(Tone::Risk, why),
        }
    }
}

/// Asks for what is at `path`, and anew whenever the callback is called. What was there stays until the answer is here.
#[hook]
pub(crate) fn use_loaded<T: FromJson + 'static>(path: String) -> (Loaded<T>, Callback<()>) {
    let session = use_session();
    let loaded = use_state(|| Loaded::Waiting);
    let times = use_state(|| 0_u32);
    {
        let loaded = loaded.clone();
        use_effect_with((path, *times, session.api.clone()), move |(path, _, api)| {
            let is_wanted = Rc::new(Cell::new(true));
            let (path, api, still_wanted) = (path.clone(), api.clone(), Rc::clone(&is_wanted));
            spawn_local(async move {
                let answer = api.get(&path).await;
                if still_wanted.get() {
                    loaded.set(match answer {
                        Ok(answer) => Loaded::Here(Rc::new(answer)),
                        Err(failure) => Loaded::Failed(session.told(&failure)),
                    });
                }
            });
            move || is_wanted.set(false)
        });
    }
    let again = Callback::from(move |()| times.set(times.wrapping_add(1)));
    ((*loaded).clone(), again)
}
