//! What messages to the webhooks of sites say. Pure.
//!
//! Ids follow from what is told, so that whatever happens twice is the same message: of a budget, from when it was found low, since the
//! same budget may come to its end twice. Of players, there is the wallet alone.

use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::api::Receipt;
use dripline_shared::api::operate::webhooks::SiteEvent;
use dripline_shared::round::RoundId;
use dripline_shared::site::SiteMode;
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;
use serde::Serialize;

use super::Low;
use crate::in_force::InForce;
use crate::site::{SiteRecord, WebhookRecord};
use crate::store::record::{NewDelivery, RoundRecord};

/// A body, in the form of Standard Webhooks. Receivers ignore what they do not know, so more can be added.
#[derive(Debug, Serialize)]
struct Body<T> {
    #[serde(rename = "type")]
    kind: SiteEvent,
    /// When it happened, by RFC 3339.
    timestamp: String,
    data: T,
}

/// A round that was won and claimed. What is also told by a verification is called as there.
#[derive(Debug, Serialize)]
struct Cleared<'a> {
    site: &'a str,
    mode: SiteMode,
    round: RoundId,
    wallet: Wallet,
    level: &'a str,
    score: u32,
    stars: u8,
    /// In ledger units; 0 where nothing was paid.
    amount: Amount,
    asset: &'a str,
    opened_at_ms: Timestamp,
    claimed_at_ms: Timestamp,
}

/// What was paid for a round.
#[derive(Debug, Serialize)]
struct Drip<'a> {
    site: &'a str,
    mode: SiteMode,
    round: RoundId,
    wallet: Wallet,
    level: &'a str,
    campaign: &'a str,
    /// In ledger units.
    amount: Amount,
    asset: &'a str,
    /// How many decimals of the asset a ledger unit is.
    decimals: u8,
    claimed_at_ms: Timestamp,
}

#[derive(Debug, Serialize)]
struct BudgetLow<'a> {
    site: &'a str,
    mode: SiteMode,
    campaign: &'a str,
    /// In ledger units.
    budget: Amount,
    left: Amount,
    asset: &'a str,
    decimals: u8,
    /// At most so many per cent are left.
    percent: u32,
}

#[derive(Debug, Serialize)]
struct Test<'a> {
    site: &'a str,
    mode: SiteMode,
}

fn body(kind: SiteEvent, at: Timestamp, data: impl Serialize) -> Arc<str> {
    // Plain data always serialises.
    serde_json::to_string(&Body { kind, timestamp: at.to_string(), data }).unwrap_or_default().into()
}

/// A message to each webhook that is told of such; its body is made once, and only where there is one.
fn to_each(
    record: &SiteRecord,
    event: SiteEvent,
    message: impl FnOnce() -> String,
    body: impl FnOnce() -> Arc<str>,
    made_at: Timestamp,
) -> Vec<NewDelivery> {
    let mut told = record.webhooks.iter().filter(|webhook| webhook.hears(event)).peekable();
    if told.peek().is_none() {
        return Vec::new();
    }
    let (message, body): (Arc<str>, Arc<str>) = (message().into(), body());
    let new = |webhook: &WebhookRecord| NewDelivery {
        message: Arc::clone(&message),
        webhook: webhook.id.as_str().into(),
        event,
        body: Arc::clone(&body),
        made_at,
    };
    told.map(new).collect()
}

/// What a claim of a site's round has its webhooks told: nothing where there are none, and nothing is read to find that out.
pub(crate) fn of_claim(in_force: &InForce, round: &RoundRecord, receipt: &Receipt) -> Vec<NewDelivery> {
    let Some(record) = round.site.as_ref().and_then(|site| in_force.registered.get(site)) else {
        return Vec::new();
    };
    let (site, mode, now) = (record.site.id.as_str(), record.site.mode, receipt.claimed_at_ms);
    let cleared = || Cleared {
        site,
        mode,
        round: round.id,
        wallet: round.wallet,
        level: &receipt.level,
        score: receipt.outcome.score,
        stars: receipt.outcome.stars,
        amount: receipt.amount,
        asset: &receipt.asset,
        opened_at_ms: round.opened_at,
        claimed_at_ms: now,
    };
    let drip = || Drip {
        site,
        mode,
        round: round.id,
        wallet: round.wallet,
        level: &receipt.level,
        campaign: &receipt.campaign,
        amount: receipt.amount,
        asset: &receipt.asset,
        decimals: in_force.catalog.asset.decimals,
        claimed_at_ms: now,
    };
    let message = |event: SiteEvent| format!("msg_{}_{}", event.as_str(), round.id);
    let event = SiteEvent::Cleared;
    let mut told = to_each(record, event, || message(event), || body(event, now, cleared()), now);
    if !receipt.amount.is_zero() {
        let event = SiteEvent::Drip;
        told.extend(to_each(record, event, || message(event), || body(event, now, drip()), now));
    }
    told
}

/// What a webhook is told of a campaign that has little left.
pub(crate) fn budget_low(
    in_force: &InForce,
    record: &SiteRecord,
    webhook: &WebhookRecord,
    low: &Low,
    now: Timestamp,
) -> NewDelivery {
    let data = BudgetLow {
        site: &record.site.id,
        mode: record.site.mode,
        campaign: &low.campaign,
        budget: low.budget,
        left: low.left,
        asset: &in_force.asset,
        decimals: in_force.catalog.asset.decimals,
        percent: low.percent,
    };
    NewDelivery {
        message: format!("msg_low_{}_{}_{}_{}", record.site.id, low.campaign, low.percent, now.0).into(),
        webhook: webhook.id.as_str().into(),
        event: SiteEvent::BudgetLow,
        body: body(SiteEvent::BudgetLow, now, data),
        made_at: now,
    }
}

/// What a webhook is told when an operator tries it.
pub(crate) fn test(
    record: &SiteRecord,
    webhook: &WebhookRecord,
    message: &Arc<str>,
    now: Timestamp,
) -> NewDelivery {
    let data = Test { site: &record.site.id, mode: record.site.mode };
    NewDelivery {
        message: Arc::clone(message),
        webhook: webhook.id.as_str().into(),
        event: SiteEvent::Test,
        body: body(SiteEvent::Test, now, data),
        made_at: now,
    }
}
