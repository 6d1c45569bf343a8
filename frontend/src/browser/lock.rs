//! One tab plays: a lock that the browser hands to one tab at a time (Web Locks).
//!
//! `web-sys` has these interfaces only behind an unstable flag of the compiler, so they are called by name.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use yew::Callback;

const NAME: &str = "dripline/player";

/// What became of a request for the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LockEvent {
    /// This tab has it.
    Held,
    /// Another tab has it.
    Elsewhere,
    /// This tab had it, and another one took it over.
    Taken,
}

/// Asks for the lock; with `take_over`, takes it from whichever tab has it. It is held until the tab is closed.
///
/// A browser without locks lets every tab play: the server still keeps their rounds apart.
pub(crate) fn request(take_over: bool, on_event: &Callback<LockEvent>) {
    if try_request(take_over, on_event).is_err() {
        on_event.emit(LockEvent::Held);
    }
}

fn try_request(take_over: bool, on_event: &Callback<LockEvent>) -> Result<(), JsValue> {
    let navigator = web_sys::window().ok_or(JsValue::NULL)?.navigator();
    let manager = Reflect::get(&navigator, &"locks".into())?;
    let request: Function = Reflect::get(&manager, &"request".into())?.dyn_into()?;
    let options = Object::new();
    Reflect::set(&options, &(if take_over { "steal" } else { "ifAvailable" }).into(), &JsValue::TRUE)?;
    let granted = {
        let on_event = on_event.clone();
        Closure::once_into_js(move |lock: JsValue| -> JsValue {
            if lock.is_null() {
                on_event.emit(LockEvent::Elsewhere);
                return JsValue::UNDEFINED;
            }
            on_event.emit(LockEvent::Held);
            // A promise that never settles holds the lock for as long as the tab lives.
            Promise::new(&mut |_resolve, _reject| {}).into()
        })
    };
    let held: Promise = request.call3(&manager, &NAME.into(), &options, &granted)?.dyn_into()?;
    let on_event = on_event.clone();
    let taken = Closure::once_into_js(move |_reason: JsValue| on_event.emit(LockEvent::Taken));
    let catch: Function = Reflect::get(&held, &"catch".into())?.dyn_into()?;
    catch.call1(&held, &taken)?;
    Ok(())
}
