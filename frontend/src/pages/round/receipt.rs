//! The drip that a round earned: how much, why, and what proves it.

use std::cmp::Ordering;

use dripline_shared::api::Receipt;
use dripline_shared::reward::{BASIS_POINTS, Factor, FactorName, is_capped};

use crate::app::Dripline;
use crate::browser::json;
use crate::components::element::{Element, Name, element, text};
use crate::components::icon::{Icon, icon};
use crate::components::link::link;
use crate::components::notice::{Weight, notice};
use crate::components::remaining::remaining;
use crate::components::stars::stars;
use crate::format::factor;
use crate::locales::texts;
use crate::pages::round::count_up::CountUp;
use crate::pages::round::result::score_was;
use crate::route::Route;

/// The drip, as the result tells of it.
pub(super) fn drip(dripline: &Dripline, receipt: &Receipt, count_up: Option<&CountUp>) -> Vec<Element> {
    let asset = dripline.faucet.catalog.ready().map(|catalog| &catalog.asset);
    let amount = count_up.zip(asset).map(|(count_up, asset)| count_up.view(receipt.amount, asset));
    let arrival = element("div", "drip")
        .with(element("span", "drip-drop").with(icon(Icon::Drop)))
        .with(element("span", "drip-pool").attribute(Name::AriaHidden, "true"))
        .with(element("p", "drip-amount").maybe(amount));
    let mut told = vec![
        text("h1", "", texts().won_title),
        element("div", "result-stars").with(stars(receipt.outcome.stars)),
        score_was(receipt.outcome.score),
        arrival,
        sum(dripline, receipt),
    ];
    if !dripline.faucet.is_backed_up {
        let to_backup = link(&dripline.link, Route::Wallet, "button is-quiet").text(texts().to_backup);
        let content = vec![text("p", "", texts().first_backup), to_backup];
        told.push(notice(Weight::Warning, texts().first_backup_title, content));
    }
    told.push(details(receipt));
    told
}

/// Why the drip is what it is: the base, every factor by name, and what they make.
fn sum(dripline: &Dripline, receipt: &Receipt) -> Element {
    let money = |amount| text("dd", "", &dripline.faucet.money(amount));
    let mut sum = element("dl", "sum").with(line("sum-line", texts().base, money(receipt.base)));
    for applied in receipt.factors.iter().copied() {
        sum.push(factor_line(applied));
    }
    if is_capped(receipt.base, &receipt.factors, receipt.amount) {
        let most = dripline.faucet.money(receipt.amount);
        sum.push(explained("sum-line is-less", texts().cap, texts().cap_why, &most));
    }
    let pays_again = element("dd", "").with(remaining(receipt.pays_again_at_ms, dripline.api.now()));
    sum.with(line("sum-line is-total", texts().drip, money(receipt.amount)))
        .with(line("sum-line is-quiet", texts().new_balance, money(receipt.balance)))
        .with(line("sum-line is-quiet", texts().pays_again, pays_again))
}

fn line(class: &'static str, name: &str, value: Element) -> Element {
    element("div", class).with(text("dt", "", name)).with(value)
}

fn factor_line(applied: Factor) -> Element {
    let (name, why) = match applied.name {
        FactorName::Stars => (texts().factor_stars, texts().factor_stars_why),
        FactorName::FirstClear => (texts().factor_first_clear, texts().factor_first_clear_why),
        FactorName::Streak => (texts().factor_streak, texts().factor_streak_why),
        FactorName::Boost => (texts().factor_boost, texts().factor_boost_why),
        FactorName::Pacing => (texts().factor_pacing, texts().factor_pacing_why),
        FactorName::Repeat => (texts().factor_repeat, texts().factor_repeat_why),
    };
    let class = match applied.basis_points.cmp(&BASIS_POINTS) {
        Ordering::Less => "sum-line is-less",
        Ordering::Equal => "sum-line is-same",
        Ordering::Greater => "sum-line is-more",
    };
    explained(class, name, why, &factor(applied.basis_points))
}

fn explained(class: &'static str, name: &str, why: &str, value: &str) -> Element {
    let name = text("dt", "", name).with(text("span", "sum-why", why));
    element("div", class).with(name).with(text("dd", "", value))
}

/// What proves the drip.
fn details(receipt: &Receipt) -> Element {
    let mut list = element("dl", "");
    for (name, value) in [
        (texts().receipt_round, receipt.round.to_string()),
        (texts().receipt_transcript, receipt.transcript.to_string()),
        (texts().receipt_secret, receipt.round_secret.to_string()),
        (texts().receipt_faucet, receipt.faucet.to_string()),
        (texts().receipt_key, receipt.key_id.clone()),
        (texts().receipt_signature, receipt.signature.to_string()),
    ] {
        list.push(line("", name, element("dd", "").with(text("code", "", &value))));
    }
    element("details", "receipt")
        .with(text("summary", "", texts().receipt))
        .with(text("p", "quiet", texts().receipt_explained))
        .with(list)
        .maybe(json::print(receipt).map(|receipt| {
            // Behind the `#`, where it does not go to the server. Nothing in it needs another form there.
            let path = ["/ledger#", &receipt].concat();
            text("a", "", texts().receipt_check).attribute(Name::Href, &path)
        }))
}
