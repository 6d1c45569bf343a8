//! What a page shows of the server, and when it asks anew.

use std::cell::Cell;
use std::rc::Rc;

use dripline_shared::json::FromJson;
use serde_json::Value;
use yew::platform::spawn_local;
use yew::prelude::*;

use super::{Tone, notice};
use crate::api::typed;
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
pub(crate) fn use_loaded<T: FromJson>(path: String) -> (Loaded<T>, Callback<()>) {
    let (answer, again) = use_answer(path);
    // Read whenever the page is shown anew, which is seldom: kept as what it means, each kind of answer would have a copy of all
    // of the code below.
    let loaded = match answer {
        Answer::Waiting => Loaded::Waiting,
        Answer::Here(json) => match typed(&json) {
            Ok(answer) => Loaded::Here(Rc::new(answer)),
            Err(failure) => Loaded::Failed(failure.text()),
        },
        Answer::Failed(why) => Loaded::Failed(why),
    };
    (loaded, again)
}

/// An answer, whatever it means.
#[derive(Clone)]
enum Answer {
    Waiting,
    Here(Rc<Value>),
    Failed(String),
}

#[hook]
fn use_answer(path: String) -> (Answer, Callback<()>) {
    let session = use_session();
    let answer = use_state(|| Answer::Waiting);
    let times = use_state(|| 0_u32);
    {
        let answer = answer.clone();
        use_effect_with((path, *times, session.api.clone()), move |(path, _, api)| {
            let is_wanted = Rc::new(Cell::new(true));
            let (path, api, still_wanted) = (path.clone(), api.clone(), Rc::clone(&is_wanted));
            spawn_local(async move {
                let answered = api.get_json(&path).await;
                if still_wanted.get() {
                    answer.set(match answered {
                        Ok(json) => Answer::Here(Rc::new(json)),
                        Err(failure) => Answer::Failed(session.told(&failure)),
                    });
                }
            });
            move || is_wanted.set(false)
        });
    }
    let again = Callback::from(move |()| times.set(times.wrapping_add(1)));
    ((*answer).clone(), again)
}
