//! Records to answers: what players see of rails and withdrawals. Pure.

use dripline_shared::api::{RailAsset, RailList, RailView, WithdrawalPage, WithdrawalView};
use dripline_shared::time::Timestamp;

use crate::check;
use crate::in_force::InForce;
use crate::payout::{RailRules, pause};
use crate::store::WithdrawalFacts;
use crate::store::record::{RailRecord, Stage};

/// What players are told whose payout was cancelled.
const CANCELLED: &str = "The operator has cancelled it";

/// The rails, by rising ids. `records` are those that are paused, among others.
pub(crate) fn rails(in_force: &InForce, records: &[RailRecord], now: Timestamp) -> RailList {
    let paused = |id: &str| {
        if !check::rail::is_running(&in_force.stopped, id) {
            return Some("The operator has stopped it. What was requested waits.".to_owned());
        }
        let pause = records.iter().find(|record| &*record.id == id).and_then(|record| record.pause.as_ref());
        pause.map(|pause| pause::told(pause).to_owned())
    };
    let view = |(id, rules): (&std::sync::Arc<str>, &RailRules)| RailView {
        id: id.to_string(),
        kind: rules.kind,
        assets: rules
            .assets
            .values()
            .map(|rules| RailAsset {
                asset: rules.asset.clone(),
                threshold: rules.threshold,
                maximum: rules.maximum(),
                fee: rules.fee_max(),
                dormant_after_ms: rules.dormant_after_ms,
            })
            .collect(),
        address_wait_ms: rules.address_wait_ms,
        paused: paused(id),
        chain_id: rules.ownership.map(|rules| rules.chain_id),
        needs_ownership: rules.ownership.is_some_and(|rules| rules.is_needed),
    };
    RailList { rails: in_force.rails.iter().map(view).collect(), server_time_ms: now }
}

/// A withdrawal.
pub(crate) fn withdrawal(facts: WithdrawalFacts, now: Timestamp) -> WithdrawalView {
    let WithdrawalFacts { record, ahead } = facts;
    let state = record.stage.state();
    let (ended_at_ms, transaction, reason) = match record.stage {
        Stage::Queued | Stage::Held | Stage::Unapproved | Stage::Batched(_) => (None, None, None),
        Stage::Paid { at, transaction, .. } => (Some(at), Some(transaction.to_string()), None),
        Stage::Returned { at, reason } => (Some(at), None, Some(reason.to_string())),
        Stage::Cancelled { at, reason } => {
            (Some(at), None, Some(reason.as_deref().unwrap_or(CANCELLED).to_owned()))
        }
    };
    WithdrawalView {
        id: record.id,
        wallet: record.wallet,
        rail: record.rail.to_string(),
        asset: record.asset.to_string(),
        amount: record.amount,
        fee: record.fee,
        address: record.address.to_string(),
        state,
        requested_at_ms: record.requested_at,
        ahead,
        ended_at_ms,
        transaction,
        reason,
        server_time_ms: now,
    }
}

/// A page of withdrawals, of which there is one more than fits where another page follows.
pub(crate) fn page(mut found: Vec<WithdrawalFacts>, limit: usize, now: Timestamp) -> WithdrawalPage {
    let more = found.len() > limit;
    found.truncate(limit);
    let next_before = found.last().filter(|_| more).map(|last| last.record.id);
    WithdrawalPage {
        withdrawals: found.into_iter().map(|facts| withdrawal(facts, now)).collect(),
        next_before,
    }
}
