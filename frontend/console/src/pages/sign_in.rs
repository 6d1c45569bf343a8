//! How operators sign in: by a passkey, or by an API key.

use std::rc::Rc;

use dripline_shared::api::access::Me;
use gloo_net::http::Method;
use web_sys::HtmlInputElement;
use yew::platform::spawn_local;
use yew::prelude::*;

use crate::api::{Api, Credential, meant};
use crate::components::{Tone, notice};
use crate::passkey;

/// Who has come in, and the API key that they have shown, if one.
pub(crate) type Entered = Callback<(Me, Option<Rc<str>>)>;

#[derive(PartialEq)]
pub(crate) struct SignInProps {
    /// What there is to be told.
    pub(crate) told: Option<AttrValue>,
    /// Called with whoever has signed in.
    pub(crate) entered: Entered,
}

/// The page.
#[hook]
pub(crate) fn use_sign_in(props: &SignInProps) -> Html {
    let failed = use_state(|| None::<String>);
    let is_busy = use_state(|| false);
    let key = use_node_ref();
    let by_passkey = {
        let (failed, is_busy, entered) = (failed.clone(), is_busy.clone(), props.entered.clone());
        Callback::from(move |_: MouseEvent| {
            let (failed, is_busy, entered) = (failed.clone(), is_busy.clone(), entered.clone());
            is_busy.set(true);
            failed.set(None);
            spawn_local(async move {
                match passkey::sign_in().await {
                    Ok(me) => entered.emit((me, None)),
                    Err(why) => failed.set(Some(why)),
                }
                is_busy.set(false);
            });
        })
    };
    let by_key = {
        let (failed, is_busy, entered, key) =
            (failed.clone(), is_busy.clone(), props.entered.clone(), key.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(field) = key.cast::<HtmlInputElement>() else { return };
            let shown: Rc<str> = field.value().trim().into();
            let (failed, is_busy, entered) = (failed.clone(), is_busy.clone(), entered.clone());
            is_busy.set(true);
            failed.set(None);
            spawn_local(async move {
                let api = Api::new(Credential::Key(Rc::clone(&shown)));
                match meant(api.request(Method::GET, "me", None).await) {
                    Ok(me) => entered.emit((me, Some(shown))),
                    Err(why) => failed.set(Some(why)),
                }
                is_busy.set(false);
            });
        })
    };
    html! {
        <main class="sign-in card">
            <h1>{ "Dripline console" }</h1>
            if let Some(told) = &props.told {
                { notice(Tone::Plain, told) }
            }
            if let Some(failed) = &*failed {
                { notice(Tone::Risk, failed) }
            }
            if passkey::are_known() {
                <p class="quiet">{ "With the passkey that you made when you were invited." }</p>
                <button type="button" class="button is-large" onclick={by_passkey} disabled={*is_busy}>
                    { "Sign in with a passkey" }
                </button>
            } else {
                { notice(Tone::Plain, "This browser knows no passkeys at this address: they need HTTPS and a domain, or localhost.") }
            }
            <details>
                <summary>{ "With an API key" }</summary>
                <form onsubmit={by_key} class="stack">
                    <label for="api-key">{ "API key" }</label>
                    <input id="api-key" ref={key} type="password" autocomplete="off" spellcheck="false" required=true
                        placeholder="dripline_live_…" />
                    <p class="quiet">{ "It is kept nowhere: enter it again when you load this page anew." }</p>
                    <button class="button is-quiet" disabled={*is_busy}>{ "Use the key" }</button>
                </form>
            </details>
        </main>
    }
}
