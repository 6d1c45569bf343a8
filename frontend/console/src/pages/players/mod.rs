//! Players: found by their wallets, looked at, and held, banned or released.

mod player;
mod round;

use std::rc::Rc;

use dripline_shared::api::operate::players::{PlayerList, PlayerSummary, Standing};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::components::Cell::{Html as Other, Number, Text};
use crate::components::{Column, button, link, piece, table, use_loaded};
use crate::{edge, format};
use player::{PlayerProps, use_player};

const COLUMNS: [Column<'_>; 4] =
    [("Wallet", false), ("Standing", false), ("Drips", true), ("Last drip", false)];

/// The page.
#[hook]
pub(crate) fn use_players() -> Html {
    let search = use_state(String::new);
    // Where what is seen of the list begins.
    let cursor = use_state(|| None::<String>);
    let chosen = use_state(|| None::<String>);
    let path = match (search.is_empty(), &*cursor) {
        (true, None) => "players".to_owned(),
        (true, Some(cursor)) => format!("players?cursor={cursor}"),
        (false, None) => format!("players?search={}", *search),
        (false, Some(cursor)) => format!("players?search={}&cursor={cursor}", *search),
    };
    let (list, again) = use_loaded::<PlayerList>(path);
    // Kept here, for the field is another one after somebody has looked at a player; typing shows nothing else anew.
    let text = use_mut_ref(String::new);
    let write = {
        let text = Rc::clone(&text);
        Callback::from(move |event: InputEvent| {
            *text.borrow_mut() = event.target_unchecked_into::<HtmlInputElement>().value();
        })
    };
    let look = {
        let (search, cursor, text) = (search.clone(), cursor.clone(), Rc::clone(&text));
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            // Wallets are written in letters and digits alone: nothing else can be the beginning of one.
            cursor.set(None);
            search.set(text.borrow().chars().filter(char::is_ascii_alphanumeric).collect());
        })
    };
    let next = list.here().and_then(|list| list.next_cursor.clone());
    let turn = |to: Option<String>| {
        let cursor = cursor.clone();
        Callback::from(move |()| cursor.set(to.clone()))
    };
    let back = {
        let chosen = chosen.clone();
        Callback::from(move |()| {
            chosen.set(None);
            again.emit(());
        })
    };
    if let Some(wallet) = &*chosen {
        let open = {
            let chosen = chosen.clone();
            Callback::from(move |wallet| chosen.set(Some(wallet)))
        };
        return piece!(use_player, wallet.clone(), PlayerProps { wallet: wallet.clone(), open, back });
    }
    let row = |player: &PlayerSummary| {
        let wallet = player.wallet.to_string();
        let open = {
            let (chosen, wallet) = (chosen.clone(), wallet.clone());
            Callback::from(move |()| chosen.set(Some(wallet.clone())))
        };
        let name = link(html! { <code>{ &wallet }</code> }, open);
        let last = player.last_drip_ms.map_or_else(|| "never".to_owned(), edge::moment);
        let drips = Number(format::number(player.drips));
        (wallet, vec![Other(name), Other(standing(player.standing)), drips, Text(last)])
    };
    html! {
        <>
            <form class="row" role="search" onsubmit={look}>
                <span class="setting">
                    <label for="player-search">{ "Wallet, or how it begins" }</label>
                    <input id="player-search" type="search" value={text.borrow().clone()} oninput={write} minlength="4" autocomplete="off" spellcheck="false" />
                </span>
                <button class="button is-quiet">{ "Search" }</button>
            </form>
            <section class="card" aria-labelledby="players">
                <h2 id="players">{ if search.is_empty() { "Who came last" } else { "Found" } }</h2>
                { list.view(|list| if list.players.is_empty() {
                    html! { <p class="quiet">{ "Nobody." }</p> }
                } else {
                    table("Players", &COLUMNS, list.players.iter().map(row).collect())
                }) }
                <div class="buttons">
                    { button("First page", cursor.is_none(), turn(None)) }
                    { button("More", next.is_none(), turn(next)) }
                </div>
            </section>
        </>
    }
}

/// How a wallet stands, as a badge.
fn standing(standing: Standing) -> Html {
    let class = if standing == Standing::Clear { "badge" } else { "badge is-risk" };
    html! { <span {class}>{ standing.as_str() }</span> }
}
