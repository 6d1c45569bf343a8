//! What is shown before the player may play, and when something stands in the way.

use yew::prelude::*;

use crate::components::icon::{Icon, icon};
use crate::locales::texts;

/// What stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// The browser gives this page no cryptography: it did not come over a secure connection.
    Insecure,
    /// Dripline is open in another tab.
    OtherTab,
    /// Another tab took over from this one.
    TakenOver,
}

/// What is shown.
#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// Nothing yet, where the page is starting.
    pub(crate) obstacle: Option<Obstacle>,
    /// Asks for the lock; `true` takes it from another tab.
    pub(crate) take_over: Callback<bool>,
}

/// A page with one message.
#[function_component]
pub(crate) fn Gate(props: &Props) -> Html {
    let take_over = props.take_over.reform(|_: MouseEvent| true);
    let content = match props.obstacle {
        // Usually gone before it can be read.
        None => html! { <p class="gate-wait" role="status">{ texts().starting }</p> },
        Some(Obstacle::Insecure) => html! {
            <>
                <h1>{ texts().insecure_title }</h1>
                <p>{ texts().insecure }</p>
                <p>{ texts().insecure_advice }</p>
            </>
        },
        Some(Obstacle::OtherTab) => html! {
            <>
                <h1>{ texts().other_tab_title }</h1>
                <p>{ texts().other_tab }</p>
                <button class="button" onclick={take_over}>{ texts().play_here }</button>
            </>
        },
        Some(Obstacle::TakenOver) => html! {
            <>
                <h1>{ texts().taken_over_title }</h1>
                <p>{ texts().taken_over }</p>
                <button class="button" onclick={take_over}>{ texts().play_here }</button>
            </>
        },
    };
    html! {
        <main id="main" class="gate">
            <span class="gate-drop">{ icon(Icon::Drop) }</span>
            { content }
        </main>
    }
}
