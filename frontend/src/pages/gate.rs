//! What is shown before the player may play, and when something stands in the way.

use yew::Html;

use crate::app::{Link, Press};
use crate::components::element::{Name, button, element, text};
use crate::components::icon::{Icon, icon};
use crate::locales::texts;

/// What stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// The browser gives this page no cryptography: it did not come over a secure connection.
    Insecure,
    /// The browser does not sign, and what would help it to did not come.
    Unusable,
    /// Dripline is open elsewhere for this player: in another tab, or in another widget, of this page or of another one.
    OtherTab,
    /// Another of those took over from this one.
    TakenOver,
}

/// A page with one message; while the page starts there is no obstacle yet.
pub(crate) fn gate(link: &Link, obstacle: Option<Obstacle>) -> Html {
    let gate = element("main", "gate")
        .attribute(Name::Id, "main")
        .with(element("span", "gate-drop").with(icon(Icon::Drop)));
    let Some(obstacle) = obstacle else {
        // Usually gone before it can be read.
        return gate.with(text("p", "gate-wait", texts().starting).attribute(Name::Role, "status")).into();
    };
    let (title, explanation) = match obstacle {
        Obstacle::Insecure => (texts().insecure_title, texts().insecure),
        Obstacle::Unusable => (texts().unsigned_title, texts().unsigned),
        Obstacle::OtherTab => (texts().other_tab_title, texts().other_tab),
        Obstacle::TakenOver => (texts().taken_over_title, texts().taken_over),
    };
    let way_out = match obstacle {
        Obstacle::Insecure => text("p", "", texts().insecure_advice),
        Obstacle::Unusable => button(link, Press::Reload, "button", texts().reload),
        Obstacle::OtherTab | Obstacle::TakenOver => {
            button(link, Press::TakeOver, "button", texts().play_here)
        }
    };
    gate.with(text("h1", "", title)).with(text("p", "", explanation)).with(way_out).into()
}
