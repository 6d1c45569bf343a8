//! What is said of a webhook, in fields: of one that is to be made, and of one that there is.

use dripline_shared::amount::Asset;
use dripline_shared::api::Reason;
use dripline_shared::api::operate::webhooks::{
    SiteEvent, SiteWebhook, WebhookChange, WebhookRequest, WebhookSecret,
};
use dripline_shared::error::Code;
use dripline_shared::json::ToJson;
use gloo_net::http::Method;
use serde_json::{Value, json};
use yew::prelude::*;

use super::webhooks::event_name;
use crate::api::{Failure, typed};
use crate::components::{SettingProps, setting_field, use_action};
use crate::form::webhook_field;

/// What can be chosen, with what to know of it.
const EVENTS: [(SiteEvent, &str); 3] = [
    (SiteEvent::Cleared, ": a round was won and claimed"),
    (SiteEvent::Drip, ": something was paid for it"),
    (SiteEvent::BudgetLow, ": a fifth of its campaign's budget, and a twentieth"),
];

#[derive(PartialEq)]
pub(super) struct FormProps {
    /// The site's id.
    pub(super) site: String,
    /// What there is; nothing where it is to be made.
    pub(super) webhook: Option<SiteWebhook>,
    /// Called when that is another one now, or there is one more.
    pub(super) done: Callback<()>,
}

/// What the server says against the address, and against the events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Mistakes {
    url: Option<String>,
    events: Option<String>,
}

/// The fields.
#[hook]
pub(super) fn use_webhook_form(props: &FormProps) -> Html {
    let action = use_action();
    let secret = use_state(|| None::<String>);
    let mistakes = use_state(Mistakes::default);
    let said = use_state(|| match &props.webhook {
        Some(it) => (it.url.clone(), it.events.clone()),
        None => (String::new(), EVENTS.map(|(event, _)| event).to_vec()),
    });
    let (url, events) = &*said;
    let send = {
        let (action, done) = (action.clone(), props.done.clone());
        let (said, secret, mistakes) = (said.clone(), secret.clone(), mistakes.clone());
        let place = format!("sites/{}/webhooks", props.site);
        let of = props.webhook.as_ref().map(|it| (it.id.clone(), it.is_on));
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let (url, events) = (*said).clone();
            let (method, path, body): (_, _, Value) = match &of {
                Some((id, is_on)) => {
                    let change = WebhookChange { url, events, is_on: *is_on };
                    (Method::PUT, format!("{place}/{id}"), change.to_json())
                }
                None => (Method::POST, place.clone(), WebhookRequest { url, events }.to_json()),
            };
            let (done, is_new) = (done.clone(), of.is_none());
            let (said, secret, mistakes) = (said.clone(), secret.clone(), mistakes.clone());
            action.send(method, path, Some(body), move |answer| {
                let told = answer.as_ref().err().map(told_at_fields).unwrap_or_default();
                let is_told_there = told != Mistakes::default();
                mistakes.set(told);
                if is_told_there {
                    return Ok(String::new());
                }
                let answer = answer?;
                done.emit(());
                if !is_new {
                    return Ok(String::new());
                }
                secret.set(Some(typed::<WebhookSecret>(&answer)?.secret));
                said.set((String::new(), said.1.clone()));
                Ok("This is its secret. It is shown only now: keep it where its server runs.".to_owned())
            });
        })
    };
    let changed = {
        let said = said.clone();
        // What is wrong with it stays until it is sent again: a line that goes while something below is pressed would move that away.
        Callback::from(move |(_, value): (String, Value)| {
            said.set((value.as_str().unwrap_or_default().to_owned(), said.1.clone()));
        })
    };
    let choice = |(event, hint): (SiteEvent, &'static str)| {
        let said = said.clone();
        let is_chosen = events.contains(&event);
        let toggle = Callback::from(move |_: Event| {
            let is_one = |it: &SiteEvent| if *it == event { !is_chosen } else { said.1.contains(it) };
            let to = EVENTS.map(|(event, _)| event).into_iter().filter(is_one).collect();
            said.set((said.0.clone(), to));
        });
        html! {
            <label class="choice"><input type="checkbox" checked={is_chosen} onchange={toggle} /><span>{ event_name(event) }<span class="quiet">{ hint }</span></span></label>
        }
    };
    let field = webhook_field(props.webhook.as_ref().map_or("new", |it| &it.id));
    let address = SettingProps {
        field,
        value: json!(url),
        // There is no amount in it.
        asset: Asset { code: String::new(), decimals: 0 },
        mistake: mistakes.url.clone().map(AttrValue::from),
        live: None,
        choices: Vec::new(),
        beside: Html::default(),
        is_fixed: false,
        changed,
    };
    html! {
        <form class="stack" onsubmit={send} novalidate=true>
            { action.view() }
            if let Some(secret) = &*secret {
                { super::secret(secret) }
            }
            { setting_field(address) }
            <fieldset class="setting">
                <legend>{ "What it is told of" }</legend>
                { for EVENTS.into_iter().map(choice) }
                if let Some(mistake) = &mistakes.events {
                    <span class="setting-mistake" role="alert">{ mistake }</span>
                }
            </fieldset>
            <button class="button is-small" disabled={action.is_busy()}>{ if props.webhook.is_some() { "Keep" } else { "Add it" } }</button>
        </form>
    }
}

/// What the server says against fields.
fn told_at_fields(failure: &Failure) -> Mistakes {
    let mut mistakes = Mistakes::default();
    for Reason { subject, message, .. } in
        failure.refused_for(&[Code::WebhookInvalid]).into_iter().flat_map(|it| &it.reasons)
    {
        if subject.as_deref() == Some("events") {
            // There is one thing that can be wrong with what is chosen from.
            mistakes.events = Some("Choose at least one.".to_owned());
        } else {
            let expected = message.split_once(": expected ").map_or(&**message, |it| it.1);
            mistakes.url = Some(format!("Expected {expected}."));
        }
    }
    mistakes
}

#[cfg(test)]
mod tests {
    use dripline_shared::api::Problem;

    use super::*;

    fn refused(code: Code, subject: &str, message: &str) -> Failure {
        let reason =
            Reason { code, message: message.to_owned(), subject: Some(subject.to_owned()), until_ms: None };
        Failure::Refused(Box::new(Problem {
            kind: String::new(),
            title: String::new(),
            status: 422,
            code,
            detail: String::new(),
            reasons: vec![reason],
            retry_after_ms: None,
            outcome: None,
            open_round: None,
        }))
    }

    #[test]
    fn what_is_wrong_with_a_webhook_is_told_at_its_field_and_all_else_is_not() {
        let url = refused(Code::WebhookInvalid, "url", "url: expected an address by https");
        let expected = Some("Expected an address by https.".to_owned());
        assert_eq!(told_at_fields(&url), Mistakes { url: expected, events: None });
        let events = refused(Code::WebhookInvalid, "events", "events: expected some of cleared and drip");
        assert_eq!(told_at_fields(&events).events.as_deref(), Some("Choose at least one."));
        let full = refused(Code::WebhooksUsedUp, "shop", "a site may have 4 webhooks");
        assert_eq!(told_at_fields(&full), Mistakes::default());
    }
}
