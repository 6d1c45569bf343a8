//! A player: what they have and did, and what operators do about it.

use dripline_shared::api::HistoryPage;
use dripline_shared::api::access::Permission;
use dripline_shared::api::operate::players::{
    NoteRequest, PlayerNote, PlayerRound, PlayerRounds, PlayerView, RoundClosing, Standing, StandingRequest,
};
use gloo_net::http::Method;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::round::Round;
use super::standing;
use crate::components::{Confirm, use_action, use_loaded};
use crate::session::use_session;
use crate::{edge, format};

#[derive(PartialEq, Properties)]
pub(crate) struct PlayerProps {
    /// The wallet.
    pub(crate) wallet: String,
    /// Called to see the list again.
    pub(crate) back: Callback<()>,
}

/// The page.
#[component]
pub(crate) fn Player(props: &PlayerProps) -> Html {
    let session = use_session();
    let action = use_action();
    let (player, again) = use_loaded::<PlayerView>(format!("players/{}", props.wallet));
    let (rounds, _) = use_loaded::<PlayerRounds>(format!("players/{}/rounds?limit=20", props.wallet));
    let (history, _) = use_loaded::<HistoryPage>(format!("players/{}/history?limit=20", props.wallet));
    let watched = use_state(|| None::<String>);
    let text = use_node_ref();
    let typed =
        |text: &NodeRef| text.cast::<HtmlInputElement>().map(|field| field.value()).unwrap_or_default();
    let stand = |what: &'static str| {
        let (action, api, again, text) = (action.clone(), session.api.clone(), again.clone(), text.clone());
        let path = format!("players/{}/{what}", props.wallet);
        Callback::from(move |()| {
            let request = StandingRequest { reason: typed(&text) };
            let (api, again, path) = (api.clone(), again.clone(), path.clone());
            action.run(async move {
                let player: PlayerView = api.send(Method::POST, &path, &request).await?;
                again.emit(());
                Ok(format!("The wallet is {} now.", player.standing.standing.as_str()))
            });
        })
    };
    let note = {
        let (action, api, again, text) = (action.clone(), session.api.clone(), again.clone(), text.clone());
        let path = format!("players/{}/notes", props.wallet);
        Callback::from(move |_: MouseEvent| {
            let request = NoteRequest { text: typed(&text) };
            let (api, again, path) = (api.clone(), again.clone(), path.clone());
            action.run(async move {
                api.send::<PlayerView>(Method::POST, &path, &request).await?;
                again.emit(());
                Ok("Noted.".to_owned())
            });
        })
    };
    let watch = {
        let watched = watched.clone();
        Callback::from(move |round: String| watched.set(Some(round)))
    };
    let may_manage = session.may(Permission::ManagePlayers);
    let shown = |view: &PlayerView| {
        let how = view.standing.standing;
        html! {
            <>
                <dl class="facts">
                    { fact("Standing", html! { <>{ standing(how) }{ view.standing.reason.clone().unwrap_or_default() }</> }) }
                    { fact("First drip", html! { { view.first_drip_ms.map_or_else(|| "never".to_owned(), edge::moment) } }) }
                    { fact("Last drip", html! { { view.last_drip_ms.map_or_else(|| "never".to_owned(), edge::moment) } }) }
                    { fact("Drips", html! { { format::number(view.wallet.drips) } }) }
                    { fact("Days in a row", html! { { view.wallet.streak_days } }) }
                    { fact("Levels cleared", html! { { view.wallet.levels.len() } }) }
                    { for view.wallet.money.iter().map(|(code, money)| fact(
                        code, html! { { format!("{} units, {} on their way, {} paid", money.balance, money.pending, money.paid) } },
                    )) }
                </dl>
                { for view.wallet.limits.iter().map(|it| html! { <p class="quiet">{ &it.message }</p> }) }
                if !view.waiting.is_empty() {
                    <p>{ format!("{} withdrawals have not ended.", view.waiting.len()) }</p>
                }
                if !view.notes.is_empty() {
                    <ul>{ for view.notes.iter().map(noted) }</ul>
                }
                if may_manage {
                    <div class="row">
                        <span class="setting">
                            <label for="player-reason">{ "Why, or a note" }</label>
                            <input id="player-reason" ref={text.clone()} type="text" maxlength="500" autocomplete="off" />
                        </span>
                    </div>
                    <div class="buttons">
                        if how != Standing::Held {
                            <Confirm name="Hold" question="Have its withdrawals wait?" meant={stand("hold")} is_off={action.is_busy()} />
                        }
                        if how != Standing::Banned {
                            <Confirm name="Ban" question="Let it neither play nor be paid?" meant={stand("ban")} is_off={action.is_busy()} />
                        }
                        if how != Standing::Clear {
                            <Confirm name="Release" question="Clear its standing?" meant={stand("release")} is_off={action.is_busy()} />
                        }
                        <button type="button" class="button is-quiet is-small" onclick={note} disabled={action.is_busy()}>{ "Note it" }</button>
                    </div>
                }
            </>
        }
    };
    html! {
        <>
            <p><button type="button" class="link" onclick={props.back.reform(|_: MouseEvent| ())}>{ "← All players" }</button></p>
            <section class="card stack" aria-labelledby="player">
                <h2 id="player"><code>{ &props.wallet }</code></h2>
                { action.view() }
                { player.view(|view| shown(view)) }
            </section>
            if let Some(round) = &*watched {
                <Round key={round.clone()} round={round.clone()} />
            }
            <section class="card" aria-labelledby="rounds">
                <h2 id="rounds">{ "Rounds" }</h2>
                { rounds.view(|page| html! {
                    <div class="scroll" tabindex="0" role="region" aria-label="Rounds">
                        <table>
                            <thead><tr>
                                <th scope="col">{ "Opened" }</th><th scope="col">{ "Level" }</th>
                                <th scope="col">{ "Outcome" }</th><th scope="col" class="is-number">{ "Units" }</th>
                            </tr></thead>
                            <tbody>{ for page.rounds.iter().map(|round| round_row(round, &watch)) }</tbody>
                        </table>
                    </div>
                }) }
            </section>
            <section class="card" aria-labelledby="history">
                <h2 id="history">{ "History" }</h2>
                { history.view(|page| html! {
                    <div class="scroll" tabindex="0" role="region" aria-label="History">
                        <table>
                            <thead><tr>
                                <th scope="col">{ "When" }</th><th scope="col">{ "What" }</th>
                                <th scope="col" class="is-number">{ "Units" }</th><th scope="col" class="is-number">{ "Balance" }</th>
                            </tr></thead>
                            <tbody>{ for page.entries.iter().map(|entry| html! {
                                <tr key={entry.id}>
                                    <td>{ edge::moment(entry.at_ms) }</td>
                                    <td>{ format!("{} {} {}", format::words(&entry.kind), entry.asset, entry.direction.as_str()) }</td>
                                    <td class="is-number">{ entry.amount.to_string() }</td>
                                    <td class="is-number">{ entry.balance.to_string() }</td>
                                </tr>
                            }) }</tbody>
                        </table>
                    </div>
                }) }
            </section>
        </>
    }
}

fn fact(name: &str, value: Html) -> Html {
    html! { <div><dt>{ name }</dt><dd>{ value }</dd></div> }
}

fn noted(note: &PlayerNote) -> Html {
    html! {
        <li class="line">
            <span>{ &note.text }<span class="quiet">{ format!(" {} by {}", edge::moment(note.at_ms), format::by(&note.by)) }</span></span>
        </li>
    }
}

fn round_row(round: &PlayerRound, watch: &Callback<String>) -> Html {
    let id = round.round.to_string();
    let outcome = match (&round.outcome, round.closing) {
        (Some(outcome), _) if outcome.won => format!("won, {} stars, score {}", outcome.stars, outcome.score),
        (Some(outcome), _) => format!("lost, score {}", outcome.score),
        (None, RoundClosing::NotYet) => "not closed yet".to_owned(),
        (None, _) => "ended without a claim".to_owned(),
    };
    let press = {
        let (id, watch) = (id.clone(), watch.clone());
        Callback::from(move |_: MouseEvent| watch.emit(id.clone()))
    };
    html! {
        <tr key={id}>
            <td><button type="button" class="link" onclick={press}>{ edge::moment(round.opened_at_ms) }</button></td>
            <td>{ round.level.clone().unwrap_or_else(|| "of an older build".to_owned()) }</td>
            <td>{ outcome }</td>
            <td class="is-number">{ round.amount.map(|amount| amount.to_string()).unwrap_or_default() }</td>
        </tr>
    }
}
