//! What surrounds every place: the header with the balance, the banner when there is no network, and arriving drips.

use yew::Html;

use crate::app::{Dripline, Home};
use crate::components::element::{Element, Name, element, side_by_side, text};
use crate::components::icon::{Icon, icon};
use crate::components::link::link;
use crate::components::notice::{Weight, notice};
use crate::format::fill;
use crate::locales::texts;
use crate::pages::footer::footer;
use crate::route::Route;

/// The frame around `place`.
pub(crate) fn frame(home: &Home, place: Element) -> Html {
    let banner = (!home.is_online).then(|| text("p", "banner-text", texts().offline));
    let not_kept = (!home.keeps_all())
        .then(|| notice(Weight::Warning, texts().not_kept_title, vec![text("p", "", texts().not_kept)]));
    side_by_side(vec![
        text("a", "skip", texts().skip).attribute(Name::Href, "#main"),
        element("header", "top").with(
            element("div", "top-inner")
                .with(
                    link(&home.dripline.link, Route::Map, "brand")
                        .with(icon(Icon::Drop))
                        .with(text("span", "", "Dripline")),
                )
                .with(
                    element("nav", "")
                        .attribute(Name::AriaLabel, texts().navigation)
                        .with(tab(home, Route::Map, texts().levels))
                        .with(tab(home, Route::Wallet, texts().wallet)),
                )
                // Beside the balance, all over the page: nobody shall take play money for money.
                .maybe(home.dripline.faucet.is_play_money().then(|| text("p", "sandbox", texts().play_money)))
                .with(balance(&home.dripline)),
        ),
        element("div", "banner").attribute(Name::Role, "status").maybe(banner),
        element("main", "")
            .attribute(Name::Id, "main")
            .attribute(Name::Tabindex, "-1")
            .maybe(not_kept)
            .with(place),
        footer(home),
        element("div", "toast-place").attribute(Name::Role, "status").maybe(toast(home)),
    ])
}

fn tab(home: &Home, route: Route, name: &str) -> Element {
    let is_here = home.route == route;
    link(&home.dripline.link, route, "tab").attribute_if(is_here, Name::AriaCurrent, "page").text(name)
}

fn balance(dripline: &Dripline) -> Element {
    let faucet = &dripline.faucet;
    let wallet = faucet.wallet.ready();
    let amount = match (wallet, faucet.catalog.ready()) {
        (Some(wallet), Some(_)) => faucet.money(wallet.balance),
        _ => "–".to_owned(),
    };
    let is_at_risk = !faucet.is_backed_up && wallet.is_some_and(|wallet| wallet.drips > 0);
    link(&dripline.link, Route::Wallet, "balance")
        .with(icon(Icon::Drop))
        .with(text("span", "visually-hidden", texts().balance).text(" "))
        .with(text("span", "balance-amount", &amount))
        .maybe(is_at_risk.then(|| text("span", "balance-risk", texts().not_backed_up)))
}

/// Tells of a drip that arrived while the player was elsewhere.
fn toast(home: &Home) -> Option<Element> {
    let receipt = home.news.drip().filter(|_| home.shows_news())?;
    let amount = home.dripline.faucet.money(receipt.amount);
    let arrived = fill(texts().drip_arrived, &[("amount", &amount)]);
    // Another drip is another element: its animation runs again.
    Some(element("p", "toast").key(&receipt.round.to_string()).with(icon(Icon::Drop)).text(&arrived))
}
