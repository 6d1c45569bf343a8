//! Sessions that are open.

use dripline_shared::api::sign_in::{SessionList, SessionView};
use gloo_net::http::Method;
use yew::prelude::*;

use crate::components::Cell::{Html as Other, Text};
use crate::components::{Column, Confirm, table, use_action, use_loaded};
use crate::edge;
use crate::session::use_session;

const COLUMNS: [Column<'_>; 6] = [
    ("Operator", false),
    ("From", false),
    ("Signed in", false),
    ("Last used", false),
    ("Ends unless used", false),
    ("(What can be done)", false),
];

/// The part of the page.
#[hook]
pub(crate) fn use_sessions() -> Html {
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
        let name = html! {
            <>
                { &view.name }
                if view.is_own {
                    <span class="badge is-on">{ "this one" }</span>
                }
            </>
        };
        let confirm = html! { <Confirm name="End" question="End this session?" meant={end(view)} is_off={action.is_busy()} /> };
        let cells = vec![
            Other(name),
            Text(view.from.clone().unwrap_or_default()),
            Text(edge::moment(view.made_at_ms)),
            Text(edge::moment(view.used_at_ms)),
            Text(edge::moment(view.idle_until_ms.min(view.ends_at_ms))),
            Other(confirm),
        ];
        (view.id.clone(), cells)
    };
    html! {
        <section class="card" aria-labelledby="sessions">
            <h2 id="sessions">{ "Sessions" }</h2>
            { action.view() }
            { list.view(|list| table("Sessions", &COLUMNS, list.sessions.iter().map(row).collect())) }
        </section>
    }
}
