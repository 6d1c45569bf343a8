//! A player: what they have and did, and what operators do about it.

use dripline_shared::api::access::Permission;
use dripline_shared::api::operate::players::{
    NoteRequest, PlayerMove, PlayerNote, PlayerRound, PlayerRounds, PlayerView, RoundClosing, Standing,
    StandingRequest,
};
use dripline_shared::api::{HistoryEntry, HistoryPage};
use dripline_shared::time::Timestamp;
use gloo_net::http::Method;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::round::{RoundProps, use_round};
use super::standing;
use crate::components::{Cell, Column, Confirm, Row, facts, part, piece, table, use_action, use_loaded};
use crate::session::use_session;
use crate::{edge, format};

const ROUNDS: [Column<'_>; 4] = [("Opened", false), ("Level", false), ("Outcome", false), ("Units", true)];
const HISTORY: [Column<'_>; 4] = [("When", false), ("What", false), ("Units", true), ("Balance", true)];

#[derive(PartialEq)]
pub(crate) struct PlayerProps {
    /// The wallet.
    pub(crate) wallet: String,
    /// Called with the wallet of another player, to see that one.
    pub(crate) open: Callback<String>,
    /// Called to see the list again.
    pub(crate) back: Callback<()>,
}

/// The page.
#[hook]
pub(crate) fn use_player(props: &PlayerProps) -> Html {
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
                { facts(known(view)) }
                { for view.moved_to.iter().map(|it| moved("Moved to ", it, &props.open)) }
                { for view.took_over.iter().map(|it| moved("Took over from ", it, &props.open)) }
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
                { piece!(use_round, round.clone(), RoundProps { round: round.clone() }) }
            }
            { part("rounds", html! { { "Rounds" } }, rounds.view(|page| {
                let rows = page.rounds.iter().map(|round| round_row(round, &watch));
                table("Rounds", &ROUNDS, rows.collect())
            })) }
            { part("history", html! { { "History" } }, history.view(|page| {
                table("History", &HISTORY, page.entries.iter().map(history_row).collect())
            })) }
        </>
    }
}

/// That all of a player was moved, with a link to the other one.
fn moved(what: &str, it: &PlayerMove, open: &Callback<String>) -> Html {
    let wallet = it.wallet.to_string();
    let press = {
        let (wallet, open) = (wallet.clone(), open.clone());
        Callback::from(move |_: MouseEvent| open.emit(wallet.clone()))
    };
    html! {
        <p>{ what }<button type="button" class="link" onclick={press}><code>{ wallet }</code></button><span class="quiet">{ " " }{ edge::moment(it.at_ms) }</span></p>
    }
}

/// What is known of a player.
fn known(view: &PlayerView) -> Vec<(String, Html)> {
    let text = |name: &str, text: String| (name.to_owned(), html! { { text } });
    let moment = |at: Option<Timestamp>| at.map_or_else(|| "never".to_owned(), edge::moment);
    let reason = view.standing.reason.clone().unwrap_or_default();
    let how = html! { <>{ standing(view.standing.standing) }{ " " }{ reason }</> };
    let mut known = vec![
        ("Standing".to_owned(), how),
        text("First drip", moment(view.first_drip_ms)),
        text("Last drip", moment(view.last_drip_ms)),
        text("Drips", format::number(view.wallet.drips)),
        text("Days in a row", view.wallet.streak_days.to_string()),
        text("Levels cleared", view.wallet.levels.len().to_string()),
    ];
    known.extend(view.wallet.money.iter().map(|(code, money)| {
        text(code, format!("{} units, {} on their way, {} paid", money.balance, money.pending, money.paid))
    }));
    known
}

fn noted(written: &PlayerNote) -> Html {
    let by = format!(" {} by {}", edge::moment(written.at_ms), format::by(&written.by));
    html! {
        <li class="line">
            <span>{ &written.text }<span class="quiet">{ by }</span></span>
        </li>
    }
}

fn history_row(entry: &HistoryEntry) -> Row {
    let what = format!("{} {} {}", format::words(&entry.kind), entry.asset, entry.direction.as_str());
    let cells = vec![
        Cell::Text(edge::moment(entry.at_ms)),
        Cell::Text(what),
        Cell::Number(entry.amount.to_string()),
        Cell::Number(entry.balance.to_string()),
    ];
    (entry.id.to_string(), cells)
}

fn round_row(round: &PlayerRound, watch: &Callback<String>) -> Row {
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
    let open = html! { <button type="button" class="link" onclick={press}>{ edge::moment(round.opened_at_ms) }</button> };
    let level = round.level.clone().unwrap_or_else(|| "of an older build".to_owned());
    let amount = round.amount.map(|amount| amount.to_string()).unwrap_or_default();
    (id, vec![Cell::Html(open), Cell::Text(level), Cell::Text(outcome), Cell::Number(amount)])
}
