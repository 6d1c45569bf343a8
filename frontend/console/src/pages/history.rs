//! What was in force, and when; and bringing it back.

use dripline_shared::api::access::Permission;
use dripline_shared::api::operate::{
    LiveCatalog, Publication, PublicationRequest, PublicationStage, Publications,
};
use gloo_net::http::Method;
use yew::prelude::*;

use crate::components::{Confirm, Tone, notice, use_action, use_loaded};
use crate::session::use_session;
use crate::{edge, format};

/// The page.
#[component]
pub(crate) fn History() -> Html {
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
        let (action, api, again) = (action.clone(), session.api.clone(), again.clone());
        Callback::from(move |()| {
            let Some(replaces) = seen else { return };
            let (api, again) = (api.clone(), again.clone());
            action.run(async move {
                let note = format!("Back to publication {number}");
                let request = PublicationRequest {
                    draft: None,
                    publication: Some(number),
                    replaces,
                    note,
                    from_ms: None,
                };
                let done: Publication = api.send(Method::POST, "catalog/publications", &request).await?;
                again.emit(());
                Ok(format!("Publication {} is in force: the catalog of publication {number}.", done.number))
            });
        })
    };
    let cancel = |number: u64| {
        let (action, api, again) = (action.clone(), session.api.clone(), again.clone());
        Callback::from(move |()| {
            let (api, again) = (api.clone(), again.clone());
            action.run(async move {
                api.ask(Method::DELETE, &format!("catalog/publications/{number}")).await?;
                again.emit(());
                Ok(format!("Publication {number} will not come into force."))
            });
        })
    };
    let row = |publication: &Publication| {
        let number = publication.number;
        let act = match publication.stage {
            _ if !may_publish || is_pinned => Html::default(),
            PublicationStage::Scheduled => html! {
                <Confirm name="Cancel" question="Cancel this publication?" meant={cancel(number)} is_off={action.is_busy()} />
            },
            PublicationStage::Past => html! {
                <Confirm name="Bring back" question="Publish this catalog again, at once?" meant={bring_back(number)} is_off={action.is_busy()} />
            },
            PublicationStage::Live | PublicationStage::Cancelled => Html::default(),
        };
        html! {
            <tr key={number}>
                <th scope="row" class="is-number">{ number }</th>
                <td><span class={classes!("badge", stage_class(publication.stage))}>{ stage(publication.stage) }</span></td>
                <td>{ edge::moment(publication.from_ms) }</td>
                <td>{ format::by(&publication.by) }</td>
                <td>{ &publication.note }</td>
                <td>{ act }</td>
            </tr>
        }
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
            { publications.view(|list| html! {
                <div class="scroll" tabindex="0" role="region" aria-label="Publications">
                    <table>
                        <thead><tr>
                            <th scope="col" class="is-number">{ "Number" }</th><th scope="col">{ "Stage" }</th>
                            <th scope="col">{ "In force from" }</th><th scope="col">{ "By" }</th>
                            <th scope="col">{ "Note" }</th>
                            <th scope="col"><span class="visually-hidden">{ "What can be done" }</span></th>
                        </tr></thead>
                        <tbody>{ for list.publications.iter().map(row) }</tbody>
                    </table>
                </div>
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
