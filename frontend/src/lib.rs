//! Dripline's page: the level map, the round, the result and the wallet. It draws and plays; it decides nothing.
//!
//! Read in this order: `app` is the one component of the page, with everything that can happen to it; `route` are the
//! addresses, `pages` the places behind them: what they know, what happens there, and what is seen. `components` are the
//! pieces of which that is made. `play` is a round on the screen and knows no server; `round` is the protocol and knows no
//! screen; `payout` the same for money that is taken out; `api` is the only place that fetches.
//! `state` holds pure values and decisions, tested without a browser; `browser` is the only place that touches
//! storage, locks, clocks and sound. `keys` is the player's key, `locales` every word that is shown.
//!
//! `watch` is a page of its own, on which operators watch a round that was played; the player's page has nothing of it.

pub mod play;
#[cfg(feature = "watch")]
pub mod watch;

mod api;
mod app;
mod browser;
mod components;
mod format;
mod keys;
mod locales;
mod pages;
mod payout;
mod round;
mod route;
mod state;

/// Puts the page into the document.
pub fn start() {
    match browser::page::document().get_element_by_id("app") {
        Some(place) => yew::Renderer::<app::App>::with_root(place).render(),
        None => yew::Renderer::<app::App>::new().render(),
    };
}
