//! What was in force, and when; and bringing it back.

use dripline_shared::api::access::Permission;
use dripline_shared::api::operate::{
    LiveCatalog, Publication, PublicationRequest, PublicationStage, Publications,
};
use dripline_shared::json::ToJson;
use gloo_net::http::Method;
use yew::prelude::*;

use crate::api::typed;
use crate::components::Cell::{Html as Other, Text};
use crate::components::{Column, Tone, notice, table, use_action, use_loaded};
use crate::session::use_session;
use crate::{edge, format};

const COLUMNS: [Column<'_>; 6] = [
    ("Number", false),
    ("Stage", false),
    ("In force from", false),
    ("By", false),
    ("Note", false),
    ("(What can be done)", false),
];

/// The page.
#[hook]
pub(crate) fn use_history() -> Html {
    let session = use_session();
    let action = use_action();
    let (publications, list_again) = use_loaded::<Publications>("catalog/publications".to_owned());
    let (live, live_again) = use_loaded::<LiveCatalog>("catalog".to_owned());
    let may_publish = session.may(Permission::PublishCatalog);
    let seen = live.here().map(|live| live.publication.number);
    let is_pinned = live.here().is_some_and(|live| live.is_pinned);
    let again = Callback::from(move |()| {
        list_again.emit(());
        live_again.emit(());
    });
    let bring_back = |number: u64| {
        let (action, again) = (action.clone(), again.clone());
        Callback::from(move |()| {
            let Some(replaces) = seen else { return };
            let again = again.clone();
            let note = format!("Back to publication {number}");
            let request =
                PublicationRequest { draft: None, publication: Some(number), replaces, note, from_ms: None };
            action.send(
                Method::POST,
                "catalog/publications".to_owned(),
                Some(request.to_json()),
                move |answer| {
                    let done: Publication = typed(&answer?)?;
                    again.emit(());
                    Ok(format!(
                        "Publication {} is in force: the catalog of publication {number}.",
                        done.number
                    ))
                },
            );
        })
    };
    let cancel = |number: u64| {
        let told = format!("Publication {number} will not come into force.");
        action.asking(Method::DELETE, format!("catalog/publications/{number}"), &told, &again)
    };
    let row = |publication: &Publication| {
        let number = publication.number;
        let act = match publication.stage {
            _ if !may_publish || is_pinned => Html::default(),
            PublicationStage::Scheduled => html! {
                { action.confirm("Cancel", "Cancel this publication?", cancel(number)) }
            },
            PublicationStage::Past => html! {
                { action.confirm("Bring back", "Publish this catalog again, at once?", bring_back(number)) }
            },
            PublicationStage::Live | PublicationStage::Cancelled => Html::default(),
        };
        let badge = classes!("badge", stage_class(publication.stage));
        let cells = vec![
            Text(number.to_string()),
            Other(html! { <span class={badge}>{ stage(publication.stage) }</span> }),
            Text(edge::moment(publication.from_ms)),
            Text(format::by(&publication.by)),
            Text(publication.note.clone()),
            Other(act),
        ];
        (number.to_string(), cells)
    };
    html! {
        <>
            <p class="quiet">
                { "Every catalog that was in force is kept. Rounds in play pay as they were opened, whatever is published meanwhile." }
            </p>
            if is_pinned {
                { notice(Tone::Plain, "The catalog is pinned to a file: it is changed there, and only seen here.") }
            }
            { action.view() }
            { publications.view(|list| {
                table("Publications", &COLUMNS, list.publications.iter().map(row).collect())
            }) }
        </>
    }
}

const fn stage(stage: PublicationStage) -> &'static str {
    match stage {
        PublicationStage::Scheduled => "waits",
        PublicationStage::Live => "in force",
        PublicationStage::Past => "past",
        PublicationStage::Cancelled => "cancelled",
    }
}

const fn stage_class(stage: PublicationStage) -> Option<&'static str> {
    match stage {
        PublicationStage::Live => Some("is-on"),
        _ => None,
    }
}
