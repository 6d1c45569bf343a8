//! Vouchers of a campaign: codes that let a wallet in, each one wallet.

use dripline_shared::api::access::Permission;
use dripline_shared::api::operate::{MadeVouchers, VoucherIssue, VoucherList, VoucherRequest};
use dripline_shared::json::ToJson;
use dripline_shared::round::ClientId;
use gloo_net::http::Method;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::api::typed;
use crate::components::Cell::{Html as Other, Number, Text};
use crate::components::{Column, download, piece, table, use_action, use_fold, use_loaded};
use crate::session::use_session;
use crate::{edge, format};

const COLUMNS: [Column<'_>; 5] =
    [("Made", false), ("By", false), ("Codes", true), ("Used", true), ("(What can be done)", false)];

#[derive(PartialEq)]
pub(crate) struct VouchersProps {
    /// The campaign's id.
    pub(crate) campaign: String,
}

/// The vouchers, behind a line that opens them: few campaigns have any.
#[hook]
pub(crate) fn use_vouchers(props: &VouchersProps) -> Html {
    let (is_open, toggle) = use_fold();
    html! {
        <details ontoggle={toggle}>
            <summary>{ "Vouchers" }</summary>
            if is_open {
                { piece!(use_codes, "", VouchersProps { campaign: props.campaign.clone() }) }
            }
        </details>
    }
}

#[hook]
fn use_codes(props: &VouchersProps) -> Html {
    let session = use_session();
    let action = use_action();
    let place = format!("campaigns/{}/vouchers", props.campaign);
    let (list, again) = use_loaded::<VoucherList>(place.clone());
    let count = use_node_ref();
    // What was asked for and not answered yet: asked once more, it is the same.
    let asked = use_mut_ref(|| None::<VoucherRequest>);
    let make = {
        let (action, again, count, place) = (action.clone(), again.clone(), count.clone(), place.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let said = count.cast::<HtmlInputElement>().and_then(|field| field.value().trim().parse().ok());
            let count = said.unwrap_or_default();
            let same = asked.borrow().filter(|asked| asked.count == count);
            let anew =
                || Some(VoucherRequest { client_id: ClientId(edge::random()?), count, expires_ms: None });
            let Some(request) = same.or_else(anew) else { return };
            *asked.borrow_mut() = Some(request);
            let (again, asked) = (again.clone(), asked.clone());
            action.send(Method::POST, place.clone(), Some(request.to_json()), move |answer| {
                let made: MadeVouchers = typed(&answer?)?;
                let file = format!("vouchers-{}-{}.txt", made.issue.campaign, made.issue.number);
                download(
                    &file,
                    "text/plain",
                    &format!(
                        "{}
",
                        made.codes.join(
                            "
"
                        )
                    ),
                );
                *asked.borrow_mut() = None;
                again.emit(());
                Ok("The codes are in the file that was saved. They are told only now.".to_owned())
            });
        })
    };
    let may_make = session.may(Permission::PublishCatalog);
    let row = |issue: &VoucherIssue| {
        let path = format!("{place}/{}", issue.number);
        let told = "Those that nobody has used hold no more.";
        let revoke = action.asking(Method::DELETE, path, told, &again);
        let act = match issue.revoked_at_ms {
            Some(at) => html! { { format!("revoked {}", edge::moment(at)) } },
            None if may_make => action.confirm("Revoke", "Revoke those that nobody has used?", revoke),
            None => Html::default(),
        };
        let cells = vec![
            Text(edge::moment(issue.made_at_ms)),
            Text(format::by(&issue.by)),
            Number(issue.count.to_string()),
            Number(issue.used.to_string()),
            Other(act),
        ];
        (issue.number.to_string(), cells)
    };
    let name = format!("Vouchers of {}", props.campaign);
    let id = format!("voucher-count-{}", props.campaign);
    html! {
        <>
            { action.view() }
            { list.view(|list| table(&name, &COLUMNS, list.issues.iter().map(row).collect())) }
            if may_make {
                <form class="row" onsubmit={make}>
                    <span class="setting">
                        <label for={id.clone()}>{ "How many" }</label>
                        <input {id} ref={count} type="number" min="1" max="10000" required=true />
                    </span>
                    <button class="button is-quiet" disabled={action.is_busy()}>{ "Make vouchers" }</button>
                </form>
            }
        </>
    }
}
