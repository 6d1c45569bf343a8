//! What commands the steps become: whatever they name is made fit to what has come before.

use std::collections::BTreeMap;
use std::sync::Arc;

use dripline_server::payout::lease::LEASE_MS;
use dripline_server::refusal::Refusal;
use dripline_server::store::command::{Adopt, Change, Ending, KeepDraft, Publish, Second};
use dripline_server::store::{Answer, Command};
use dripline_shared::amount::Amount;
use dripline_shared::api::operate::proposals::ProposedAction;
use dripline_shared::payout::{BatchId, WithdrawalId};
use dripline_shared::round::RoundId;
use dripline_shared::time::Timestamp;

use super::step::Step;
use crate::bench::{
    Bench, START, batch_of, cancel_batch, end, end_for, failed, give_back, give_back_withdrawal, halt,
    import_with_nonce, keep_with_nonce, keep_with_reserve, make_batch, note_examined, operate, operate_with,
    pay_dormant, record_payout, round_of, segment, set_pause, set_short, settle, settled, stand, take_lease,
    tight, under, wallet_of, withdrawal_of,
};

/// A round that was opened in the sequence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opened {
    pub(super) id: RoundId,
    wallet: u8,
}

/// Makes commands of steps; rounds are counted back from the newest.
pub(super) struct Script {
    pub(super) now: Timestamp,
    pub(super) opened: Vec<Opened>,
    pub(super) withdrawals: Vec<WithdrawalId>,
    batches: Vec<BatchId>,
    /// The newest revisions of drafts.
    drafts: BTreeMap<Arc<str>, u64>,
    /// How many ids of batches were given.
    numbers: u8,
    /// The lease: whose it is, its epoch, and until when.
    lease: (u8, u64, Timestamp),
    /// The epoch that was noticed.
    epoch: u64,
}

impl Script {
    pub(super) fn new() -> Self {
        let (opened, withdrawals, batches) = (Vec::new(), Vec::new(), Vec::new());
        let (drafts, lease) = (BTreeMap::new(), (0, 0, START));
        Self { now: START, opened, withdrawals, batches, drafts, numbers: 0, lease, epoch: 0 }
    }

    /// Notes which revisions of drafts there are by now.
    pub(super) fn note_drafts(&mut self, answers: &[Result<Answer, Refusal>]) {
        for answer in answers {
            if let Ok(Answer::DraftKept(draft)) = answer {
                self.drafts.insert(draft.id.as_str().into(), draft.revision);
            }
        }
    }

    /// What an operator changes in a step.
    fn change(&self, step: &Step) -> Change {
        let known = |id: &Arc<str>, above: u64| self.drafts.get(id).copied().unwrap_or(0) + above;
        let mut change = change(step, self.now);
        match &mut change {
            Change::KeepDraft(KeepDraft { id, replaces: Some(replaces), .. }) => {
                *replaces = known(id, *replaces);
            }
            Change::DropDraft { id, revision }
            | Change::Publish(Publish { draft: Some((id, revision)), .. }) => {
                *revision = known(id, *revision);
            }
            _ => {}
        }
        change
    }

    /// A number of a batch that no other one has.
    fn number(&mut self) -> u8 {
        self.numbers += 1;
        self.batches.push(batch_of(self.numbers, self.now));
        self.numbers
    }

    fn batch(&self, back: usize) -> Option<BatchId> {
        self.batches.iter().rev().nth(back).copied()
    }

    /// Notes the id of a withdrawal, once: the same request may come again.
    fn requested(&mut self, id: WithdrawalId) {
        if !self.withdrawals.contains(&id) {
            self.withdrawals.push(id);
        }
    }

    fn withdrawal(&self, back: usize) -> Option<WithdrawalId> {
        self.withdrawals.iter().rev().nth(back).copied()
    }

    fn take_lease(&mut self, server: u8, is_noticed: bool) -> Command {
        let (owner, epoch, until) = self.lease;
        if owner == server || self.now >= until {
            let epoch = if owner == server { epoch } else { epoch + 1 };
            self.lease = (server, epoch, self.now.plus(LEASE_MS));
        }
        self.epoch = if is_noticed { self.lease.1 } else { self.epoch };
        take_lease(server, self.now)
    }

    fn pay_out(&mut self, bench: &Bench, step: &Step) -> Option<Command> {
        let command = self.step_of_a_payout(bench, step)?;
        Some(under(self.epoch, command))
    }

    fn step_of_a_payout(&mut self, bench: &Bench, step: &Step) -> Option<Command> {
        let now = self.now;
        match *step {
            Step::TakeLease { server, is_noticed } => Some(self.take_lease(server, is_noticed)),
            Step::SetAddress { wallet, client, address } => {
                Some(bench.set_address(wallet, client, address, now))
            }
            Step::Withdraw { wallet, client, units, address } => {
                self.requested(withdrawal_of(wallet, client, now));
                Some(bench.withdraw(wallet, client, units, address, now))
            }
            Step::MakeBatch { most } => Some(make_batch(self.number(), most, now)),
            Step::KeepCandidate { batch, candidate, reserved } => {
                let nonce = candidate.checked_sub(1).map(|number| u64::from(number % 2));
                let name = format!("candidate-{candidate}");
                self.batch(batch).map(|batch| match reserved {
                    0..100 => keep_with_nonce(batch, &name, nonce, now),
                    _ => keep_with_reserve(batch, &name, nonce, reserved, now),
                })
            }
            Step::EndBatch { batch, ending, cost } => {
                let batch = self.batch(batch)?;
                let ending = match ending {
                    0 => settled("transaction"),
                    1 => Ending::Expired,
                    2 => Ending::Cancelled,
                    _ => failed(self.number(), self.number(), now),
                };
                Some(end_for(batch, ending, cost, now))
            }
            Step::NoteExamined { candidate, epoch } => {
                Some(note_examined(&format!("candidate-{candidate}"), epoch))
            }
            Step::SetShort { is_short, epoch } => Some(set_short(is_short, epoch, now)),
            Step::Halt { batch, epoch } => Some(halt(self.batch(batch), "it is strange", epoch, now)),
            Step::GiveBackWithdrawal { withdrawal } => {
                self.withdrawal(withdrawal).map(|withdrawal| give_back_withdrawal(withdrawal, now))
            }
            Step::ImportPayout { withdrawal, candidate } => {
                let withdrawal = self.withdrawal(withdrawal)?;
                let nonce = candidate.checked_sub(1).map(|number| u64::from(number % 2));
                let name = format!("imported-{candidate}");
                Some(import_with_nonce(withdrawal, self.number(), &name, nonce, now))
            }
            Step::RecordPayout { wallet, client, units } => {
                self.requested(withdrawal_of(wallet, client, now));
                let mut record = record_payout(wallet, client, units, now);
                // Ids of batches are never given twice.
                if let Command::RecordPayout(record) = &mut record {
                    record.batch = batch_of(self.number(), now);
                }
                Some(record)
            }
            Step::CancelBatch { batch } => self.batch(batch).map(|batch| cancel_batch(batch, now)),
            Step::SetPause { is_paused } => Some(set_pause(is_paused.then_some("to be tested"), now)),
            _ => None,
        }
    }

    fn round(&self, back: usize) -> Option<Opened> {
        self.opened.iter().rev().nth(back).copied()
    }

    pub(super) fn commands(&mut self, bench: &Bench, step: &Step) -> Vec<Command> {
        let now = self.now;
        let command = match *step {
            Step::Open { wallet, client, level, abandon } => {
                Some(self.open(bench, wallet, client, level, abandon))
            }
            Step::Win { wallet, level } => {
                // Numbers that no other opening has.
                let client = 255 - u8::try_from(self.opened.len() % 200).unwrap();
                let open = self.open(bench, wallet, client, level, true);
                return vec![open, settle(round_of(wallet, client, now), wallet, now)];
            }
            Step::Segment { round, number, end } => {
                self.round(round).map(|round| segment(round.id, number, end, now))
            }
            Step::End { round } => self.round(round).map(|round| end(round.id, now)),
            Step::GiveBack { round } => self.round(round).map(|round| give_back(round.id, round.wallet, now)),
            Step::Settle { round, other_signature } => {
                self.round(round).map(|round| settle_signed(round, other_signature, now))
            }
            Step::PayDormant { wallet, address } => {
                let client = 200 + u8::try_from(self.withdrawals.len() % 50).unwrap();
                self.withdrawals.push(withdrawal_of(wallet, client, now));
                Some(pay_dormant(wallet, client, address, now))
            }
            Step::IssueReadKey { wallet, client, is_short } => {
                Some(bench.issue_read_key(wallet, client, is_short, now))
            }
            Step::Adopt { .. }
            | Step::Publish { .. }
            | Step::CancelPublication { .. }
            | Step::KeepDraft { .. }
            | Step::DropDraft { .. } => Some(operate(self.change(step), now)),
            Step::SetStanding { wallet, standing } => Some(stand(wallet, standing, now)),
            Step::AddNote { wallet, is_forgotten } => {
                let wallet = wallet_of(wallet);
                let text = format!("seen at {now}");
                let change = if is_forgotten {
                    Change::ForgetNotes { wallet }
                } else {
                    Change::AddNote { wallet, text }
                };
                Some(operate(change, now))
            }
            Step::Approve { withdrawal, proposal } => self.withdrawal(withdrawal).map(|withdrawal| {
                let proposed = Box::new(ProposedAction::Approve { withdrawal });
                let second = Second::Ask { id: format!("proposal-{proposal}"), proposed };
                operate_with(Change::Approve { withdrawal }, second, now)
            }),
            Step::ConfirmApproval { withdrawal, proposal } => self.withdrawal(withdrawal).map(|withdrawal| {
                let second = Second::Confirms { id: format!("proposal-{proposal}").into() };
                operate_with(Change::Approve { withdrawal }, second, now)
            }),
            Step::WithdrawProposal { proposal } => {
                let id = format!("proposal-{proposal}").into();
                Some(operate(Change::WithdrawProposal { id }, now))
            }
            Step::SetStop { is_stopped } => {
                let (name, reason) = ("rail:elsewhere".to_owned(), "a look".to_owned());
                Some(operate(Change::SetStop { name, stopped: is_stopped, reason, was_published: true }, now))
            }
            Step::ByOperator(ref step) => {
                self.pay_out(bench, step).map(|command| operate(Change::Payout(Box::new(command)), now))
            }
            Step::Delegate { wallet, client, is_short } => {
                Some(bench.delegate(wallet, client, is_short, now))
            }
            Step::MoveBalance { wallet, to, client } => Some(bench.move_balance(wallet, to, client, now)),
            Step::RevokeDelegation { wallet, client } => Some(bench.revoke_delegation(wallet, client, now)),
            Step::RevokeReadKey { wallet, client } => Some(bench.revoke_read_key(wallet, client, now)),
            _ => self.pay_out(bench, step),
        };
        command.into_iter().collect()
    }

    fn open(&mut self, bench: &Bench, wallet: u8, client: u8, level: usize, abandon: bool) -> Command {
        let mut command = bench.open(wallet, client, level, self.now);
        let newest = self.opened.iter().rev().find(|round| round.wallet == wallet);
        if let (Command::Open(open), Some(newest)) = (&mut command, newest.filter(|_| abandon)) {
            open.request.abandon = Some(newest.id);
        }
        self.opened.push(Opened { id: round_of(wallet, client, self.now), wallet });
        command
    }
}

/// What an operator changes in a step, where revisions are by how much they are above those that are known.
fn change(step: &Step, now: Timestamp) -> Change {
    let catalog = |number: u8| {
        let mut catalog = tight();
        catalog.levels[0].base = Amount::from_units(1_000 - u32::from(number));
        Arc::new(catalog)
    };
    let draft = |number: u8| -> Arc<str> { format!("draft-{number}").into() };
    match *step {
        Step::Adopt { catalog: number } => Change::Adopt(Adopt {
            catalog: catalog(number),
            seen: (number == 2).then_some(1),
            note: "at a start".to_owned(),
        }),
        Step::Publish { catalog: number, seen, later_ms } => Change::Publish(Publish {
            catalog: catalog(number),
            replaces: seen,
            note: "it pays less".to_owned(),
            from: later_ms.map(|later_ms| now.plus(later_ms)),
            draft: (number == 2).then(|| (draft(0), 0)),
        }),
        Step::CancelPublication { number } => Change::CancelPublication { number },
        Step::KeepDraft { draft: number, base, replaces } => Change::KeepDraft(KeepDraft {
            id: draft(number),
            name: format!("of publication {base}"),
            catalog: catalog(number),
            base,
            replaces,
        }),
        Step::DropDraft { draft: number, revision } => Change::DropDraft { id: draft(number), revision },
        _ => unreachable!("not what an operator does: {step:?}"),
    }
}

fn settle_signed(round: Opened, other_signature: bool, now: Timestamp) -> Command {
    let mut command = settle(round.id, round.wallet, now);
    if let Command::Settle(settle) = &mut command {
        settle.signature.0[0] ^= u8::from(other_signature);
    }
    command
}
