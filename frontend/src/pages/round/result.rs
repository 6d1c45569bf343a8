//! How a round ended, and where to go from here.

use dripline_shared::api::LevelView;

use crate::api::Failure;
use crate::app::{self, Dripline};
use crate::components::element::{Element, Name, element, text, unseen};
use crate::components::link::link;
use crate::components::notice::{Weight, notice};
use crate::components::remaining::remaining;
use crate::format::{fill, number};
use crate::locales::failures::explain;
use crate::locales::texts;
use crate::pages::notices;
use crate::pages::round::receipt::drip;
use crate::pages::round::{Ending, Press, RoundPlace};
use crate::route::Route;
use crate::state::faucet::Standing;

/// The result.
pub(super) fn result(place: &RoundPlace, dripline: &Dripline, level: &LevelView, ending: &Ending) -> Element {
    let class = if matches!(ending, Ending::Paid(_)) { "card result is-paid" } else { "card result" };
    let card = element("article", class)
        .with(unseen(&news(dripline, ending)).attribute(Name::Role, "status"))
        .with(text("p", "eyebrow", level.level.play.facts().name).text(" · ").text(&level.level.name))
        .group(told(place, dripline, level, ending))
        .with(choices(dripline, level, ending));
    element("div", "result-page").with(card)
}

/// What a screen reader says when it changes: a reward that was to come later arrives while its player looks.
fn news(dripline: &Dripline, ending: &Ending) -> String {
    match ending {
        Ending::Paid(receipt) => {
            fill(texts().drip_arrived, &[("amount", &dripline.faucet.money(receipt.amount))])
        }
        Ending::Later(..) => texts().won_later_title.to_owned(),
        _ => String::new(),
    }
}

fn told(place: &RoundPlace, dripline: &Dripline, level: &LevelView, ending: &Ending) -> Vec<Element> {
    let now = dripline.api.now();
    match ending {
        Ending::Paid(receipt) => drip(dripline, receipt, place.count_up.as_ref()),
        Ending::Later(round, score, failure, at) => {
            let mut later = vec![text("p", "", texts().won_later).text(" ").with(remaining(*at, now))];
            later.extend(notices::claim_term(dripline, *round));
            vec![
                text("h1", "", texts().won_later_title),
                score_was(*score),
                notice(Weight::Calm, &explain(failure, now).title, later),
            ]
        }
        Ending::Refused(score, failure) => {
            let mut told = explained(dripline, failure);
            told.push(score_was(*score));
            if let Failure::Refused(problem) = failure
                && let Some(seen) = problem.outcome
            {
                let (score, length) = (number(u64::from(seen.score)), number(u64::from(seen.length)));
                let seen = fill(texts().server_saw, &[("score", &score), ("length", &length)]);
                told.push(text("p", "quiet", &seen));
            }
            told
        }
        Ending::Lost(score) => {
            let lost = fill(texts().lost, &[("score", &number(u64::from(*score))), ("goal", &level.goal)]);
            vec![
                text("h1", "", texts().lost_title),
                text("p", "result-outcome", &lost),
                text("p", "quiet", texts().lost_costs),
            ]
        }
        Ending::Broken(failure) => explained(dripline, failure),
        Ending::TimedOut => ended(texts().timed_out_title, texts().timed_out),
        Ending::Gone => ended(texts().round_gone_title, texts().round_gone),
    }
}

fn ended(title: &str, advice: &str) -> Vec<Element> {
    vec![text("h1", "", title), text("p", "", advice)]
}

fn explained(dripline: &Dripline, failure: &Failure) -> Vec<Element> {
    let explanation = explain(failure, dripline.api.now());
    ended(&explanation.title, &explanation.advice)
}

/// The score of a round that was won.
pub(super) fn score_was(score: u32) -> Element {
    text("p", "result-outcome", &fill(texts().score_was, &[("score", &number(u64::from(score)))]))
}

/// Where to go from here.
fn choices(dripline: &Dripline, level: &LevelView, ending: &Ending) -> Element {
    let is_won = matches!(ending, Ending::Paid(_) | Ending::Later(..));
    let next = dripline.faucet.next_level(&level.id).filter(|next| {
        let standing = dripline.faucet.standing(&next.level, dripline.api.now());
        is_won && !matches!(standing, Standing::Locked(_))
    });
    let again_class = if next.is_some() { "button is-quiet" } else { "button" };
    let next = next.map(|next| {
        link(&dripline.link, Route::Play(next.id.clone()), "button").text(texts().next_level).with(text(
            "span",
            "button-detail",
            &next.level.name,
        ))
    });
    let again = text("button", again_class, texts().play_again)
        .attribute(Name::Id, "again")
        .pressed(&dripline.link, app::Press::Round(Press::Start));
    let levels = link(&dripline.link, Route::Map, "button is-quiet").text(texts().to_levels);
    element("div", "buttons").maybe(next).with(again).with(levels)
}
