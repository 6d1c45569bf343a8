//! Withdrawals that wait for an operator.

use dripline_shared::api::access::Permission;
use dripline_shared::api::operate::payouts::{ReturnRequest, WaitingPage, WaitingWithdrawal, WaitsFor};
use dripline_shared::json::ToJson;
use serde_json::{Map, Value};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::components::Cell::{Html as Other, Number, Text};
use crate::components::{Column, Confirm, table, use_action, use_loaded};
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
        let (action, api, again, reason) =
            (action.clone(), session.api.clone(), again.clone(), reason.clone());
        Callback::from(move |()| {
            let typed = || reason.cast::<HtmlInputElement>().map(|field| field.value()).unwrap_or_default();
            let body = if has_reason {
                ReturnRequest { reason: typed() }.to_json()
            } else {
                Value::Object(Map::new())
            };
            let (api, again, path) = (api.clone(), again.clone(), path.clone());
            action.run(async move {
                let is_proposed = api.act(&path, &body).await?;
                again.emit(());
                Ok(if is_proposed { "It waits for a second operator." } else { told }.to_owned())
            });
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
                    <Confirm name="Approve" question="Let this be paid?" meant={approve} is_off={action.is_busy()} />
                }
                <Confirm name="Give back" question="Give the money back to the player?" meant={give_back} is_off={action.is_busy()} />
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
    html! {
        <section class="card stack" aria-labelledby="waiting">
            <h2 id="waiting">{ "Withdrawals that wait for an operator" }</h2>
            { action.view() }
            { page.view(|page| if page.withdrawals.is_empty() {
                html! { <p class="quiet">{ "None." }</p> }
            } else {
                html! {
                    <>
                        if may_move {
                            <span class="setting">
                                <label for="return-reason">{ "Why it is given back; the player is told" }</label>
                                <input id="return-reason" ref={reason.clone()} type="text" maxlength="200" autocomplete="off" />
                            </span>
                        }
                        { table("Withdrawals that wait for an operator", &COLUMNS, page.withdrawals.iter().map(row).collect()) }
                    </>
                }
            }) }
        </section>
    }
}
