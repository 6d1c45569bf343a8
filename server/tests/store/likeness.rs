//! Any sequence of commands, in batches of any size, gives the same answers and leaves the same state in SQLite and in
//! PostgreSQL as in memory; and whatever the sequence, the ledger adds up and no ceiling is passed.

use std::collections::BTreeMap;
use std::sync::Arc;

use dripline_server::in_force::InForce;
use dripline_server::ledger::Verifier;
use dripline_server::payout::lease::LEASE_MS;
use dripline_server::refusal::Refusal;
use dripline_server::store::command::{Adopt, Change, Ending, KeepDraft, Publish, Second};
use dripline_server::store::record::{DocumentKind, Stage};
use dripline_server::store::{Answer, Command, DormantQuery, Horizon, SharedFacts, WalletFacts};
use dripline_server::store::{postgres, sqlite};
use dripline_shared::amount::Amount;
use dripline_shared::api::operate::players::Standing;
use dripline_shared::api::operate::proposals::ProposedAction;
use dripline_shared::catalog::Catalog;
use dripline_shared::limit::MoneyLimit;
use dripline_shared::payout::{BatchId, WithdrawalId};
use dripline_shared::round::RoundId;
use dripline_shared::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestCaseError};

use crate::bench::{
    Bench, Directory, START, batch_of, cancel_batch, coin, end, end_for, failed, give_back,
    give_back_withdrawal, halt, import_with_nonce, in_force, keep_with_nonce, keep_with_reserve, make_batch,
    note_examined, operate, operate_with, pay_dormant, record_payout, round_of, segment, set_pause,
    set_short, settle, settled, stand, take_lease, tight, under, wallet_of, withdrawal_of,
};
use crate::database::Database;

/// What happens next, in numbers that are made fit.
#[derive(Debug, Clone)]
enum Step {
    Open {
        wallet: u8,
        client: u8,
        level: usize,
        abandon: bool,
    },
    /// An opening and, in the same breath, the claim.
    Win {
        wallet: u8,
        level: usize,
    },
    Segment {
        round: usize,
        number: u32,
        end: Option<u32>,
    },
    End {
        round: usize,
    },
    Settle {
        round: usize,
        other_signature: bool,
    },
    GiveBack {
        round: usize,
    },
    SetAddress {
        wallet: u8,
        client: u8,
        address: u8,
    },
    Withdraw {
        wallet: u8,
        client: u8,
        units: u32,
        address: u8,
    },
    IssueReadKey {
        wallet: u8,
        client: u8,
        is_short: bool,
    },
    RevokeReadKey {
        wallet: u8,
        client: u8,
    },
    Delegate {
        wallet: u8,
        client: u8,
        is_short: bool,
    },
    RevokeDelegation {
        wallet: u8,
        client: u8,
    },
    /// Of all that a key has, to a wallet that may have delegated to it.
    MoveBalance {
        wallet: u8,
        to: u8,
        client: u8,
    },
    PayDormant {
        wallet: u8,
        address: u8,
    },
    /// By one of two servers; one that does not notice goes on with the lease that was before.
    TakeLease {
        server: u8,
        is_noticed: bool,
    },
    MakeBatch {
        most: usize,
    },
    /// Of a batch that was made in the sequence.
    KeepCandidate {
        batch: usize,
        candidate: u8,
        reserved: u32,
    },
    EndBatch {
        batch: usize,
        ending: u8,
        cost: u32,
    },
    GiveBackWithdrawal {
        withdrawal: usize,
    },
    ImportPayout {
        withdrawal: usize,
        candidate: u8,
    },
    RecordPayout {
        wallet: u8,
        client: u8,
        units: u32,
    },
    CancelBatch {
        batch: usize,
    },
    Halt {
        batch: usize,
        epoch: u64,
    },
    SetShort {
        is_short: bool,
        epoch: u64,
    },
    NoteExamined {
        candidate: u8,
        epoch: u64,
    },
    SetPause {
        is_paused: bool,
    },
    /// A server starts with another catalog.
    Adopt {
        catalog: u8,
    },
    /// A publication, at once or later, of the newest that was seen or an older one.
    Publish {
        catalog: u8,
        seen: u64,
        later_ms: Option<u64>,
    },
    CancelPublication {
        number: u64,
    },
    /// What it replaces is by how much it is above the newest revision that is known.
    KeepDraft {
        draft: u8,
        base: u64,
        replaces: Option<u64>,
    },
    /// So is what is dropped.
    DropDraft {
        draft: u8,
        revision: u64,
    },
    SetStanding {
        wallet: u8,
        standing: Standing,
    },
    AddNote {
        wallet: u8,
        is_forgotten: bool,
    },
    /// By one operator, who may need another one.
    Approve {
        withdrawal: usize,
        proposal: u8,
    },
    ConfirmApproval {
        withdrawal: usize,
        proposal: u8,
    },
    WithdrawProposal {
        proposal: u8,
    },
    SetStop {
        is_stopped: bool,
    },
    /// With an entry in the audit log.
    ByOperator(Box<Self>),
    /// Time passes; from here on it is another batch.
    Wait {
        duration_ms: u64,
    },
    Sweep,
}

fn step() -> impl Strategy<Value = Step> {
    let round = 0..8_usize;
    prop_oneof![
        6 => (1..5_u8, 0..20_u8, 0..2_usize, any::<bool>())
            .prop_map(|(wallet, client, level, abandon)| Step::Open { wallet, client, level, abandon }),
        6 => (1..5_u8, 0..2_usize).prop_map(|(wallet, level)| Step::Win { wallet, level }),
        4 => (round.clone(), 0..3_u32, proptest::option::of(1..241_u32))
            .prop_map(|(round, number, end)| Step::Segment { round, number, end }),
        1 => round.clone().prop_map(|round| Step::End { round }),
        6 => (round.clone(), prop::bool::weighted(0.1))
            .prop_map(|(round, other_signature)| Step::Settle { round, other_signature }),
        1 => round.prop_map(|round| Step::GiveBack { round }),
        3 => (1..5_u8, 0..20_u8, 0..2_u8)
            .prop_map(|(wallet, client, address)| Step::SetAddress { wallet, client, address }),
        6 => (1..5_u8, 0..20_u8, prop_oneof![0..300_u32, 0..3_000_u32], 0..2_u8)
            .prop_map(|(wallet, client, units, address)| Step::Withdraw { wallet, client, units, address }),
        2 => (1..5_u8, 0..6_u8, any::<bool>())
            .prop_map(|(wallet, client, is_short)| Step::IssueReadKey { wallet, client, is_short }),
        1 => (1..5_u8, 0..6_u8).prop_map(|(wallet, client)| Step::RevokeReadKey { wallet, client }),
        2 => (0..5_u8, 0..6_u8, any::<bool>())
            .prop_map(|(wallet, client, is_short)| Step::Delegate { wallet, client, is_short }),
        1 => (0..5_u8, 0..6_u8).prop_map(|(wallet, client)| Step::RevokeDelegation { wallet, client }),
        2 => (1..5_u8, 0..5_u8, 0..3_u8)
            .prop_map(|(wallet, to, client)| Step::MoveBalance { wallet, to, client }),
        4 => (1..5_u8, 0..2_u8).prop_map(|(wallet, address)| Step::PayDormant { wallet, address }),
        1 => (1..3_u8, prop::bool::weighted(0.8))
            .prop_map(|(server, is_noticed)| Step::TakeLease { server, is_noticed }),
        3 => (1..4_usize).prop_map(|most| Step::MakeBatch { most }),
        3 => (0..4_usize, 0..4_u8, 0..500_u32)
            .prop_map(|(batch, candidate, reserved)| Step::KeepCandidate { batch, candidate, reserved }),
        4 => (0..4_usize, 0..4_u8, prop_oneof![0..500_u32, Just(100_000_u32)])
            .prop_map(|(batch, ending, cost)| Step::EndBatch { batch, ending, cost }),
        1 => (0..4_usize).prop_map(|batch| Step::CancelBatch { batch }),
        1 => (0..6_usize, 0..2_u64).prop_map(|(batch, epoch)| Step::Halt { batch, epoch }),
        1 => (1..5_u8, 100..104_u8, prop_oneof![8..300_u32, 8..3_000_u32])
            .prop_map(|(wallet, client, units)| Step::RecordPayout { wallet, client, units }),
        1 => (0..8_usize).prop_map(|withdrawal| Step::GiveBackWithdrawal { withdrawal }),
        2 => (0..8_usize, 0..4_u8)
            .prop_map(|(withdrawal, candidate)| Step::ImportPayout { withdrawal, candidate }),
        2 => (prop::bool::weighted(0.4), 0..3_u64)
            .prop_map(|(is_short, epoch)| Step::SetShort { is_short, epoch }),
        1 => (0..4_u8, 0..2_u64).prop_map(|(candidate, epoch)| Step::NoteExamined { candidate, epoch }),
        1 => prop::bool::weighted(0.3).prop_map(|is_paused| Step::SetPause { is_paused }),
        1 => (0..3_u8).prop_map(|catalog| Step::Adopt { catalog }),
        2 => (0..3_u8, 0..4_u64, proptest::option::of(1..HOUR_MS))
            .prop_map(|(catalog, seen, later_ms)| Step::Publish { catalog, seen, later_ms }),
        1 => (0..5_u64).prop_map(|number| Step::CancelPublication { number }),
        2 => (0..3_u8, 0..3_u64, proptest::option::of(0..2_u64))
            .prop_map(|(draft, base, replaces)| Step::KeepDraft { draft, base, replaces }),
        1 => (0..3_u8, 0..2_u64).prop_map(|(draft, revision)| Step::DropDraft { draft, revision }),
        2 => (1..5_u8, prop::sample::select(&Standing::ALL[..]))
            .prop_map(|(wallet, standing)| Step::SetStanding { wallet, standing }),
        1 => (1..5_u8, any::<bool>())
            .prop_map(|(wallet, is_forgotten)| Step::AddNote { wallet, is_forgotten }),
        3 => (0..4_usize, 0..3_u8)
            .prop_map(|(withdrawal, proposal)| Step::Approve { withdrawal, proposal }),
        2 => (0..4_usize, 0..3_u8)
            .prop_map(|(withdrawal, proposal)| Step::ConfirmApproval { withdrawal, proposal }),
        1 => (0..3_u8).prop_map(|proposal| Step::WithdrawProposal { proposal }),
        1 => any::<bool>().prop_map(|is_stopped| Step::SetStop { is_stopped }),
        2 => prop_oneof![
            (0..8_usize).prop_map(|withdrawal| Step::GiveBackWithdrawal { withdrawal }),
            (0..8_usize, 0..4_u8)
                .prop_map(|(withdrawal, candidate)| Step::ImportPayout { withdrawal, candidate }),
            prop::bool::weighted(0.3).prop_map(|is_paused| Step::SetPause { is_paused }),
            (0..4_usize).prop_map(|batch| Step::CancelBatch { batch }),
        ].prop_map(|step| Step::ByOperator(Box::new(step))),
        3 => prop_oneof![Just(1), Just(4_000), Just(60_000), 0..HOUR_MS]
            .prop_map(|duration_ms| Step::Wait { duration_ms }),
        1 => Just(Step::Sweep),
    ]
}

/// A round that was opened in the sequence.
#[derive(Debug, Clone, Copy)]
struct Opened {
    id: RoundId,
    wallet: u8,
}

/// Makes commands of steps; rounds are counted back from the newest.
struct Script {
    now: Timestamp,
    opened: Vec<Opened>,
    withdrawals: Vec<WithdrawalId>,
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
    fn new() -> Self {
        let (opened, withdrawals, batches) = (Vec::new(), Vec::new(), Vec::new());
        let (drafts, lease) = (BTreeMap::new(), (0, 0, START));
        Self { now: START, opened, withdrawals, batches, drafts, numbers: 0, lease, epoch: 0 }
    }

    /// Notes which revisions of drafts there are by now.
    fn note_drafts(&mut self, answers: &[Result<Answer, Refusal>]) {
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

    fn commands(&mut self, bench: &Bench, step: &Step) -> Vec<Command> {
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

/// The facts of a wallet, without buckets that were never filled.
fn facts(bench: &mut Bench, wallet: u8) -> WalletFacts {
    let mut facts = bench.reader.wallet(wallet_of(wallet)).unwrap();
    facts.buckets.retain(|_, bucket| bucket.at > Timestamp(0));
    facts
}

/// What all share, without buckets that were never filled; it is the same by whoever looks.
fn shared(bench: &mut Bench) -> SharedFacts {
    let (wallet, mut shared) = (facts(bench, 1), bench.reader.shared().unwrap());
    shared.buckets.retain(|_, bucket| bucket.at > Timestamp(0));
    let WalletFacts { buckets, campaigns, slots, .. } = wallet;
    assert_eq!(shared, SharedFacts { buckets, campaigns, slots });
    shared
}

fn assert_alike(other: &mut Bench, memory: &mut Bench, script: &Script) {
    assert_eq!(shared(other), shared(memory));
    for wallet in 0..5 {
        assert_eq!(facts(other, wallet), facts(memory, wallet));
        let history = |bench: &mut Bench| bench.reader.history(wallet_of(wallet), None, 100).unwrap();
        assert_eq!(history(other), history(memory));
    }
    for round in &script.opened {
        let facts = |bench: &mut Bench| bench.reader.round(round.id).unwrap();
        assert_eq!(facts(other), facts(memory));
    }
    for withdrawal in &script.withdrawals {
        let facts = |bench: &mut Bench| bench.reader.withdrawal(*withdrawal).unwrap();
        assert_eq!(facts(other), facts(memory));
        let Some(record) = facts(memory).map(|facts| facts.record) else { continue };
        let standing = memory.reader.wallet(record.wallet).unwrap().record.standing;
        match record.stage {
            Stage::Queued => assert_eq!(standing, Standing::Clear, "what is held is in no queue"),
            Stage::Held => assert_ne!(standing, Standing::Clear, "nothing else waits for a release"),
            _ => {}
        }
    }
    for wallet in 0..5 {
        let withdrawals = |bench: &mut Bench| bench.reader.withdrawals(wallet_of(wallet), None, 100).unwrap();
        assert_eq!(withdrawals(other), withdrawals(memory));
    }
    for wallet in 0..5 {
        let keys = |bench: &mut Bench| {
            let mut keys = bench.reader.read_keys(wallet_of(wallet)).unwrap();
            keys.sort_by_key(|key| key.client_id);
            for key in &keys {
                assert_eq!(bench.reader.read_key(key.hash).unwrap().as_ref(), Some(key));
            }
            keys
        };
        assert_eq!(keys(other), keys(memory));
        let delegations = |bench: &mut Bench| {
            let mut delegations = bench.reader.delegations(wallet_of(wallet)).unwrap();
            delegations.sort_by_key(|delegation| delegation.client_id);
            delegations
        };
        assert_eq!(delegations(other), delegations(memory));
    }
    let dormant = |bench: &mut Bench| {
        let query = DormantQuery {
            rail: "sandbox".into(),
            asset: "DRIP".into(),
            threshold: Amount::from_units(100),
            active_before: script.now,
            after: 0,
            accounts_max: 1_000,
            found_max: 100,
        };
        let mut page = bench.reader.dormant(&query).unwrap();
        page.found.sort();
        page
    };
    assert_eq!(dormant(other), dormant(memory));
    assert_operated_alike(other, memory);
    let queues = |bench: &mut Bench| bench.reader.queues().unwrap();
    assert_eq!(queues(other), queues(memory));
    let rails = |bench: &mut Bench| bench.reader.rails().unwrap();
    assert_eq!(rails(other), rails(memory));
    let batches = |bench: &mut Bench| bench.reader.batches("sandbox").unwrap();
    assert_eq!(batches(other), batches(memory));
    let waiting = |bench: &mut Bench| bench.reader.waiting("sandbox", None, 1_000).unwrap();
    assert_eq!(waiting(other), waiting(memory));
    let sums = |bench: &mut Bench| {
        let mut sums = bench.reader.account_sums().unwrap();
        sums.sort_by(|one, other| (&one.asset.code, one.holder).cmp(&(&other.asset.code, other.holder)));
        // An account that was emptied is as good as none.
        sums.retain(|sum| sum.balance != 0);
        sums
    };
    assert_eq!(sums(other), sums(memory));
    let names = ["candidate", "imported"];
    let ids = names.iter().flat_map(|name| (0..5).map(move |number| format!("{name}-{number}").into()));
    let ids: Vec<Arc<str>> = ids.collect();
    let known = |bench: &mut Bench| bench.reader.are_candidates("sandbox", &ids).unwrap();
    assert_eq!(known(other), known(memory));
    let open = |bench: &mut Bench| bench.reader.rounds_open(script.now).unwrap();
    assert_eq!(open(other), open(memory));
}

/// What operators have changed, and what they see of players.
fn assert_operated_alike(other: &mut Bench, memory: &mut Bench) {
    let kinds = [
        DocumentKind::Catalog,
        DocumentKind::Publication,
        DocumentKind::Draft,
        DocumentKind::Player,
        DocumentKind::Proposal,
        DocumentKind::Emergency,
    ];
    for kind in kinds {
        let documents = |bench: &mut Bench| bench.reader.documents(kind, "", 1_000).unwrap();
        assert_eq!(documents(other), documents(memory));
        for found in documents(memory) {
            assert_eq!(other.reader.document(kind, &found.id).unwrap(), Some(found));
        }
        let some = |bench: &mut Bench| bench.reader.documents(kind, "draft-1", 1).unwrap();
        assert_eq!(some(other), some(memory));
    }
    let audit = |bench: &mut Bench| bench.reader.audit(None, 1_000).unwrap();
    assert_eq!(audit(other), audit(memory));
    let before_last = |bench: &mut Bench| bench.reader.audit(Some(3), 1).unwrap();
    assert_eq!(before_last(other), before_last(memory));
    let mut last = None;
    for entry in audit(other).iter().rev() {
        assert!(entry.follows(last), "{entry:?}");
        last = Some(entry.head());
    }
    let of_operators = |bench: &mut Bench| bench.reader.of_operators(None, 1_000).unwrap();
    assert_eq!(of_operators(other), of_operators(memory));
    let newest = |bench: &mut Bench| {
        let found = bench.reader.newest_wallets(None, 3).unwrap();
        found.into_iter().map(|(_, record)| record).collect::<Vec<_>>()
    };
    assert_eq!(newest(other), newest(memory));
    let between = |bench: &mut Bench| {
        let (from, to) = (wallet_of(1).min(wallet_of(2)), wallet_of(1).max(wallet_of(2)));
        bench.reader.wallets_between(from, to, 10).unwrap()
    };
    assert_eq!(between(other), between(memory));
    for wallet in 0..5 {
        let rounds = |bench: &mut Bench| bench.reader.rounds_of(wallet_of(wallet), None, 2).unwrap();
        assert_eq!(rounds(other), rounds(memory));
        let before = rounds(memory).last().map(|facts| facts.record.id);
        let rest = |bench: &mut Bench| bench.reader.rounds_of(wallet_of(wallet), before, 100).unwrap();
        assert_eq!(rest(other), rest(memory));
    }
}

/// How much of a withdrawal does not come back.
fn left_for_good(bench: &mut Bench, withdrawal: WithdrawalId) -> i64 {
    let record = bench.reader.withdrawal(withdrawal).unwrap().map(|facts| facts.record);
    record.map_or(0, |record| match record.stage {
        Stage::Paid { .. } => record.amount.units(),
        Stage::Returned { .. } => record.fee.units(),
        Stage::Cancelled { .. } | Stage::Queued | Stage::Held | Stage::Unapproved | Stage::Batched(_) => 0,
    })
}

/// What was paid, and when.
fn drips(answers: &[Result<Answer, Refusal>]) -> Vec<(Timestamp, Amount)> {
    let settled = answers.iter().filter_map(|answer| match answer {
        Ok(Answer::Settled { receipt, new: true }) => Some((receipt.claimed_at_ms, receipt.amount)),
        _ => None,
    });
    settled.collect()
}

fn most_in_an_hour(drips: &[(Timestamp, Amount)]) -> i64 {
    let within = |from: Timestamp| {
        let window = drips.iter().filter(|(at, _)| *at >= from && *at < from.plus(HOUR_MS));
        window.map(|(_, amount)| amount.units()).sum::<i64>()
    };
    drips.iter().map(|(at, _)| within(*at)).max().unwrap_or(0)
}

/// A catalog in force, and a rail that lets little out.
fn paying_little(catalog: Catalog) -> Arc<InForce> {
    let mut in_force = in_force(catalog);
    let rails = &mut Arc::get_mut(&mut in_force).unwrap().rails;
    for asset in rails.values_mut().flat_map(|rail| rail.assets.values_mut()) {
        asset.outflow = Some(PAID_OUT);
        asset.dormant_after_ms = Some(MINUTE_MS);
    }
    in_force
}

/// What that rail lets out.
const PAID_OUT: MoneyLimit = MoneyLimit { ceiling: Amount::from_units(8_000), window_ms: HOUR_MS };

/// A catalog with tight limits, whose campaign may have an hour, a pace, a boost and a share for newcomers.
fn campaign(is_paced: bool) -> Catalog {
    let mut catalog = tight();
    if is_paced {
        let campaign = &mut catalog.campaigns[0];
        (campaign.starts_ms, campaign.ends_ms) = (Some(START), Some(START.plus(HOUR_MS)));
        (campaign.pacing, campaign.boost, campaign.newcomers) = (true, Some(12_000), Some(7_000));
    }
    assert_eq!(catalog.validate(), Ok(()));
    catalog
}

/// Takes the steps in memory and in another store, compares all that can be seen, and has the other's ledger verified.
fn compare(
    steps: &[Step],
    alone: bool,
    other: &mut Bench,
    scan: impl FnOnce(&mut Verifier<'_>),
) -> Result<(), TestCaseError> {
    let in_force = Arc::clone(&other.in_force);
    let mut memory = Bench::memory(&in_force);
    for bench in [&mut memory, &mut *other] {
        bench.store.learn_assets(&[coin()]).unwrap();
    }
    let mut script = Script::new();
    let mut paid = Vec::new();
    let mut batch: Vec<Command> = Vec::new();
    for step in steps.iter().chain([&Step::Wait { duration_ms: 0 }]) {
        batch.extend(script.commands(&memory, step));
        let ends = alone || matches!(step, Step::Wait { .. } | Step::Sweep);
        if ends {
            let answers = memory.apply(&batch);
            prop_assert_eq!(&other.apply(&batch), &answers);
            script.note_drafts(&answers);
            paid.extend(drips(&answers));
            batch.clear();
        }
        if let Step::Wait { duration_ms } = step {
            script.now = script.now.plus(*duration_ms);
        }
        if let Step::Sweep = step {
            let horizon = Horizon {
                now: script.now,
                transcripts_before: script.now.minus(DAY_MS),
                prefixes_before: script.now.minus(HOUR_MS),
            };
            while other.store.sweep(horizon).unwrap() {}
            while memory.store.sweep(horizon).unwrap() {}
        }
    }
    assert_alike(other, &mut memory, &script);
    let mut verifier = Verifier::new(&in_force.keys);
    scan(&mut verifier);
    let report = verifier.finish();
    prop_assert_eq!(&report.findings, &Vec::<String>::new());
    let total: i64 = paid.iter().map(|(_, amount)| amount.units()).sum();
    // What was paid out is the world's again, and its fees are the faucet's.
    let out: i64 = script.withdrawals.iter().map(|id| left_for_good(other, *id)).sum();
    prop_assert_eq!(report.held.get("DRIP").map_or(0, |held| held.units()), total - out);
    prop_assert!(total <= in_force.catalog.campaigns[0].budget.units());
    prop_assert!(most_in_an_hour(&paid) <= in_force.catalog.campaigns[0].outflow.ceiling.units());
    Ok(())
}

/// More with `DRIPLINE_LONG`.
fn config(cases: u32, long: u32) -> ProptestConfig {
    let cases = if std::env::var_os("DRIPLINE_LONG").is_some() { long } else { cases };
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(48, 1_500))]

    #[test]
    fn sqlite_is_like_memory_and_the_ledger_holds(
        steps in prop::collection::vec(step(), 1..160),
        alone in any::<bool>(),
        is_paced in any::<bool>(),
    ) {
        let directory = Directory::new();
        let mut bench = Bench::sqlite(&paying_little(campaign(is_paced)), &directory);
        compare(&steps, alone, &mut bench, |verifier| {
            sqlite::audit::scan(directory.path(), &[], verifier).unwrap();
        })?;
    }
}

proptest! {
    #![proptest_config(config(16, 300))]

    #[test]
    fn postgresql_is_like_memory_and_the_ledger_holds(
        steps in prop::collection::vec(step(), 1..160),
        alone in any::<bool>(),
        is_paced in any::<bool>(),
    ) {
        let database = Database::new();
        let mut bench = Bench::postgres(&paying_little(campaign(is_paced)), &database);
        compare(&steps, alone, &mut bench, |verifier| {
            postgres::audit::scan(&database.address(), &[], verifier).unwrap();
        })?;
    }
}
