//! Shows what money there is, and the ways out that it has.

use dripline_shared::api::{AssetMoney, RailView};
use dripline_shared::payout::RailKind;
use dripline_shared::time::{DAY_MS, SECOND_MS, Timestamp};

use super::{Payout, Press, Way, outlet, steps};
use crate::app::{self, Dripline};
use crate::browser::page;
use crate::components::element::{Element, Name, button, element, text};
use crate::components::notice::{Weight, notice};
use crate::format::{countdown, fill};
use crate::locales::failures::explain;
use crate::locales::texts;
use crate::pages::wallet;
use crate::pages::wallet::view::card;
use crate::state::faucet::{FaucetState, Fetched};
use crate::state::withdraw::Outlet;

/// The card of taking money out. There is none where what the player has did not come: that is told above it.
pub(in crate::pages::wallet) fn view(payout: &Payout, dripline: &Dripline) -> Option<Element> {
    let faucet = &dripline.faucet;
    let card = card("wallet-payout", texts().take_out);
    Some(match (&faucet.wallet, &faucet.catalog, &faucet.rails) {
        (Fetched::Failed(_), ..) | (_, Fetched::Failed(_), _) => return None,
        (Fetched::Ready(wallet), Fetched::Ready(catalog), Fetched::Ready(_)) => {
            let own = catalog.asset.code.as_str();
            // What the faucet pays comes first. What is written in no known way is not shown.
            let others = wallet.money.keys().map(String::as_str).filter(|code| *code != own);
            let mut groups = Vec::new();
            for code in std::iter::once(own).chain(others).filter(|code| faucet.asset(code).is_some()) {
                let money = wallet.money.get(code).copied().unwrap_or_default();
                groups.extend(asset(payout, dripline, code, money));
            }
            card.group(groups).with(steps::view(payout, dripline))
        }
        (_, _, Fetched::Failed(failure)) => {
            let retry = press(dripline, Press::Rails, "button is-quiet", texts().try_again);
            let title = explain(failure, dripline.api.now()).title;
            card.with(notice(Weight::Warning, &title, vec![retry]))
        }
        _ => card.with(element("div", "outlets-wait")),
    })
}

/// Whether an address waits for its time.
pub(in crate::pages::wallet) fn counts_down(dripline: &Dripline) -> bool {
    // What has just ceased to wait has to be shown once more.
    let since = dripline.api.now().minus(2 * SECOND_MS);
    let wallet = dripline.faucet.wallet.ready();
    wallet.is_some_and(|wallet| wallet.addresses.iter().any(|address| address.usable_from_ms > since))
}

/// A button of these.
pub(super) fn press(dripline: &Dripline, press: Press, class: &'static str, name: &str) -> Element {
    button(&dripline.link, app::Press::Wallet(wallet::Press::Payout(press)), class, name)
}

/// What a rail is called. A sandbox is called one, whatever else its name is.
pub(in crate::pages::wallet) fn rail_name(faucet: &FaucetState, id: &str) -> String {
    let rails = faucet.rails.ready().map_or(&[][..], |list| &list.rails);
    match rails.iter().find(|rail| rail.id == id).map(|rail| rail.kind) {
        Some(kind @ RailKind::Sandbox) if id == kind.as_str() => texts().sandbox.to_owned(),
        Some(RailKind::Sandbox) => [id, " (", texts().sandbox, ")"].concat(),
        Some(RailKind::Evm | RailKind::Solana | RailKind::Webhook) | None => id.to_owned(),
    }
}

/// What it means to be paid by such a rail.
pub(super) fn why(kind: RailKind) -> &'static str {
    match kind {
        RailKind::Evm => texts().evm_why,
        RailKind::Sandbox => texts().sandbox_why,
        RailKind::Solana => texts().solana_why,
        RailKind::Webhook => texts().webhook_why,
    }
}

/// What there is of an asset, and the ways out that it has.
fn asset(payout: &Payout, dripline: &Dripline, code: &str, money: AssetMoney) -> Vec<Element> {
    let figure = |name, amount| {
        element("div", "").with(text("dt", "", name)).with(text(
            "dd",
            "",
            &dripline.faucet.money_of(code, amount),
        ))
    };
    let figures = element("dl", "money")
        .with(figure(texts().balance, money.balance))
        .with(figure(texts().on_its_way, money.pending))
        .with(figure(texts().paid_out, money.paid));
    let mut shown = vec![figures];
    let rails = dripline.faucet.rails.ready().map_or(&[][..], |list| &list.rails);
    for (rail, view) in rails.iter().enumerate() {
        let asset = view.assets.iter().position(|terms| terms.asset.code == code);
        let way = asset.map(|asset| Way { rail, asset });
        if let Some((way, outlet)) = way.and_then(|way| Some((way, outlet(&dripline.faucet, way)?))) {
            shown.push(outlet_view(payout, dripline, way, &outlet));
        }
    }
    if shown.len() == 1 {
        shown.push(text("p", "quiet", &fill(texts().no_outlet, &[("asset", code)])));
    }
    shown
}

/// A way out: what it is, whether there is enough for it, what it costs, and where it leads.
fn outlet_view(payout: &Payout, dripline: &Dripline, way: Way, outlet: &Outlet<'_>) -> Element {
    let now = dripline.api.now();
    let withdraw = outlet.is_open(now).then(|| {
        press(dripline, Press::Withdraw(way), "button", texts().take_out).attribute_if(
            payout.is_busy(),
            Name::Disabled,
            "disabled",
        )
    });
    element("div", "outlet")
        .with(text("h3", "", &rail_name(&dripline.faucet, &outlet.rail.id)))
        .with(text("p", "quiet", why(outlet.rail.kind)))
        .maybe(paused(outlet.rail))
        .with(threshold(outlet))
        .with(address(payout, dripline, way, outlet))
        .maybe(outlet.waits_until(now).map(|until| waits(until, now)))
        .maybe(withdraw)
}

fn paused(rail: &RailView) -> Option<Element> {
    let reason = rail.paused.as_deref()?;
    Some(notice(Weight::Warning, texts().outlet_paused, vec![text("p", "", reason)]))
}

/// How far there is enough, and what it costs.
fn threshold(outlet: &Outlet<'_>) -> Element {
    let (terms, balance) = (outlet.terms, outlet.money.balance);
    let money = |amount| terms.asset.format(amount);
    let is_enough = outlet.missing().is_zero();
    let told = fill(
        if is_enough { texts().outlet_enough } else { texts().outlet_threshold },
        &[("balance", &balance.to_decimal(terms.asset.decimals)), ("least", &money(terms.threshold))],
    );
    let fee = if terms.fee.is_zero() {
        texts().outlet_no_fee.to_owned()
    } else {
        fill(texts().outlet_fee, &[("fee", &money(terms.fee))])
    };
    let bar = element("progress", if is_enough { "is-full" } else { "" })
        .attribute(Name::Value, &balance.min(terms.threshold).to_string())
        .attribute(Name::Max, &terms.threshold.to_string())
        .attribute(Name::AriaLabel, &told);
    // It is told before an address is set: whoever sets one says where to.
    let dormant = terms
        .dormant_after_ms
        .map(|after_ms| fill(texts().outlet_dormant, &[("days", &after_ms.div_ceil(DAY_MS).to_string())]))
        .unwrap_or_default();
    element("div", "threshold").with(bar).with(text("p", "", &[&told, ". ", &fee, &dormant].concat()))
}

/// Where it leads, and how to change that. Who never had a drip has nothing to be paid yet.
fn address(payout: &Payout, dripline: &Dripline, way: Way, outlet: &Outlet<'_>) -> Element {
    let (name, class) = match outlet.address {
        Some(_) => (texts().change_address, "button is-quiet is-small"),
        None if outlet.missing().is_zero() => (texts().set_address, "button"),
        None => (texts().set_address, "button is-quiet"),
    };
    let has_played = dripline.faucet.wallet.ready().is_some_and(|wallet| wallet.drips > 0);
    let change = (has_played || outlet.address.is_some()).then(|| {
        press(dripline, Press::Address(way), class, name).attribute_if(
            payout.is_busy(),
            Name::Disabled,
            "disabled",
        )
    });
    let row = element("div", "address");
    match outlet.address {
        Some(set) => row.with(text("span", "address-name", texts().paid_to)).with(text(
            "code",
            "address-text",
            &set.address,
        )),
        None => row.with(text("p", "address-text", texts().no_address)),
    }
    .maybe(change)
}

fn waits(until: Timestamp, now: Timestamp) -> Element {
    let values = [("time", countdown(until.since(now))), ("moment", page::local_moment(until))];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    text("p", "is-risk", &fill(texts().address_waits, &values))
}
