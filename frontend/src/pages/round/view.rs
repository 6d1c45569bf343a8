//! Shows a round, wherever it stands.

use dripline_shared::api::LevelView;
use dripline_shared::game::Pace;
use yew::prelude::*;

use crate::components::icon::{Icon, icon};
use crate::components::link::link;
use crate::components::notice::{Weight, notice};
use crate::format::fill;
use crate::locales::failures::explain;
use crate::locales::texts;
use crate::pages::round::pause::PauseOverlay;
use crate::pages::round::ready::ready;
use crate::pages::round::result::result;
use crate::pages::round::{Message, Phase, Playing, RoundPage};
use crate::route::Route;
use crate::state::faucet::{Fetched, Standing};

/// The page of a level.
pub(super) fn view(page: &RoundPage, context: &Context<RoundPage>) -> Html {
    let props = context.props();
    let faucet = &props.dripline.faucet;
    let Some(level) = faucet.level(&props.level) else {
        return match &faucet.catalog {
            Fetched::Waiting => html! { <p class="wait" role="status">{ texts().loading }</p> },
            Fetched::Failed(failure) => {
                let explanation = explain(failure, props.dripline.api.now());
                notice(Weight::Warning, &explanation.title, html! { <p>{ explanation.advice }</p> })
            }
            Fetched::Ready(_) => absent(context, texts().unknown_level_title, texts().unknown_level),
        };
    };
    match &page.phase {
        Phase::Ready(failure) => match faucet.standing(&level.level, props.dripline.api.now()) {
            Standing::Locked(_) if faucet.wallet.ready().is_some() => {
                absent(context, texts().level_locked_title, texts().level_locked)
            }
            _ => ready(context, level, failure.as_ref(), false),
        },
        Phase::Opening => ready(context, level, None, true),
        Phase::Resuming(None) => html! { <p class="wait" role="status">{ texts().resuming }</p> },
        Phase::Resuming(Some(failure)) => {
            let explanation = explain(failure, props.dripline.api.now());
            let again = context.link().callback(|_: MouseEvent| Message::LookAgain);
            notice(
                Weight::Warning,
                &explanation.title,
                html! { <><p>{ explanation.advice }</p><button class="button is-quiet" onclick={again}>{ texts().try_again }</button></> },
            )
        }
        Phase::Playing(playing) => in_play(page, context, level, *playing),
        Phase::Settling(_, score) => settling(page, context, level, *score),
        Phase::Over(ending) => result(context, level, ending),
    }
}

fn absent(context: &Context<RoundPage>, title: &str, text: &'static str) -> Html {
    let back = link(&context.props().dripline.go, Route::Map, "button", html! { { texts().to_levels } });
    html! { <div class="absent"><h1>{ title }</h1><p>{ text }</p>{ back }</div> }
}

fn in_play(page: &RoundPage, context: &Context<RoundPage>, level: &LevelView, playing: Playing) -> Html {
    let state = if playing.is_waiting {
        texts().waiting_for_server
    } else if playing.is_unreachable {
        texts().unreachable
    } else {
        ""
    };
    let overlay = match (&page.stage, playing.is_paused) {
        (Some(_), true) => pause_overlay(page, context, level, playing),
        _ => Html::default(),
    };
    stage(page, context, level, state, overlay)
}

fn pause_overlay(
    page: &RoundPage,
    context: &Context<RoundPage>,
    level: &LevelView,
    playing: Playing,
) -> Html {
    let link = context.link();
    let (clock, api) = (page.clock(), context.props().dripline.api.clone());
    let left_ms =
        Callback::from(move |()| clock.map_or(0, |(clock, length)| clock.left_ms(length, api.now())));
    html! {
        <PauseOverlay is_resumed={playing.is_resumed} is_turns={level.level.play.pace() == Pace::Turns} {left_ms}
            on_resume={link.callback(|()| Message::Resume)} on_give_up={link.callback(|()| Message::GiveUp)}
            on_over={link.callback(|()| Message::PauseOver)} />
    }
}

/// The round is won, and the server is at work.
fn settling(page: &RoundPage, context: &Context<RoundPage>, level: &LevelView, score: u32) -> Html {
    let overlay = html! {
        <div class="overlay is-light" role="status">
            <p class="overlay-title">{ texts().won_title }</p>
            <p>{ texts().settling }</p>
        </div>
    };
    if page.stage.is_some() {
        stage(page, context, level, "", overlay)
    } else {
        html! { <p class="wait" role="status">{ fill(texts().settling_score, &[("score", &score.to_string())]) }</p> }
    }
}

fn stage(
    page: &RoundPage,
    context: &Context<RoundPage>,
    level: &LevelView,
    state: &'static str,
    overlay: Html,
) -> Html {
    let link = context.link();
    let facts = level.level.play.facts();
    let is_turns = facts.pace == Pace::Turns;
    let label = format!("{} – {}. {}. {}", facts.name, level.level.name, level.goal, facts.how_to);
    html! {
        <section class="round" aria-label={level.level.name.clone()}>
            <h1 class="visually-hidden">{ &facts.name }{ " – " }{ &level.level.name }</h1>
            <div class="hud">
                <div class="hud-figure">
                    <span class="hud-name">{ texts().score }</span>
                    <span class="hud-value" ref={page.places.score.clone()}></span>
                </div>
                <div class="hud-goal">
                    <span class="hud-name">{ &level.level.name }</span>
                    <span>{ &level.goal }</span>
                </div>
                <div class="hud-figure">
                    <span class="hud-name">{ if is_turns { texts().think_time } else { texts().time } }</span>
                    <span class="hud-value" ref={page.places.time.clone()}></span>
                </div>
                <div class="hud-buttons">
                    <button class="button is-quiet is-icon" aria-label={texts().sound} aria-pressed={page.has_sound.to_string()}
                        title={texts().sound} onclick={link.callback(|_: MouseEvent| Message::ToggleSound)}>
                        { icon(if page.has_sound { Icon::SoundOn } else { Icon::SoundOff }) }
                    </button>
                    <button class="button is-quiet is-icon" aria-label={texts().pause} title={texts().pause}
                        onclick={link.callback(|_: MouseEvent| Message::Pause)}>
                        { icon(Icon::Pause) }
                    </button>
                </div>
            </div>
            <p class="round-state" role="status">{ state }</p>
            <div class="board-place">
                <canvas id="board" ref={page.canvas.clone()} tabindex="0" role="application" aria-label={label}
                    aria-describedby={is_turns.then_some("board-description")}></canvas>
                <div class="countdown" ref={page.places.countdown.clone()} aria-hidden="true"></div>
                { overlay }
            </div>
            <div id="board-description" class="visually-hidden" aria-live={is_turns.then_some("polite")}
                aria-atomic="true" ref={page.places.description.clone()}></div>
            <div class="visually-hidden" aria-live="polite" ref={page.places.announcement.clone()}></div>
        </section>
    }
}
