//! What lies over a board that stands still: why, for how long it may, and how to go on.

use gloo_timers::callback::Interval;
use yew::prelude::*;

use crate::components::icon::{Icon, icon};
use crate::format::{countdown, fill};
use crate::locales::texts;

/// How often the time that is left is looked at, in milliseconds.
const LOOK_MS: u32 = 250;

/// What it shows.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    /// Whether the round was found after a reload.
    pub(super) is_resumed: bool,
    /// Whether thinking is what takes time here.
    pub(super) is_turns: bool,
    /// How long the round may still stand still, in milliseconds.
    pub(super) left_ms: Callback<(), u64>,
    /// Goes on.
    pub(super) on_resume: Callback<()>,
    /// Ends the round.
    pub(super) on_give_up: Callback<()>,
    /// No time is left.
    pub(super) on_over: Callback<()>,
}

/// The overlay of a pause.
#[function_component]
pub(super) fn PauseOverlay(props: &Props) -> Html {
    let left_ms = use_state_eq(|| props.left_ms.emit(()));
    {
        let (setter, ask, on_over) = (left_ms.setter(), props.left_ms.clone(), props.on_over.clone());
        use_effect_with((), move |()| {
            let interval = Interval::new(LOOK_MS, move || {
                let left = ask.emit(());
                // Whole seconds: the overlay changes no more often than what it says.
                setter.set(left.div_ceil(1_000) * 1_000);
                if left == 0 {
                    on_over.emit(());
                }
            });
            move || drop(interval)
        });
    }
    let button = use_node_ref();
    {
        let button = button.clone();
        use_effect_with((), move |()| {
            if let Some(button) = button.cast::<web_sys::HtmlElement>() {
                // A button that cannot take the focus leaves it where it was.
                let _focused = button.focus();
            }
        });
    }
    let text = if props.is_turns { texts().think_left } else { texts().pause_left };
    let time = fill(text, &[("time", &countdown(*left_ms))]);
    let title = if props.is_resumed { texts().resumed_title } else { texts().paused_title };
    html! {
        <div class="overlay" role="group" aria-labelledby="pause-title">
            <h2 id="pause-title">{ title }</h2>
            <p>{ time }</p>
            <div class="buttons">
                <button ref={button} class="button" onclick={props.on_resume.reform(|_: MouseEvent| ())}>
                    { icon(Icon::Play) }{ texts().go_on }
                </button>
                <button class="button is-quiet" onclick={props.on_give_up.reform(|_: MouseEvent| ())}>
                    { texts().give_up }
                </button>
            </div>
        </div>
    }
}
