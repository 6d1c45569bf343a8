//! The webhooks of a site: where its server is told what happens there.

use dripline_shared::api::operate::sites::SiteKeyRotation;
use dripline_shared::api::operate::webhooks::{
    SITE_WEBHOOKS_MAX, SiteEvent, SiteWebhook, SiteWebhooks, WebhookChange, WebhookSecret,
};
use dripline_shared::error::Code;
use dripline_shared::json::ToJson;
use gloo_net::http::Method;
use serde_json::Value;
use yew::prelude::*;

use super::deliveries::{DeliveriesProps, use_deliveries};
use super::webhook_form::{FormProps, use_webhook_form};
use crate::api::{Failure, typed};
use crate::components::{Tone, notice, opener, part, piece, use_action, use_fold, use_loaded};
use crate::{edge, format};

#[derive(PartialEq)]
pub(super) struct WebhooksProps {
    /// The site's id.
    pub(super) site: String,
    /// Whether they can only be seen.
    pub(super) is_fixed: bool,
}

/// The part of the page.
#[hook]
pub(super) fn use_site_webhooks(props: &WebhooksProps) -> Html {
    let (list, again) = use_loaded::<SiteWebhooks>(format!("sites/{}/webhooks", props.site));
    let told = use_state(|| None::<String>);
    let (is_open, toggle) = use_fold();
    let changed = {
        let told = told.clone();
        Callback::from(move |what: Option<String>| {
            told.set(what);
            again.emit(());
        })
    };
    let one = |webhook: &SiteWebhook| {
        let given = OneProps {
            site: props.site.clone(),
            webhook: webhook.clone(),
            is_fixed: props.is_fixed,
            changed: changed.clone(),
        };
        piece!(use_one, webhook.id, given)
    };
    let add = || FormProps { site: props.site.clone(), webhook: None, done: changed.reform(|()| None) };
    let content = html! {
        <>
            <p class="quiet">{ "Its server is told what happens here, also where a player has closed the page. It knows by a secret that a message is from this faucet." }</p>
            if let Some(told) = &*told {
                { notice(Tone::Risk, told) }
            }
            { list.view(|list| html! {
                <>
                    if list.webhooks.is_empty() {
                        <p>{ "There is none: it is told nothing." }</p>
                    } else {
                        <ul aria-label="Webhooks">{ for list.webhooks.iter().map(one) }</ul>
                    }
                    // Open, it stays: the secret of the last one is in it.
                    if !props.is_fixed && (is_open || list.webhooks.len() < SITE_WEBHOOKS_MAX) {
                        <details ontoggle={toggle}>
                            <summary>{ "Add a webhook" }</summary>
                            if is_open {
                                { piece!(use_webhook_form, "", add()) }
                            }
                        </details>
                    }
                </>
            }) }
        </>
    };
    part("webhooks", html! { { "Webhooks" } }, content)
}

#[derive(PartialEq)]
struct OneProps {
    /// The site's id.
    site: String,
    /// The webhook.
    webhook: SiteWebhook,
    /// Whether it can only be seen.
    is_fixed: bool,
    /// Called when it is to be read anew, with what there is to be told where it may be gone.
    changed: Callback<Option<String>>,
}

/// A webhook, with what can be done with it.
#[hook]
fn use_one(props: &OneProps) -> Html {
    let action = use_action();
    let secret = use_state(|| None::<String>);
    let is_changing = use_state(|| false);
    // Whether its messages are seen, and how often it was tried since the page is here.
    let (is_seen, tests) = (use_state(|| false), use_state(|| 0_u32));
    let webhook = &props.webhook;
    let place = format!("sites/{}/webhooks/{}", props.site, webhook.id);
    let act =
        |method: Method, rest: &str, body: Option<Value>, done: Callback<Value, Result<String, Failure>>| {
            let (action, changed) = (action.clone(), props.changed.clone());
            let path = format!("{place}{rest}");
            Callback::from(move |()| {
                let (changed, done) = (changed.clone(), done.clone());
                action.send(method.clone(), path.clone(), body.clone(), move |answer| {
                    // Also where it was refused: somebody else has changed it then. Where it is gone, that is told at the
                    // list, and only there: its own line goes.
                    let gone =
                        answer.as_ref().err().filter(|it| it.refused_for(&[Code::WebhookUnknown]).is_some());
                    let is_gone = gone.is_some();
                    changed.emit(gone.map(Failure::text));
                    if is_gone { Ok(String::new()) } else { done.emit(answer?) }
                });
            })
        };
    let telling = |text: &'static str| Callback::from(move |_: Value| Ok(text.to_owned()));
    let switch = |is_on: bool, told: &'static str| {
        let SiteWebhook { url, events, .. } = webhook.clone();
        act(Method::PUT, "", Some(WebhookChange { url, events, is_on }.to_json()), telling(told))
    };
    let switch_on = switch(true, "It is on again.");
    let switch_off = switch(false, "It is off.");
    let remove = act(Method::DELETE, "", None, telling(""));
    let rotate = {
        let secret = secret.clone();
        let shown = Callback::from(move |answer: Value| {
            secret.set(Some(typed::<WebhookSecret>(&answer)?.secret));
            Ok("This is the new secret. It is shown only now. For a day, messages are signed by the former one, too.".to_owned())
        });
        act(Method::POST, "/rotate", Some(SiteKeyRotation { overlap_ms: None }.to_json()), shown)
    };
    let test = {
        let (is_seen, tests) = (is_seen.clone(), tests.clone());
        let shown = Callback::from(move |_: Value| {
            is_seen.set(true);
            tests.set(tests.wrapping_add(1));
            Ok(String::new())
        });
        act(Method::POST, "/test", None, shown)
    };
    let press = |name: &'static str, act: Callback<()>, is_on: Option<bool>| {
        opener(name, action.is_busy(), is_on, act)
    };
    let flip = |of: &UseStateHandle<bool>| {
        let of = of.clone();
        Callback::from(move |()| of.set(!*of))
    };
    let form = || {
        let (is_changing, changed) = (is_changing.clone(), props.changed.clone());
        let done = Callback::from(move |()| {
            is_changing.set(false);
            changed.emit(None);
        });
        FormProps { site: props.site.clone(), webhook: Some(webhook.clone()), done }
    };
    let messages = || DeliveriesProps {
        place: place.clone(),
        is_fixed: props.is_fixed || !webhook.is_on,
        ended: props.changed.reform(|()| None),
    };
    let (class, state) = match webhook.gone_at_ms {
        _ if webhook.is_on => ("badge is-on", "on"),
        Some(_) => ("badge is-risk", "gone"),
        None => ("badge is-risk", "off"),
    };
    html! {
        <li class="rail">
            <h3><code>{ &webhook.url }</code>{ " " }<span {class}>{ state }</span></h3>
            <p class="quiet">{ known(webhook) }</p>
            if let Some(at) = webhook.gone_at_ms {
                { notice(Tone::Risk, &format!("Its server said on {} that it is gone (HTTP status 410). So it was switched off.", edge::moment(at))) }
            }
            { action.view() }
            if let Some(secret) = &*secret {
                { super::secret(secret) }
            }
            <div class="buttons">
                if !props.is_fixed {
                    if webhook.is_on {
                        { press("Send a test", test, None) }
                        { action.confirm("Switch off", "Tell it nothing of what happens while it is off?", switch_off) }
                    } else {
                        { press("Switch on", switch_on, None) }
                    }
                    { press("Change", flip(&is_changing), Some(*is_changing)) }
                    { action.confirm("Rotate", "Give it a new secret?", rotate) }
                    { action.confirm("Remove", "Remove it? What waits is not sent.", remove) }
                }
                { press("Messages", flip(&is_seen), Some(*is_seen)) }
            </div>
            if *is_changing && !props.is_fixed {
                { piece!(use_webhook_form, "", form()) }
            }
            if *is_seen {
                // With each test they begin anew, for there is one more.
                { piece!(use_deliveries, *tests, messages()) }
            }
        </li>
    }
}

/// What is known of a webhook.
fn known(webhook: &SiteWebhook) -> String {
    let events: Vec<&str> = webhook.events.iter().map(|event| event_name(*event)).collect();
    let former = webhook.former_until_ms;
    let former = former.map(|until| format!("; the former one signs, too, until {}", edge::moment(until)));
    let (made, by) = (edge::moment(webhook.made_at_ms), format::by(&webhook.by));
    format!("Told of {}. Secret of {made} by {by}{}.", events.join(", "), former.unwrap_or_default())
}

/// What an event is called.
pub(super) const fn event_name(event: SiteEvent) -> &'static str {
    match event {
        SiteEvent::Cleared => "levels cleared",
        SiteEvent::Drip => "drips",
        SiteEvent::BudgetLow => "little budget left",
        SiteEvent::Test => "tests",
    }
}
