//! Levels, rewards, limits and campaigns: what is in force, and drafts of what shall be.

mod campaigns;
mod changes;
mod editor;
mod groups;
mod keeping;
mod levels;
mod report;
mod review;
mod simulation;
mod vouchers;

use dripline_shared::api::access::Permission;
use dripline_shared::api::operate::{Draft, DraftList, DraftRequest, LiveCatalog};
use dripline_shared::json::ToJson;
use gloo_net::http::Method;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::api::typed;
use crate::components::{Tone, notice, piece, use_action, use_loaded};
use crate::session::use_session;
use crate::{edge, format};
use editor::{EditorProps, use_editor};

/// The page.
#[hook]
pub(crate) fn use_catalog() -> Html {
    let session = use_session();
    let action = use_action();
    let (live, live_again) = use_loaded::<LiveCatalog>("catalog".to_owned());
    let (drafts, drafts_again) = use_loaded::<DraftList>("catalog/drafts".to_owned());
    let chosen = use_state(|| None::<Draft>);
    let told = use_state(|| None::<String>);
    let choose = {
        let (action, chosen) = (action.clone(), chosen.clone());
        Callback::from(move |event: Event| {
            let id = event.target_unchecked_into::<HtmlSelectElement>().value();
            if id.is_empty() {
                chosen.set(None);
                return;
            }
            let chosen = chosen.clone();
            // As it is by now: somebody else may have changed it since the list was read.
            action.send(Method::GET, format!("catalog/drafts/{id}"), None, move |answer| {
                chosen.set(Some(typed(&answer?)?));
                Ok(String::new())
            });
        })
    };
    let begin = {
        let (action, again) = (action.clone(), drafts_again.clone());
        let (chosen, live, name) = (chosen.clone(), live.clone(), format::by(&session.me.by));
        Callback::from(move |_: MouseEvent| {
            let Some(live) = live.here() else { return };
            let now = edge::now();
            let request = DraftRequest {
                name: format!("{name}, {}", edge::moment(now)),
                catalog: live.catalog.clone(),
                base: live.publication.number,
                replaces: None,
            };
            let (again, chosen) = (again.clone(), chosen.clone());
            let path = format!("catalog/drafts/draft-{:x}", now.0);
            action.send(Method::PUT, path, Some(request.to_json()), move |answer| {
                chosen.set(Some(typed(&answer?)?));
                again.emit(());
                Ok(String::new())
            });
        })
    };
    let over = {
        let (chosen, told) = (chosen.clone(), told.clone());
        Callback::from(move |text: String| {
            told.set(Some(text));
            chosen.set(None);
            drafts_again.emit(());
            live_again.emit(());
        })
    };
    let id = chosen.as_ref().map(|draft| draft.id.clone()).unwrap_or_default();
    live.view(|live| {
        let may_edit = session.may(Permission::EditCatalog) && !live.is_pinned;
        html! {
            <>
                if live.is_pinned {
                    { notice(Tone::Plain, "The catalog is pinned to a file: it is changed there, and only seen here.") }
                }
                { action.view() }
                if let Some(told) = &*told {
                    { notice(Tone::Good, told) }
                }
                <div class="row">
                    <span class="setting">
                        <label for="which-catalog">{ "Catalog" }</label>
                        <select id="which-catalog" onchange={choose} disabled={action.is_busy()}>
                            <option value="" selected={id.is_empty()}>
                                { format!("In force: publication {}", live.publication.number) }
                            </option>
                            { for drafts.here().iter().flat_map(|list| &list.drafts).map(|draft| html! {
                                <option value={draft.id.clone()} selected={draft.id == id}>{ format!("Draft: {}", draft.name) }</option>
                            }) }
                        </select>
                    </span>
                    if may_edit {
                        <button type="button" class="button" onclick={begin} disabled={action.is_busy()}>{ "Change something" }</button>
                    }
                </div>
                if let Some(scheduled) = &live.scheduled {
                    { notice(Tone::Plain, &format!(
                        "Publication {} comes into force on {}.", scheduled.number, edge::moment(scheduled.from_ms),
                    )) }
                }
                { piece!(use_editor, id.clone(), EditorProps { draft: (*chosen).clone(), live: (**live).clone(), over }) }
            </>
        }
    })
}
