//! Sessions that are open.

use dripline_shared::api::sign_in::{SessionList, SessionView};
use gloo_net::http::Method;
use yew::prelude::*;

use crate::components::{Confirm, use_action, use_loaded};
use crate::edge;
use crate::session::use_session;

/// The part of the page.
#[component]
pub(crate) fn Sessions() -> Html {
    let session = use_session();
    let action = use_action();
    let (list, again) = use_loaded::<SessionList>("sessions".to_owned());
    let end = |view: &SessionView| {
        let (action, api, again) = (action.clone(), session.api.clone(), again.clone());
        let path = format!("sessions/{}/revoke", view.id);
        Callback::from(move |()| {
            let (api, again, path) = (api.clone(), again.clone(), path.clone());
            action.run(async move {
                api.ask(Method::POST, &path).await?;
                again.emit(());
                Ok("The session has ended.".to_owned())
            });
        })
    };
    let row = |view: &SessionView| {
        html! {
            <tr key={view.id.clone()}>
                <th scope="row">
                    { &view.name }
                    if view.is_own {
                        <span class="badge is-on">{ "this one" }</span>
                    }
                </th>
                <td>{ view.from.clone().unwrap_or_default() }</td>
                <td>{ edge::moment(view.made_at_ms) }</td>
                <td>{ edge::moment(view.used_at_ms) }</td>
                <td>{ edge::moment(view.idle_until_ms.min(view.ends_at_ms)) }</td>
                <td><Confirm name="End" question="End this session?" meant={end(view)} is_off={action.is_busy()} /></td>
            </tr>
        }
    };
    html! {
        <section class="card" aria-labelledby="sessions">
            <h2 id="sessions">{ "Sessions" }</h2>
            { action.view() }
            { list.view(|list| html! {
                <div class="scroll" tabindex="0" role="region" aria-label="Sessions">
                    <table>
                        <thead><tr>
                            <th scope="col">{ "Operator" }</th><th scope="col">{ "From" }</th>
                            <th scope="col">{ "Signed in" }</th><th scope="col">{ "Last used" }</th>
                            <th scope="col">{ "Ends unless used" }</th>
                            <th scope="col"><span class="visually-hidden">{ "What can be done" }</span></th>
                        </tr></thead>
                        <tbody>{ for list.sessions.iter().map(row) }</tbody>
                    </table>
                </div>
            }) }
        </section>
    }
}
