//! What is stopped at once, whatever the catalog says.

use dripline_shared::api::access::Permission;
use dripline_shared::api::operate::payouts::{EmergencyRequest, EmergencyStop, EmergencyStops};
use dripline_shared::json::ToJson;
use gloo_net::http::Method;
use yew::prelude::*;

use crate::components::{part, text_field, text_of, use_action, use_loaded};
use crate::session::use_session;
use crate::{edge, format};

/// The part of the page.
#[hook]
pub(crate) fn use_stops() -> Html {
    let session = use_session();
    let action = use_action();
    let (stops, again) = use_loaded::<EmergencyStops>("emergency".to_owned());
    let (name, reason) = (use_node_ref(), use_node_ref());
    let set = |named: Option<String>, stopped: bool| {
        let (action, again) = (action.clone(), again.clone());
        let (name, reason) = (name.clone(), reason.clone());
        Callback::from(move |()| {
            let name = named.clone().unwrap_or_else(|| text_of(&name));
            let reason = Some(text_of(&reason)).filter(|it| !it.is_empty() || stopped);
            let reason = reason.unwrap_or_else(|| "It may run again".to_owned());
            let request = EmergencyRequest { name, stopped, reason };
            let again = again.clone();
            action.send(Method::POST, "emergency".to_owned(), Some(request.to_json()), move |answer| {
                answer?;
                again.emit(());
                let now = if request.stopped { "is stopped" } else { "runs again" };
                Ok(format!("{} {now}, on every server within a second.", request.name))
            });
        })
    };
    let may_stop = session.may(Permission::Emergency);
    let row = |stop: &EmergencyStop| {
        let by = stop.by.as_ref().map(format::by).unwrap_or_default();
        let since = stop.at_ms.map(edge::moment).unwrap_or_default();
        html! {
            <li class="line" key={stop.name.clone()}>
                <span>
                    <strong>{ &stop.name }</strong>{ " " }{ stop.reason.clone().unwrap_or_default() }
                    <span class="quiet">{ if stop.by.is_some() { format!(" by {by}, {since}") } else { String::new() } }</span>
                    if stop.is_in_configuration {
                        <span class="badge">{ "by the configuration" }</span>
                    }
                </span>
                if may_stop && stop.by.is_some() {
                    { action.confirm("Let it run", "Let it run again?", set(Some(stop.name.clone()), false)) }
                }
            </li>
        }
    };
    let content = html! {
        <>
            <p class="quiet">
                { "A game, a level, a campaign (campaign:id) or a rail (rail:id) neither opens nor pays from now on, whatever the catalog says." }
            </p>
            { action.view() }
            { stops.view(|stops| if stops.stopped.is_empty() {
                html! { <p class="quiet">{ "Nothing is stopped." }</p> }
            } else {
                html! { <ul>{ for stops.stopped.iter().map(row) }</ul> }
            }) }
            if may_stop {
                <div class="row">
                    { text_field("stop-name", "Stop", &name, "200", Some("catch, catch-1, rail:sandbox"), false) }
                    { text_field("stop-reason", "Why", &reason, "500", None, false) }
                </div>
                { action.confirm("Stop it", "Stop it at once?", set(None, true)) }
            }
        </>
    };
    part("stops", html! { { "Emergency stop" } }, content)
}
