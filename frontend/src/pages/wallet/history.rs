//! The history: every drip, the newest first, page by page.

use dripline_shared::api::{HistoryEntry, HistoryPage};

use crate::api::Failure;
use crate::app::{self, Dripline};
use crate::browser::page;
use crate::components::element::{Element, Name, button, element, text};
use crate::components::notice::{Weight, notice};
use crate::locales::failures::explain;
use crate::locales::texts;
use crate::pages::wallet::Press;
use crate::pages::wallet::view::{card, table_head};

/// The history as far as it was fetched.
#[derive(Default)]
pub(super) struct History {
    entries: Vec<HistoryEntry>,
    /// Where the next page begins, if there is one.
    pub(super) next_before: Option<u64>,
    failure: Option<Failure>,
    has_come: bool,
}

impl History {
    /// Takes the page before an entry, or the first page.
    pub(super) fn take(&mut self, before: Option<u64>, answer: Result<HistoryPage, Failure>) {
        self.has_come = true;
        match answer {
            Ok(page) if before.is_none() => {
                self.entries = page.entries;
                self.next_before = page.next_before;
                self.failure = None;
            }
            Ok(page) if before == self.next_before => {
                self.entries.extend(page.entries);
                self.next_before = page.next_before;
                self.failure = None;
            }
            // Asked for twice, or the history has begun anew in between.
            Ok(_) => {}
            Err(failure) => self.failure = Some(failure),
        }
    }
}

/// The card of the history.
pub(super) fn view(history: &History, dripline: &Dripline) -> Element {
    let is_empty = history.has_come && history.failure.is_none() && history.entries.is_empty();
    let failure = history
        .failure
        .as_ref()
        .map(|failure| notice(Weight::Warning, &explain(failure, dripline.api.now()).title, Vec::new()));
    let has_more = history.next_before.is_some() || history.failure.is_some();
    // A page that did not come, be it the first one, is asked for once more.
    let name = if history.failure.is_some() { texts().try_again } else { texts().more };
    let more = || button(&dripline.link, app::Press::Wallet(Press::More), "button is-quiet", name);
    card("wallet-history", texts().history)
        .maybe(is_empty.then(|| text("p", "quiet", texts().no_history)))
        .maybe((!history.entries.is_empty()).then(|| table(history, dripline)))
        .maybe(failure)
        .maybe(has_more.then(more))
}

fn table(history: &History, dripline: &Dripline) -> Element {
    let mut body = element("tbody", "");
    for entry in &history.entries {
        body.push(row(dripline, entry));
    }
    let head = table_head(&[
        ("", texts().when),
        ("", texts().level),
        ("is-number", texts().amount),
        ("is-number is-wide", texts().balance),
    ]);
    element("table", "").with(head).with(body)
}

fn row(dripline: &Dripline, entry: &HistoryEntry) -> Element {
    let faucet = &dripline.faucet;
    let name = entry.level.as_deref().map_or(entry.kind.as_str(), |level| faucet.level_name(level));
    let moment = text("time", "", &page::local_moment(entry.at_ms))
        .attribute(Name::Datetime, &entry.at_ms.to_string());
    element("tr", "")
        .key(&entry.id.to_string())
        .with(element("td", "").with(moment))
        .with(text("th", "", name).attribute(Name::Scope, "row"))
        .with(text("td", "is-number is-gain", "+").text(&faucet.money(entry.amount)))
        .with(text("td", "is-number is-wide", &faucet.money(entry.balance)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(next_before: Option<u64>) -> HistoryPage {
        HistoryPage { entries: Vec::new(), next_before }
    }

    #[test]
    fn a_page_is_taken_where_the_last_one_ended_and_only_there() {
        let mut history = History::default();
        history.take(None, Ok(page(Some(40))));
        history.take(Some(40), Ok(page(Some(20))));
        // The same button pressed twice.
        history.take(Some(40), Ok(page(Some(20))));
        assert_eq!(history.next_before, Some(20));
        history.take(Some(20), Ok(page(None)));
        assert_eq!(history.next_before, None);
    }

    #[test]
    fn a_failure_is_forgotten_once_a_page_has_come() {
        let mut history = History::default();
        history.take(None, Err(Failure::Network));
        assert!(history.failure.is_some());
        history.take(None, Ok(page(None)));
        assert!(history.failure.is_none());
    }
}
