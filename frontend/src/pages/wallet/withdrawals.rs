//! What was taken out: every withdrawal, the newest first, and how it stands.

use dripline_shared::api::{WithdrawalPage, WithdrawalView};
use dripline_shared::payout::{AHEAD_MAX, WithdrawalId, WithdrawalState};

use crate::api::Failure;
use crate::app::{Dripline, Message, Visit};
use crate::browser::{edge, page};
use crate::components::element::{Element, Name, element, text};
use crate::components::icon::{Icon, icon};
use crate::format::{counted, fill};
use crate::locales::texts;
use crate::pages::wallet::payout::rail_name;
use crate::pages::wallet::view::{card, listed};
use crate::pages::wallet::{Event, Press};
use crate::state::paged::{Paged, Rest};
use crate::state::watch::{Watch, put};

/// The letters that are shown of each end of an address.
const ENDS: usize = 6;

/// The withdrawals as far as they were fetched. Those that are not final are looked at again and again.
#[derive(Default)]
pub(super) struct Withdrawals {
    list: Paged<WithdrawalView, WithdrawalId>,
    watch: Watch,
}

impl Withdrawals {
    /// Where the next page begins, if there is one.
    pub(super) fn next_before(&self) -> Option<WithdrawalId> {
        self.list.next_before
    }

    /// How a withdrawal stands, as far as is known.
    pub(super) fn state_of(&self, id: WithdrawalId) -> Option<WithdrawalState> {
        self.list.items.iter().find(|view| view.id == id).map(|view| view.state)
    }

    /// Takes a page.
    pub(super) fn take(&mut self, before: Option<WithdrawalId>, answer: Result<WithdrawalPage, Failure>) {
        self.list.take(before.as_ref(), answer.map(|page| (page.withdrawals, page.next_before)));
    }

    /// A withdrawal was requested just now.
    pub(super) fn requested(&mut self, view: WithdrawalView) {
        put(&mut self.list.items, view);
        self.watch.looked(true, edge::steady_clock());
    }

    /// Looks at one that is not final, if it is time to.
    pub(super) fn tick(&mut self, dripline: &Dripline, visit: Visit) {
        if page::is_hidden() {
            return;
        }
        if let Some(id) = self.watch.due(&self.list.items, edge::steady_clock()) {
            let api = dripline.api.clone();
            dripline.later(async move {
                let answer = api.withdrawal(id).await.map(Box::new);
                Message::WalletPage(visit, Event::Withdrawal(answer))
            });
        }
    }

    /// Takes how one stands now.
    pub(super) fn looked(&mut self, dripline: &Dripline, answer: Result<Box<WithdrawalView>, Failure>) {
        let view = answer.ok().filter(|view| view.wallet == dripline.player.wallet);
        let has_changed = view.is_some_and(|view| put(&mut self.list.items, *view));
        if has_changed {
            dripline.refresh_wallet();
        }
        self.watch.looked(has_changed, edge::steady_clock());
    }
}

/// Asks for the page before a withdrawal, or for the first page.
pub(super) fn fetch(dripline: &Dripline, visit: Visit, before: Option<WithdrawalId>) {
    let (api, wallet) = (dripline.api.clone(), dripline.player.wallet);
    dripline.later(async move {
        let answer = api.withdrawals(wallet, before).await;
        Message::WalletPage(visit, Event::Withdrawals(wallet, before, answer))
    });
}

/// The card of the withdrawals, once there is one.
pub(super) fn view(withdrawals: &Withdrawals, dripline: &Dripline) -> Option<Element> {
    let list = &withdrawals.list;
    if list.items.is_empty() && list.rest() == Rest::Nothing {
        return None;
    }
    let mut rows = element("ol", "withdrawals");
    for view in &list.items {
        rows.push(row(dripline, view));
    }
    let card = card("wallet-withdrawals", texts().withdrawals).with(rows);
    Some(listed(dripline, card, list.rest(), Press::MoreWithdrawals))
}

fn row(dripline: &Dripline, view: &WithdrawalView) -> Element {
    let moment = view.ended_at_ms.unwrap_or(view.requested_at_ms);
    let time = text("time", "", &page::local_moment(moment)).attribute(Name::Datetime, &moment.to_string());
    let head = element("p", "withdrawal-head")
        .with(text("strong", "", &dripline.faucet.money_of(&view.asset, view.amount)))
        .with(state(view));
    let reason = view.reason.as_deref().filter(|_| view.state == WithdrawalState::Returned);
    let reason = reason.map(|reason| text("p", "quiet", &fill(texts().returned_why, &[("reason", reason)])));
    let fee = fill(texts().fee, &[("fee", &dripline.faucet.money_of(&view.asset, view.fee))]);
    let about = [" · ", &rail_name(&dripline.faucet, &view.rail), " · ", &fee].concat();
    let about = element("p", "quiet").with(time).text(&about);
    element("li", "").key(&view.id.to_string()).with(head).with(about).maybe(reason).with(details(view))
}

/// How it stands, in words.
fn state(view: &WithdrawalView) -> Element {
    let (class, picture, words) = match view.state {
        WithdrawalState::Queued => ("withdrawal-state", Icon::Clock, place(view.ahead.unwrap_or_default())),
        WithdrawalState::Review => ("withdrawal-state", Icon::Clock, texts().in_review.to_owned()),
        WithdrawalState::Sending => ("withdrawal-state", Icon::Drop, texts().sending.to_owned()),
        WithdrawalState::Paid => ("withdrawal-state is-good", Icon::Check, texts().paid.to_owned()),
        WithdrawalState::Returned => ("withdrawal-state is-risk", Icon::Back, texts().returned.to_owned()),
    };
    element("span", class).with(icon(picture)).text(&words)
}

/// The place in the queue, in words. No more are counted than so many.
fn place(ahead: u64) -> String {
    if ahead == 0 {
        return texts().queued_next.to_owned();
    }
    counted(if is_all(ahead) { texts().queued } else { texts().queued_many }, ahead)
}

/// Whether no more are before it than these, which were counted.
fn is_all(ahead: u64) -> bool {
    usize::try_from(ahead).is_ok_and(|ahead| ahead < AHEAD_MAX)
}

/// Where it goes and what paid it, in full.
fn details(view: &WithdrawalView) -> Element {
    let fact = |name, value: &str| {
        element("div", "").with(text("dt", "", name)).with(element("dd", "").with(text("code", "", value)))
    };
    let facts = element("dl", "").with(fact(texts().to, &view.address));
    let transaction = view.transaction.as_ref().map(|id| fact(texts().transaction, id));
    let summary = text("summary", "", &[texts().to, " ", &shortened(&view.address)].concat());
    element("details", "receipt").with(summary).with(facts.maybe(transaction))
}

/// An address by its ends.
fn shortened(address: &str) -> String {
    // Addresses are ASCII; one that is not is shown as it is.
    let end = address.len().saturating_sub(ENDS);
    match (address.get(..ENDS), address.get(end..)) {
        (Some(start), Some(rest)) if end > ENDS + 1 => [start, "…", rest].concat(),
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_exactly_as_far_as_it_is_counted_and_no_further() {
        assert_eq!([1, 999, 1_000].map(is_all), [true, true, false]);
    }

    #[test]
    fn an_address_is_shortened_to_its_ends_unless_it_is_short() {
        assert_eq!(shortened("7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU"), "7xKXtg…osgAsU");
        assert_eq!(shortened("there"), "there");
        assert_eq!(shortened("123456789012"), "123456789012");
        assert_eq!(shortened("xééééééé"), "xééééééé", "it cannot be cut there");
    }
}
