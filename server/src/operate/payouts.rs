//! What operators do about payouts: the decisions are those of `payout`, and what the audit log says of them is here. Pure.

use dripline_shared::api::operate::By;
use dripline_shared::error::Code;
use dripline_shared::payout::WithdrawalId;
use serde_json::{Value, json};

use super::{Decided, Told};
use crate::payout::{batch, correction, pause, review};
use crate::refusal::Refusal;
use crate::store::Command;
use crate::store::command::{Answer, Operation, SetPause};
use crate::store::record::{Stage, WithdrawalRecord};
use crate::store::working::{Effect, WorkingSet};

/// Decides what is otherwise a command of its own.
pub(super) fn payout(set: &WorkingSet, operation: &Operation, command: &Command) -> Result<Decided, Refusal> {
    let (answer, effects) = match command {
        // What its chain shows has to be looked at all the same: a pause by hand must not take the place of that.
        Command::SetPause(SetPause { rail, why: Some(_), .. })
            if operation.by != By::CommandLine
                && set.rail(rail).pause.as_ref().is_some_and(pause::is_in_recovery) =>
        {
            (Answer::RailSet(set.rail(rail)), Vec::new())
        }
        Command::SetPause(pause) => pause::decide(set, pause),
        Command::CancelBatch(cancel) => batch::cancel(set, *cancel),
        Command::GiveBackWithdrawal(give) => correction::give_back(set, give)?,
        Command::ImportPayout(import) => correction::import(set, import)?,
        Command::RecordPayout(record) => correction::record(set, record)?,
        _ => return Err(Code::Internal.into()),
    };
    let told = if effects.is_empty() { None } else { told_of(set, command) };
    Ok(Decided { answer, effects, told })
}

/// Decides to approve a withdrawal.
pub(super) fn approve(set: &WorkingSet, withdrawal: WithdrawalId) -> Result<Decided, Refusal> {
    let approved = review::approve(set, withdrawal)?;
    let told = Told {
        action: "withdrawal.approve",
        subject: Some(withdrawal.to_string()),
        before: Some(summary(&WithdrawalRecord { stage: Stage::Unapproved, ..approved.clone() })),
        after: Some(json!({ "stage": stage(&approved.stage) })),
    };
    let answer = Answer::Requested { withdrawal: Box::new(approved.clone()), new: false };
    Ok(Decided { answer, effects: vec![Effect::Withdrawal(approved)], told: Some(told) })
}

/// What the audit log says of one of the commands.
fn told_of(set: &WorkingSet, command: &Command) -> Option<Told> {
    let of_withdrawal = |action, id: WithdrawalId, after| {
        let before = set.withdrawal(id).map(summary);
        Told { action, subject: Some(id.to_string()), before, after: Some(after) }
    };
    Some(match command {
        Command::SetPause(SetPause { rail, why, known, .. }) => {
            let before = set.rail(rail);
            Told {
                action: if why.is_some() { "rail.pause" } else { "rail.resume" },
                subject: Some(rail.to_string()),
                before: Some(json!({
                    "paused": before.pause.as_ref().map(|pause| &*pause.why),
                    "next_nonce": before.next_nonce, "examined": before.examined.as_deref(),
                })),
                after: Some(json!({
                    "paused": why.as_deref(), "next_nonce": known.next_nonce, "examined": known.examined.as_deref(),
                })),
            }
        }
        Command::CancelBatch(cancel) => {
            let batch = set.batch(cancel.batch)?;
            let (withdrawals, candidates) = (batch.withdrawals.len(), batch.candidates.len());
            Told {
                action: "batch.cancel",
                subject: Some(cancel.batch.to_string()),
                before: Some(json!({
                    "rail": &*batch.rail, "asset": &*batch.asset, "withdrawals": withdrawals, "candidates": candidates,
                    "cancelled_at_ms": batch.cancelled_at,
                })),
                after: Some(json!({ "cancelled_at_ms": cancel.now })),
            }
        }
        Command::GiveBackWithdrawal(give) => {
            of_withdrawal("withdrawal.return", give.withdrawal, json!({ "reason": &*give.reason }))
        }
        Command::ImportPayout(import) => of_withdrawal(
            "withdrawal.import",
            import.withdrawal,
            json!({ "transaction": &*import.transaction, "nonce": import.nonce, "batch": import.batch }),
        ),
        Command::RecordPayout(record) => Told {
            action: "payout.record",
            subject: Some(record.withdrawal.id.to_string()),
            before: None,
            after: Some(json!({
                "withdrawal": summary(&record.withdrawal), "transaction": &*record.transaction, "nonce": record.nonce,
            })),
        },
        _ => return None,
    })
}

/// What the audit log says of a withdrawal.
fn summary(withdrawal: &WithdrawalRecord) -> Value {
    json!({
        "wallet": withdrawal.wallet, "rail": &*withdrawal.rail, "asset": &*withdrawal.asset,
        "amount": withdrawal.amount, "fee": withdrawal.fee, "address": &*withdrawal.address,
        "stage": stage(&withdrawal.stage),
    })
}

const fn stage(stage: &Stage) -> &'static str {
    match stage {
        Stage::Queued => "queued",
        Stage::Held => "held",
        Stage::Unapproved => "unapproved",
        Stage::Batched(_) => "batched",
        Stage::Paid { .. } => "paid",
        Stage::Returned { .. } => "returned",
        Stage::Cancelled { .. } => "cancelled",
    }
}
