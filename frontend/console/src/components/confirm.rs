//! A button for what cannot be taken back: it asks once more before.

use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub(crate) struct ConfirmProps {
    /// What is done.
    pub(crate) name: AttrValue,
    /// What to know before: a question.
    pub(crate) question: AttrValue,
    /// Called when it is meant.
    pub(crate) meant: Callback<()>,
    /// Whether it is under way, or not allowed.
    #[prop_or_default]
    pub(crate) is_off: bool,
}

/// The button, and the question once it was pressed.
#[component]
pub(crate) fn Confirm(props: &ConfirmProps) -> Html {
    let is_asked = use_state(|| false);
    let set = |to: bool| {
        let is_asked = is_asked.clone();
        Callback::from(move |_: MouseEvent| is_asked.set(to))
    };
    if !*is_asked {
        return html! {
            <button type="button" class="button is-quiet is-small" disabled={props.is_off} onclick={set(true)}>
                { &props.name }
            </button>
        };
    }
    let meant = {
        let (is_asked, meant) = (is_asked.clone(), props.meant.clone());
        Callback::from(move |_: MouseEvent| {
            is_asked.set(false);
            meant.emit(());
        })
    };
    html! {
        <span class="confirm" role="group" aria-label={props.question.clone()}>
            <span>{ &props.question }</span>
            <button type="button" class="button is-small is-danger" onclick={meant}>{ &props.name }</button>
            <button type="button" class="button is-quiet is-small" onclick={set(false)}>{ "No" }</button>
        </span>
    }
}
