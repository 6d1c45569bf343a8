//! What a player should know in more than one place.

use dripline_shared::round::RoundId;
use dripline_shared::time::Timestamp;

use crate::api::Failure;
use crate::app::{Dripline, Press};
use crate::browser::page;
use crate::components::element::{Element, button, text};
use crate::components::notice::{Weight, notice};
use crate::format::{countdown, fill};
use crate::locales::failures::{explain, explain_limits};
use crate::locales::texts;
use crate::state::faucet::{FaucetState, Fetched};

/// Something did not come, and can be asked for again.
pub(crate) fn failed(dripline: &Dripline, failure: &Failure) -> Element {
    let explanation = explain(failure, dripline.api.now());
    let advice = text("p", "", &explanation.advice);
    notice(Weight::Warning, &explanation.title, vec![advice, retry(dripline)])
}

fn retry(dripline: &Dripline) -> Element {
    button(&dripline.link, Press::TryAgain, "button is-quiet", texts().try_again)
}

/// What the player has is not known: its wallet did not come, or the catalog that says what that means.
pub(crate) fn unknown(dripline: &Dripline) -> Option<Element> {
    let FaucetState { wallet, catalog, .. } = &dripline.faucet;
    let ((Fetched::Failed(failure), _) | (_, Fetched::Failed(failure))) = (wallet, catalog) else {
        return None;
    };
    let explanation = explain(failure, dripline.api.now());
    let why = text("p", "", &explanation.title).text(". ").text(&explanation.advice);
    Some(notice(Weight::Warning, texts().wallet_unknown_title, vec![why, retry(dripline)]))
}

/// What would hold any reward back at the moment.
pub(crate) fn limits(dripline: &Dripline) -> Option<Element> {
    let limits = &dripline.faucet.wallet.ready()?.limits;
    let explanation = explain_limits(limits, dripline.api.now())?;
    Some(notice(Weight::Warning, &explanation.title, vec![text("p", "", &explanation.advice)]))
}

/// The rewards that are on their way, and those that never came.
pub(crate) fn claims(dripline: &Dripline) -> Vec<Element> {
    let (faucet, wallet, now) = (&dripline.faucet, dripline.player.wallet, dripline.api.now());
    let mut notices = Vec::new();
    // Before the server has told its time, what is late cannot be told from what is early.
    if faucet.catalog.ready().is_none() {
        return notices;
    }
    for claim in faucet.claims.waiting(wallet, now) {
        let left = countdown(claim.retry_at_ms.since(now));
        let values = [("level", faucet.level_name(&claim.level)), ("time", &left)];
        let content = vec![text("p", "", &fill(texts().claim_waits, &values)), term(claim.until_ms)];
        notices.push(notice(Weight::Calm, texts().claim_waits_title, content));
    }
    let lost = faucet.claims.lost(wallet, now);
    if !lost.is_empty() {
        let tell = |level| fill(texts().claim_lost, &[("level", faucet.level_name(level))]);
        let mut content: Vec<_> = lost.iter().map(|claim| text("p", "", &tell(&claim.level))).collect();
        content.push(button(&dripline.link, Press::Understood, "button is-quiet", texts().understood));
        notices.push(notice(Weight::Warning, texts().claim_lost_title, content));
    }
    notices
}

/// Until when the reward of a round can be claimed, while it waits.
pub(crate) fn claim_term(dripline: &Dripline, round: RoundId) -> Option<Element> {
    dripline.faucet.claims.of_round(round).map(|claim| term(claim.until_ms))
}

fn term(until: Timestamp) -> Element {
    text("p", "quiet", &fill(texts().claim_term, &[("moment", &page::local_moment(until))]))
}
