//! Claims rewards that wait, as soon as they may come.

use std::cell::Cell;
use std::rc::Rc;

use gloo_timers::callback::Interval;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::app::Dripline;
use crate::browser::page;
use crate::round::claiming::{self, Claimed};
use crate::round::keeping;

/// How often the claims that wait are looked at, in milliseconds.
const LOOK_MS: u32 = 2_000;

/// Claims what waits for its time, one at a time, while the page is open.
#[hook]
pub(crate) fn use_claimer(dripline: &Dripline) {
    let dripline = dripline.clone();
    use_effect_with(dripline.player.wallet, move |_| {
        let is_busy = Rc::new(Cell::new(false));
        let interval = Interval::new(LOOK_MS, move || look(&dripline, &is_busy));
        move || drop(interval)
    });
}

fn look(dripline: &Dripline, is_busy: &Rc<Cell<bool>>) {
    if is_busy.get() || !page::is_online() {
        return;
    }
    let mut claims = keeping::claims();
    let before = claims.0.len();
    claims.expire(dripline.api.now());
    if claims.0.len() != before {
        keeping::keep_claims(&claims);
    }
    let Some(claim) = claims.due(dripline.player.wallet, dripline.api.now()) else { return };
    is_busy.set(true);
    let (dripline, is_busy) = (dripline.clone(), Rc::clone(is_busy));
    spawn_local(async move {
        if let Claimed::Paid(_) = claiming::claim(&dripline, claim).await {
            dripline.refresh_wallet();
        }
        is_busy.set(false);
    });
}
