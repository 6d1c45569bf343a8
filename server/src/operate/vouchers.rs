//! Vouchers of campaigns: made by operators, many at once, and revoked. Pure.

use dripline_shared::api::operate::{VOUCHERS_AT_ONCE, VOUCHERS_MAX};
use dripline_shared::error::Code;
use dripline_shared::time::Timestamp;
use serde_json::json;

use super::{Decided, Told, of_field, refused};
use crate::in_force::InForce;
use crate::refusal::Refusal;
use crate::store::command::{Answer, MakeVouchers, Operation};
use crate::store::record::{Document, VoucherRecord};
use crate::store::working::{Effect, WorkingSet};
use crate::voucher::{IssueRecord, issue_id};

/// Decides to make vouchers of a campaign. What was asked for before has the answer that it had.
pub(super) fn make(
    in_force: &InForce,
    set: &WorkingSet,
    operation: &Operation,
    make: &MakeVouchers,
) -> Result<Decided, Refusal> {
    let now = operation.now;
    let count = u32::try_from(make.hashes.len()).unwrap_or(u32::MAX);
    let all: Vec<IssueRecord> = set.all_stored()?;
    // Before anything that may have changed since the answer that got lost.
    if let Some(made) = all.iter().find(|issue| issue.asked == Some(make.asked)) {
        if (made.count, made.expires) != (count, make.expires) {
            return Err(Code::ClientIdReused.into());
        }
        let answer = Answer::Vouchers(Box::new(made.clone()));
        return Ok(Decided { answer, effects: Vec::new(), told: None });
    }
    if in_force.catalog.campaign(&make.campaign).is_none() {
        return Err(Code::UnknownCampaign.into());
    }
    if !(1..=VOUCHERS_AT_ONCE).contains(&count) {
        return Err(of_field("count", format!("expected 1 to {VOUCHERS_AT_ONCE}")));
    }
    if make.expires.is_some_and(|expires| expires <= now) {
        return Err(of_field("expires_ms", "expected a moment that comes".to_owned()));
    }
    let of_campaign = || all.iter().filter(|issue| issue.campaign == *make.campaign);
    let total = of_campaign().map(|issue| u64::from(issue.count)).fold(u64::from(count), u64::saturating_add);
    if total > VOUCHERS_MAX {
        let message = format!("a campaign has at most {VOUCHERS_MAX} vouchers");
        return Err(refused(Code::VouchersUsedUp, &*make.campaign, message));
    }
    let issue = IssueRecord {
        campaign: make.campaign.to_string(),
        number: of_campaign().map(|issue| issue.number).max().unwrap_or(0).saturating_add(1),
        count,
        by: operation.by.clone(),
        at: now,
        expires: make.expires,
        revoked: None,
        asked: Some(make.asked),
    };
    let id = issue_id(&issue.campaign, issue.number);
    let voucher = |hash: &_| Effect::Voucher(VoucherRecord { hash: *hash, issue: id.clone(), used: None });
    let mut effects: Vec<Effect> = make.hashes.iter().map(voucher).collect();
    effects.push(Effect::Document(Document::of(&issue)?));
    let told = Told {
        action: "vouchers.make",
        subject: Some(format!("{}/{}", issue.campaign, issue.number)),
        before: None,
        after: Some(json!({ "count": count, "expires_ms": issue.expires })),
    };
    Ok(Decided { answer: Answer::Vouchers(Box::new(issue)), effects, told: Some(told) })
}

/// Decides to revoke those of an issue that nobody has used.
pub(super) fn revoke(
    set: &WorkingSet,
    campaign: &str,
    number: u64,
    now: Timestamp,
) -> Result<Decided, Refusal> {
    let found: Option<IssueRecord> = set.stored(&issue_id(campaign, number))?;
    let issue = found.ok_or(Code::VouchersUnknown)?;
    if issue.revoked.is_some() {
        return Ok(Decided { answer: Answer::Vouchers(Box::new(issue)), effects: Vec::new(), told: None });
    }
    let revoked = IssueRecord { revoked: Some(now), ..issue };
    let effects = vec![Effect::Document(Document::of(&revoked)?)];
    let told = Told {
        action: "vouchers.revoke",
        subject: Some(format!("{campaign}/{number}")),
        before: None,
        after: None,
    };
    Ok(Decided { answer: Answer::Vouchers(Box::new(revoked)), effects, told: Some(told) })
}
