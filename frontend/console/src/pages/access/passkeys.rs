//! The passkeys of whoever is signed in.

use dripline_shared::api::access::Me;
use dripline_shared::api::sign_in::{Ceremony, PasskeyRequest, PasskeyView};
use dripline_shared::json::ToJson;
use gloo_net::http::Method;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::api::{Failure, typed};
use crate::components::{text_field, use_action, use_loaded};
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
                let ceremony: Ceremony = typed(&api.request(Method::POST, "passkeys/options", None).await?)?;
                let credential = passkey::make(&ceremony.public_key).await.map_err(Failure::Unreachable)?;
                let request = PasskeyRequest { ceremony: ceremony.ceremony, name: field.value(), credential };
                api.request(Method::POST, "passkeys", Some(request.to_json())).await?;
                field.set_value("");
                again.emit(());
                Ok("You can sign in with it from now on.".to_owned())
            });
        })
    };
    let remove = |view: &PasskeyView| {
        action.asking(Method::DELETE, format!("passkeys/{}", view.id), "It signs nobody in any more.", &again)
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
                    { action.confirm("Remove", "Remove this passkey?", remove(view)) }
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
                { text_field("passkey-name", "Another one", &name, "80", Some("Name of the device"), true) }
                <button class="button is-quiet" disabled={action.is_busy()}>{ "Add a passkey" }</button>
            </form>
        </section>
    }
}
