//! The addresses of the console: what stands behind the `#`, so that the server has one page to know.

use wasm_bindgen::{JsCast, JsValue, UnwrapThrowExt};

/// A place in the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// How everything stands.
    Overview,
    /// Levels, rewards, limits and campaigns: drafts of the catalog.
    Catalog,
    /// What was in force, and when.
    History,
    /// Players.
    Players,
    /// Payouts, and what is stopped.
    Payouts,
    /// Pages of others that show the games.
    Sites,
    /// Operators, sessions and API keys.
    Access,
    /// The audit log.
    Audit,
    /// Where somebody accepts an invitation.
    Invitation(String),
}

/// The places that the navigation shows, with their addresses and names.
pub(crate) const PLACES: [(Place, &str, &str); 8] = [
    (Place::Overview, "overview", "Overview"),
    (Place::Catalog, "catalog", "Levels and rewards"),
    (Place::History, "history", "Publications"),
    (Place::Players, "players", "Players"),
    (Place::Payouts, "payouts", "Payouts"),
    (Place::Sites, "sites", "Sites"),
    (Place::Access, "access", "Access"),
    (Place::Audit, "audit", "Audit log"),
];

impl Place {
    /// The place of an address: `#catalog`. What is not known is the overview.
    pub(crate) fn of(hash: &str) -> Self {
        let name = hash.trim_start_matches('#');
        if let Some(secret) = name.strip_prefix("invitation=") {
            return Self::Invitation(secret.to_owned());
        }
        PLACES.into_iter().find(|(_, own, _)| *own == name).map_or(Self::Overview, |(place, ..)| place)
    }

    /// Where the page is now.
    pub(crate) fn current() -> Self {
        Self::of(&location().hash().unwrap_or_default())
    }

    /// What it is called.
    pub(crate) fn name(&self) -> &'static str {
        PLACES.iter().find(|(place, ..)| place == self).map_or("Invitation", |(.., name)| name)
    }
}

/// Takes the secret of an invitation out of the address, and so out of the browser's history: it was read.
pub(crate) fn hide_invitation() {
    let window = web_sys::window().expect_throw("the page runs in a window");
    if let Ok(history) = window.history() {
        // A page may always change what stands behind its `#`.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some("#invitation"));
    }
}

/// Goes to the overview, and leaves no trace of a secret that was in the address.
pub(crate) fn leave_invitation() {
    // A page may always change what stands behind its `#`.
    let _ = location().replace("#overview");
}

/// Puts the focus onto the content, and its beginning onto the screen.
pub(crate) fn to_content() {
    let document = web_sys::window().and_then(|window| window.document());
    let main = document.and_then(|document| document.get_element_by_id("main"));
    if let Some(main) = main.and_then(|main| main.dyn_into::<web_sys::HtmlElement>().ok()) {
        // An element on the page can always have the focus.
        let _ = main.focus();
        main.scroll_into_view();
    }
}

/// Loads the page anew.
pub(crate) fn reload() {
    // A page may always do that.
    let _ = location().reload();
}

/// Where this page comes from: `https://faucet.example`.
pub(crate) fn origin() -> String {
    location().origin().unwrap_or_default()
}

fn location() -> web_sys::Location {
    web_sys::window().expect_throw("the page runs in a window").location()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_an_address_of_its_own_and_others_are_the_overview() {
        for (place, address, _) in PLACES {
            assert_eq!(Place::of(&format!("#{address}")), place);
        }
        for unknown in ["", "#", "#unheard-of", "#catalog/x"] {
            assert_eq!(Place::of(unknown), Place::Overview, "{unknown}");
        }
        assert_eq!(Place::of("#invitation=abc"), Place::Invitation("abc".to_owned()));
    }
}
