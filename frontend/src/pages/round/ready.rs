//! A level before it is played: what to do, how, and for what.

use dripline_shared::api::LevelView;
use dripline_shared::error::Code;
use dripline_shared::game::Pace;
use yew::prelude::*;

use crate::api::Failure;
use crate::app::Dripline;
use crate::browser::page;
use crate::components::icon::{Icon, icon};
use crate::components::link::link;
use crate::components::notice::{Weight, notice};
use crate::components::stars::stars;
use crate::format::{countdown, fill, number};
use crate::locales::failures::explain;
use crate::locales::texts;
use crate::pages::round::{Message, RoundPage};
use crate::round::keeping;
use crate::route::Route;
use crate::state::faucet::Standing;

/// The level and what there is to know about it.
pub(super) fn ready(
    context: &Context<RoundPage>,
    view: &LevelView,
    failure: Option<&Failure>,
    is_opening: bool,
) -> Html {
    let dripline = &context.props().dripline;
    let facts = view.level.play.facts();
    let controls = match facts.pace {
        Pace::Clocked => texts().controls_clocked,
        Pace::Turns => texts().controls_turns,
    };
    html! {
        <div class="ready">
            { link(&dripline.go, Route::Map, "back", html! { <>{ icon(Icon::Back) }{ texts().levels }</> }) }
            <article class="card ready-card">
                <p class="eyebrow">{ facts.name }</p>
                <h1>{ &view.level.name }</h1>
                <p class="ready-goal">{ &view.goal }</p>
                <p>{ facts.how_to }</p>
                <p class="quiet">{ controls }</p>
                { thresholds(view) }
                { pay(dripline, view) }
                { other_round(context, view) }
                if let Some(failure) = failure { { refusal(context, failure) } }
                <button id="start" class="button is-large" disabled={is_opening}
                    onclick={context.link().callback(|_: MouseEvent| Message::Start(None))}>
                    { icon(Icon::Play) }{ if is_opening { texts().opening } else { texts().start } }
                </button>
            </article>
        </div>
    }
}

fn thresholds(view: &LevelView) -> Html {
    let [two, three] = view.level.stars;
    let line = |count: u8, text: String| html! { <li>{ stars(count) }<span>{ text }</span></li> };
    let from = |score: u32| fill(texts().from_score, &[("score", &number(u64::from(score)))]);
    html! {
        <ul class="thresholds">
            { line(1, texts().goal_reached.to_owned()) }
            { line(2, from(two)) }
            { line(3, from(three)) }
        </ul>
    }
}

fn pay(dripline: &Dripline, view: &LevelView) -> Html {
    let now = dripline.api.now();
    let pays = fill(
        texts().ready_pays,
        &[("amount", &dripline.faucet.money(view.pays)), ("most", &dripline.faucet.money(view.pays_max))],
    );
    let rests = match dripline.faucet.standing(&view.level, now) {
        Standing::Resting(until) => {
            Some(fill(texts().ready_rests, &[("time", &countdown(until.since(now)))]))
        }
        Standing::Open | Standing::Locked(_) => None,
    };
    html! {
        <>
            <p class="ready-pays">{ icon(Icon::Drop) }{ pays }</p>
            if let Some(rests) = rests { <p class="ready-rests">{ icon(Icon::Clock) }{ rests }</p> }
        </>
    }
}

/// A round of another level that is in progress here would be given up.
fn other_round(context: &Context<RoundPage>, view: &LevelView) -> Html {
    let dripline = &context.props().dripline;
    let other = keeping::opening(dripline.player.wallet).map(|opening| opening.request.level);
    let Some(other) = other.filter(|other| *other != view.id) else { return Html::default() };
    let name = dripline.faucet.level(&other).map_or_else(|| other.clone(), |view| view.level.name.clone());
    let title = fill(texts().round_in_progress, &[("level", &name)]);
    let resume = link(&dripline.go, Route::Play(other), "button is-quiet", html! { { texts().resume } });
    notice(Weight::Calm, &title, html! { <><p>{ texts().start_gives_up }</p>{ resume }</> })
}

/// Why the round was not opened, and what can be done.
fn refusal(context: &Context<RoundPage>, failure: &Failure) -> Html {
    let explanation = explain(failure, context.props().dripline.api.now());
    let open_round = match failure {
        Failure::Refused(problem) => problem.open_round,
        Failure::Network | Failure::Strange(_) => None,
    };
    let action = match failure.code() {
        Some(Code::RoundOpen) if open_round.is_some() => {
            let give_up = context.link().callback(move |_: MouseEvent| Message::Start(open_round));
            html! { <button class="button is-quiet" onclick={give_up}>{ texts().give_up_and_start }</button> }
        }
        Some(Code::RulesOutdated) => {
            let reload = Callback::from(|_: MouseEvent| page::reload());
            html! { <button class="button is-quiet" onclick={reload}>{ texts().reload }</button> }
        }
        _ => Html::default(),
    };
    notice(Weight::Warning, &explanation.title, html! { <><p>{ explanation.advice }</p>{ action }</> })
}
