//! The rails, and what has not ended on them.

use dripline_shared::api::access::Permission;
use dripline_shared::api::operate::payouts::{
    BatchView, PauseKind, PauseRequest, Payouts, RailDesk, ResumeRequest,
};
use dripline_shared::json::ToJson;
use serde_json::Value;
use yew::prelude::*;

use crate::components::{part, text_field, text_of, use_action, use_loaded};
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
        let (action, again, reason) = (action.clone(), again.clone(), reason.clone());
        Callback::from(move |()| {
            let body = body.clone().unwrap_or_else(|| PauseRequest { reason: text_of(&reason) }.to_json());
            action.propose(path.clone(), body, &told, &again);
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
                    { action.confirm("Cancel", "Have this batch not be paid?", cancel) }
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
                        { action.confirm("Resume", "Let it sign again?", resume) }
                    } else {
                        { action.confirm("Pause", "Have it sign nothing new?", pause) }
                    }
                }
            </section>
        }
    };
    let content = html! {
        <>
            { action.view() }
            if may_manage {
                { text_field("pause-reason", "Why it is paused; players are told", &reason, "200", None, false) }
            }
            { payouts.view(|payouts| if payouts.rails.is_empty() {
                html! { <p class="quiet">{ "None is configured." }</p> }
            } else {
                html! { <>{ for payouts.rails.iter().map(row) }</> }
            }) }
        </>
    };
    part("rails", html! { { "Rails" } }, content)
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
