//! Whether there is a network.

use gloo_events::EventListener;
use yew::prelude::*;

use crate::browser::page;

/// Whether the browser believes that there is a network.
#[hook]
pub(crate) fn use_online() -> bool {
    let online = use_state_eq(page::is_online);
    {
        let online = online.setter();
        use_effect_with((), move |()| {
            let listeners = ["online", "offline"].map(|name| {
                let online = online.clone();
                EventListener::new(&page::window(), name, move |_| online.set(page::is_online()))
            });
            move || drop(listeners)
        });
    }
    *online
}
