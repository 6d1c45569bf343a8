//! Shows the step at which the player is: entering, agreeing, waiting, and what came of it.

use dripline_shared::amount::Amount;
use dripline_shared::error::Code;
use dripline_shared::payout::{RailKind, WithdrawalState};

use super::outlets::{press, rail_name, why};
use super::{CHECK, Entry, FIELD, Payout, Press, Step, TOLD, outlet};
use crate::api::Failure;
use crate::app::{self, Dripline};
use crate::components::element::{Element, Name, element, text};
use crate::components::notice::{Weight, answer};
use crate::format::{fill, span};
use crate::locales::failures::explain;
use crate::locales::texts;
use crate::pages::wallet;
use crate::state::withdraw::{Mistake, Outlet, Plan, Wish};

/// The step, and what is told of it: that has its place all the time, so that a screen reader says what comes there.
pub(super) fn view(payout: &Payout, dripline: &Dripline) -> Element {
    let step = match &payout.step {
        Step::Entering(entry) => entering(payout, dripline, entry),
        Step::Checking(wish, entry) => Some(checking(dripline, wish, entry)),
        Step::Unanswered(..) => {
            Some(element("div", "check").with(text("p", "", texts().unanswered)).with(press(
                dripline,
                Press::Resend,
                "button",
                texts().try_again,
            )))
        }
        _ => None,
    };
    let told = match &payout.step {
        Step::Sending(..) | Step::Repricing(_) => texts().asking.to_owned(),
        Step::AddressSet => texts().address_set.to_owned(),
        Step::Requested(_, amount, state) => {
            let words = match state {
                WithdrawalState::Queued | WithdrawalState::Review | WithdrawalState::Sending => {
                    texts().requested
                }
                WithdrawalState::Paid => texts().requested_paid,
                WithdrawalState::Returned => texts().requested_returned,
            };
            fill(words, &[("amount", amount)])
        }
        _ => String::new(),
    };
    let told = text("p", "step-told", &told)
        .attribute(Name::Id, TOLD)
        .attribute(Name::Tabindex, "-1")
        .attribute(Name::Role, "status");
    // What it was is told once it is known what comes next.
    let failure = payout.failure.as_ref().filter(|_| !matches!(payout.step, Step::Repricing(_)));
    let refusal = failure.map(|failure| refusal(dripline, failure));
    element("div", "step").with(told).maybe(refusal).maybe(step)
}

/// Why something was not done.
pub(in crate::pages::wallet) fn refusal(dripline: &Dripline, failure: &Failure) -> Element {
    let explanation = explain(failure, dripline.api.now());
    let mut told = vec![text("p", "", &explanation.advice)];
    // What an address looks like only the rail knows.
    if let Failure::Refused(problem) = failure
        && problem.code == Code::InvalidAddress
    {
        told.push(text("p", "quiet", &problem.detail));
    }
    answer(Weight::Warning, &explanation.title, told)
}

/// A field, with what is wrong with what is in it.
fn entering(payout: &Payout, dripline: &Dripline, entry: &Entry) -> Option<Element> {
    let outlet = outlet(&dripline.faucet, entry.way)?;
    let rail = rail_name(&dripline.faucet, &outlet.rail.id);
    let asset = &outlet.terms.asset;
    let values = [("rail", rail.as_str()), ("asset", &asset.code)];
    let (title, label, hint) = if entry.is_address {
        (texts().address_title, texts().address.to_owned(), address_hint(&outlet))
    } else {
        let range = [("least", asset.format(outlet.terms.threshold)), ("most", asset.format(outlet.most()))];
        let range = range.each_ref().map(|(name, value)| (*name, value.as_str()));
        (texts().amount_title, fill(texts().amount_label, &values), fill(texts().amount_range, &range))
    };
    let mistake = entry.mistake.map(|mistake| words(mistake, &outlet)).unwrap_or_default();
    let field = element("input", "")
        .reference(&payout.field)
        .attribute(Name::Id, FIELD)
        .attribute(Name::Value, &entry.text)
        .attribute(Name::Inputmode, if entry.is_address { "text" } else { "decimal" })
        .attribute(Name::Autocomplete, "off")
        .attribute(Name::Autocapitalize, "off")
        .attribute(Name::Spellcheck, "false")
        .attribute_if(entry.mistake.is_some(), Name::AriaInvalid, "true")
        .attribute(Name::AriaDescribedby, "payout-hint payout-mistake");
    Some(
        element("form", "")
            .key(if entry.is_address { "address" } else { "amount" })
            .submitted(&dripline.link, app::Press::Wallet(wallet::Press::Payout(Press::Check)))
            .with(text("h3", "", &fill(title, &values)))
            .with(text("label", "", &label).attribute(Name::For, FIELD))
            .with(field)
            .with(text("p", "quiet", &hint).attribute(Name::Id, "payout-hint"))
            .with(
                text("p", "is-risk", &mistake)
                    .attribute(Name::Id, "payout-mistake")
                    .attribute(Name::Role, "alert"),
            )
            .with(element("div", "buttons").with(text("button", "button", texts().check)).with(press(
                dripline,
                Press::Back,
                "button is-quiet",
                texts().back,
            ))),
    )
}

fn address_hint(outlet: &Outlet<'_>) -> String {
    match outlet.address {
        None if outlet.rail.kind == RailKind::Sandbox => texts().address_own.to_owned(),
        None => why(outlet.rail.kind).to_owned(),
        Some(_) if outlet.rail.address_wait_ms > 0 => {
            fill(texts().address_wait, &[("time", &span(outlet.rail.address_wait_ms))])
        }
        Some(_) => String::new(),
    }
}

/// What is wrong with what was entered.
fn words(mistake: Mistake, outlet: &Outlet<'_>) -> String {
    let (asset, terms) = (&outlet.terms.asset, outlet.terms);
    let money = |text, name, amount| fill(text, &[(name, &asset.format(amount))]);
    match mistake {
        Mistake::NotAnAddress => texts().not_an_address.to_owned(),
        Mistake::NotANumber => {
            let example = outlet.money.balance.to_decimal(asset.decimals);
            fill(texts().not_a_number, &[("example", &example)])
        }
        Mistake::Ambiguous => texts().ambiguous.to_owned(),
        Mistake::TooFine => {
            let smallest = asset.format(Amount::from_units(1));
            fill(texts().too_fine, &[("asset", &asset.code), ("smallest", &smallest)])
        }
        Mistake::Nothing => texts().nothing.to_owned(),
        Mistake::TooLittle => money(texts().too_little, "least", terms.threshold),
        Mistake::TooMuch => money(texts().too_much, "most", outlet.money.balance),
        Mistake::TooMuchAtOnce => money(texts().too_much_at_once, "most", outlet.most()),
        Mistake::EatenByFee => money(texts().eaten_by_fee, "fee", terms.fee),
    }
}

/// What is to be signed, in its own words, and what comes of it.
fn checking(dripline: &Dripline, wish: &Wish, entry: &Entry) -> Element {
    let (sums, sign) = match wish {
        Wish::Address { .. } => (None, texts().sign_address),
        Wish::Withdrawal(plan) => (Some(sums(plan)), texts().sign_withdrawal),
    };
    let rail = outlet(&dripline.faucet, entry.way).map(|outlet| outlet.rail);
    let rail = rail.map(|rail| [&rail_name(&dripline.faucet, &rail.id), ". ", why(rail.kind)].concat());
    let rail = rail.unwrap_or_default();
    element("div", "check")
        .with(text("h3", "", texts().check_title).attribute(Name::Id, CHECK).attribute(Name::Tabindex, "-1"))
        .with(text("blockquote", "", &wish.sentence()))
        .with(text("p", "quiet", &rail))
        .maybe(sums)
        .with(element("div", "buttons").with(press(dripline, Press::Sign, "button", sign)).with(press(
            dripline,
            Press::Back,
            "button is-quiet",
            texts().back,
        )))
}

fn sums(plan: &Plan) -> Element {
    let line =
        |name, value: &str| element("div", "sum-line").with(text("dt", "", name)).with(text("dd", "", value));
    let money = |name, amount| line(name, &plan.asset.format(amount));
    element("dl", "sum")
        .with(money(texts().check_leaves, plan.amount))
        .with(money(texts().check_fee, plan.fee))
        .with(money(texts().check_arrives, plan.arrives()))
        .with(line(texts().check_at, &plan.address))
}
