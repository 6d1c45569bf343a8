//! Sessions that are open.

use dripline_shared::api::sign_in::{SessionList, SessionView};
use gloo_net::http::Method;
use yew::prelude::*;

use crate::components::Cell::{Html as Other, Text};
use crate::components::{Column, table, use_action, use_loaded};
use crate::edge;

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
    let action = use_action();
    let (list, again) = use_loaded::<SessionList>("sessions".to_owned());
    let end = |view: &SessionView| {
        action.asking(Method::POST, format!("sessions/{}/revoke", view.id), "The session has ended.", &again)
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
        let confirm = action.confirm("End", "End this session?", end(view));
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
