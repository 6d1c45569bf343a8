//! A button for what cannot be taken back: it asks once more before.

use yew::prelude::*;

use super::{button, piece};

#[derive(PartialEq)]
struct ConfirmProps {
    /// What is done.
    name: &'static str,
    /// What to know before: a question.
    question: AttrValue,
    /// Called when it is meant.
    meant: Callback<()>,
    /// Whether it is under way, or not allowed.
    is_off: bool,
}

/// The button, and the question once it was pressed.
pub(crate) fn confirm(name: &'static str, question: AttrValue, meant: Callback<()>, is_off: bool) -> Html {
    piece!(use_confirm, name, ConfirmProps { name, question, meant, is_off })
}

#[hook]
fn use_confirm(props: &ConfirmProps) -> Html {
    let is_asked = use_state(|| false);
    let set = |to: bool| {
        let is_asked = is_asked.clone();
        Callback::from(move |()| is_asked.set(to))
    };
    if !*is_asked {
        return button(props.name, props.is_off, set(true));
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
            <button type="button" class="button is-small is-danger" onclick={meant}>{ props.name }</button>
            { button("No", false, set(false)) }
        </span>
    }
}
