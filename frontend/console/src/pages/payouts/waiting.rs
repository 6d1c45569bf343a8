//! Withdrawals that wait for an operator.

use dripline_shared::api::access::Permission;
use dripline_shared::api::operate::payouts::{ReturnRequest, WaitingPage, WaitingWithdrawal, WaitsFor};
use dripline_shared::json::ToJson;
use serde_json::{Map, Value};
use yew::prelude::*;

use crate::components::Cell::{Html as Other, Number, Text};
use crate::components::{Column, part, table, text_field, text_of, use_action, use_loaded};
use crate::edge;
use crate::session::use_session;

const COLUMNS: [Column<'_>; 7] = [
    ("Withdrawal", false),
    ("Waits for", false),
    ("Rail", false),
    ("Amount", true),
    ("Wallet", false),
    ("Requested", false),
    ("(What can be done)", false),
];

/// The part of the page.
#[hook]
pub(crate) fn use_waiting() -> Html {
    let session = use_session();
    let action = use_action();
    let (page, again) = use_loaded::<WaitingPage>("withdrawals".to_owned());
    let reason = use_node_ref();
    let act = |path: String, has_reason: bool, told: &'static str| {
        let (action, again, reason) = (action.clone(), again.clone(), reason.clone());
        Callback::from(move |()| {
            let body = if has_reason {
                ReturnRequest { reason: text_of(&reason) }.to_json()
            } else {
                Value::Object(Map::new())
            };
            action.propose(path.clone(), body, told, &again);
        })
    };
    let may_move = session.may(Permission::MoveMoney);
    let row = |waiting: &WaitingWithdrawal| {
        let it = &waiting.withdrawal;
        let approve =
            act(format!("withdrawals/{}/approve", it.id), false, "Approved: it is paid when it is its turn.");
        let give_back = act(format!("withdrawals/{}/return", it.id), true, "The player has the money back.");
        let waits_for = match waiting.waits_for {
            WaitsFor::Turn => "its turn",
            WaitsFor::Approval => "approval",
            WaitsFor::Release => "its wallet's release",
        };
        let act = html! {
            if may_move {
                if waiting.waits_for == WaitsFor::Approval {
                    { action.confirm("Approve", "Let this be paid?", approve) }
                }
                { action.confirm("Give back", "Give the money back to the player?", give_back) }
            }
        };
        let id = it.id.to_string();
        let cells = vec![
            Text(id.clone()),
            Text(waits_for.to_owned()),
            Text(it.rail.clone()),
            Number(format!("{} units of {}", it.amount, it.asset)),
            Text(it.wallet.to_string()),
            Text(edge::moment(it.requested_at_ms)),
            Other(act),
        ];
        (id, cells)
    };
    let content = html! {
        <>
            { action.view() }
            { page.view(|page| if page.withdrawals.is_empty() {
                html! { <p class="quiet">{ "None." }</p> }
            } else {
                html! {
                    <>
                        if may_move {
                            { text_field("return-reason", "Why it is given back; the player is told", &reason, "200", None, false) }
                        }
                        { table("Withdrawals that wait for an operator", &COLUMNS, page.withdrawals.iter().map(row).collect()) }
                    </>
                }
            }) }
        </>
    };
    part("waiting", html! { { "Withdrawals that wait for an operator" } }, content)
}
