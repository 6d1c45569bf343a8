//! Shows the wallet.

use crate::api::Failure;
use crate::app::{self, Dripline};
use crate::components::element::{Element, Name, button, element, text};
use crate::components::icon::{Icon, icon};
use crate::components::notice::{Weight, notice};
use crate::components::stars::stars;
use crate::format::{counted, number};
use crate::locales::failures::explain;
use crate::locales::texts;
use crate::pages::notices;
use crate::pages::wallet::{Press, WalletPlace, backup, history, payout, withdrawals};
use crate::state::paged::Rest;

/// The page of the wallet.
pub(super) fn view(place: &WalletPlace, dripline: &Dripline) -> Element {
    // Without a history there is nothing to be read, and nobody whose key it would be.
    let has_history = !place.history.items.is_empty();
    let mut news = notices::claims(dripline);
    news.extend(notices::unknown(dripline));
    element("div", "wallet")
        .with(text("h1", "", texts().wallet))
        .group(news)
        .with(balance(place, dripline))
        .maybe(payout::view(&place.payout, dripline))
        .with(backup::view(place, dripline))
        // Whoever has none has no such card: what it pushes down when it comes is below what is seen first.
        .maybe(withdrawals::view(&place.withdrawals, dripline))
        .maybe(progress(dripline))
        .with(
            history::view(&place.history, dripline)
                .maybe(has_history.then(|| place.read_keys.view(dripline))),
        )
}

/// A card with its heading, which has an id and names it.
pub(super) fn card(id: &'static str, heading: &str) -> Element {
    element("section", "card")
        .attribute(Name::AriaLabelledby, id)
        .with(text("h2", "", heading).attribute(Name::Id, id))
}

/// The head of a table, with one of a column's class and name for each.
pub(super) fn table_head(columns: &[(&'static str, &str)]) -> Element {
    let mut row = element("tr", "");
    for (class, name) in columns {
        row.push(text("th", class, name).attribute(Name::Scope, "col"));
    }
    element("thead", "").with(row)
}

/// A card with what has come of a list, and then how to get the rest.
pub(super) fn listed(dripline: &Dripline, card: Element, rest: Rest<'_>, more: Press) -> Element {
    let (failure, name) = match rest {
        Rest::Nothing => (None, None),
        Rest::More => (None, Some(texts().more)),
        Rest::Failed(failure) => {
            let title = explain(failure, dripline.api.now()).title;
            (Some(notice(Weight::Warning, &title, Vec::new())), Some(texts().try_again))
        }
    };
    let press = app::Press::Wallet(more);
    card.maybe(failure).maybe(name.map(|name| button(&dripline.link, press, "button is-quiet", name)))
}

fn balance(place: &WalletPlace, dripline: &Dripline) -> Element {
    let faucet = &dripline.faucet;
    let wallet = faucet.wallet.ready().filter(|_| faucet.catalog.ready().is_some());
    let amount = wallet.map_or_else(|| "–".to_owned(), |wallet| faucet.money(wallet.balance));
    let figures = wallet.map(|wallet| {
        let drips = counted(texts().wallet_drips, wallet.drips);
        let streak = counted(texts().wallet_streak, u64::from(wallet.streak_days));
        let attempts = counted(texts().wallet_attempts, u64::from(wallet.attempts_left));
        [drips, streak, attempts].join(" · ")
    });
    let connect = if dripline.player.delegate().is_some() { texts().connected } else { texts().connect };
    element("section", "card wallet-balance")
        .attribute(Name::AriaLabelledby, "wallet-balance")
        .with(text("h2", "eyebrow", texts().balance).attribute(Name::Id, "wallet-balance"))
        .with(element("p", "wallet-amount").with(icon(Icon::Drop)).text(&amount))
        .with(text("p", "wallet-figures", &figures.unwrap_or_default()))
        .maybe(faucet.is_play_money().then(|| text("p", "quiet", texts().play_money_why)))
        .with(address(place, dripline))
        .with(element("div", "buttons").with(button(
            &dripline.link,
            app::Press::Wallet(Press::Connect),
            "button is-quiet",
            connect,
        )))
        .maybe(place.lacking.map(|_| payout::refusal(dripline, &Failure::Network)))
}

/// The address, and a button that copies it.
fn address(place: &WalletPlace, dripline: &Dripline) -> Element {
    element("div", "address")
        .with(text("span", "address-name", texts().address))
        .with(text("code", "address-text", &dripline.player.wallet.to_string()))
        .with(copy_button(dripline, Press::CopyAddress, place.is_copied))
}

/// A button that copies something, and says so once it has.
pub(super) fn copy_button(dripline: &Dripline, press: Press, is_copied: bool) -> Element {
    let (picture, name) = if is_copied { (Icon::Check, texts().copied) } else { (Icon::Copy, texts().copy) };
    element("button", "button is-quiet is-small")
        .pressed(&dripline.link, app::Press::Wallet(press))
        .with(icon(picture))
        .with(text("span", "", name).attribute(Name::AriaLive, "polite"))
}

/// The levels that were cleared.
fn progress(dripline: &Dripline) -> Option<Element> {
    let faucet = &dripline.faucet;
    let (wallet, catalog) = (faucet.wallet.ready()?, faucet.catalog.ready()?);
    let card = card("wallet-progress", texts().progress);
    let mut body = element("tbody", "");
    let mut is_empty = true;
    for view in catalog.levels.iter().filter(|view| wallet.levels.contains_key(&view.id)) {
        is_empty = false;
        let progress = faucet.progress(&view.id);
        let name = text("th", "", &view.level.name).attribute(Name::Scope, "row").with(text(
            "span",
            "row-more",
            view.level.play.facts().name,
        ));
        body.push(
            element("tr", "")
                .with(name)
                .with(element("td", "").with(stars(progress.best_stars)))
                .with(text("td", "is-number", &number(u64::from(progress.best_score))))
                .with(text("td", "is-number", &number(u64::from(progress.clears)))),
        );
    }
    if is_empty {
        return Some(card.with(text("p", "quiet", texts().no_progress)));
    }
    let head = table_head(&[
        ("", texts().level),
        ("", texts().stars),
        ("is-number", texts().best_score),
        ("is-number", texts().clears),
    ]);
    Some(card.with(element("table", "").with(head).with(body)))
}
