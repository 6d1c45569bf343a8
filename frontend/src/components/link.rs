//! Links between the places of the page: real links, that a new tab can open, without loading the page anew.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Event, MouseEvent};
use yew::virtual_dom::{Listener, ListenerKind};

use crate::app::{Link, Message};
use crate::components::element::{Element, Name, element};
use crate::route::Route;

/// A link to a place, still without words.
#[inline(never)]
pub(crate) fn link(link: &Link, route: Route, class: &'static str) -> Element {
    let path = route.path();
    element("a", class).attribute(Name::Href, &path).listened(Rc::new(Followed { link: link.clone(), route }))
}

/// Goes to a place when its link is followed.
struct Followed {
    link: Link,
    route: Route,
}

impl Listener for Followed {
    fn kind(&self) -> ListenerKind {
        ListenerKind::onclick
    }

    fn handle(&self, event: Event) {
        let event: MouseEvent = event.unchecked_into();
        // Whoever asks for a new tab or window gets it.
        if event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key() {
            return;
        }
        event.prevent_default();
        self.link.send_message(Message::Go(self.route.clone()));
    }

    fn passive(&self) -> bool {
        false
    }
}
