//! Who is signed in, for every page.

use std::rc::Rc;

use dripline_shared::api::access::{Me, Permission};
use yew::prelude::*;

use crate::api::{Api, Failure};

/// Who is signed in, and what that allows.
#[derive(Clone, PartialEq)]
pub(crate) struct Session {
    /// As whom the server is asked.
    pub(crate) api: Api,
    /// Who it is.
    pub(crate) me: Rc<Me>,
    /// Tells that nobody is signed in any more.
    pub(crate) ended: Callback<()>,
}

impl Session {
    /// Whether whoever is signed in may do this.
    pub(crate) fn may(&self, permission: Permission) -> bool {
        self.me.permissions.contains(&permission)
    }

    /// What to tell of a failure; where it is that nobody is signed in any more, the page to sign in comes too.
    pub(crate) fn told(&self, failure: &Failure) -> String {
        if failure.is_signed_out() {
            self.ended.emit(());
        }
        failure.text()
    }
}

/// Who is signed in.
///
/// # Panics
/// Outside the pages, which are there for those alone who are signed in.
#[hook]
pub(crate) fn use_session() -> Session {
    use_context::<Session>().expect("the pages are inside a session")
}
