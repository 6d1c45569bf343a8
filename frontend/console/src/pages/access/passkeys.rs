//! The passkeys of whoever is signed in.

use dripline_shared::api::access::Me;
use dripline_shared::api::sign_in::{Ceremony, OperatorView, PasskeyRequest, PasskeyView};
use gloo_net::http::Method;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::api::Failure;
use crate::components::{Confirm, use_action, use_loaded};
use crate::session::use_session;
use crate::{edge, passkey};

/// The part of the page.
#[hook]
pub(crate) fn use_passkeys() -> Html {
    let session = use_session();
    let action = use_action();
    let (me, again) = use_loaded::<Me>("me".to_owned());
    let name = use_node_ref();
    let add = {
        let (action, api, again, name) = (action.clone(), session.api.clone(), again.clone(), name.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(field) = name.cast::<HtmlInputElement>() else { return };
            let (api, again) = (api.clone(), again.clone());
            action.run(async move {
                let ceremony: Ceremony = api.post_nothing("passkeys/options").await?;
                let credential = passkey::make(&ceremony.public_key).await.map_err(Failure::Unreachable)?;
                let request = PasskeyRequest { ceremony: ceremony.ceremony, name: field.value(), credential };
                api.send::<OperatorView>(Method::POST, "passkeys", &request).await?;
                field.set_value("");
                again.emit(());
                Ok("You can sign in with it from now on.".to_owned())
            });
        })
    };
    let remove = |view: &PasskeyView| {
        let (action, api, again) = (action.clone(), session.api.clone(), again.clone());
        let path = format!("passkeys/{}", view.id);
        Callback::from(move |()| {
            let (api, again, path) = (api.clone(), again.clone(), path.clone());
            action.run(async move {
                api.ask(Method::DELETE, &path).await?;
                again.emit(());
                Ok("It signs nobody in any more.".to_owned())
            });
        })
    };
    let row = |view: &PasskeyView, is_only: bool| {
        html! {
            <li key={view.id.clone()} class="line">
                <span>
                    <strong>{ &view.name }</strong>
                    <span class="quiet">
                        { format!(" since {}", edge::moment(view.made_at_ms)) }
                        if view.is_synced { { ", kept in more than one place" } }
                    </span>
                </span>
                if !is_only {
                    <Confirm name="Remove" question="Remove this passkey?" meant={remove(view)} is_off={action.is_busy()} />
                }
            </li>
        }
    };
    html! {
        <section class="card" aria-labelledby="passkeys">
            <h2 id="passkeys">{ "Your passkeys" }</h2>
            <p class="quiet">{ "Two, on different devices, keep you from being locked out." }</p>
            { action.view() }
            { me.view(|me| {
                let passkeys = me.operator.as_ref().map_or(&[][..], |operator| &operator.passkeys);
                html! { <ul>{ for passkeys.iter().map(|view| row(view, passkeys.len() == 1)) }</ul> }
            }) }
            <form onsubmit={add} class="row">
                <span class="setting"><label for="passkey-name">{ "Another one" }</label>
                    <input id="passkey-name" ref={name} type="text" required=true maxlength="80" placeholder="Name of the device" /></span>
                <button class="button is-quiet" disabled={action.is_busy()}>{ "Add a passkey" }</button>
            </form>
        </section>
    }
}
