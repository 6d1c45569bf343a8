//! What moves so much money that a second operator has to confirm it.

use dripline_shared::api::access::Permission;
use dripline_shared::api::operate::proposals::{Proposal, ProposalStage, Proposals, ProposedAction};
use gloo_net::http::Method;
use yew::prelude::*;

use crate::components::{part, use_action, use_loaded};
use crate::session::use_session;
use crate::{edge, format};

/// The part of the page: nothing where nothing was ever proposed.
#[hook]
pub(crate) fn use_confirming() -> Html {
    let session = use_session();
    let action = use_action();
    let (proposals, again) = use_loaded::<Proposals>("proposals".to_owned());
    let act = |id: &str, what: &'static str, told: &'static str| {
        action.asking(Method::POST, format!("proposals/{id}/{what}"), told, &again)
    };
    let may_move = session.may(Permission::MoveMoney);
    let row = |proposal: &Proposal| {
        let is_open = proposal.stage == ProposalStage::Open;
        let amount = match (proposal.amount, &proposal.asset) {
            (Some(amount), Some(asset)) => format!(", {amount} units of {asset}"),
            (Some(amount), None) => format!(", {amount} units"),
            (None, _) => String::new(),
        };
        html! {
            <li class="line" key={proposal.id.clone()}>
                <span>
                    <strong>{ proposed(&proposal.proposed) }</strong>{ amount }
                    <span class="quiet">{ format!(" by {}, {}", format::by(&proposal.by), edge::moment(proposal.at_ms)) }</span>
                    <span class={if is_open { "badge is-risk" } else { "badge" }}>{ stage(proposal) }</span>
                </span>
                if is_open && may_move {
                    <span class="buttons">
                        { action.confirm("Confirm", "Have this done?", act(&proposal.id, "confirm", "Confirmed, and done.")) }
                        { action.confirm("Withdraw", "Have this not done?", act(&proposal.id, "withdraw", "Withdrawn.")) }
                    </span>
                }
            </li>
        }
    };
    let Some(list) = proposals.here().filter(|list| !list.proposals.is_empty()) else {
        return Html::default();
    };
    let content = html! {
        <>
            { action.view() }
            <ul>{ for list.proposals.iter().map(row) }</ul>
        </>
    };
    part("proposals", html! { { "For a second operator" } }, content)
}

fn proposed(action: &ProposedAction) -> String {
    match action {
        ProposedAction::Approve { withdrawal } => format!("Approve withdrawal {withdrawal}"),
        ProposedAction::Import { withdrawal, request } => {
            format!(
                "Record that {} paid withdrawal {withdrawal}{}",
                request.transaction,
                unchecked(request.unchecked)
            )
        }
        ProposedAction::Record { rail, request } => format!(
            "Record that {rail} paid {} units to {} by {}{}",
            request.amount,
            request.to,
            request.transaction,
            unchecked(request.unchecked),
        ),
        ProposedAction::Resume { rail, request } => {
            let nonce = request.next_nonce.map(|nonce| format!(", next nonce {nonce}")).unwrap_or_default();
            let examined =
                request.examined.as_ref().map(|it| format!(", examined up to {it}")).unwrap_or_default();
            format!("Let {rail} run again{nonce}{examined}")
        }
        ProposedAction::Publish { request } => format!("Publish: {}", request.note),
    }
}

/// That nobody is asked whether it is so.
const fn unchecked(is_unchecked: bool) -> &'static str {
    if is_unchecked { ", WITHOUT asking the chain" } else { "" }
}

fn stage(proposal: &Proposal) -> String {
    match proposal.stage {
        ProposalStage::Open => format!("waits until {}", edge::moment(proposal.until_ms)),
        ProposalStage::Confirmed => "confirmed".to_owned(),
        ProposalStage::Withdrawn => "withdrawn".to_owned(),
        ProposalStage::Expired => "expired".to_owned(),
    }
}
