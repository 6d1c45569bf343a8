//! Operators, and those who are invited.

use dripline_shared::api::access::Role;
use dripline_shared::api::sign_in::{
    InvitationRequest, InvitationSecret, InvitationView, OperatorList, OperatorView, RoleRequest,
};
use dripline_shared::json::ToJson;
use gloo_net::http::Method;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::{role_of, role_options};
use crate::api::typed;
use crate::components::Cell::{Html as Other, Number, Text};
use crate::components::{Column, confirm, copy, table, text_field, use_action, use_loaded};
use crate::{edge, format};

const COLUMNS: [Column<'_>; 5] = [
    ("Name", false),
    ("Role", false),
    ("Signed in", false),
    ("Passkeys", true),
    ("(What can be done)", false),
];

/// The part of the page.
#[hook]
pub(crate) fn use_operators() -> Html {
    let action = use_action();
    let (list, again) = use_loaded::<OperatorList>("operators".to_owned());
    let secret = use_state(|| None::<InvitationSecret>);
    let (name, role) = (use_node_ref(), use_node_ref());
    let invite = {
        let (action, again, secret) = (action.clone(), again.clone(), secret.clone());
        let (name, role) = (name.clone(), role.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let chosen = role.cast::<HtmlSelectElement>().and_then(|field| role_of(&field.value()));
            let (Some(field), Some(role)) = (name.cast::<HtmlInputElement>(), chosen) else { return };
            let request = InvitationRequest { name: field.value(), role, valid_ms: None };
            let (again, secret) = (again.clone(), secret.clone());
            action.send(Method::POST, "invitations".to_owned(), Some(request.to_json()), move |answer| {
                let made: InvitationSecret = typed(&answer?)?;
                field.set_value("");
                let told =
                    format!("Give {} this link. It is shown only now, and works once.", made.invitation.name);
                secret.set(Some(made));
                again.emit(());
                Ok(told)
            });
        })
    };
    let ask = |path: String, told: String| action.asking(Method::POST, path, &told, &again);
    let change_role = |operator: &OperatorView| {
        let (action, again) = (action.clone(), again.clone());
        let path = format!("operators/{}/role", operator.id);
        Callback::from(move |event: Event| {
            let Some(role) = role_of(&event.target_unchecked_into::<HtmlSelectElement>().value()) else {
                return;
            };
            let again = again.clone();
            action.send(Method::POST, path.clone(), Some(RoleRequest { role }.to_json()), move |answer| {
                // Also where it was refused: the list then shows the role that still holds.
                again.emit(());
                let operator: OperatorView = typed(&answer?)?;
                Ok(format!("{} is {} now.", operator.name, operator.role.as_str()))
            });
        })
    };
    let operator_row = |operator: &OperatorView| {
        let dismiss =
            ask(format!("operators/{}/dismiss", operator.id), format!("{} is dismissed.", operator.name));
        let role = html! {
            <select aria-label={format!("Role of {}", operator.name)} onchange={change_role(operator)} disabled={action.is_busy()}>
                { role_options(operator.role) }
            </select>
        };
        let question = format!("End the access of {} at once?", operator.name);
        let end = confirm("Dismiss", question.into(), dismiss, action.is_busy());
        let cells = vec![
            Text(operator.name.clone()),
            Other(role),
            Text(operator.signed_in_at_ms.map_or_else(|| "never".to_owned(), edge::moment)),
            Number(operator.passkeys.len().to_string()),
            Other(end),
        ];
        // With another role it is another row, whose field shows that role.
        (format!("{}-{}", operator.id, operator.role.as_str()), cells)
    };
    let invitation_row = |invitation: &InvitationView| {
        let revoke =
            ask(format!("invitations/{}/revoke", invitation.id), "The invitation holds no more.".to_owned());
        html! {
            <li key={invitation.id.clone()} class="line">
                <span>
                    { format!("{} as {}, until {}, by {}", invitation.name, invitation.role.as_str(),
                        edge::moment(invitation.expires_at_ms), format::by(&invitation.by)) }
                </span>
                { action.confirm("Revoke", "Revoke this invitation?", revoke) }
            </li>
        }
    };
    html! {
        <section class="card" aria-labelledby="operators">
            <h2 id="operators">{ "Operators" }</h2>
            { action.view() }
            if let Some(secret) = &*secret {
                { copy(secret.link.clone(), "Link of the invitation") }
            }
            { list.view(|list| html! {
                <>
                    { table("Operators", &COLUMNS, list.operators.iter().map(operator_row).collect()) }
                    if !list.invitations.is_empty() {
                        <h3>{ "Invited" }</h3>
                        <ul>{ for list.invitations.iter().map(invitation_row) }</ul>
                    }
                </>
            }) }
            <form onsubmit={invite} class="row">
                { text_field("invite-name", "Invite", &name, "80", Some("Name"), true) }
                <span class="setting"><label for="invite-role">{ "as" }</label>
                    <select id="invite-role" ref={role}>{ role_options(Role::Viewer) }</select></span>
                <button class="button is-quiet" disabled={action.is_busy()}>{ "Make a link" }</button>
            </form>
        </section>
    }
}
