//! The two keys of a site: the secret of its server, and what reads its statistics.

use dripline_shared::api::operate::sites::{RegisteredSite, SiteKeyRotation, SiteKeySecret, SiteKeyView};
use dripline_shared::json::ToJson;
use dripline_shared::time::{DAY_MS, HOUR_MS};
use gloo_net::http::Method;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::api::typed;
use crate::components::{copy, part, use_action};
use crate::{edge, format};

/// For how long the former secret can hold, in milliseconds, and how that reads: a day where nothing else is chosen.
const OVERLAPS: [(u64, &str); 4] =
    [(DAY_MS, "a day"), (7 * DAY_MS, "a week"), (HOUR_MS, "an hour"), (0, "no longer")];

/// What there are, with their addresses.
const SECRET: (&str, &str) = ("secret", "Secret of its server");
const STATISTICS: (&str, &str) = ("statistics-key", "Key of its statistics");

#[derive(PartialEq)]
pub(super) struct KeysProps {
    /// The site.
    pub(super) registered: RegisteredSite,
    /// Whether they can only be seen.
    pub(super) is_fixed: bool,
    /// Called when one was changed.
    pub(super) changed: Callback<()>,
}

/// The part of the page.
#[hook]
pub(super) fn use_site_keys(props: &KeysProps) -> Html {
    let action = use_action();
    let secret = use_state(|| None::<(&'static str, String)>);
    let overlap = use_node_ref();
    let site = &props.registered.site.id;
    let rotate = |(address, name): (&'static str, &'static str)| {
        let (action, secret) = (action.clone(), secret.clone());
        let (changed, overlap) = (props.changed.clone(), overlap.clone());
        let path = format!("sites/{site}/{address}/rotate");
        Callback::from(move |()| {
            let chosen = overlap.cast::<HtmlSelectElement>().map(|field| field.value());
            let overlap_ms = chosen.and_then(|chosen| chosen.parse().ok());
            let (secret, changed) = (secret.clone(), changed.clone());
            let request = SiteKeyRotation { overlap_ms };
            action.send(Method::POST, path.clone(), Some(request.to_json()), move |answer| {
                let made: SiteKeySecret = typed(&answer?)?;
                secret.set(Some((name, made.key)));
                changed.emit(());
                Ok("This is the new one. It is shown only now.".to_owned())
            });
        })
    };
    let revoke = |(address, _): (&'static str, &'static str)| {
        let (action, secret, changed) = (action.clone(), secret.clone(), props.changed.clone());
        let path = format!("sites/{site}/{address}/revoke");
        Callback::from(move |()| {
            let (secret, changed) = (secret.clone(), changed.clone());
            action.send(Method::POST, path.clone(), None, move |answer| {
                answer?;
                secret.set(None);
                changed.emit(());
                Ok("It holds no more, and neither does a former one.".to_owned())
            });
        })
    };
    let row = |which: (&'static str, &'static str), key: &SiteKeyView| {
        let holds = key.revoked_at_ms.is_none();
        html! {
            <li class="line" key={which.0}>
                <span>
                    <strong>{ which.1 }</strong>{ " " }<code class="quiet">{ &key.id }</code>
                    if !holds {
                        <span class="badge is-risk">{ "revoked" }</span>
                    }
                    <span class="quiet">{ told(key) }</span>
                </span>
                if !props.is_fixed {
                    <span class="buttons">
                        { action.confirm("Rotate", "Give it a new secret?", rotate(which)) }
                        if holds {
                            { action.confirm("Revoke", "End it at once, and a former one?", revoke(which)) }
                        }
                    </span>
                }
            </li>
        }
    };
    let content = html! {
        <>
            { action.view() }
            if let Some((name, secret)) = &*secret {
                { copy(secret.clone(), name) }
            }
            <ul>
                { row(SECRET, &props.registered.secret) }
                { row(STATISTICS, &props.registered.statistics_key) }
            </ul>
            if !props.is_fixed {
                <span class="setting">
                    <label for="overlap">{ "When one is rotated, the former one holds for" }</label>
                    <select id="overlap" ref={overlap}>
                        // Which one is chosen has to be said: the last option is on the page first.
                        { for OVERLAPS.iter().map(|(time, name)| html! {
                            <option value={time.to_string()} selected={*time == DAY_MS}>{ *name }</option>
                        }) }
                    </select>
                </span>
            }
        </>
    };
    part("keys", html! { { "Keys" } }, content)
}

/// What is known of a key.
fn told(key: &SiteKeyView) -> String {
    let former =
        key.former_until_ms.map(|until| format!("; the former one holds until {}", edge::moment(until)));
    let made = format!(" of {} by {}", edge::moment(key.made_at_ms), format::by(&key.by));
    made + &former.unwrap_or_default()
}
