//! Dripline's console: where operators see how a faucet stands, and tune it. It decides nothing; what it shows of a catalog
//! before the server has seen it comes from the rules themselves (`dripline_shared`).
//!
//! Read in this order: `app` finds out who is there, and has the frame around the pages; `route` are the addresses, `pages` the
//! places behind them. `api` is the only place that fetches, `events` what the server tells by itself. `form` turns what is typed
//! into settings and back, purely; `components` are the pieces of which the pages are made. `edge` has the clock.

mod api;
mod app;
mod components;
mod edge;
mod events;
mod form;
mod format;
mod json;
mod pages;
mod passkey;
mod route;
mod session;

/// Puts the page into the document.
pub fn start() {
    let document = web_sys::window().and_then(|window| window.document());
    match document.and_then(|document| document.get_element_by_id("app")) {
        Some(place) => yew::Renderer::<app::App>::with_root(place).render(),
        None => yew::Renderer::<app::App>::new().render(),
    };
}
