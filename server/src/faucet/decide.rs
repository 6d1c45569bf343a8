//! One decision for each command of the store.

use crate::delegation;
use crate::in_force::InForce;
use crate::operate;
use crate::payout::{address, batch, correction, dormant, lease, pause, withdraw};
use crate::play::{balance_move, end, open, segment, settle, slices};
use crate::read_key;
use crate::refusal::Refusal;
use crate::store::{Answer, Command, WorkingSet};
use crate::verification::verify;

/// Decides a command and applies its effects to the working set; a refusal changes nothing.
pub fn decide(in_force: &InForce, set: &mut WorkingSet, command: &Command) -> Result<Answer, Refusal> {
    let (answer, effects) = match command {
        Command::Open(open) => open::decide(in_force, set, open),
        Command::Segment(put) => segment::decide(in_force, set, put),
        Command::End(end) => end::decide(set, end),
        Command::Settle(settle) => settle::decide(in_force, set, settle),
        Command::Verify(request) => verify::decide(set, request),
        Command::GiveBack(give) => end::give_back(in_force, set, give),
        Command::SetAddress(request) => address::decide(in_force, set, request),
        Command::Withdraw(request) => withdraw::decide(in_force, set, request),
        Command::PayDormant(pay) => Ok(dormant::decide(in_force, set, pay)),
        Command::IssueReadKey(issue) => read_key::issue(in_force, set, issue),
        Command::RevokeReadKey(revoke) => read_key::revoke(set, revoke),
        Command::Delegate(delegate) => delegation::delegate(in_force, set, delegate),
        Command::RevokeDelegation(revoke) => delegation::revoke(set, revoke),
        Command::MoveBalance(request) => balance_move::decide(in_force, set, request),
        Command::Gather(command) => Ok(slices::gather(in_force, set, *command)),
        Command::Divide(command) => Ok(slices::divide(in_force, set, *command)),
        Command::TakeLease(take) => Ok(lease::take(set, take)),
        Command::MakeBatch(make) => Ok(batch::make(in_force, set, make)),
        Command::KeepCandidate(keep) => batch::keep(in_force, set, keep),
        Command::EndBatch(end) => batch::end(in_force, set, end),
        Command::CancelBatch(cancel) => Ok(batch::cancel(set, *cancel)),
        Command::GiveBackWithdrawal(give) => correction::give_back(set, give),
        Command::ImportPayout(import) => correction::import(set, import),
        Command::RecordPayout(record) => correction::record(set, record),
        Command::SetPause(pause) => Ok(pause::decide(set, pause)),
        Command::Halt(halt) => Ok(pause::halt(set, halt)),
        Command::SetShort(short) => Ok(pause::short(set, short)),
        Command::NoteExamined(note) => Ok(pause::examined(set, note)),
        Command::Operate(operation) => operate::decide(in_force, set, operation),
    }?;
    set.apply(effects);
    Ok(answer)
}
