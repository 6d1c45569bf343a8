//! The place in the address: reads it, follows "back" and "forward", and goes elsewhere.

use gloo_events::EventListener;
use yew::prelude::*;

use crate::browser::page;
use crate::route::Route;

/// The present place, and a callback that goes to another.
#[hook]
pub(crate) fn use_location() -> (Route, Callback<Route>) {
    let route = use_state_eq(|| Route::parse(&page::path()));
    {
        let route = route.setter();
        use_effect_with((), move |()| {
            let listener = EventListener::new(&page::window(), "popstate", move |_| {
                route.set(Route::parse(&page::path()));
            });
            move || drop(listener)
        });
    }
    let go = {
        let route = route.setter();
        use_callback((), move |place: Route, ()| {
            page::push_path(&place.path());
            page::scroll_to_top();
            route.set(place);
        })
    };
    ((*route).clone(), go)
}
