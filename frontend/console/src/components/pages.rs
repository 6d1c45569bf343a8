//! What is read a page at a time, the newest first.

use yew::prelude::*;

use super::button;

/// Which page is seen.
#[derive(Clone)]
pub(crate) struct Pages {
    /// The number before which it begins; nothing where it is the newest.
    before: UseStateHandle<Option<u64>>,
}

impl Pages {
    /// What is asked for, where `first` asks for the newest and `joint` stands between that and one more word.
    pub(crate) fn path(&self, first: String, joint: char) -> String {
        match *self.before {
            Some(before) => format!("{first}{joint}before={before}"),
            None => first,
        }
    }

    /// Buttons to the newest, which is asked for anew, and to the one that begins before `next`.
    pub(crate) fn buttons(&self, next: Option<u64>, again: &Callback<()>) -> Html {
        let turn = |to: Option<u64>| {
            let (before, again) = (self.before.clone(), again.clone());
            Callback::from(move |()| {
                before.set(to);
                again.emit(());
            })
        };
        html! {
            <>
                { button("The newest", false, turn(None)) }
                { button("Older", next.is_none(), turn(next)) }
            </>
        }
    }
}

/// The newest at first.
#[hook]
pub(crate) fn use_pages() -> Pages {
    Pages { before: use_state(|| None) }
}
