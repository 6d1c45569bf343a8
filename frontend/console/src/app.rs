//! The whole page: whoever is not signed in sees how to, everybody else the frame and a place in it.

use std::cell::RefCell;
use std::rc::Rc;

use dripline_shared::api::access::Me;
use gloo_events::EventListener;
use gloo_net::http::Method;
use yew::platform::spawn_local;
use yew::prelude::*;

use crate::api::{Api, Credential, Open, meant};
use crate::components::{button, piece};
use crate::format;
use crate::pages::{self, InvitationProps, SignInProps, use_invitation, use_sign_in};
use crate::route::{self, PLACES, Place};
use crate::session::Session;

/// Who is there.
#[derive(Clone, PartialEq)]
enum Visitor {
    /// The server was not asked yet.
    Unknown,
    /// Nobody who is known. What there is to be told, if there is something.
    Stranger(Option<AttrValue>),
    /// Somebody who is known.
    Known(Api, Rc<Me>),
}

/// The page.
#[component]
pub(crate) fn App() -> Html {
    let visitor = use_state(|| Visitor::Unknown);
    let place = use_state(Place::current);
    {
        let place = place.clone();
        use_effect_with((), move |()| {
            let window = web_sys::window();
            let listener =
                window.map(|it| EventListener::new(&it, "hashchange", move |_| place.set(Place::current())));
            move || drop(listener)
        });
    }
    let entered = {
        let visitor = visitor.clone();
        Callback::from(move |(me, key): (Me, Option<Rc<str>>)| {
            visitor.set(Visitor::Known(Api::new(credential(&me, key)), Rc::new(me)));
        })
    };
    {
        let (entered, visitor) = (entered.clone(), visitor.clone());
        use_effect_with((), move |()| {
            spawn_local(async move {
                // A cookie of a session that is still open.
                match meant(Api::default().request(Method::GET, "me", None).await) {
                    Ok(me) => entered.emit((me, None)),
                    Err(_) => visitor.set(Visitor::Stranger(None)),
                }
            });
        });
    }
    let ended = {
        let visitor = visitor.clone();
        Callback::from(move |()| visitor.set(Visitor::Stranger(Some("Your session has ended.".into()))))
    };
    if let Place::Invitation(secret) = &*place {
        return piece!(use_invitation, "", InvitationProps { secret: secret.clone(), entered });
    }
    match (*visitor).clone() {
        Visitor::Unknown => {
            html! { <main class="sign-in"><p class="quiet" role="status">{ "Starting …" }</p></main> }
        }
        Visitor::Stranger(told) => piece!(use_sign_in, "", SignInProps { told, entered }),
        Visitor::Known(api, me) => {
            let session = Session { api, me, ended };
            html! {
                <ContextProvider<Session> context={session}>
                    { piece!(use_frame, "", (*place).clone()) }
                </ContextProvider<Session>>
            }
        }
    }
}

/// By what the server is asked from now on.
fn credential(me: &Me, key: Option<Rc<str>>) -> Credential {
    match (key, Open::of(me)) {
        (Some(key), _) => Credential::Key(key),
        (None, Some(open)) => Credential::Session(Rc::new(RefCell::new(open))),
        (None, None) => Credential::None,
    }
}

/// What stands around every place.
#[hook]
fn use_frame(shown: &Place) -> Html {
    let session = crate::session::use_session();
    let sign_out = {
        let session = session.clone();
        Callback::from(move |()| {
            let session = session.clone();
            spawn_local(async move {
                // Of an API key there is nothing on the server that would have to end.
                if session.me.session.is_some()
                    && let Err(failure) = session.api.request(Method::POST, "sign-out", None).await
                {
                    // Where the session was over already, that is what is told; otherwise it is open still.
                    let _ = session.told(&failure);
                    return;
                }
                session.ended.emit(());
            });
        })
    };
    {
        let name = shown.name();
        use_effect_with(name, move |name| {
            if let Some(document) = web_sys::window().and_then(|window| window.document()) {
                document.set_title(&format!("{name} – Dripline console"));
            }
        });
    }
    let links = PLACES.iter().map(|(place, address, name)| {
        let current = (*place == *shown).then_some("page");
        html! { <a class="tab" href={format!("#{address}")} aria-current={current}>{ *name }</a> }
    });
    let page = match shown {
        Place::Overview | Place::Invitation(_) => piece!(pages::use_overview),
        Place::Catalog => piece!(pages::use_catalog),
        Place::History => piece!(pages::use_history),
        Place::Players => piece!(pages::use_players),
        Place::Payouts => piece!(pages::use_payouts),
        Place::Sites => piece!(pages::use_sites),
        Place::Access => piece!(pages::use_access),
        Place::Audit => piece!(pages::use_audit),
    };
    html! {
        <>
            <a class="skip" href="#main" onclick={Callback::from(skip)}>{ "To the content" }</a>
            <header class="console-top">
                <a class="brand" href="#overview">{ "Dripline console" }</a>
                <nav aria-label="Console">{ for links }</nav>
                <div class="console-who">
                    <span>{ format::by(&session.me.by) }<span class="badge">{ session.me.role.as_str() }</span></span>
                    { button("Sign out", false, sign_out) }
                </div>
            </header>
            <main id="main" class="console" tabindex="-1">
                <h1>{ shown.name() }</h1>
                { page }
            </main>
        </>
    }
}

/// Puts the focus into the content, and leaves the address as it is: it says which place this is.
#[expect(clippy::needless_pass_by_value, reason = "called by the event")]
fn skip(event: MouseEvent) {
    event.prevent_default();
    route::to_content();
}
