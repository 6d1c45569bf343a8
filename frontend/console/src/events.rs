//! What the server tells by itself: server-sent events. They are fetched, and not listened to by `EventSource`, which can show
//! no API key.

use std::cell::Cell;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, ReadableStreamDefaultReader};
use yew::platform::spawn_local;
use yew::prelude::*;

use crate::api::{Api, Failure};

/// How long to wait before asking again, in milliseconds.
const AGAIN_MS: u32 = 2_000;

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    /// Its name.
    pub(crate) name: String,
    /// What it says.
    pub(crate) data: String,
}

/// What the server tells, or that it does not.
pub(crate) type Listener = Callback<Result<Told, Failure>>;

/// Follows the server until it is dropped.
#[derive(Debug)]
pub(crate) struct Following {
    is_wanted: Rc<Cell<bool>>,
    controller: Option<AbortController>,
}

impl Drop for Following {
    fn drop(&mut self) {
        self.is_wanted.set(false);
        if let Some(controller) = &self.controller {
            controller.abort();
        }
    }
}

/// Begins to follow, and goes on wherever that ends.
pub(crate) fn follow(api: Api, listener: Listener) -> Following {
    let is_wanted = Rc::new(Cell::new(true));
    let controller = AbortController::new().ok();
    let (wanted, signal) = (Rc::clone(&is_wanted), controller.as_ref().map(AbortController::signal));
    spawn_local(async move {
        let Some(signal) = signal else { return };
        while wanted.get() {
            let ended = match api.stream("events", &signal).await {
                Ok(response) => read(&response, &wanted, &listener).await,
                Err(failure) => Err(failure),
            };
            if !wanted.get() {
                return;
            }
            if let Err(failure) = ended {
                listener.emit(Err(failure));
            }
            TimeoutFuture::new(AGAIN_MS).await;
        }
    });
    Following { is_wanted, controller }
}

/// Reads events to their end.
async fn read(
    response: &gloo_net::http::Response,
    wanted: &Cell<bool>,
    listener: &Listener,
) -> Result<(), Failure> {
    let broken = |_: JsValue| Failure::Unreachable("the line was cut".to_owned());
    let Some(body) = response.body() else { return Ok(()) };
    let reader: ReadableStreamDefaultReader = body.get_reader().dyn_into().map_err(|it| broken(it.into()))?;
    let mut events = Events::default();
    while wanted.get() {
        let chunk = JsFuture::from(reader.read()).await.map_err(broken)?;
        if Reflect::get(&chunk, &"done".into()).map_err(broken)?.is_truthy() {
            break;
        }
        let bytes: Uint8Array =
            Reflect::get(&chunk, &"value".into()).map_err(broken)?.dyn_into().map_err(broken)?;
        for told in events.feed(&bytes.to_vec()) {
            listener.emit(Ok(told));
        }
    }
    Ok(())
}

/// Takes events out of what arrives, as <https://html.spec.whatwg.org/multipage/server-sent-events.html> says; the server ends
/// lines by a line feed alone.
#[derive(Debug, Default)]
struct Events {
    unread: Vec<u8>,
}

impl Events {
    /// The events that are whole with these bytes.
    fn feed(&mut self, bytes: &[u8]) -> Vec<Told> {
        self.unread.extend_from_slice(bytes);
        let mut told = Vec::new();
        while let Some(end) = self.unread.windows(2).position(|two| two == b"\n\n") {
            let rest = self.unread.split_off(end.saturating_add(2));
            let block = std::mem::replace(&mut self.unread, rest);
            told.extend(event(&String::from_utf8_lossy(&block)));
        }
        told
    }
}

/// The event of a block of lines; nothing where it has no data.
fn event(block: &str) -> Option<Told> {
    let (mut name, mut data) = ("message".to_owned(), None::<String>);
    for line in block.lines() {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut name),
            "data" => {
                let data = data.get_or_insert_default();
                if !data.is_empty() {
                    data.push('\n');
                }
                data.push_str(value);
            }
            // Comments, which keep the line open, and what this page has no use for.
            _ => {}
        }
    }
    data.map(|data| Told { name, data })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str, data: &str) -> Told {
        Told { name: name.to_owned(), data: data.to_owned() }
    }

    #[test]
    fn events_are_told_once_they_are_whole_wherever_they_were_cut() {
        let text = "retry: 2000\n\nevent: overview\ndata: {\"drips\":\ndata: \"ü\"}\n\n: still here\n\ndata:plain\n\n".as_bytes();
        let expected = vec![told("overview", "{\"drips\":\n\"ü\"}"), told("message", "plain")];
        for size in 1..text.len() {
            let mut events = Events::default();
            let got: Vec<Told> = text.chunks(size).flat_map(|chunk| events.feed(chunk)).collect();
            assert_eq!(got, expected, "in pieces of {size}");
        }
    }
}
