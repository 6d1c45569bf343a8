//! What the browser tells the stage: keys, pointers, sizes, themes, and whether anybody looks.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, Event, HtmlCanvasElement, KeyboardEvent, PointerEvent, ResizeObserver};

use crate::browser::frames::FrameLoop;
use crate::browser::page;
use crate::play::face::{InputEvent, Key, Phase};
use crate::play::input::{KeyMeaning, meaning, plays};
use crate::play::stage::{Inner, change};

/// Everything that listens. It ends when this value is dropped.
pub(super) struct Listeners {
    _events: Vec<EventListener>,
    observer: Option<ResizeObserver>,
    _on_resize: Closure<dyn FnMut()>,
}

impl Drop for Listeners {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
    }
}

/// What every listener works with.
#[derive(Clone)]
struct Target {
    stage: Rc<RefCell<Inner>>,
    frames: Rc<FrameLoop>,
}

impl Target {
    fn change<T>(&self, action: impl FnOnce(&mut Inner) -> T) -> T {
        change(&self.stage, &self.frames, action)
    }
}

impl Listeners {
    /// Listens for the stage on `canvas`.
    pub(super) fn new(
        canvas: &HtmlCanvasElement,
        stage: &Rc<RefCell<Inner>>,
        frames: &Rc<FrameLoop>,
    ) -> Self {
        let target = Target { stage: Rc::clone(stage), frames: Rc::clone(frames) };
        let mut events = keyboard(&target);
        events.extend(pointer(canvas, &target));
        events.extend(attention(&target));
        for query in ["(prefers-color-scheme: dark)", "(prefers-reduced-motion: reduce)"] {
            let target = target.clone();
            events.extend(page::on_media_change(query, move || target.change(Inner::restyle)));
        }
        let on_resize = {
            let target = target.clone();
            Closure::new(move || target.change(Inner::fit))
        };
        let observer = ResizeObserver::new(on_resize.as_ref().unchecked_ref()).ok();
        if let (Some(observer), Some(place)) = (&observer, canvas.parent_element()) {
            observer.observe(&place);
        }
        Self { _events: events, observer, _on_resize: on_resize }
    }
}

fn keyboard(target: &Target) -> Vec<EventListener> {
    let options = EventListenerOptions::enable_prevent_default();
    let down = {
        let target = target.clone();
        move |event: &Event| on_key_down(&target, event.unchecked_ref())
    };
    let up = {
        let target = target.clone();
        move |event: &Event| {
            let event: &KeyboardEvent = event.unchecked_ref();
            if let Some(KeyMeaning::Game(key)) = meaning(&event.code()) {
                target.change(|stage| stage.input(InputEvent::Key { key, down: false }));
            }
        }
    };
    vec![
        EventListener::new_with_options(&page::window(), "keydown", options, down),
        EventListener::new(&page::window(), "keyup", up),
    ]
}

fn on_key_down(target: &Target, event: &KeyboardEvent) {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let Some(meaning) = meaning(&event.code()) else { return };
    match meaning {
        // A button that has the focus keeps the keys that press it.
        KeyMeaning::Game(Key::Action) if is_on_control(event) => return,
        KeyMeaning::Game(key) => {
            let pressed = InputEvent::Key { key, down: true };
            let is_on =
                target.change(|stage| if event.repeat() { stage.is_on() } else { stage.input(pressed) });
            if !is_on {
                return;
            }
        }
        KeyMeaning::Pause if !event.repeat() => target.change(Inner::toggle_pause),
        KeyMeaning::Sound if !event.repeat() => target.change(Inner::toggle_sound),
        KeyMeaning::Pause | KeyMeaning::Sound => {}
    }
    event.prevent_default();
}

/// Whether the focus is on something that Space and Enter press.
fn is_on_control(event: &KeyboardEvent) -> bool {
    let focused = event.target().and_then(|element| element.dyn_into::<Element>().ok());
    focused.is_some_and(|element| element.closest("button, a, input, summary").ok().flatten().is_some())
}

fn pointer(canvas: &HtmlCanvasElement, target: &Target) -> Vec<EventListener> {
    let every_finger = target.stage.borrow().every_finger();
    [
        ("pointerdown", Phase::Down),
        ("pointermove", Phase::Move),
        ("pointerup", Phase::Up),
        ("pointercancel", Phase::Up),
    ]
    .into_iter()
    .map(|(name, phase)| {
        let target = target.clone();
        EventListener::new(canvas, name, move |event| {
            let event: &PointerEvent = event.unchecked_ref();
            if !plays(phase, event.button(), event.is_primary(), every_finger) {
                return;
            }
            target.change(|stage| {
                if phase == Phase::Down {
                    // Not captured: then a gesture that leaves the canvas ends there.
                    let _captured = stage.surface().element().set_pointer_capture(event.pointer_id());
                }
                let (x, y) = stage.surface().position(event);
                stage.input(InputEvent::Pointer { x, y, phase })
            });
        })
    })
    .collect()
}

/// Nobody plays a page that is hidden or has lost the keyboard.
fn attention(target: &Target) -> Vec<EventListener> {
    let blur = target.clone();
    let hidden = target.clone();
    let resize = target.clone();
    vec![
        EventListener::new(&page::window(), "blur", move |_| blur.change(Inner::pause)),
        EventListener::new(&page::document(), "visibilitychange", move |_| {
            if page::is_hidden() {
                hidden.change(Inner::pause);
            }
        }),
        // A window that moves to another screen changes its pixel ratio without changing the canvas' place.
        EventListener::new(&page::window(), "resize", move |_| resize.change(Inner::fit)),
    ]
}
