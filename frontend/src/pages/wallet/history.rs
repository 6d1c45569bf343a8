//! The history: whatever moved, in or out, the newest first, page by page.

use dripline_shared::api::{Direction, HistoryEntry};

use crate::app::Dripline;
use crate::browser::page;
use crate::components::element::{Element, Name, element, text};
use crate::format::fill;
use crate::locales::texts;
use crate::pages::wallet::Press;
use crate::pages::wallet::view::{card, listed, table_head};
use crate::state::paged::Paged;

/// The history as far as it was fetched.
pub(super) type History = Paged<HistoryEntry, u64>;

/// The card of the history.
pub(super) fn view(history: &History, dripline: &Dripline) -> Element {
    let empty = history.is_empty().then(|| text("p", "quiet", texts().no_history));
    let card = card("wallet-history", texts().history).maybe(empty);
    let content = (!history.items.is_empty()).then(|| table(history, dripline));
    let table = (!history.items.is_empty()).then(|| download(dripline));
    let ledger = element("p", "").with(text("a", "", texts().ledger).attribute(Name::Href, "/ledger"));
    listed(dripline, card.maybe(content), history.rest(), Press::More).maybe(table).with(ledger)
}

/// Leads to all of it as a file, for spreadsheets.
fn download(dripline: &Dripline) -> Element {
    let path = ["/api/v1/wallets/", &dripline.player.wallet.to_string(), "/history.csv"].concat();
    element("p", "").with(text("a", "", texts().history_table).attribute(Name::Href, &path))
}

fn table(history: &History, dripline: &Dripline) -> Element {
    let mut body = element("tbody", "");
    for entry in &history.items {
        body.push(row(dripline, entry));
    }
    let head = table_head(&[("", texts().when), ("", texts().what), ("is-number", texts().amount)]);
    element("table", "").with(head).with(body)
}

/// What moved, in words.
fn name<'a>(dripline: &'a Dripline, entry: &'a HistoryEntry) -> &'a str {
    match (&entry.level, entry.kind.as_str()) {
        (Some(level), _) => dripline.faucet.level_name(level),
        (None, "withdrawal") => texts().history_withdrawal,
        (None, "returned") => texts().history_returned,
        (None, "dormant") => texts().history_dormant,
        (None, "move") => texts().history_moved,
        (None, kind) => kind,
    }
}

fn row(dripline: &Dripline, entry: &HistoryEntry) -> Element {
    let money = |amount| dripline.faucet.money_of(&entry.asset, amount);
    let moment = text("time", "", &page::local_moment(entry.at_ms))
        .attribute(Name::Datetime, &entry.at_ms.to_string());
    let (class, sign) = match entry.direction {
        Direction::In => ("is-gain", "+"),
        Direction::Out => ("is-loss", "−"),
    };
    let balance = fill(texts().balance_after, &[("amount", &money(entry.balance))]);
    let amount = element("td", "is-number")
        .with(text("span", class, sign).text(&money(entry.amount)))
        .with(text("span", "row-more", &balance))
        .maybe(entry.worth.as_ref().map(|worth| {
            let worth = worth.currency.format(worth.amount);
            text("span", "row-more", &fill(texts().worth_then, &[("worth", &worth)]))
        }));
    element("tr", "")
        .key(&entry.id.to_string())
        .with(element("td", "").with(moment))
        .with(text("th", "", name(dripline, entry)).attribute(Name::Scope, "row"))
        .with(amount)
}
