//! Shows a round, wherever it stands.

use dripline_shared::api::LevelView;
use dripline_shared::game::Pace;
use dripline_shared::level::Unlock;

use crate::app::{self, Dripline};
use crate::components::element::{Element, Name, button, element, text, truth};
use crate::components::icon::{Icon, icon};
use crate::components::link::link;
use crate::components::notice::{Weight, notice};
use crate::format::{countdown, fill};
use crate::locales::failures::{explain, explain_limits};
use crate::locales::texts;
use crate::pages::map::locked_by;
use crate::pages::notices;
use crate::pages::round::pause::pause;
use crate::pages::round::ready::ready;
use crate::pages::round::result::{result, score_was};
use crate::pages::round::{Ending, Phase, Playing, Press, RoundPlace, Settling};
use crate::play::draw;
use crate::route::Route;
use crate::state::faucet::{Fetched, Lock, Standing};

/// The page of a level.
pub(super) fn view(place: &RoundPlace, dripline: &Dripline) -> Element {
    let faucet = &dripline.faucet;
    let Some(level) = faucet.level(&place.level) else {
        return match &faucet.catalog {
            Fetched::Waiting => wait(texts().loading),
            Fetched::Failed(failure) => notices::failed(dripline, failure),
            Fetched::Ready(_) => absent(dripline, texts().unknown_level_title, texts().unknown_level),
        };
    };
    match &place.phase {
        _ if place.is_finale => finale(place, dripline, level),
        Phase::Ready(failure) => match faucet.standing(&level.level, dripline.api.now()) {
            Standing::Locked(lock) => locked(dripline, level, &lock),
            _ => ready(dripline, level, failure.as_ref(), false),
        },
        Phase::Opening => ready(dripline, level, None, true),
        Phase::Resuming(None) => wait(texts().resuming),
        Phase::Resuming(Some(failure)) => {
            let explanation = explain(failure, dripline.api.now());
            let press = app::Press::Round(Press::LookAgain);
            let again = button(&dripline.link, press, "button is-quiet", texts().try_again);
            let content = vec![text("p", "", &explanation.advice), again];
            notice(Weight::Warning, &explanation.title, content)
        }
        Phase::Playing(playing) => in_play(place, dripline, level, *playing),
        Phase::Settling(settling) => settled(place, dripline, level, *settling),
        Phase::Over(ending) => result(place, dripline, level, ending),
    }
}

fn wait(for_what: &str) -> Element {
    text("p", "wait", for_what).attribute(Name::Role, "status")
}

fn absent(dripline: &Dripline, title: &str, why: &str) -> Element {
    let back = link(&dripline.link, Route::Map, "button").text(texts().to_levels);
    element("div", "absent").with(text("h1", "", title)).with(text("p", "", why)).with(back)
}

/// The level cannot be played yet: what can be instead.
fn locked(dripline: &Dripline, level: &LevelView, lock: &Lock) -> Element {
    let before = match &level.level.unlock {
        Unlock::Cleared(id) => {
            let name = dripline.faucet.level_name(id);
            Some(link(&dripline.link, Route::Play(id.clone()), "button is-quiet").text(name))
        }
        Unlock::Stars(_) | Unlock::Open => None,
    };
    absent(dripline, texts().level_locked_title, &locked_by(lock)).maybe(before)
}

fn in_play(place: &RoundPlace, dripline: &Dripline, level: &LevelView, playing: Playing) -> Element {
    let state = if playing.is_waiting {
        text("p", "round-state", texts().waiting_for_server)
    } else if playing.is_unreachable {
        text("p", "round-state", texts().unreachable)
    } else if place.can_finish() {
        text("p", "round-state is-good", texts().goal_met)
    } else {
        text("p", "round-state", &delay(place, dripline))
    };
    let overlay = playing.is_paused.then(|| pause(place, dripline, level, playing));
    stage(place, dripline, level, state, overlay)
}

/// Why a reward that is won in this round will have to wait, if it will.
fn delay(place: &RoundPlace, dripline: &Dripline) -> String {
    let limits = place.answer().map(|answer| &answer.limits[..]).unwrap_or_default();
    explain_limits(limits, dripline.api.now())
        .map_or_else(String::new, |limit| fill(texts().plays_for_later, &[("why", &limit.title)]))
}

/// The game has ended, and can still be seen.
fn finale(place: &RoundPlace, dripline: &Dripline, level: &LevelView) -> Element {
    let is_lost = matches!(place.phase, Phase::Over(Ending::Lost(_)));
    let (class, word) =
        if is_lost { ("finale", texts().lost_title) } else { ("finale is-won", texts().finale_won) };
    // The stage announces it.
    let word = text("p", class, word).attribute(Name::AriaHidden, "true");
    stage(place, dripline, level, text("p", "round-state", ""), Some(word))
}

/// The round is won, and the server is at work.
fn settled(place: &RoundPlace, dripline: &Dripline, level: &LevelView, settling: Settling) -> Element {
    let state = if settling.is_unreachable { texts().settling_unreachable } else { texts().settling };
    let left = settling.is_unreachable.then(|| {
        let left = match place.left_ms(dripline).filter(|left_ms| *left_ms > 0) {
            Some(left_ms) => fill(texts().settling_left, &[("time", &countdown(left_ms))]),
            None => texts().settling_late.to_owned(),
        };
        text("p", "quiet", &left)
    });
    let levels = link(&dripline.link, Route::Map, "button is-quiet").text(texts().to_levels);
    let card = element("section", "card result")
        .with(text("p", "eyebrow", level.level.play.facts().name).text(" · ").text(&level.level.name))
        .with(text("h1", "", texts().settling_title))
        .with(score_was(settling.score))
        .with(text("p", "", state).attribute(Name::Role, "status"))
        .maybe(left)
        .with(element("div", "buttons").with(levels));
    element("div", "result-page").with(card)
}

fn stage(
    place: &RoundPlace,
    dripline: &Dripline,
    level: &LevelView,
    state: Element,
    overlay: Option<Element>,
) -> Element {
    let facts = level.level.play.facts();
    let is_turns = facts.pace == Pace::Turns;
    let label = [facts.name, " – ", &level.level.name, ". ", &level.goal, ". ", facts.how_to].concat();
    let canvas = element("canvas", "")
        .reference(&place.canvas)
        .attribute(Name::Id, "board")
        .attribute(Name::Tabindex, "0")
        .attribute(Name::Role, "application")
        .attribute(Name::AriaLabel, &label)
        .attribute_if(is_turns, Name::AriaDescribedby, "board-description");
    let countdown =
        element("div", "countdown").reference(&place.places.countdown).attribute(Name::AriaHidden, "true");
    let description = element("div", "visually-hidden")
        .reference(&place.places.description)
        .attribute(Name::Id, "board-description")
        .attribute_if(is_turns, Name::AriaLive, "polite")
        .attribute(Name::AriaAtomic, "true");
    let announcement = element("div", "visually-hidden")
        .reference(&place.places.announcement)
        .attribute(Name::AriaLive, "polite");
    element("section", "round")
        .attribute(Name::AriaLabel, &level.level.name)
        .with(text("h1", "visually-hidden", facts.name).text(" – ").text(&level.level.name))
        .with(hud(place, dripline, level, is_turns))
        .with(state.attribute(Name::Role, "status"))
        .with(element("div", "board-place").with(canvas).with(countdown).maybe(overlay))
        .with(description)
        .with(announcement)
}

/// The figures and buttons beside the board. The frame loop writes the figures.
fn hud(place: &RoundPlace, dripline: &Dripline, level: &LevelView, is_turns: bool) -> Element {
    let time = if is_turns { texts().think_time } else { texts().time };
    let figure_name = draw::facts(&level.level.play).figure.unwrap_or(time);
    let goal = element("div", "hud-goal").with(text("span", "hud-name", &level.level.name)).with(text(
        "span",
        "",
        &level.goal,
    ));
    let sound = if place.has_sound { Icon::SoundOn } else { Icon::SoundOff };
    let buttons = element("div", "hud-buttons")
        .with(
            icon_button(dripline, Press::ToggleSound, sound, texts().sound)
                .attribute(Name::AriaPressed, truth(place.has_sound)),
        )
        .with(icon_button(dripline, Press::Pause, Icon::Pause, texts().pause));
    element("div", "hud")
        .with(figure(texts().score, element("span", "hud-value").reference(&place.places.score)))
        .with(goal)
        .with(figure(figure_name, element("span", "hud-value").reference(&place.places.time)))
        .with(buttons)
}

fn figure(name: &str, value: Element) -> Element {
    element("div", "hud-figure").with(text("span", "hud-name", name)).with(value)
}

fn icon_button(dripline: &Dripline, press: Press, picture: Icon, name: &str) -> Element {
    element("button", "button is-quiet is-icon")
        .attribute(Name::AriaLabel, name)
        .attribute(Name::Title, name)
        .pressed(&dripline.link, app::Press::Round(press))
        .with(icon(picture))
}
