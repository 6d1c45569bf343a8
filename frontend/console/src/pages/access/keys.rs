//! API keys, for programs.

use dripline_shared::api::access::{
    ApiKeyList, ApiKeyRequest, ApiKeyRotation, ApiKeySecret, ApiKeyView, KeyMode, KeyReminder, KeyStage, Role,
};
use dripline_shared::json::ToJson;
use dripline_shared::time::DAY_MS;
use gloo_net::http::Method;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::{role_of, role_options};
use crate::api::typed;
use crate::components::Cell::{Html as Other, Text};
use crate::components::{Column, copy, table, text_field, text_of, use_action, use_loaded};
use crate::edge;

const COLUMNS: [Column<'_>; 6] = [
    ("Name and id", false),
    ("Role", false),
    ("Last used", false),
    ("Holds", false),
    ("From", false),
    ("(What can be done)", false),
];

/// The part of the page.
#[hook]
pub(crate) fn use_keys() -> Html {
    let action = use_action();
    let (list, again) = use_loaded::<ApiKeyList>("keys".to_owned());
    let secret = use_state(|| None::<String>);
    let (name, role, days, ranges, mode) =
        (use_node_ref(), use_node_ref(), use_node_ref(), use_node_ref(), use_node_ref());
    let make = {
        let (action, again, secret) = (action.clone(), again.clone(), secret.clone());
        let fields = (name.clone(), role.clone(), days.clone(), ranges.clone(), mode.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let (name, role, days, ranges, mode) = &fields;
            let chosen =
                |field: &NodeRef| field.cast::<HtmlSelectElement>().map(|it| it.value()).unwrap_or_default();
            let Some(role) = role_of(&chosen(role)) else { return };
            let expires = text_of(days).trim().parse::<u64>().ok();
            let words = text_of(ranges);
            let request = ApiKeyRequest {
                name: text_of(name),
                role,
                scopes: None,
                mode: if chosen(mode) == "test" { KeyMode::Test } else { KeyMode::Live },
                ranges: words.split([',', ' ']).filter(|it| !it.is_empty()).map(str::to_owned).collect(),
                expires_at_ms: expires.map(|days| edge::now().plus(days.saturating_mul(DAY_MS))),
            };
            let (again, secret) = (again.clone(), secret.clone());
            action.send(Method::POST, "keys".to_owned(), Some(request.to_json()), move |answer| {
                let made: ApiKeySecret = typed(&answer?)?;
                secret.set(Some(made.secret));
                again.emit(());
                Ok(format!("This is the key {}. It is shown only now.", made.key.name))
            });
        })
    };
    let rotate = |key: &ApiKeyView| {
        let (action, again, secret) = (action.clone(), again.clone(), secret.clone());
        let path = format!("keys/{}/rotate", key.id);
        Callback::from(move |()| {
            let (again, secret) = (again.clone(), secret.clone());
            let request = ApiKeyRotation { overlap_ms: None, expires_at_ms: None };
            action.send(Method::POST, path.clone(), Some(request.to_json()), move |answer| {
                let made: ApiKeySecret = typed(&answer?)?;
                secret.set(Some(made.secret));
                again.emit(());
                Ok(format!(
                    "The key {} has this secret now. The former one holds for another day.",
                    made.key.name
                ))
            });
        })
    };
    let revoke = |key: &ApiKeyView| {
        action.asking(Method::POST, format!("keys/{}/revoke", key.id), "The key holds no more.", &again)
    };
    let row = |key: &ApiKeyView| {
        let reminders = key.reminders.iter();
        let name = html! {
            <>
                { &key.name }{ " " }<code class="quiet">{ &key.id }</code>
                { for reminders.map(|it| html! { <span class="badge is-risk">{ reminder(*it) }</span> }) }
            </>
        };
        let role = format!("{}{}", key.role.as_str(), if key.mode == KeyMode::Test { ", test" } else { "" });
        let act = html! {
            if key.stage == KeyStage::Active {
                { action.confirm("Rotate", "Give it a new secret?", rotate(key)) }
                { action.confirm("Revoke", "End this key at once?", revoke(key)) }
            }
        };
        let cells = vec![
            Other(name),
            Text(role),
            Text(key.used_at_ms.map_or_else(|| "never".to_owned(), edge::moment)),
            Text(stage(key)),
            Text(if key.ranges.is_empty() { "anywhere".to_owned() } else { key.ranges.join(", ") }),
            Other(act),
        ];
        (key.id.clone(), cells)
    };
    html! {
        <section class="card" aria-labelledby="keys">
            <h2 id="keys">{ "API keys" }</h2>
            <p class="quiet">{ "For programs: deployments, dashboards, scripts." }</p>
            { action.view() }
            if let Some(secret) = &*secret {
                { copy(secret.clone(), "The key") }
            }
            { list.view(|list| table("API keys", &COLUMNS, list.keys.iter().map(row).collect())) }
            <form onsubmit={make} class="row">
                { text_field("key-name", "New key", &name, "80", Some("Name"), true) }
                <span class="setting"><label for="key-role">{ "Role" }</label>
                    <select id="key-role" ref={role}>{ role_options(Role::Viewer) }</select></span>
                <span class="setting"><label for="key-mode">{ "For" }</label>
                    <select id="key-mode" ref={mode}>
                        <option value="live" selected=true>{ "the work itself" }</option>
                        <option value="test">{ "trying out" }</option>
                    </select></span>
                <span class="setting"><label for="key-days">{ "Days that it holds" }</label>
                    <input id="key-days" ref={days} type="number" min="1" max="3650" placeholder="for ever" /></span>
                { text_field("key-ranges", "Networks", &ranges, "2000", Some("192.0.2.0/24, or anywhere"), false) }
                <button class="button is-quiet" disabled={action.is_busy()}>{ "Make a key" }</button>
            </form>
        </section>
    }
}

fn stage(key: &ApiKeyView) -> String {
    match (key.stage, key.expires_at_ms) {
        (KeyStage::Revoked, _) => "revoked".to_owned(),
        (KeyStage::Expired, _) => "expired".to_owned(),
        (KeyStage::Active, Some(until)) => format!("until {}", edge::moment(until)),
        (KeyStage::Active, None) => "for ever".to_owned(),
    }
}

const fn reminder(reminder: KeyReminder) -> &'static str {
    match reminder {
        KeyReminder::Rotate => "rotate it",
        KeyReminder::ExpiresSoon => "expires soon",
        KeyReminder::FormerSecretHolds => "former secret still holds",
    }
}
