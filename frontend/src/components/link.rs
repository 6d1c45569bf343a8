//! Links between the places of the page: real links, that a new tab can open, without loading the page anew.

use yew::prelude::*;

use crate::route::Route;

/// A link to a place.
pub(crate) fn link(go: &Callback<Route>, route: Route, class: impl Into<Classes>, content: Html) -> Html {
    link_with(go, route, class, content, false)
}

/// A link to the place where the player is.
pub(crate) fn current_link(
    go: &Callback<Route>,
    route: Route,
    class: impl Into<Classes>,
    content: Html,
) -> Html {
    link_with(go, route, class, content, true)
}

fn link_with(
    go: &Callback<Route>,
    route: Route,
    class: impl Into<Classes>,
    content: Html,
    is_current: bool,
) -> Html {
    let path = route.path();
    let go = go.clone();
    let onclick = Callback::from(move |event: MouseEvent| {
        // Whoever asks for a new tab or window gets it.
        if event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key() {
            return;
        }
        event.prevent_default();
        go.emit(route.clone());
    });
    html! {
        <a href={path} class={class.into()} aria-current={is_current.then_some("page")} {onclick}>{ content }</a>
    }
}
