//! The window's title.

use yew::prelude::*;

use crate::browser::page;
use crate::format::fill;
use crate::locales::texts;

/// Names the place in the window's title.
#[hook]
pub(crate) fn use_title(place: &str) {
    use_effect_with(place.to_owned(), |place| {
        page::set_title(&fill(texts().window_title, &[("place", place)]));
    });
}
