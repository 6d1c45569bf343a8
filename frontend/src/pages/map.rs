//! The level map: every game with its levels, what each pays, what was reached, and when it pays again.

use dripline_shared::api::{CatalogView, LevelView, WalletView};
use dripline_shared::time::Timestamp;
use yew::prelude::*;

use crate::app::Dripline;
use crate::components::icon::{Icon, icon};
use crate::components::link::link;
use crate::components::notice::{Weight, notice};
use crate::components::stars::stars;
use crate::format::{countdown, fill, number, span};
use crate::hooks::now::use_now;
use crate::locales::failures::explain;
use crate::locales::texts;
use crate::round::keeping;
use crate::route::Route;
use crate::state::faucet::{Fetched, Lock, Standing};

/// What the map works with.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// What every place works with.
    pub(crate) dripline: Dripline,
}

/// The level map.
#[function_component]
pub(crate) fn MapPage(props: &Props) -> Html {
    let dripline = &props.dripline;
    let now = use_now(&dripline.api, 1_000);
    crate::hooks::title::use_title(texts().levels);
    let content = match &dripline.faucet.catalog {
        Fetched::Waiting => skeleton(),
        Fetched::Failed(failure) => {
            let explanation = explain(failure, dripline.api.now());
            let retry = {
                let dripline = dripline.clone();
                Callback::from(move |_: MouseEvent| {
                    dripline.refresh_catalog();
                    dripline.refresh_wallet();
                })
            };
            notice(
                Weight::Warning,
                &explanation.title,
                html! { <><p>{ explanation.advice }</p><button class="button is-quiet" onclick={retry}>{ texts().try_again }</button></> },
            )
        }
        Fetched::Ready(catalog) => html! {
            <>
                { lead(dripline, catalog) }
                { notices(dripline, now) }
                { for games(catalog).into_iter().map(|levels| game(dripline, &levels, now)) }
            </>
        },
    };
    html! { <div class="map">{ content }</div> }
}

/// The levels of the catalog, game by game, in the catalog's order.
fn games(catalog: &CatalogView) -> Vec<Vec<&LevelView>> {
    let mut games: Vec<Vec<&LevelView>> = Vec::new();
    for level in &catalog.levels {
        match games.iter_mut().find(|levels| levels.first().is_some_and(|first| first.game == level.game)) {
            Some(levels) => levels.push(level),
            None => games.push(vec![level]),
        }
    }
    games
}

/// Keeps the place of the levels until they have come.
fn skeleton() -> Html {
    html! {
        <div class="skeleton" role="status">
            <span class="visually-hidden">{ texts().loading }</span>
            { for (0..3).map(|_| html! { <div class="skeleton-game"></div> }) }
        </div>
    }
}

fn lead(dripline: &Dripline, catalog: &CatalogView) -> Html {
    let hour = catalog.asset.format(catalog.typical_hour);
    let wallet = dripline.faucet.wallet.ready().filter(|wallet| wallet.drips > 0);
    html! {
        <section class="lead">
            <div>
                <h1>{ texts().lead_title }</h1>
                <p>{ texts().lead }</p>
                <p class="lead-honest">{ fill(texts().typical_hour, &[("amount", &hour)]) }</p>
            </div>
            if let Some(wallet) = wallet { { figures(wallet) } }
        </section>
    }
}

fn figures(wallet: &WalletView) -> Html {
    let stars: u32 = wallet.levels.values().map(|level| u32::from(level.best_stars)).sum();
    let figure = |value: u64, name: &'static str| {
        html! { <div class="lead-figure"><dd>{ number(value) }</dd><dt>{ name }</dt></div> }
    };
    html! {
        <dl class="lead-figures">
            { figure(wallet.drips, texts().drips) }
            { figure(u64::from(stars), texts().stars) }
            { figure(u64::from(wallet.streak_days), texts().streak) }
        </dl>
    }
}

/// What the player should know before playing.
fn notices(dripline: &Dripline, now: Timestamp) -> Html {
    let faucet = &dripline.faucet;
    let name = |id: &str| faucet.level(id).map_or_else(|| id.to_owned(), |view| view.level.name.clone());
    let in_progress = keeping::opening(dripline.player.wallet).map(|opening| {
        let level = opening.request.level;
        let resume = link(&dripline.go, Route::Play(level.clone()), "button", html! { { texts().resume } });
        notice(Weight::Calm, &fill(texts().round_in_progress, &[("level", &name(&level))]), resume)
    });
    let waiting = faucet.claims.of(dripline.player.wallet).into_iter().map(|claim| {
        let left = countdown(claim.retry_at_ms.since(now));
        let text = fill(texts().claim_waits, &[("level", &name(&claim.level)), ("time", &left)]);
        notice(Weight::Calm, texts().claim_waits_title, html! { <p>{ text }</p> })
    });
    let limits = faucet.wallet.ready().map(|wallet| wallet.limits.clone()).unwrap_or_default();
    let limits = limits.into_iter().map(|reason| {
        let explanation = crate::locales::failures::explain_reason(&reason, now);
        notice(Weight::Warning, &explanation.title, html! { <p>{ explanation.advice }</p> })
    });
    html! { <>{ for in_progress }{ for waiting }{ for limits }</> }
}

fn game(dripline: &Dripline, levels: &[&LevelView], now: Timestamp) -> Html {
    let Some(first) = levels.first() else { return Html::default() };
    let facts = first.level.play.facts();
    let reached: u32 =
        levels.iter().map(|view| u32::from(dripline.faucet.progress(&view.id).best_stars)).sum();
    let heading = format!("game-{}", facts.id);
    html! {
        <section class="game" aria-labelledby={heading.clone()}>
            <header class="game-head">
                <h2 id={heading}>{ facts.name }</h2>
                <p class="game-how">{ facts.how_to }</p>
                <p class="game-stars">
                    { icon(Icon::Star) }
                    <span class="visually-hidden">{ texts().stars }{ " " }</span>
                    { format!("{reached} / {}", levels.len() * 3) }
                </p>
            </header>
            <ol class="levels">
                { for (1_u32..).zip(levels).map(|(number, view)| level(dripline, number, view, now)) }
            </ol>
        </section>
    }
}

fn level(dripline: &Dripline, number: u32, view: &LevelView, now: Timestamp) -> Html {
    let standing = dripline.faucet.standing(&view.level, now);
    let progress = dripline.faucet.progress(&view.id);
    let is_cleared = progress.clears > 0;
    let class = classes!(
        "level",
        is_cleared.then_some("is-cleared"),
        match standing {
            Standing::Locked(_) => "is-locked",
            Standing::Resting(_) => "is-resting",
            Standing::Open => "is-open",
        }
    );
    html! {
        <li {class}>
            <span class="valve" aria-hidden="true">
                if is_cleared { { icon(Icon::Check) } } else { { number } }
            </span>
            <article class="level-card" aria-labelledby={format!("level-{}", view.id)}>
                <h3 id={format!("level-{}", view.id)}>{ &view.level.name }</h3>
                <p class="level-goal">{ &view.goal }</p>
                { stars(progress.best_stars) }
                { pays(dripline, view) }
                <div class="level-act">{ act(dripline, view, &standing, now) }</div>
            </article>
        </li>
    }
}

fn pays(dripline: &Dripline, view: &LevelView) -> Html {
    let most = fill(texts().pays_up_to, &[("amount", &dripline.faucet.money(view.pays_max))]);
    let again = fill(texts().pays_every, &[("time", &span(view.level.cooldown_ms))]);
    html! {
        <p class="level-pays">
            <span class="level-amount">{ icon(Icon::Drop) }{ dripline.faucet.money(view.pays) }</span>
            <span class="level-more">{ most }{ " · " }{ again }</span>
        </p>
    }
}

fn act(dripline: &Dripline, view: &LevelView, standing: &Standing, now: Timestamp) -> Html {
    let play = |class: &'static str| {
        let label = html! {
            <>{ texts().play }<span class="visually-hidden">{ " " }{ &view.level.name }</span></>
        };
        link(&dripline.go, Route::Play(view.id.clone()), class, label)
    };
    match standing {
        Standing::Open => play("button"),
        Standing::Resting(until) => html! {
            <>
                { play("button is-quiet") }
                <span class="level-rest">
                    { icon(Icon::Clock) }
                    { fill(texts().pays_again_in, &[("time", &countdown(until.since(now)))]) }
                </span>
            </>
        },
        Standing::Locked(lock) => {
            let reason = match lock {
                Lock::Level(name) => fill(texts().locked_by_level, &[("level", name)]),
                Lock::Stars(missing) => fill(texts().locked_by_stars, &[("count", &missing.to_string())]),
            };
            html! { <span class="level-lock">{ icon(Icon::Lock) }{ reason }</span> }
        }
    }
}
