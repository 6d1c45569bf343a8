//! One site: the lines for its pages, what came of it, its keys, its webhooks, and what is said of it.

use std::rc::Rc;

use dripline_shared::api::operate::sites::RegisteredSite;
use dripline_shared::catalog::Catalog;
use gloo_net::http::Method;
use yew::prelude::*;

use super::editor::{EditorProps, use_site_editor};
use super::keys::{KeysProps, use_site_keys};
use super::snippet::{SnippetProps, use_snippet};
use super::state;
use super::statistics::{StatisticsProps, use_statistics};
use super::webhooks::{WebhooksProps, use_site_webhooks};
use crate::components::{Tone, copy, notice, part, piece, use_action, use_loaded};
use crate::{edge, format};

/// The keys of a site that was just registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NewKeys {
    /// The secret of its server.
    pub(super) secret: String,
    /// What reads its statistics.
    pub(super) statistics: String,
}

#[derive(PartialEq)]
pub(super) struct OneSiteProps {
    /// Its id.
    pub(super) id: String,
    /// Its keys, where it was just registered.
    pub(super) keys: Option<NewKeys>,
    /// What is in force.
    pub(super) catalog: Rc<Catalog>,
    /// The faucet's origin, as pages load the widget from it.
    pub(super) faucet: AttrValue,
    /// Whether whoever looks may change nothing.
    pub(super) is_fixed: bool,
}

/// The site.
#[hook]
pub(super) fn use_site(props: &OneSiteProps) -> Html {
    let action = use_action();
    let told = use_state(|| None::<&'static str>);
    let (site, again) = use_loaded::<RegisteredSite>(format!("sites/{}", props.id));
    let told_of_end = "It has ended: its pages show nothing any more, and its keys hold nowhere.";
    let end = action.asking(Method::POST, format!("sites/{}/end", props.id), told_of_end, &again);
    let changed = {
        let (told, again) = (told.clone(), again.clone());
        Callback::from(move |what: Option<&'static str>| {
            told.set(what);
            again.emit(());
        })
    };
    site.view(|registered| {
        let RegisteredSite { site, revision, ended_at_ms, .. } = &**registered;
        let has_ended = ended_at_ms.is_some();
        let is_fixed = props.is_fixed || has_ended;
        let snippet = || SnippetProps {
            site: site.clone(),
            catalog: Rc::clone(&props.catalog),
            faucet: props.faucet.clone(),
        };
        let keys = || KeysProps {
            registered: (**registered).clone(),
            is_fixed: props.is_fixed,
            changed: again.clone(),
        };
        let statistics = StatisticsProps { site: site.id.clone(), asset: props.catalog.asset.clone() };
        let webhooks = WebhooksProps { site: site.id.clone(), is_fixed };
        let editor = EditorProps {
            registered: Some((**registered).clone()),
            catalog: Rc::clone(&props.catalog),
            is_fixed,
            made: Callback::noop(),
            changed: changed.clone(),
        };
        html! {
            <>
                <h2>{ &site.name }{ " " }{ state(site.mode, has_ended) }</h2>
                { action.view() }
                if let Some(keys) = &props.keys {
                    { new_keys(keys) }
                }
                if !has_ended {
                    { piece!(use_snippet, "", snippet()) }
                }
                { piece!(use_statistics, "", statistics) }
                if !has_ended {
                    { piece!(use_site_keys, "", keys()) }
                }
                { piece!(use_site_webhooks, "", webhooks) }
                <p class="quiet">{ history(registered) }</p>
                // With what others have said it begins anew.
                { piece!(use_site_editor, revision, editor) }
                if let Some(told) = *told {
                    { notice(Tone::Good, told) }
                }
                if !is_fixed {
                    { action.confirm("End the site", "End it for good? Its id is never used again.", end.clone()) }
                }
            </>
        }
    })
}

/// The keys of a site, this once.
fn new_keys(keys: &NewKeys) -> Html {
    let content = html! {
        <>
            { notice(Tone::Plain, "They are shown only now. Keep the secret where its server runs: by it, that learns what was won.") }
            <h3>{ "Secret of its server" }</h3>
            { copy(keys.secret.clone(), "Secret of its server") }
            <h3>{ "Key of its statistics" }</h3>
            { copy(keys.statistics.clone(), "Key of its statistics") }
        </>
    };
    part("new-keys", html! { { "It is registered: here are its keys" } }, content)
}

/// Who has said what is known of it, and when.
fn history(registered: &RegisteredSite) -> String {
    let RegisteredSite { revision, by, made_at_ms, changed_by, changed_at_ms, ended_at_ms, .. } = registered;
    let made = format!("Registered {} by {}.", edge::moment(*made_at_ms), format::by(by));
    let changed = if *revision > 1 {
        format!(" Revision {revision}, {} by {}.", edge::moment(*changed_at_ms), format::by(changed_by))
    } else {
        String::new()
    };
    let ended = ended_at_ms.map(|at| format!(" Ended {}.", edge::moment(at))).unwrap_or_default();
    made + &changed + &ended
}
