//! What lies over a board that stands still: why, for how long it may, and how to go on.

use dripline_shared::api::LevelView;
use dripline_shared::game::Pace;

use crate::app::{self, Dripline};
use crate::components::element::{Element, Name, button, element, text};
use crate::components::icon::{Icon, icon};
use crate::format::{countdown, fill};
use crate::locales::texts;
use crate::pages::round::{Playing, Press, RoundPlace};

/// The overlay of a pause.
pub(super) fn pause(place: &RoundPlace, dripline: &Dripline, level: &LevelView, playing: Playing) -> Element {
    let left = match level.level.play.pace() {
        Pace::Turns => texts().think_left,
        Pace::Clocked => texts().pause_left,
    };
    let left_ms = place.left_ms(dripline).unwrap_or_default();
    let title = if playing.is_resumed { texts().resumed_title } else { texts().paused_title };
    let go_on = element("button", "button")
        .reference(&place.go_on)
        .pressed(&dripline.link, app::Press::Round(Press::Resume))
        .with(icon(Icon::Play))
        .text(texts().go_on);
    let give_up =
        button(&dripline.link, app::Press::Round(Press::GiveUp), "button is-quiet", texts().give_up);
    element("div", "overlay")
        .attribute(Name::Role, "group")
        .attribute(Name::AriaLabelledby, "pause-title")
        .with(text("h2", "", title).attribute(Name::Id, "pause-title"))
        .with(text("p", "", &fill(left, &[("time", &countdown(left_ms))])))
        .with(element("div", "buttons").with(go_on).with(give_up))
}
