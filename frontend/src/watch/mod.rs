//! Watching a round as it was played: the page that the operators' console has in a frame. The console hands it the round by the
//! name of the frame, so it asks the server for nothing, needs no session, and has no authority. It steps what is recorded with
//! the rules that the server replays claims with, and draws it with the face that the player saw.
//!
//! `film` reads the round, `reel` is the game with its face, `screen` what is seen and how it goes on, and this file
//! connects that with what the document has.

mod film;
pub(crate) mod reel;
mod screen;

use std::cell::RefCell;
use std::rc::Rc;

use dripline_shared::api::operate::players::RoundReplay;
use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement, HtmlSelectElement, KeyboardEvent};

use crate::browser::frames::FrameLoop;
use crate::browser::{json, page};
use film::Film;
use screen::Screen;

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Toggle,
    Back,
    Forward,
    Start,
    End,
}

/// The keys of the page, where no control has the focus that has keys of its own.
fn wish(key: &str) -> Option<Wish> {
    Some(match key {
        " " | "k" => Wish::Toggle,
        "ArrowLeft" => Wish::Back,
        "ArrowRight" => Wish::Forward,
        "Home" => Wish::Start,
        "End" => Wish::End,
        _ => return None,
    })
}

/// The element with this id, which the document of the page has.
fn element(id: &str) -> Option<Element> {
    page::document().get_element_by_id(id)
}

/// Tells why there is nothing to be seen.
fn refuse(why: &str) {
    if let Some(place) = element("trouble") {
        place.set_text_content(Some(why));
    }
}

/// Shows the round that the frame was given.
pub fn start() {
    let given = page::window().name().unwrap_or_default();
    if given.is_empty() {
        refuse("No round was handed over: open one in the console, at its player.");
        return;
    }
    let Some(round) = json::parse::<RoundReplay>(&given) else {
        refuse("What was handed over is no round.");
        return;
    };
    let shown = Film::of(round)
        .map_err(film::Missing::text)
        .and_then(|film| Screen::new(film).ok_or_else(|| "This browser cannot draw.".to_owned()));
    match shown {
        Ok(screen) => run(screen),
        Err(why) => refuse(&why),
    }
}

/// Connects the controls, and has every frame drawn while there is something to be seen.
fn run(screen: Screen) {
    let screen = Rc::new(RefCell::new(screen));
    let frames = {
        let screen = Rc::clone(&screen);
        Rc::new(FrameLoop::new(move |time_ms| screen.borrow_mut().frame(time_ms)))
    };
    let change = {
        let (screen, frames) = (Rc::clone(&screen), Rc::clone(&frames));
        Rc::new(move |change: &dyn Fn(&mut Screen)| {
            change(&mut screen.borrow_mut());
            frames.start();
        })
    };
    let on = |id: &str, event: &'static str, done: fn(&mut Screen, &Event)| {
        let change = Rc::clone(&change);
        if let Some(target) = element(id) {
            EventListener::new(&target, event, move |event| change(&|screen| done(screen, event))).forget();
        }
    };
    on("toggle", "click", |screen, _| screen.toggle());
    on("restart", "click", |screen, _| screen.restart());
    on("seek", "input", |screen, event| {
        let bar = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let Some(step) = bar.and_then(|bar| bar.value().parse().ok()) {
            screen.pause();
            screen.seek(step);
        }
    });
    on("speed", "change", |screen, event| {
        let speed = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
        if let Some(halves) = speed.and_then(|speed| speed.value().parse().ok()) {
            screen.set_speed(halves);
        }
    });
    let keys = {
        let change = Rc::clone(&change);
        move |event: &Event| {
            let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let is_control =
                target.is_some_and(|it| matches!(&*it.tag_name(), "BUTTON" | "INPUT" | "SELECT"));
            let has_more = key.ctrl_key() || key.alt_key() || key.meta_key();
            let Some(wish) = wish(&key.key()).filter(|_| !is_control && !has_more) else { return };
            event.prevent_default();
            change(&|screen| screen.grant(wish));
        }
    };
    let options = EventListenerOptions::enable_prevent_default();
    EventListener::new_with_options(&page::document(), "keydown", options, keys).forget();
    let (fit, restyle) = (Rc::clone(&change), Rc::clone(&change));
    EventListener::new(&page::window(), "resize", move |_| fit(&Screen::fit)).forget();
    let restyle = move || restyle(&Screen::restyle);
    for query in ["(prefers-color-scheme: dark)", "(prefers-reduced-motion: reduce)"] {
        if let Some(listener) = page::on_media_change(query, restyle.clone()) {
            listener.forget();
        }
    }
    for (id, shown) in [("trouble", false), ("show", true)] {
        if let Some(place) = element(id) {
            // Refused only for names that are no names.
            let _hidden = place.toggle_attribute_with_force("hidden", !shown);
        }
    }
    change(&Screen::fit);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_are_none_of_the_page_are_left_to_the_browser() {
        assert_eq!(wish(" "), Some(Wish::Toggle));
        assert_eq!(wish("ArrowLeft"), Some(Wish::Back));
        assert_eq!(wish("Tab"), None);
        assert_eq!(wish("Enter"), None);
    }
}
