//! Payouts: rails, what waits, what a second operator has to confirm, and what is stopped.

mod proposals;
mod rails;
mod stops;
mod waiting;

use yew::prelude::*;

/// The page.
#[component]
pub(crate) fn Payouts() -> Html {
    html! {
        <>
            <proposals::Confirming />
            <rails::Rails />
            <waiting::Waiting />
            <stops::Stops />
        </>
    }
}
