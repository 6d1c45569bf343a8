//! What surrounds every place: the header with the balance, the banner when there is no network, and arriving drips.

use yew::prelude::*;

use crate::app::Dripline;
use crate::browser::storage;
use crate::components::icon::{Icon, icon};
use crate::components::link::{current_link, link};
use crate::components::notice::{Weight, notice};
use crate::format::fill;
use crate::hooks::online::use_online;
use crate::locales::texts;
use crate::route::Route;

/// What it surrounds.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// What every place works with.
    pub(crate) dripline: Dripline,
    /// The place.
    pub(crate) route: Route,
    /// Its content.
    pub(crate) children: Children,
}

/// The frame of every place.
#[function_component]
pub(crate) fn Frame(props: &Props) -> Html {
    let is_online = use_online();
    let Props { dripline, route, children } = props;
    html! {
        <>
            <a class="skip" href="#main">{ texts().skip }</a>
            <header class="top">
                <div class="top-inner">
                    { link(&dripline.go, Route::Map, "brand", html! { <>{ icon(Icon::Drop) }<span>{ "Dripline" }</span></> }) }
                    <nav aria-label={texts().navigation}>
                        { tab(dripline, route, Route::Map, texts().levels) }
                        { tab(dripline, route, Route::Wallet, texts().wallet) }
                    </nav>
                    { balance(dripline) }
                </div>
            </header>
            <div class="banner" role="status">
                if !is_online {
                    <p class="banner-text">{ texts().offline }</p>
                }
            </div>
            <main id="main" tabindex="-1">
                if !dripline.player.is_kept || !storage::is_available() {
                    { notice(Weight::Warning, texts().not_kept_title, html! { <p>{ texts().not_kept }</p> }) }
                }
                { children.clone() }
            </main>
            { toast(dripline, route) }
        </>
    }
}

fn tab(dripline: &Dripline, here: &Route, route: Route, name: &'static str) -> Html {
    let content = html! { { name } };
    if *here == route {
        current_link(&dripline.go, route, "tab", content)
    } else {
        link(&dripline.go, route, "tab", content)
    }
}

fn balance(dripline: &Dripline) -> Html {
    let faucet = &dripline.faucet;
    let wallet = faucet.wallet.ready();
    let amount = match (wallet, faucet.catalog.ready()) {
        (Some(wallet), Some(_)) => faucet.money(wallet.balance),
        _ => "–".to_owned(),
    };
    let is_at_risk = !faucet.is_backed_up && wallet.is_some_and(|wallet| wallet.drips > 0);
    let content = html! {
        <>
            { icon(Icon::Drop) }
            <span class="visually-hidden">{ texts().balance }{ " " }</span>
            <span class="balance-amount">{ amount }</span>
            if is_at_risk {
                <span class="balance-risk">{ texts().not_backed_up }</span>
            }
        </>
    };
    link(&dripline.go, Route::Wallet, "balance", content)
}

/// Tells of a drip that arrived while the player was elsewhere.
fn toast(dripline: &Dripline, route: &Route) -> Html {
    let drip = dripline.faucet.last_drip.as_ref().filter(|_| !matches!(route, Route::Play(_)));
    let toast = drip.map(|receipt| {
        let text = fill(texts().drip_arrived, &[("amount", &dripline.faucet.money(receipt.amount))]);
        // Another drip is another element: its animation runs again.
        html! { <p class="toast" key={receipt.round.to_string()}>{ icon(Icon::Drop) }{ text }</p> }
    });
    html! { <div class="toast-place" role="status">{ for toast }</div> }
}
