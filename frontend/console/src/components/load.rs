//! What a page shows of the server, and when it asks anew.

use std::cell::Cell;
use std::rc::Rc;

use dripline_shared::json::FromJson;
use gloo_net::http::Method;
use gloo_timers::callback::Timeout;
use serde_json::Value;
use yew::platform::spawn_local;
use yew::prelude::*;

use super::{Tone, notice};
use crate::api::typed;
use crate::session::use_session;

/// How long after an answer it is asked anew where that is wanted, in milliseconds.
const SOON_MS: u32 = 3_000;

/// What was asked for.
#[derive(Debug)]
pub(crate) struct Loaded<T> {
    /// How many answers have come, or failed to.
    turn: u32,
    /// The newest answer.
    here: Option<Rc<T>>,
    /// Why there is none, or none that is newer.
    failed: Option<String>,
}

impl<T> Clone for Loaded<T> {
    fn clone(&self) -> Self {
        Self { turn: self.turn, here: self.here.clone(), failed: self.failed.clone() }
    }
}

impl<T> Loaded<T> {
    /// The answer, once it is here.
    pub(crate) const fn here(&self) -> Option<&Rc<T>> {
        self.here.as_ref()
    }

    /// How many answers have come, or failed to.
    pub(crate) const fn turn(&self) -> u32 {
        self.turn
    }

    /// What is shown: `show` of the answer, or that there is none. What was seen stays where a newer answer has failed, and is told
    /// so: with it would go what is typed there.
    pub(crate) fn view(&self, show: impl FnOnce(&Rc<T>) -> Html) -> Html {
        beside(self.failed.as_deref(), self.here.as_ref().map(show))
    }
}

/// What is shown of an answer, below why there is none.
fn beside(failed: Option<&str>, shown: Option<Html>) -> Html {
    let told = match (failed, &shown) {
        (Some(why), _) => notice(Tone::Risk, why),
        (None, None) => html! { <p class="quiet" role="status">{ "Asking the server …" }</p> },
        (None, Some(_)) => Html::default(),
    };
    html! { <>{ told }{ shown.unwrap_or_default() }</> }
}

/// Asks for what is at `path`, and anew whenever the callback is called. What was there stays until the answer is here.
#[hook]
pub(crate) fn use_loaded<T: FromJson>(path: String) -> (Loaded<T>, Callback<()>) {
    let (answer, again) = use_answer(path);
    let Answer { turn, json, mut failed, .. } = answer;
    // Read whenever the page is shown anew, which is seldom: kept as what it means, each kind of answer would have a copy of all
    // of the code below.
    let here = match json.as_deref().map(typed) {
        Some(Ok(answer)) => Some(Rc::new(answer)),
        Some(Err(failure)) => {
            failed = Some(failure.text());
            None
        }
        None => None,
    };
    (Loaded { turn, here, failed }, again)
}

/// An answer, whatever it means.
#[derive(Clone, Default)]
struct Answer {
    /// How many have come, or failed to.
    turn: u32,
    /// To what.
    path: String,
    /// The newest.
    json: Option<Rc<Value>>,
    /// Why there is none, or none that is newer.
    failed: Option<String>,
}

impl Answer {
    /// What there is once this has come of asking at `path`. What is somewhere else is no answer.
    fn next(&self, path: String, answered: Result<Value, String>) -> Self {
        let turn = self.turn.wrapping_add(1);
        match answered {
            Ok(json) => Self { turn, path, json: Some(Rc::new(json)), failed: None },
            Err(why) => {
                let json = self.json.clone().filter(|_| self.path == path);
                Self { turn, path, json, failed: Some(why) }
            }
        }
    }
}

#[hook]
fn use_answer(path: String) -> (Answer, Callback<()>) {
    let session = use_session();
    let answer = use_state(Answer::default);
    let times = use_state(|| 0_u32);
    {
        let answer = answer.clone();
        use_effect_with((path, *times, session.api.clone()), move |(path, _, api)| {
            let is_wanted = Rc::new(Cell::new(true));
            let (path, api, still_wanted) = (path.clone(), api.clone(), Rc::clone(&is_wanted));
            spawn_local(async move {
                let answered = api.request(Method::GET, &path, None).await;
                if still_wanted.get() {
                    let answered = answered.map_err(|failure| session.told(&failure));
                    answer.set(answer.next(path, answered));
                }
            });
            move || is_wanted.set(false)
        });
    }
    let again = Callback::from(move |()| times.set(times.wrapping_add(1)));
    ((*answer).clone(), again)
}

/// Asks anew a while after each answer, for as long as that is wanted: what is on its way is waited for first.
#[hook]
pub(crate) fn use_again_soon(turn: u32, is_wanted: bool, again: Callback<()>) {
    use_effect_with((turn, is_wanted), move |(_, is_wanted)| {
        let timer = is_wanted.then(|| Timeout::new(SOON_MS, move || again.emit(())));
        move || drop(timer)
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_there_stays_where_asking_anew_fails_and_goes_where_something_else_was_asked_for() {
        let first = Answer::default().next("sites".to_owned(), Ok(json!(1)));
        let failed = first.next("sites".to_owned(), Err("no".to_owned()));
        assert_eq!((failed.json.as_deref(), failed.failed.as_deref()), (Some(&json!(1)), Some("no")));
        let again = failed.next("sites".to_owned(), Ok(json!(2)));
        assert_eq!((again.json.as_deref(), again.failed, again.turn), (Some(&json!(2)), None, 3));
        let other = first.next("players".to_owned(), Err("no".to_owned()));
        assert_eq!((other.json, other.failed.as_deref()), (None, Some("no")));
    }
}
