//! What is stopped at once, whatever the catalog says.

use dripline_shared::api::access::Permission;
use dripline_shared::api::operate::payouts::{EmergencyRequest, EmergencyStop, EmergencyStops};
use gloo_net::http::Method;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::components::{Confirm, use_action, use_loaded};
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
        let (action, api, again) = (action.clone(), session.api.clone(), again.clone());
        let (name, reason) = (name.clone(), reason.clone());
        Callback::from(move |()| {
            let typed =
                |field: &NodeRef| field.cast::<HtmlInputElement>().map(|it| it.value()).unwrap_or_default();
            let name = named.clone().unwrap_or_else(|| typed(&name));
            let reason = Some(typed(&reason)).filter(|it| !it.is_empty() || stopped);
            let reason = reason.unwrap_or_else(|| "It may run again".to_owned());
            let request = EmergencyRequest { name, stopped, reason };
            let (api, again) = (api.clone(), again.clone());
            action.run(async move {
                api.send::<EmergencyStops>(Method::POST, "emergency", &request).await?;
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
                    <Confirm name="Let it run" question="Let it run again?" meant={set(Some(stop.name.clone()), false)} is_off={action.is_busy()} />
                }
            </li>
        }
    };
    html! {
        <section class="card stack" aria-labelledby="stops">
            <h2 id="stops">{ "Emergency stop" }</h2>
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
                    <span class="setting"><label for="stop-name">{ "Stop" }</label>
                        <input id="stop-name" ref={name.clone()} type="text" autocomplete="off" placeholder="catch, catch-1, rail:sandbox" /></span>
                    <span class="setting"><label for="stop-reason">{ "Why" }</label>
                        <input id="stop-reason" ref={reason.clone()} type="text" maxlength="500" autocomplete="off" /></span>
                </div>
                <Confirm name="Stop it" question="Stop it at once?" meant={set(None, true)} is_off={action.is_busy()} />
            }
        </section>
    }
}
