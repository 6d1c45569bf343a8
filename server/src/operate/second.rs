//! The second operator: what moves more money than one may move alone waits until another one has confirmed it. Pure.
//!
//! The first request is decided as if it were enough. Where it would change something and moves too much, nothing follows but
//! a proposal, which keeps what was asked for word for word. Whoever confirms it asks for the same again: everything is found
//! out and decided anew then, and with it goes that the proposal has ended. So it is done once, however many confirm at once.
//!
//! Two keys are of one operator where one was made or rotated by the other, or both by a third one: whoever does that learns
//! the secret. Commands where the store is need no second operator, for whoever runs them could change the store itself; so
//! keys that are made there are of different operators.

use std::collections::BTreeSet;
use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::api::access::{KeyStage, Permission};
use dripline_shared::api::operate::By;
use dripline_shared::api::operate::proposals::{ProposalStage, ProposedAction};
use dripline_shared::campaign::CampaignStage;
use dripline_shared::error::Code;
use dripline_shared::round::Hash;
use dripline_shared::time::{DAY_MS, Timestamp};
use serde_json::{Value, json};

use super::{Decided, Told};
use crate::access::{ApiKeyRecord, OperatorRecord};
use crate::in_force::InForce;
use crate::payout::pause;
use crate::refusal::Refusal;
use crate::store::Command;
use crate::store::command::{Answer, Change, Operation, Second, SetPause};
use crate::store::record::{Document, ProposalRecord};
use crate::store::working::{Effect, WorkingSet};

/// How long a proposal can be confirmed, in milliseconds.
pub const OPEN_MS: u64 = DAY_MS;
/// The most proposals that are open at a time.
const OPEN_MAX: usize = 50;
/// The most of them that are of one operator, by all sessions and keys of theirs: nobody keeps others from proposing.
const OPEN_EACH_MAX: usize = 10;
/// How long a proposal is kept after its time, in milliseconds; what became of it is in the audit log for good.
const KEEP_MS: u64 = 30 * DAY_MS;

/// What a change moves.
struct Moved {
    /// How much; nothing where that is not known before.
    amount: Option<Amount>,
    /// Of which asset; of several where it says nothing.
    asset: Option<Arc<str>>,
}

/// Checks that whoever confirms something may: that it waits, that they are another operator than whoever has proposed it, and
/// that that one still may do it.
pub(super) fn admit(set: &WorkingSet, operation: &Operation) -> Result<(), Refusal> {
    let Second::Confirms { id } = &operation.second else { return Ok(()) };
    let record = open(set, id, operation.now)?;
    if !keys(set, &record.by)?.is_disjoint(&keys(set, &operation.by)?) {
        return Err(Code::SameOperator.into());
    }
    if still_may(set, &record.by, permission(&record.proposed), operation.now)? {
        return Ok(());
    }
    let message = "whoever has proposed this may not do it any more";
    Err(Refusal::new(Code::AccessRefused, message))
}

/// Whether somebody may still do what they were allowed to when they proposed something.
fn still_may(set: &WorkingSet, by: &By, needed: Permission, now: Timestamp) -> Result<bool, Refusal> {
    Ok(match by {
        By::ApiKey { id, .. } => {
            let key: Option<ApiKeyRecord> = set.stored(id)?;
            key.is_some_and(|key| key.stage(now) == KeyStage::Active && key.may().contains(&needed))
        }
        By::Operator { id, .. } => {
            set.stored::<OperatorRecord>(id)?.is_some_and(|operator| operator.may().contains(&needed))
        }
        // Whoever runs commands has the store itself.
        By::CommandLine | By::File | By::Server => true,
        By::Unknown => false,
    })
}

/// A proposal that waits.
fn open(set: &WorkingSet, id: &str, now: Timestamp) -> Result<ProposalRecord, Refusal> {
    let record: ProposalRecord = set.stored(id)?.ok_or(Code::ProposalUnknown)?;
    match record.stage(now) {
        ProposalStage::Open => Ok(record),
        ProposalStage::Confirmed | ProposalStage::Withdrawn | ProposalStage::Expired => {
            Err(Code::ProposalEnded.into())
        }
    }
}

/// What whoever proposes this has to be allowed.
const fn permission(proposed: &ProposedAction) -> Permission {
    match proposed {
        ProposedAction::Approve { .. } | ProposedAction::Import { .. } | ProposedAction::Record { .. } => {
            Permission::MoveMoney
        }
        ProposedAction::Resume { .. } => Permission::ManagePayouts,
        ProposedAction::Publish { .. } => Permission::PublishCatalog,
    }
}

/// Whoever may know the secret of this key, by the ids of keys and of operators: it itself, whoever has made or rotated it,
/// and so on.
fn keys(set: &WorkingSet, by: &By) -> Result<BTreeSet<String>, Refusal> {
    let (mut found, mut open) = (BTreeSet::new(), vec![by.clone()]);
    while let Some(by) = open.pop() {
        match by {
            By::ApiKey { id, .. } => {
                if found.insert(format!("key {id}"))
                    && let Some(key) = set.stored::<ApiKeyRecord>(&id)?
                {
                    open.push(key.by);
                    open.extend(key.rotated_by);
                }
            }
            By::Operator { id, .. } => drop(found.insert(of_operator(&id))),
            By::Server | By::File | By::CommandLine | By::Unknown => {}
        }
    }
    Ok(found)
}

/// Whether this is an operator, or a key whose secret they may know.
pub(super) fn is_known_to(set: &WorkingSet, by: &By, operator: &str) -> Result<bool, Refusal> {
    Ok(keys(set, by)?.contains(&of_operator(operator)))
}

/// An operator, among the ids of keys and operators.
fn of_operator(id: &str) -> String {
    format!("operator {id}")
}

/// What was decided, or that it is proposed; where it confirms a proposal, with the end of that.
pub(super) fn settle(
    in_force: &InForce,
    set: &WorkingSet,
    operation: &Operation,
    mut decided: Decided,
) -> Result<Decided, Refusal> {
    // What changes nothing needs nobody.
    let Some(told) = &mut decided.told else { return Ok(decided) };
    match &operation.second {
        Second::Unasked => Ok(decided),
        Second::Ask { id, proposed } => {
            match moved(in_force, set, &operation.change, operation.now)
                .filter(|moved| needs_second(in_force, moved))
            {
                Some(moved) => propose(set, operation, (id, proposed), &moved),
                None => Ok(decided),
            }
        }
        Second::Confirms { id } => {
            let record = open(set, id, operation.now)?;
            if record.catalog != catalog_of(&operation.change) {
                return Err(Refusal::new(
                    Code::DraftChanged,
                    "the draft is another one than what was proposed",
                ));
            }
            let after = told.after.get_or_insert_with(|| json!({}));
            if let Value::Object(fields) = after {
                fields.insert("proposal".to_owned(), json!({ "id": record.id, "by": record.by }));
            }
            let ended = Some((true, operation.by.clone(), operation.now));
            let ended = ProposalRecord { ended, ..record };
            decided.effects.push(Effect::Document(Document::of(&ended)?));
            Ok(decided)
        }
    }
}

/// Decides to withdraw a proposal.
pub(super) fn withdraw(set: &WorkingSet, operation: &Operation, id: &str) -> Result<Decided, Refusal> {
    let record = open(set, id, operation.now)?;
    let told = Told {
        action: "proposal.withdraw",
        subject: Some(id.to_owned()),
        before: Some(json!({ "proposed": record.proposed, "by": record.by })),
        after: None,
    };
    let record = ProposalRecord { ended: Some((false, operation.by.clone(), operation.now)), ..record };
    let effects = vec![Effect::Document(Document::of(&record)?)];
    Ok(Decided { answer: Answer::Proposed(Box::new(record)), effects, told: Some(told) })
}

/// Decides to keep what was asked for until another operator confirms it. What is proposed already is not proposed twice.
fn propose(
    set: &WorkingSet,
    operation: &Operation,
    (id, proposed): (&str, &ProposedAction),
    moved: &Moved,
) -> Result<Decided, Refusal> {
    let now = operation.now;
    let all: Vec<ProposalRecord> = set.all_stored()?;
    let open = all.iter().filter(|record| record.stage(now) == ProposalStage::Open);
    let catalog = catalog_of(&operation.change);
    let is_same = |record: &&ProposalRecord| {
        record.proposed == *proposed && record.by == operation.by && record.catalog == catalog
    };
    if let Some(same) = open.clone().find(is_same) {
        let answer = Answer::Proposed(Box::new(same.clone()));
        return Ok(Decided { answer, effects: Vec::new(), told: None });
    }
    let (own, mut of_same, mut count) = (keys(set, &operation.by)?, 0_usize, 0_usize);
    for record in open {
        count = count.saturating_add(1);
        if !own.is_disjoint(&keys(set, &record.by)?) {
            of_same = of_same.saturating_add(1);
        }
    }
    if of_same >= OPEN_EACH_MAX {
        let message = format!("{OPEN_EACH_MAX} proposals of the same operator wait");
        return Err(Refusal::new(Code::ProposalsUsedUp, message));
    }
    if count >= OPEN_MAX {
        return Err(Code::ProposalsUsedUp.into());
    }
    let record = ProposalRecord {
        id: id.to_owned(),
        proposed: proposed.clone(),
        amount: moved.amount,
        asset: moved.asset.as_deref().map(str::to_owned),
        catalog,
        by: operation.by.clone(),
        at: now,
        until: now.plus(OPEN_MS),
        ended: None,
    };
    let told = Told {
        action: "proposal.make",
        subject: Some(record.id.clone()),
        before: None,
        after: Some(json!({
            "proposed": proposed, "amount": record.amount, "asset": record.asset, "until_ms": record.until,
        })),
    };
    let old = all.iter().filter(|record| record.until.plus(KEEP_MS) <= now);
    let mut effects: Vec<Effect> =
        old.map(|record| Effect::Document(Document::gone::<ProposalRecord>(&record.id))).collect();
    effects.push(Effect::Document(Document::of(&record)?));
    Ok(Decided { answer: Answer::Proposed(Box::new(record)), effects, told: Some(told) })
}

/// The version of the catalog that a change publishes.
fn catalog_of(change: &Change) -> Option<Hash> {
    if let Change::Publish(publish) = change { Some(publish.catalog.version()) } else { None }
}

/// What a change moves; nothing where it moves no money.
fn moved(in_force: &InForce, set: &WorkingSet, change: &Change, now: Timestamp) -> Option<Moved> {
    let of_withdrawal = |id| {
        let withdrawal = set.withdrawal(id)?;
        Some(Moved { amount: Some(withdrawal.amount), asset: Some(Arc::clone(&withdrawal.asset)) })
    };
    match change {
        Change::Approve { withdrawal } => of_withdrawal(*withdrawal),
        Change::Publish(publish) => {
            let raised = publish.catalog.campaigns.iter().map(|campaign| {
                // One that is over has given back what it had: with other dates it is given all of it again.
                let before = in_force.catalog.campaign(&campaign.id);
                let before = before.filter(|it| it.stage(now) != CampaignStage::Over);
                let before = before.map_or(Amount::ZERO, |it| it.budget);
                if campaign.stage(now) == CampaignStage::Over {
                    return Amount::ZERO;
                }
                campaign.budget.saturating_sub(before)
            });
            let raised =
                raised.fold(Amount::ZERO, |sum, raised| sum.checked_add(raised).unwrap_or(Amount::MAX));
            Some(Moved { amount: Some(raised), asset: Some(Arc::clone(&in_force.asset)) })
        }
        Change::Payout(command) => match &**command {
            Command::ImportPayout(import) => of_withdrawal(import.withdrawal),
            Command::RecordPayout(record) => Some(Moved {
                amount: Some(record.withdrawal.amount),
                asset: Some(Arc::clone(&record.withdrawal.asset)),
            }),
            Command::SetPause(SetPause { rail, why: None, .. })
                if set.rail(rail).pause.as_ref().is_some_and(pause::is_in_recovery) =>
            {
                let assets = in_force.rails.get(rail).map(|rules| rules.assets.keys());
                let is_bounded = |asset: &&Arc<str>| in_force.second_operator_above.contains_key(&***asset);
                let bounded = assets.into_iter().flatten().find(is_bounded)?;
                Some(Moved { amount: None, asset: Some(Arc::clone(bounded)) })
            }
            _ => None,
        },
        _ => None,
    }
}

/// Whether that is more than one operator may move alone.
fn needs_second(in_force: &InForce, moved: &Moved) -> bool {
    let above = moved.asset.as_deref().and_then(|asset| in_force.second_operator_above.get(asset));
    above.is_some_and(|above| moved.amount.is_none_or(|amount| amount > *above))
}

#[cfg(test)]
mod tests;
