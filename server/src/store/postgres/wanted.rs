//! What the commands of a batch need, before anything is read.

use std::collections::{BTreeMap, BTreeSet};

use dripline_shared::payout::{BatchId, WithdrawalId};
use dripline_shared::round::{ClientId, Hash, RoundId};
use dripline_shared::wallet::Wallet;

use crate::store;
use crate::store::command::{Command, Facts, Open, Operation};

/// The keys of all that a batch needs, each once and in order.
#[derive(Debug, Default)]
pub(super) struct Wanted<'a> {
    /// Wallets that are named.
    pub(super) wallets: BTreeSet<Wallet>,
    /// Rounds that are named.
    pub(super) rounds: BTreeSet<RoundId>,
    /// Those of them that the batch may close or finish: the rows of their wallets are locked.
    pub(super) closing: BTreeSet<RoundId>,
    /// Those of them that may be claimed.
    pub(super) claimed: BTreeSet<RoundId>,
    /// Wallets that claim.
    pub(super) claiming: BTreeSet<Wallet>,
    /// Segments that are sent.
    pub(super) segments: BTreeSet<(RoundId, u32)>,
    /// Wallets that open a round, and their client ids.
    pub(super) opens: BTreeSet<(Wallet, ClientId)>,
    /// Vouchers that are named.
    pub(super) vouchers: BTreeSet<Hash>,
    /// Network prefixes.
    pub(super) prefixes: BTreeSet<&'a str>,
    /// Wallets that set an address, and their client ids.
    pub(super) set_addresses: BTreeSet<(Wallet, ClientId)>,
    /// Wallets that withdraw, and their client ids.
    pub(super) withdraws: BTreeSet<(Wallet, ClientId)>,
    /// Wallets whose balances may lie dormant.
    pub(super) dormant: BTreeSet<Wallet>,
    /// Wallets whose read-only keys change.
    pub(super) read_keys: BTreeSet<Wallet>,
    /// Wallets whose delegations change, or play by them.
    pub(super) delegations: BTreeSet<Wallet>,
    /// Keys whose all is moved to a wallet, and those wallets.
    pub(super) moves: BTreeSet<(Wallet, Wallet)>,
    /// Rails that are named.
    pub(super) rails: BTreeSet<&'a str>,
    /// How many withdrawals are taken from the queues of rails and assets.
    pub(super) queues: BTreeMap<(&'a str, &'a str), usize>,
    /// Batches of withdrawals.
    pub(super) batches: BTreeSet<BatchId>,
    /// Withdrawals that are named.
    pub(super) withdrawals: BTreeSet<WithdrawalId>,
    /// How many withdrawals may be made of what lies dormant.
    pub(super) pays_dormant: usize,
    /// Wallets whose withdrawals may have to wait, or need not any more: all rails are locked for that.
    pub(super) players: BTreeSet<Wallet>,
    /// Whether batches or withdrawals are ended: that moves money.
    pub(super) ends_batches: bool,
    /// What operators change, in order: nothing where nobody changes anything, which is otherwise than when nothing is to be
    /// known for it.
    pub(super) operations: Option<Vec<store::record::Wanted>>,
    /// How often something is set aside to pay a chain, or booked.
    pub(super) costs: usize,
}

impl<'a> Wanted<'a> {
    /// What `batch` needs.
    pub(super) fn of(batch: &'a [Command]) -> Self {
        let mut wanted = Self::default();
        for command in batch {
            wanted.add(command);
        }
        wanted
    }

    fn add(&mut self, command: &'a Command) {
        match command {
            Command::Open(open) => self.open(open),
            Command::Segment(put) => {
                self.rounds.insert(put.round);
                self.segments.insert((put.round, put.number));
                if put.end.is_some() {
                    self.closing.insert(put.round);
                }
            }
            Command::End(end) => self.close(end.round),
            Command::Verify(verify) => self.close(verify.round),
            Command::GiveBack(give) => self.close(give.round),
            Command::Settle(settle) => {
                self.close(settle.round);
                self.claimed.insert(settle.round);
                self.wallets.insert(settle.wallet);
                self.claiming.insert(settle.wallet);
                self.prefixes.insert(&settle.prefix);
                self.delegations.extend(settle.delegate.map(|_| settle.wallet));
            }
            Command::SetAddress(set) => {
                self.wallets.insert(set.request.wallet);
                self.set_addresses.insert((set.request.wallet, set.request.client_id));
            }
            Command::Withdraw(withdraw) => {
                self.wallets.insert(withdraw.request.wallet);
                self.withdraws.insert((withdraw.request.wallet, withdraw.request.client_id));
            }
            Command::PayDormant(pay) => {
                self.read_keys(pay.wallet);
                self.dormant.insert(pay.wallet);
                self.rails.insert(&pay.rail);
                self.pays_dormant = self.pays_dormant.saturating_add(1);
            }
            Command::IssueReadKey(issue) => self.read_keys(issue.request.wallet),
            Command::RevokeReadKey(revoke) => self.read_keys(revoke.request.wallet),
            Command::Delegate(delegate) => {
                self.prefixes.insert(&delegate.prefix);
                self.delegations(delegate.request.wallet);
            }
            Command::RevokeDelegation(revoke) => self.delegations(revoke.request.wallet),
            Command::MoveBalance(command) => self.move_all(command.request.wallet, command.request.to),
            // Of what is decided between loading and flushing: see `PostgresStore::apply`.
            Command::Gather(_) | Command::Divide(_) => {}
            Command::TakeLease(take) => {
                self.rails.insert(&take.rail);
            }
            Command::MakeBatch(make) => {
                self.rails.insert(&make.rail);
                let most = self.queues.entry((&make.rail, &make.asset)).or_default();
                *most = most.saturating_add(make.most.max(1));
            }
            Command::KeepCandidate(keep) => {
                self.batches.insert(keep.batch);
                self.costs = self.costs.saturating_add(usize::from(keep.reserve.is_some()));
            }
            Command::CancelBatch(cancel) => {
                self.batches.insert(cancel.batch);
            }
            Command::Halt(halt) => {
                self.rails.insert(&halt.rail);
                self.batches.extend(halt.batch);
            }
            Command::SetShort(set) => {
                self.rails.insert(&set.rail);
            }
            Command::NoteExamined(note) => {
                self.rails.insert(&note.rail);
            }
            Command::SetPause(set) => {
                self.rails.insert(&set.rail);
            }
            Command::Operate(operation) => {
                self.operate(operation);
            }
            Command::GiveBackWithdrawal(give) => {
                self.withdrawals.insert(give.withdrawal);
                self.ends_batches = true;
            }
            Command::ImportPayout(import) => {
                self.withdrawals.insert(import.withdrawal);
                self.costs = self.costs.saturating_add(1);
                self.ends_batches = true;
            }
            Command::RecordPayout(record) => {
                let withdrawal = &record.withdrawal;
                self.rails.insert(&withdrawal.rail);
                self.wallets.insert(withdrawal.wallet);
                self.withdraws.insert((withdrawal.wallet, withdrawal.client_id));
                self.ends_batches = true;
            }
            Command::EndBatch(end) => {
                self.batches.insert(end.batch);
                self.costs = self.costs.saturating_add(1);
                self.ends_batches = true;
            }
        }
    }

    fn open(&mut self, open: &'a Open) {
        let wallet = open.request.wallet;
        self.wallets.insert(wallet);
        self.opens.insert((wallet, open.request.client_id));
        self.prefixes.insert(&open.prefix);
        self.vouchers.extend(open.voucher);
        self.delegations.extend(open.request.delegate.map(|_| wallet));
    }

    fn operate(&mut self, operation: &'a Operation) {
        self.operations.get_or_insert_default().extend(operation.wanted());
        match operation.facts() {
            Facts::None => {}
            Facts::Command(command) => self.add(command),
            Facts::Player(wallet) => {
                self.wallets.insert(wallet);
                self.players.insert(wallet);
            }
            Facts::Withdrawal(withdrawal) => {
                self.withdrawals.insert(withdrawal);
            }
        }
    }

    fn read_keys(&mut self, wallet: Wallet) {
        self.wallets.insert(wallet);
        self.read_keys.insert(wallet);
    }

    fn delegations(&mut self, wallet: Wallet) {
        self.wallets.insert(wallet);
        self.delegations.insert(wallet);
    }

    fn move_all(&mut self, guest: Wallet, to: Wallet) {
        self.wallets.insert(guest);
        self.delegations(to);
        self.moves.insert((guest, to));
    }

    fn close(&mut self, round: RoundId) {
        self.rounds.insert(round);
        self.closing.insert(round);
    }
}
