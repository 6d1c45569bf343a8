//! One to three stars.

use yew::prelude::*;

use crate::components::icon::{Icon, icon};
use crate::format::fill;
use crate::locales::texts;

/// The stars reached, of three.
pub(crate) fn stars(count: u8) -> Html {
    let label = fill(texts().stars_of_three, &[("count", &count.to_string())]);
    html! {
        <span class="stars" role="img" aria-label={label}>
            { for (1..=3_u8).map(|star| {
                let class = classes!("star", (star <= count).then_some("is-lit"));
                html! { <span {class}>{ icon(Icon::Star) }</span> }
            }) }
        </span>
    }
}
