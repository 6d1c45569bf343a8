//! Who may operate the faucet: operators and invitations, sessions, one's own passkeys, and API keys.

mod keys;
mod operators;
mod passkeys;
mod sessions;

use dripline_shared::api::access::{Permission, Role};
use yew::prelude::*;

use crate::components::piece;

use crate::session::use_session;

/// The page.
#[hook]
pub(crate) fn use_access() -> Html {
    let session = use_session();
    let has_session = session.me.session.is_some();
    html! {
        <>
            if has_session {
                { piece!(passkeys::use_passkeys) }
            }
            if session.may(Permission::ManageOperators) {
                { piece!(operators::use_operators) }
            }
            if has_session || session.may(Permission::ManageOperators) {
                { piece!(sessions::use_sessions) }
            }
            if session.may(Permission::ManageKeys) {
                { piece!(keys::use_keys) }
            }
            if !has_session && !session.may(Permission::ManageOperators) && !session.may(Permission::ManageKeys) {
                <p>{ "There is nothing here that you may see: ask an owner." }</p>
            }
        </>
    }
}

/// The options of a field that chooses a role.
fn role_options(chosen: Role) -> Html {
    Role::ALL
        .into_iter()
        .map(|role| html! { <option value={role.as_str()} selected={role == chosen}>{ role.as_str() }</option> })
        .collect()
}

/// The role that such a field says.
fn role_of(text: &str) -> Option<Role> {
    Role::ALL.into_iter().find(|role| role.as_str() == text)
}
