//! Where somebody who was invited makes a passkey, and is an operator from then on.

use dripline_shared::api::access::Me;
use dripline_shared::api::sign_in::{
    InvitationAcceptance, InvitationOptions, InvitationQuestion, InvitationView,
};
use dripline_shared::json::ToJson;
use gloo_net::http::Method;
use web_sys::HtmlInputElement;
use yew::platform::spawn_local;
use yew::prelude::*;

use super::sign_in::Entered;
use crate::api::{Api, meant};
use crate::components::{Tone, notice};
use crate::{edge, passkey, route};

#[derive(PartialEq)]
pub(crate) struct InvitationProps {
    /// The secret in the link.
    pub(crate) secret: String,
    /// Called with whoever has taken it.
    pub(crate) entered: Entered,
}

/// The page.
#[hook]
pub(crate) fn use_invitation(props: &InvitationProps) -> Html {
    let invitation = use_state(|| None::<InvitationView>);
    let failed = use_state(|| None::<String>);
    let is_busy = use_state(|| false);
    // As it is in the invitation until another one is typed.
    let name = use_state(|| None::<String>);
    {
        let (invitation, failed) = (invitation.clone(), failed.clone());
        use_effect_with(props.secret.clone(), move |secret| {
            let secret = secret.clone();
            route::hide_invitation();
            spawn_local(async move {
                match options(&secret).await {
                    Ok(options) => invitation.set(Some(options.invitation)),
                    Err(why) => failed.set(Some(why)),
                }
            });
        });
    }
    let take = {
        let (failed, is_busy, entered) = (failed.clone(), is_busy.clone(), props.entered.clone());
        let (secret, name) = (props.secret.clone(), name.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let name = (*name).clone();
            let (failed, is_busy, entered, secret) =
                (failed.clone(), is_busy.clone(), entered.clone(), secret.clone());
            is_busy.set(true);
            failed.set(None);
            spawn_local(async move {
                match accept(secret, name).await {
                    Ok(me) => {
                        entered.emit((me, None));
                        route::leave_invitation();
                    }
                    Err(why) => failed.set(Some(why)),
                }
                is_busy.set(false);
            });
        })
    };
    let write = {
        let name = name.clone();
        Callback::from(move |event: InputEvent| {
            name.set(Some(event.target_unchecked_into::<HtmlInputElement>().value()));
        })
    };
    html! {
        <main class="sign-in card">
            <h1>{ "You are invited" }</h1>
            if let Some(failed) = &*failed {
                { notice(Tone::Risk, failed) }
            }
            if let Some(invitation) = &*invitation {
                <p>
                    { "You will be " }<strong>{ invitation.role.as_str() }</strong>{ " of this faucet. " }
                    { format!("The invitation holds until {}.", edge::moment(invitation.expires_at_ms)) }
                </p>
                <form onsubmit={take} class="stack">
                    <label for="name">{ "Your name, as others will read it" }</label>
                    <input id="name" type="text" value={(*name).clone().unwrap_or_else(|| invitation.name.clone())} oninput={write} required=true maxlength="80" autocomplete="name" />
                    <p class="quiet">
                        { "Your device makes a passkey, which you sign in with from now on. It never leaves your device or your \
                           password manager." }
                    </p>
                    <button class="button is-large" disabled={*is_busy || !passkey::are_known()}>{ "Make a passkey" }</button>
                    if !passkey::are_known() {
                        { notice(Tone::Risk, "This browser knows no passkeys at this address: they need HTTPS and a domain, or localhost.") }
                    }
                </form>
            } else if failed.is_none() {
                <p class="quiet" role="status">{ "Looking at the invitation …" }</p>
            } else {
                <p><a href="#overview">{ "To the console" }</a></p>
            }
        </main>
    }
}

async fn options(secret: &str) -> Result<InvitationOptions, String> {
    let question = InvitationQuestion { invitation: secret.to_owned() };
    let asked = Api::default().request(Method::POST, "invitation/options", Some(question.to_json())).await;
    meant(asked)
}

/// Takes the invitation: with options of its own, for those that came when the page was opened may be too old by now.
async fn accept(secret: String, name: Option<String>) -> Result<Me, String> {
    let options = options(&secret).await?;
    let credential = passkey::make(&options.public_key).await?;
    let acceptance =
        InvitationAcceptance { invitation: secret, ceremony: options.ceremony, name, credential };
    let taken = Api::default().request(Method::POST, "invitation", Some(acceptance.to_json())).await;
    meant(taken)
}
