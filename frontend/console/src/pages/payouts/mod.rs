//! Payouts: rails, what waits, what a second operator has to confirm, and what is stopped.

mod proposals;
mod rails;
mod stops;
mod waiting;

use yew::prelude::*;

use crate::components::piece;

/// The page.
#[hook]
pub(crate) fn use_payouts() -> Html {
    html! {
        <>
            { piece!(proposals::use_confirming) }
            { piece!(rails::use_rails) }
            { piece!(waiting::use_waiting) }
            { piece!(stops::use_stops) }
        </>
    }
}
