//! How everything stands, live.

mod charts;
mod figures;
mod money;

use std::rc::Rc;

use dripline_shared::api::overview::{Overview as Stand, ServerHealth};
use dripline_shared::json::FromJson;
use yew::prelude::*;

pub(crate) use charts::coins;

use crate::api::Failure;
use crate::components::{self, Tone, notice, part};
use crate::events::{Told, follow};
use crate::session::use_session;
use crate::{edge, format, json};

/// What is told where the server says what this page does not understand.
const OTHER_VERSION: &str = "The server is of another version: load this page anew.";

/// The page.
#[hook]
pub(crate) fn use_overview() -> Html {
    let session = use_session();
    let stand = use_state(|| None::<Rc<Stand>>);
    let lost = use_state(|| None::<String>);
    {
        let (stand, lost) = (stand.clone(), lost.clone());
        use_effect_with(session.api.clone(), move |api| {
            let listener = Callback::from(move |told: Result<Told, Failure>| match told {
                Ok(told) if told.name == "overview" => {
                    match json::read(&told.data).and_then(|read| Stand::from_json(&read)) {
                        Some(read) => {
                            stand.set(Some(Rc::new(read)));
                            lost.set(None);
                        }
                        None => lost.set(Some(OTHER_VERSION.to_owned())),
                    }
                }
                Ok(_) => {}
                Err(failure) => lost.set(Some(session.told(&failure))),
            });
            let following = follow(api.clone(), listener);
            move || drop(following)
        });
    }
    html! {
        <>
            if let Some(lost) = &*lost {
                { notice(Tone::Risk, &format!("{lost} What you see may be old.")) }
            }
            if let Some(stand) = &*stand {
                { page(stand) }
            } else if lost.is_none() {
                <p class="quiet" role="status">{ "Asking the server …" }</p>
            }
        </>
    }
}

fn page(stand: &Rc<Stand>) -> Html {
    html! {
        <>
            if stand.is_play_money {
                { notice(Tone::Plain, "Play money: nothing but sandboxes pays.") }
            }
            { for stand.alerts.iter().map(|alert| notice(
                Tone::Risk, &format!("{} (since {})", alert.text, edge::moment(alert.since_ms)),
            )) }
            { for stand.health.warnings.iter().map(|warning| notice(Tone::Risk, &warning.text)) }
            { figures::figures(stand) }
            <div class="pair">{ charts::charts(&stand.traffic, &stand.asset) }</div>
            { money::campaigns(stand) }
            { money::ceilings(stand) }
            { money::assets(stand) }
            { money::rails(stand) }
            { figures::refusals(stand) }
            { health(stand, &stand.health) }
        </>
    }
}

fn health(stand: &Stand, health: &ServerHealth) -> Html {
    let moment = |at: Option<_>| at.map_or_else(|| "not yet".to_owned(), edge::moment);
    let pinned = if stand.publication.is_pinned { ", pinned to a file" } else { "" };
    let facts = [
        ("Version", health.version.clone()),
        ("Started", edge::moment(health.started_at_ms)),
        ("Catalog in force", format!("publication {}{pinned}", stand.publication.number)),
        ("Connections", format::number(health.connections)),
        ("Waiting for the writer", format::number(health.write_queue)),
        ("Waiting for a proof", format::number(health.prove_queue)),
        ("Transactions that the storage did not take", format::number(health.storage_errors)),
        (
            "Transfers in the public log",
            health.log_leaves.map_or_else(|| "none yet".to_owned(), format::number),
        ),
        ("Head of the log signed", moment(health.log_head_at_ms)),
    ];
    let named = facts.into_iter().map(|(name, value)| (name.to_owned(), html! { { value } }));
    let whose = if stand.is_beside_others {
        "Of the server that answers here; others may work on the same store."
    } else {
        ""
    };
    let content = html! { <><p class="quiet">{ whose }</p>{ components::facts(named.collect()) }</> };
    part("health", html! { { "Health" } }, content)
}
