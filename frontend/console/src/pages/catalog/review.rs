//! What a draft changes, what it comes to, and bringing it into force.

use std::rc::Rc;

use dripline_shared::amount::Asset;
use dripline_shared::api::access::Permission;
use dripline_shared::api::operate::{
    CatalogCheck, CheckRequest, Difference, Draft, DraftChoice, LiveCatalog, Publication, PublicationRequest,
};
use dripline_shared::json::ToJson;
use gloo_net::http::Method;
use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::platform::spawn_local;
use yew::prelude::*;

use super::changes::Sheet;
use super::keeping::Kept;
use super::simulation::{SimulationProps, use_simulation};
use crate::api::{Outcome, typed};
use crate::components::{Cell, Tone, confirm, notice, part, piece, table, use_action};
use crate::form::Kind;
use crate::session::use_session;
use crate::{edge, json};

#[derive(PartialEq)]
pub(crate) struct ReviewProps {
    /// The draft, as it was when it was opened.
    pub(crate) draft: Draft,
    /// How it is kept.
    pub(crate) kept: Kept,
    /// What is in force.
    pub(crate) live: LiveCatalog,
    /// The draft, as it is now.
    pub(crate) sheet: Rc<Sheet>,
    /// Called with what there is to be told when the draft was published or dropped.
    pub(crate) over: Callback<String>,
}

/// The part of the page.
#[hook]
pub(crate) fn use_review(props: &ReviewProps) -> Html {
    let session = use_session();
    let action = use_action();
    let check = use_state(|| None::<Outcome<CatalogCheck>>);
    let (note, from) = (use_node_ref(), use_node_ref());
    {
        let (check, api) = (check.clone(), session.api.clone());
        let catalog = props.sheet.catalog.clone();
        use_effect_with((props.kept.clone(), props.live.publication.number), move |(kept, _)| {
            if matches!(kept, Kept::Here(_)) {
                spawn_local(async move {
                    let request = Some(CheckRequest { catalog }.to_json());
                    let checked = api.request(Method::POST, "catalog/check", request).await;
                    check.set(Some(checked.and_then(|checked| typed(&checked))));
                });
            }
        });
    }
    let publish = {
        let (action, over) = (action.clone(), props.over.clone());
        let (id, kept, replaces) =
            (props.draft.id.clone(), props.kept.clone(), props.live.publication.number);
        let (note, from) = (note.clone(), from.clone());
        Callback::from(move |()| {
            let Kept::Here(revision) = kept else { return };
            let note = note.cast::<HtmlTextAreaElement>().map(|field| field.value()).unwrap_or_default();
            let from_ms =
                from.cast::<HtmlInputElement>().and_then(|field| edge::from_local_input(&field.value()));
            let draft = Some(DraftChoice { id: id.clone(), revision });
            let request = PublicationRequest { draft, publication: None, replaces, note, from_ms };
            let over = over.clone();
            action.send(
                Method::POST,
                "catalog/publications".to_owned(),
                Some(request.to_json()),
                move |answer| {
                    let Publication { number, from_ms, .. } = typed(&answer?)?;
                    over.emit(format!("Publication {number} is in force from {} on.", edge::moment(from_ms)));
                    Ok(String::new())
                },
            );
        })
    };
    let discard = {
        let (action, over) = (action.clone(), props.over.clone());
        let (id, kept) = (props.draft.id.clone(), props.kept.clone());
        Callback::from(move |()| {
            let Kept::Here(revision) = kept else { return };
            let over = over.clone();
            action.send(
                Method::DELETE,
                format!("catalog/drafts/{id}?revision={revision}"),
                None,
                move |answer| {
                    answer?;
                    over.emit("The draft is dropped.".to_owned());
                    Ok(String::new())
                },
            );
        })
    };
    let has_mistakes = match &*check {
        Some(Ok(check)) => !check.mistakes.is_empty(),
        _ => true,
    };
    let is_kept = matches!(props.kept, Kept::Here(_));
    let is_off = action.is_busy() || !is_kept;
    let number = props.live.publication.number;
    html! {
        <>
            if props.draft.base != number {
                { notice(Tone::Risk, &format!(
                    "This draft was begun from publication {}, and {number} is in force by now: what was changed in between is undone \
                     by it unless you see to that.", props.draft.base,
                )) }
            }
            <section class="card" aria-labelledby="differences">
                <h2 id="differences">{ "What it changes" }</h2>
                { checked(check.as_ref(), &props.live.catalog.asset) }
            </section>
            { piece!(use_simulation, "", SimulationProps { catalog: props.sheet.catalog.clone(), is_off: !props.sheet.mistakes().is_empty() }) }
            { part("publish", html! { { "Publish" } }, html! { <>
                <p class="quiet">
                    { "Rounds in play pay as they were opened. What was in force before stays in the list of publications, and can be \
                       brought back." }
                </p>
                { action.view() }
                if session.may(Permission::PublishCatalog) {
                    <span class="setting">
                        <label for="note">{ "Why, for those who read the history" }</label>
                        <textarea id="note" ref={note} rows="2" maxlength="500" />
                    </span>
                    <span class="setting">
                        <label for="from">{ "From when; at once where nothing is said" }</label>
                        <input id="from" ref={from} type="datetime-local" min={edge::local_input(edge::now())} />
                    </span>
                } else {
                    { notice(Tone::Plain, "You may keep drafts, and not publish them.") }
                }
                <div class="buttons">
                    if session.may(Permission::PublishCatalog) {
                        { confirm("Publish", "Bring this into force?".into(), publish, is_off || has_mistakes) }
                    }
                    { confirm("Drop the draft", "Drop this draft for good?".into(), discard, is_off) }
                </div>
            </> }) }
        </>
    }
}

fn checked(check: Option<&Outcome<CatalogCheck>>, asset: &Asset) -> Html {
    let check = match check {
        None => return html! { <p class="quiet" role="status">{ "Comparing …" }</p> },
        Some(Err(failure)) => return notice(Tone::Risk, &failure.text()),
        Some(Ok(check)) => check,
    };
    let row = |it: &Difference| {
        let kind = Kind::of(&it.setting);
        let shown = |text: &String| match json::read(text) {
            Some(value) => kind.shown(&value, asset),
            None => text.clone(),
        };
        let cell = |value: &Option<String>| value.as_ref().map_or_else(|| "–".to_owned(), shown);
        let after = html! { <strong>{ cell(&it.after) }</strong> };
        let name = html! { <code>{ &it.setting }</code> };
        (it.setting.clone(), vec![Cell::Html(name), Cell::Text(cell(&it.before)), Cell::Html(after)])
    };
    let columns = [("Setting", false), ("In force", false), ("In the draft", false)];
    html! {
        <>
            { for check.mistakes.iter().map(|it| notice(Tone::Risk, &format!("{}: expected {}", it.field, it.expected))) }
            if check.differences.is_empty() {
                <p class="quiet">{ "Nothing: it is what is in force." }</p>
            } else {
                { table("What it changes", &columns, check.differences.iter().map(row).collect()) }
            }
        </>
    }
}
