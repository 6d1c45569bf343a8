//! A level before it is played: what to do, how, and for what.

use dripline_shared::api::LevelView;
use dripline_shared::error::Code;

use crate::api::Failure;
use crate::app::{self, Dripline};
use crate::components::element::{Element, Name, button, element, text};
use crate::components::icon::{Icon, icon};
use crate::components::link::link;
use crate::components::notice::{Weight, answer, notice};
use crate::components::stars::stars;
use crate::format::{countdown, fill, number};
use crate::locales::failures::explain;
use crate::locales::texts;
use crate::pages::notices;
use crate::pages::round::Press;
use crate::pages::round::rules::{controls, rules};
use crate::route::Route;
use crate::state::faucet::Standing;

/// The level and what there is to know about it.
pub(super) fn ready(
    dripline: &Dripline,
    view: &LevelView,
    failure: Option<&Failure>,
    is_opening: bool,
) -> Element {
    let facts = view.level.play.facts();
    let level = element("div", "ready-level")
        .with(text("p", "eyebrow", facts.name))
        .with(text("h1", "", &view.level.name))
        .with(text("p", "ready-goal", &view.goal))
        .with(text("p", "", facts.how_to))
        .with(controls(view))
        .with(thresholds(view));
    let start = element("button", "button is-large")
        .attribute(Name::Id, "start")
        .attribute_if(is_opening || dripline.is_finishing, Name::Disabled, "disabled")
        .pressed(&dripline.link, app::Press::Round(Press::Start))
        .with(icon(Icon::Play))
        .text(if is_opening { texts().opening } else { texts().start });
    let level = pay(level, dripline, view)
        .maybe(notices::limits(dripline))
        .maybe(other_round(dripline, view))
        .maybe(failure.map(|failure| refusal(dripline, failure)))
        .with(start);
    let back = link(&dripline.link, Route::Map, "back").with(icon(Icon::Back)).text(texts().levels);
    let card = element("article", "card ready-card").with(level).with(rules(view, "h2"));
    element("div", "ready").with(back).with(card)
}

fn thresholds(view: &LevelView) -> Element {
    let [two, three] = view.level.stars;
    let from = |score: u32| fill(texts().from_score, &[("score", &number(u64::from(score)))]);
    element("ul", "thresholds")
        .with(threshold(1, texts().goal_reached))
        .with(threshold(2, &from(two)))
        .with(threshold(3, &from(three)))
}

fn threshold(count: u8, condition: &str) -> Element {
    element("li", "").with(stars(count)).with(text("span", "", condition))
}

fn pay(level: Element, dripline: &Dripline, view: &LevelView) -> Element {
    let now = dripline.api.now();
    let pays = fill(
        texts().ready_pays,
        &[("amount", &dripline.faucet.money(view.pays)), ("most", &dripline.faucet.money(view.pays_max))],
    );
    let rests = match dripline.faucet.standing(&view.level, now) {
        Standing::Resting(until) => {
            dripline.faucet.paid_from(&view.level, until, now).map(|(from, is_in_time)| {
                let promise = if is_in_time { texts().ready_rests } else { texts().ready_rests_too_long };
                let rests = fill(promise, &[("time", &countdown(from.since(now)))]);
                element("p", "ready-rests").with(icon(Icon::Clock)).text(&rests)
            })
        }
        Standing::Open | Standing::Locked(_) | Standing::Unknown => None,
    };
    level.with(element("p", "ready-pays").with(icon(Icon::Drop)).text(&pays)).maybe(rests)
}

/// A round of another level that is in progress here would be given up.
fn other_round(dripline: &Dripline, view: &LevelView) -> Option<Element> {
    let other = dripline.in_progress.as_ref().filter(|other| **other != view.id)?;
    let (title, consequence) = if dripline.is_finishing {
        (texts().finishing, texts().finishing_first)
    } else {
        (texts().round_in_progress, texts().start_gives_up)
    };
    let title = fill(title, &[("level", dripline.faucet.level_name(other))]);
    let resume = link(&dripline.link, Route::Play(other.clone()), "button is-quiet").text(texts().resume);
    Some(notice(Weight::Calm, &title, vec![text("p", "", consequence), resume]))
}

/// Why the round was not opened, and what can be done.
fn refusal(dripline: &Dripline, failure: &Failure) -> Element {
    let explanation = explain(failure, dripline.api.now());
    let mut content = vec![text("p", "", &explanation.advice)];
    let way_out = match failure {
        Failure::Refused(problem) if problem.code == Code::RoundOpen && problem.open_round.is_some() => {
            Some((app::Press::Round(Press::StartInstead), texts().give_up_and_start))
        }
        Failure::Refused(problem) if matches!(problem.code, Code::RulesOutdated | Code::WrongFaucet) => {
            Some((app::Press::Reload, texts().reload))
        }
        _ => None,
    };
    if let Some((press, name)) = way_out {
        content.push(button(&dripline.link, press, "button is-quiet", name));
    }
    answer(Weight::Warning, &explanation.title, content)
}
