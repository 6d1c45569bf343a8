//! The rails, and what has not ended on them.

use dripline_shared::api::access::Permission;
use dripline_shared::api::operate::payouts::{
    BatchView, PauseKind, PauseRequest, Payouts, RailDesk, ResumeRequest,
};
use dripline_shared::json::ToJson;
use serde_json::Value;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::components::{Confirm, use_action, use_loaded};
use crate::session::use_session;
use crate::{edge, format};

/// The part of the page.
#[hook]
pub(crate) fn use_rails() -> Html {
    let session = use_session();
    let action = use_action();
    let (payouts, again) = use_loaded::<Payouts>("payouts".to_owned());
    let reason = use_node_ref();
    let act = |path: String, body: Option<Value>, told: String| {
        let (action, api, again, reason) =
            (action.clone(), session.api.clone(), again.clone(), reason.clone());
        Callback::from(move |()| {
            let typed = || reason.cast::<HtmlInputElement>().map(|field| field.value()).unwrap_or_default();
            let body = body.clone().unwrap_or_else(|| PauseRequest { reason: typed() }.to_json());
            let (api, again, path, told) = (api.clone(), again.clone(), path.clone(), told.clone());
            action.run(async move {
                let is_proposed = api.act(&path, &body).await?;
                again.emit(());
                Ok(if is_proposed { "It waits for a second operator.".to_owned() } else { told })
            });
        })
    };
    let may_manage = session.may(Permission::ManagePayouts);
    let batch = |batch: &BatchView| {
        let cancel = act(
            format!("batches/{}/cancel", batch.id),
            Some(Value::Object(serde_json::Map::new())),
            "It will not be paid if that can still be helped.".to_owned(),
        );
        html! {
            <li class="line" key={batch.id.to_string()}>
                <span>
                    <code>{ batch.id.to_string() }</code>
                    { format!(" {} withdrawals of {}, made {}, {} signed", batch.withdrawals.len(), batch.asset, edge::moment(batch.made_at_ms), batch.candidates.len()) }
                    if batch.halted_at_ms.is_some() {
                        <span class="badge is-risk">{ "halted its rail" }</span>
                    }
                    if batch.cancelled_at_ms.is_some() {
                        <span class="badge">{ "being cancelled" }</span>
                    }
                </span>
                if may_manage && batch.cancelled_at_ms.is_none() {
                    <Confirm name="Cancel" question="Have this batch not be paid?" meant={cancel} is_off={action.is_busy()} />
                }
            </li>
        }
    };
    let row = |rail: &RailDesk| {
        let pause =
            act(format!("rails/{}/pause", rail.rail), None, format!("{} signs nothing new.", rail.rail));
        let resume = act(
            format!("rails/{}/resume", rail.rail),
            Some(ResumeRequest::default().to_json()),
            format!("{} runs again.", rail.rail),
        );
        let is_by_hand = rail.pause.as_ref().is_some_and(|pause| pause.kind != PauseKind::TreasuryLow);
        html! {
            <section class="rail" key={rail.rail.clone()}>
                <h3>{ &rail.rail }{ " " }{ stage(rail) }</h3>
                <p class="quiet">
                    { format!("{} waiting, {} batches under way, {} unknown, {} failed in a row",
                        format::number(rail.queued), rail.batches.len(), rail.unknown, rail.failures) }
                </p>
                if let Some(pause) = &rail.pause {
                    <p>{ format!("Since {}: {}", edge::moment(pause.since_ms), pause.why) }</p>
                }
                if let Some(treasury) = &rail.treasury {
                    <p class="quiet">
                        { "Treasury " }<code>{ &treasury.address }</code>
                        { for treasury.holdings.iter().map(|it| html! { <strong>{ format!(" {}", it.asset.format(it.amount)) }</strong> }) }
                    </p>
                }
                if !rail.batches.is_empty() {
                    <ul>{ for rail.batches.iter().map(batch) }</ul>
                }
                if may_manage {
                    if is_by_hand {
                        <Confirm name="Resume" question="Let it sign again?" meant={resume} is_off={action.is_busy()} />
                    } else {
                        <Confirm name="Pause" question="Have it sign nothing new?" meant={pause} is_off={action.is_busy()} />
                    }
                }
            </section>
        }
    };
    html! {
        <section class="card stack" aria-labelledby="rails">
            <h2 id="rails">{ "Rails" }</h2>
            { action.view() }
            if may_manage {
                <span class="setting">
                    <label for="pause-reason">{ "Why it is paused; players are told" }</label>
                    <input id="pause-reason" ref={reason.clone()} type="text" maxlength="200" autocomplete="off" />
                </span>
            }
            { payouts.view(|payouts| if payouts.rails.is_empty() {
                html! { <p class="quiet">{ "None is configured." }</p> }
            } else {
                html! { <>{ for payouts.rails.iter().map(row) }</> }
            }) }
        </section>
    }
}

fn stage(rail: &RailDesk) -> Html {
    let (class, text) = match &rail.pause {
        _ if rail.is_stopped => ("badge is-risk", "stopped"),
        Some(pause) => (
            "badge is-risk",
            match pause.kind {
                PauseKind::Halted => "paused",
                PauseKind::Recovery => "in recovery",
                PauseKind::TreasuryLow => "treasury low",
            },
        ),
        None if rail.kind.is_none() => ("badge is-risk", "not configured"),
        None => ("badge is-on", "running"),
    };
    html! { <span {class}>{ text }</span> }
}
