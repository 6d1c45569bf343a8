//! How a level is played: before the round, and whenever it stands still.

use dripline_shared::api::LevelView;

use crate::components::element::{Element, element, text};
use crate::locales::texts;
use crate::play::draw;

/// The level's rules, under a heading.
pub(super) fn rules(view: &LevelView, heading: &'static str) -> Element {
    let rules = view.level.play.rules();
    let list = rules.iter().fold(element("ul", ""), |list, rule| list.with(text("li", "", rule)));
    element("section", "rules").with(text(heading, "", texts().how_it_works)).with(list)
}

/// The keys and gestures of the level's game, and the keys of every game.
pub(super) fn controls(view: &LevelView) -> Element {
    text("p", "quiet", draw::facts(&view.level.play).controls).text(" ").text(texts().controls_of_all)
}
