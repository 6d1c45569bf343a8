//! The webhooks of sites: making, changing and removing them, their secrets, and what they are told by operators. Pure.

use dripline_shared::api::Reason;
use dripline_shared::api::operate::Mistake;
use dripline_shared::api::operate::webhooks::{SITE_WEBHOOKS_MAX, SiteEvent};
use dripline_shared::error::Code;
use dripline_shared::round::Hash;
use serde_json::{Value, json};

use super::former::former;
use super::sites::{stored, that_holds, unchanged};
use super::{Decided, Told, refused};
use crate::in_force::InForce;
use crate::outbox::{self, Low, is_of_another_budget, is_told};
use crate::refusal::Refusal;
use crate::site::{SiteRecord, ToldLow, WebhookRecord};
use crate::store::command::{Answer, Operation, WebhookChange};
use crate::store::record::SendAgain;
use crate::store::working::{Effect, WorkingSet};

/// Decides.
pub(super) fn decide(
    in_force: Option<&InForce>,
    set: &WorkingSet,
    operation: &Operation,
    site: &str,
    change: &WebhookChange,
) -> Result<Decided, Refusal> {
    let (before, now) = (that_holds(set, site)?, operation.now);
    match change {
        WebhookChange::Make { id, nonce, url, events } => {
            make(set, operation, &before, (id, *nonce), (url, events))
        }
        WebhookChange::Set { id, url, events, is_on } => {
            let webhook = one(&before, id)?;
            without_mistakes(events)?;
            // One that is switched on again is told anew whether it is gone.
            let gone_at = webhook.gone_at.filter(|_| !is_on);
            let (url, events) = (url.clone(), events.clone());
            let after = WebhookRecord { url, events, is_on: *is_on, gone_at, ..webhook.clone() };
            changed(set, "site.change_webhook", &before, &after)
        }
        WebhookChange::Rotate { id, nonce, overlap_ms } => {
            rotate(set, operation, &before, id, (*nonce, *overlap_ms))
        }
        WebhookChange::Remove { id } => remove(set, &before, id),
        WebhookChange::Gone { id, url } => {
            // It may have been changed since, or removed.
            let webhook = one(&before, id).ok().filter(|webhook| webhook.is_on && webhook.url == *url);
            let Some(webhook) = webhook else { return Ok(unchanged(before)) };
            let after = WebhookRecord { is_on: false, gone_at: Some(now), ..webhook.clone() };
            changed(set, "site.webhook_gone", &before, &after)
        }
        WebhookChange::Test { id, message } => {
            let webhook = that_is_on(&before, id)?;
            let effect = Effect::Delivery(outbox::test(&before, webhook, message, now));
            let told =
                told("site.test_webhook", &before, None, Some(json!({ "webhook": id, "message": message })));
            Ok(sent(before.clone(), effect, told))
        }
        WebhookChange::SendAgain { id, number } => {
            let webhook = that_is_on(&before, id)?;
            let again = SendAgain { number: *number, webhook: webhook.id.as_str().into(), now };
            let after = json!({ "webhook": id, "number": number });
            let told = told("site.resend_webhook", &before, None, Some(after));
            Ok(sent(before.clone(), Effect::SendAgain(again), told))
        }
        WebhookChange::TellLow(low) => tell_low(in_force.ok_or(Code::Internal)?, set, operation, before, low),
        WebhookChange::ForgetLow { campaign, budget } => {
            let is_past = |webhook: &&mut WebhookRecord| is_of_another_budget(webhook, campaign, *budget);
            let mut after = before.clone();
            after.webhooks.iter_mut().filter(is_past).for_each(|webhook| webhook.told = None);
            if after == before { Ok(unchanged(before)) } else { stored(set, after, None) }
        }
    }
}

fn make(
    set: &WorkingSet,
    operation: &Operation,
    before: &SiteRecord,
    (id, nonce): (&str, Hash),
    (url, events): (&str, &[SiteEvent]),
) -> Result<Decided, Refusal> {
    without_mistakes(events)?;
    if before.webhooks.len() >= SITE_WEBHOOKS_MAX {
        let message = format!("a site may have {SITE_WEBHOOKS_MAX} webhooks");
        return Err(Refusal::new(Code::WebhooksUsedUp, message));
    }
    let webhook = WebhookRecord {
        id: id.to_owned(),
        url: url.to_owned(),
        events: events.to_vec(),
        is_on: true,
        gone_at: None,
        nonce,
        former: None,
        by: operation.by.clone(),
        made_at: operation.now,
        told: None,
    };
    let told = told("site.make_webhook", before, None, Some(summary(&webhook)));
    let webhooks = before.webhooks.iter().cloned().chain([webhook]).collect();
    stored(set, SiteRecord { webhooks, ..before.clone() }, Some(told))
}

fn rotate(
    set: &WorkingSet,
    operation: &Operation,
    before: &SiteRecord,
    id: &str,
    (nonce, overlap_ms): (Hash, Option<u64>),
) -> Result<Decided, Refusal> {
    let webhook = one(before, id)?;
    let former = former(webhook.nonce, overlap_ms, operation.now)?;
    let after = WebhookRecord {
        nonce,
        former: Some(former).filter(|_| overlap_ms != Some(0)),
        by: operation.by.clone(),
        made_at: operation.now,
        ..webhook.clone()
    };
    changed(set, "site.rotate_webhook", before, &after)
}

fn remove(set: &WorkingSet, before: &SiteRecord, id: &str) -> Result<Decided, Refusal> {
    let gone = one(before, id)?;
    let told = told("site.remove_webhook", before, Some(summary(gone)), None);
    let webhooks = before.webhooks.iter().filter(|webhook| webhook.id != id).cloned().collect();
    stored(set, SiteRecord { webhooks, ..before.clone() }, Some(told))
}

/// Tells each webhook that has not been told that yet. It is no operator's change, and the audit log has none of it.
fn tell_low(
    in_force: &InForce,
    set: &WorkingSet,
    operation: &Operation,
    before: SiteRecord,
    low: &Low,
) -> Result<Decided, Refusal> {
    let is_to_be_told =
        |webhook: &WebhookRecord| webhook.hears(SiteEvent::BudgetLow) && !is_told(webhook, low);
    if before.site.pays_by() != &*low.campaign || !before.webhooks.iter().any(is_to_be_told) {
        return Ok(unchanged(before));
    }
    let (mut after, mut effects) = (before.clone(), Vec::new());
    for webhook in after.webhooks.iter_mut().filter(|webhook| is_to_be_told(webhook)) {
        let new = outbox::budget_low(in_force, &before, webhook, low, operation.now);
        effects.push(Effect::Delivery(new));
        let (campaign, budget) = (low.campaign.to_string(), low.budget);
        webhook.told = Some(ToldLow { campaign, budget, percent: low.percent });
    }
    let mut decided = stored(set, after, None)?;
    decided.effects.extend(effects);
    Ok(decided)
}

fn one<'a>(record: &'a SiteRecord, id: &str) -> Result<&'a WebhookRecord, Refusal> {
    record.webhooks.iter().find(|webhook| webhook.id == id).ok_or_else(|| Code::WebhookUnknown.into())
}

fn that_is_on<'a>(record: &'a SiteRecord, id: &str) -> Result<&'a WebhookRecord, Refusal> {
    let webhook = one(record, id)?;
    if webhook.is_on {
        Ok(webhook)
    } else {
        Err(refused(Code::WebhookOff, id, format!("the webhook {id} is off")))
    }
}

/// Refuses events that nobody can choose, none at all, or one more than once.
fn without_mistakes(events: &[SiteEvent]) -> Result<(), Refusal> {
    let is_chosen_once =
        |event: &SiteEvent| *event != SiteEvent::Test && events.iter().filter(|it| *it == event).count() == 1;
    if !events.is_empty() && events.iter().all(is_chosen_once) {
        return Ok(());
    }
    let expected = "some of cleared, drip and budget.low, each once";
    Err(invalid(Mistake { field: "events".to_owned(), expected: expected.to_owned() }))
}

/// The refusal of what is said of a webhook.
pub(crate) fn invalid(mistake: Mistake) -> Refusal {
    let reason = Reason {
        code: Code::WebhookInvalid,
        message: format!("{}: expected {}", mistake.field, mistake.expected),
        subject: Some(mistake.field),
        until_ms: None,
    };
    Refusal { reasons: vec![reason], retry_after_ms: None, outcome: None, open_round: None }
}

fn told(action: &'static str, site: &SiteRecord, before: Option<Value>, after: Option<Value>) -> Told {
    Told { action, subject: Some(site.site.id.clone()), before, after }
}

/// A message that goes to a webhook, of a site that stays as it is.
fn sent(record: SiteRecord, effect: Effect, told: Told) -> Decided {
    Decided { answer: Answer::SiteChanged(Box::new(record)), effects: vec![effect], told: Some(told) }
}

/// The site with this webhook in place of the one of its id.
fn changed(
    set: &WorkingSet,
    action: &'static str,
    before: &SiteRecord,
    webhook: &WebhookRecord,
) -> Result<Decided, Refusal> {
    let was = one(before, &webhook.id)?;
    if was == webhook {
        return Ok(unchanged(before.clone()));
    }
    let mut summary_after = summary(webhook);
    if was.url != webhook.url && shown(&was.url) == shown(&webhook.url) {
        summary_after["query"] = json!("changed");
    }
    let told = told(action, before, Some(summary(was)), Some(summary_after));
    let mut after = before.clone();
    after.webhooks.iter_mut().filter(|it| it.id == webhook.id).for_each(|it| it.clone_from(webhook));
    stored(set, after, Some(told))
}

/// An address without what is likely to be a secret, for whoever reads the audit log: its query, and a user.
fn shown(url: &str) -> String {
    let bare = url.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = bare.split_once("://") else { return bare.to_owned() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

/// What the audit log says of a webhook.
fn summary(webhook: &WebhookRecord) -> Value {
    json!({
        "webhook": webhook.id,
        "url": shown(&webhook.url),
        "events": webhook.events,
        "is_on": webhook.is_on,
        "gone_at_ms": webhook.gone_at,
        "secret_made_at_ms": webhook.made_at,
        "former_until_ms": webhook.former.map(|former| former.until),
    })
}

#[cfg(test)]
mod tests;
