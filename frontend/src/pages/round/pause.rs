//! What lies over a board that stands still: why, for how long it may, how to go on, and the rules.

use dripline_shared::api::LevelView;
use dripline_shared::game::Pace;

use crate::app::{self, Dripline};
use crate::components::element::{Element, Name, button, element, text};
use crate::components::icon::{Icon, icon};
use crate::format::{countdown, fill};
use crate::locales::texts;
use crate::pages::round::rules::{controls, rules};
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
    let can_finish = place.can_finish();
    // A round that is as good as won is not given up.
    let (press, name) =
        if can_finish { (Press::Finish, texts().finish) } else { (Press::GiveUp, texts().give_up) };
    let end = button(&dripline.link, app::Press::Round(press), "button is-quiet", name);
    element("div", "overlay")
        .attribute(Name::Role, "group")
        .attribute(Name::AriaLabelledby, "pause-title")
        .with(text("h2", "", title).attribute(Name::Id, "pause-title"))
        .with(text("p", "", &fill(left, &[("time", &countdown(left_ms))])))
        .maybe(can_finish.then(|| text("p", "", texts().pause_goal_met)))
        .with(element("div", "buttons").with(go_on).with(end))
        .with(rules(level, "h3").with(controls(level)))
}
