//! A player: what they have and did, and what operators do about it.

use dripline_shared::api::access::Permission;
use dripline_shared::api::operate::players::{
    NoteRequest, PlayerMove, PlayerNote, PlayerRound, PlayerRounds, PlayerView, RoundClosing, Standing,
    StandingRequest,
};
use dripline_shared::api::{HistoryEntry, HistoryPage};
use dripline_shared::json::ToJson;
use dripline_shared::time::Timestamp;
use gloo_net::http::Method;
use serde_json::Value;
use yew::prelude::*;

use super::round::{RoundProps, use_round};
use super::standing;
use crate::api::typed;
use crate::components::{
    Cell, Column, Row, button, facts, link, part, piece, table, text_field, text_of, use_action, use_loaded,
};
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
    let say = |what: &str, body: fn(String) -> Value, told: fn(Standing) -> String| {
        let (action, again, text) = (action.clone(), again.clone(), text.clone());
        let path = format!("players/{}/{what}", props.wallet);
        Callback::from(move |()| {
            let again = again.clone();
            action.send(Method::POST, path.clone(), Some(body(text_of(&text))), move |answer| {
                let player: PlayerView = typed(&answer?)?;
                again.emit(());
                Ok(told(player.standing.standing))
            });
        })
    };
    let stand = |what: &'static str| {
        say(
            what,
            |reason| StandingRequest { reason }.to_json(),
            |how| format!("The wallet is {} now.", how.as_str()),
        )
    };
    let note = say("notes", |text| NoteRequest { text }.to_json(), |_| "Noted.".to_owned());
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
                        { text_field("player-reason", "Why, or a note", &text, "500", None, false) }
                    </div>
                    <div class="buttons">
                        if how != Standing::Held {
                            { action.confirm("Hold", "Have its withdrawals wait?", stand("hold")) }
                        }
                        if how != Standing::Banned {
                            { action.confirm("Ban", "Let it neither play nor be paid?", stand("ban")) }
                        }
                        if how != Standing::Clear {
                            { action.confirm("Release", "Clear its standing?", stand("release")) }
                        }
                        { button("Note it", action.is_busy(), note) }
                    </div>
                }
            </>
        }
    };
    html! {
        <>
            <p>{ link(html! { { "← All players" } }, props.back.clone()) }</p>
            { part("player", html! { <code>{ &props.wallet }</code> }, html! { <>
                { action.view() }
                { player.view(|view| shown(view)) }
            </> }) }
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
        Callback::from(move |()| open.emit(wallet.clone()))
    };
    html! {
        <p>{ what }{ link(html! { <code>{ wallet }</code> }, press) }<span class="quiet">{ " " }{ edge::moment(it.at_ms) }</span></p>
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
        Callback::from(move |()| watch.emit(id.clone()))
    };
    let open = link(html! { { edge::moment(round.opened_at_ms) } }, press);
    let level = round.level.clone().unwrap_or_else(|| "of an older build".to_owned());
    let amount = round.amount.map(|amount| amount.to_string()).unwrap_or_default();
    (id, vec![Cell::Html(open), Cell::Text(level), Cell::Text(outcome), Cell::Number(amount)])
}
