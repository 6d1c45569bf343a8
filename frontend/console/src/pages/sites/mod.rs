//! Sites: pages of others that show the games.

mod deliveries;
mod editor;
mod keys;
mod logo;
mod site;
mod snippet;
mod statistics;
mod webhook_form;
mod webhooks;

use std::rc::Rc;

use dripline_shared::api::access::Permission;
use dripline_shared::api::operate::LiveCatalog;
use dripline_shared::api::operate::sites::{MadeSite, SiteList, SiteSummary};
use dripline_shared::site::SiteMode;
use yew::prelude::*;

use crate::components::Cell::{Html as Other, Number, Text};
use crate::components::{Column, button, copy, link, part, piece, table, use_loaded};
use crate::session::use_session;
use crate::{format, route};
use editor::{EditorProps, use_site_editor};
use site::{NewKeys, OneSiteProps, use_site};

const COLUMNS: [Column<'_>; 6] = [
    ("Site", false),
    ("Origins", false),
    ("Pays from", false),
    ("Rounds in 7 days", true),
    ("Cleared", true),
    ("Drips", true),
];

/// What is seen.
#[derive(Clone, PartialEq, Eq)]
enum Seen {
    /// All of them.
    All,
    /// One that is to be registered.
    New,
    /// One, with its keys where it was just registered.
    One(String, Option<NewKeys>),
}

/// The page.
#[hook]
pub(crate) fn use_sites() -> Html {
    let session = use_session();
    let (list, again) = use_loaded::<SiteList>("sites".to_owned());
    let (live, _) = use_loaded::<LiveCatalog>("catalog".to_owned());
    let seen = use_state(|| Seen::All);
    let may_manage = session.may(Permission::ManageSites);
    let see = |what: Seen| {
        let (seen, again) = (seen.clone(), again.clone());
        Callback::from(move |()| {
            seen.set(what.clone());
            // An answer that comes while a form is filled in would show its fields anew, without what is being typed.
            if matches!(what, Seen::All) {
                again.emit(());
            }
            route::to_content();
        })
    };
    let made = {
        let seen = seen.clone();
        Callback::from(move |MadeSite { secret, statistics_key, registered }| {
            seen.set(Seen::One(registered.site.id, Some(NewKeys { secret, statistics: statistics_key })));
            route::to_content();
        })
    };
    let row = |it: &SiteSummary| {
        let name = html! {
            <>
                { link(html! { { &it.name } }, see(Seen::One(it.id.clone(), None))) }
                { " " }<code class="quiet">{ &it.id }</code>{ state(it.mode, it.ended_at_ms.is_some()) }
            </>
        };
        let cells = vec![
            Other(name),
            Text(it.origins.join(", ")),
            Text(it.campaign.clone().unwrap_or_else(|| "nothing".to_owned())),
            Number(format::number(it.week.opened)),
            Number(format::number(it.week.cleared)),
            Number(format::number(it.week.drips)),
        ];
        (it.id.clone(), cells)
    };
    let back = html! {
        <div class="buttons">{ button("All sites", false, see(Seen::All)) }</div>
    };
    match &*seen {
        Seen::All => list.view(|list| {
            let content = html! {
                <>
                    <p class="quiet">
                        { "A site is a page of somebody else that shows the games. Where none is registered, browsers show them on no page but the faucet's own." }
                    </p>
                    if list.sites.is_empty() {
                        <p>{ "There is none yet." }</p>
                    } else {
                        { table("Sites", &COLUMNS, list.sites.iter().map(row).collect()) }
                    }
                    if may_manage {
                        <button type="button" class="button" onclick={see(Seen::New).reform(|_: MouseEvent| ())}>{ "Register a site" }</button>
                    }
                </>
            };
            part("sites", html! { { "Where the games are shown" } }, content)
        }),
        Seen::New => live.view(|live| {
            let catalog = Rc::new(live.catalog.clone());
            let given =
                EditorProps { registered: None, catalog, is_fixed: false, made, changed: Callback::noop() };
            html! { <>{ back }<h2>{ "Register a site" }</h2>{ piece!(use_site_editor, "", given) }</> }
        }),
        Seen::One(id, keys) => live.view(|live| {
            let faucet = list.here().and_then(|list| list.faucet.clone()).unwrap_or_else(route::origin).into();
            let catalog = Rc::new(live.catalog.clone());
            let given =
                OneSiteProps { id: id.clone(), keys: keys.clone(), catalog, faucet, is_fixed: !may_manage };
            html! { <>{ back }{ piece!(use_site, id, given) }</> }
        }),
    }
}

/// The secret of a webhook, this once.
fn secret(secret: &str) -> Html {
    copy(secret.to_owned(), "Secret of the webhook")
}

/// What a site is for, or that it is for nothing any more.
fn state(mode: SiteMode, has_ended: bool) -> Html {
    let (class, name) = match (has_ended, mode) {
        (true, _) => ("badge", "ended"),
        (false, SiteMode::Test) => ("badge is-risk", "test"),
        (false, SiteMode::Live) => ("badge is-on", "live"),
    };
    html! { <span {class}>{ name }</span> }
}
