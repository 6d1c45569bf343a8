//! Loading: every fact that a batch needs, read before its first decision.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use dripline_shared::payout::{BatchId, WithdrawalId};
use dripline_shared::round::{ClientId, RoundId};
use dripline_shared::wallet::Wallet;
use rusqlite::{Connection, OptionalExtension};

use crate::check::withdrawal::ADDRESSES_MAX;
use crate::store::command::{Command, Facts, MakeBatch, Open, PutSegment, SetAddress, Settle, Withdraw};
use crate::store::record::{Closing, PrefixRecord, Stage};
use crate::store::record::{DocumentKind, Wanted};
use crate::store::sqlite::intern::Interner;
use crate::store::sqlite::rows::{self, RoundKey};
use crate::store::sqlite::{delegations, documents, payouts, players, read_keys, vouchers};
use crate::store::working::WorkingSet;

/// The working set of a batch, and the row ids of what was found.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub(super) set: WorkingSet,
    /// Wallets that were looked for: their row ids, or that there is none.
    pub(super) wallets: HashMap<Wallet, Option<i64>>,
    /// Rounds that were looked for.
    pub(super) rounds: HashMap<RoundId, Option<i64>>,
    /// Network prefixes that were looked for.
    prefixes: HashSet<String>,
    /// Wallets whose whole progress was read.
    progress: HashSet<Wallet>,
    /// Wallets whose accounts were read.
    accounts: HashSet<Wallet>,
    /// Wallets whose addresses were read.
    addresses: HashSet<Wallet>,
    /// Wallets whose read-only keys were read.
    read_keys: HashSet<Wallet>,
    /// Wallets whose delegations were read.
    delegations: HashSet<Wallet>,
    /// Whether buckets and accounts of the faucet were read.
    shared: bool,
}

/// Reads the facts that a batch needs.
pub(super) struct Loader<'a> {
    pub(super) main: &'a Connection,
    pub(super) segments: &'a Connection,
    pub(super) interner: &'a mut Interner,
    pub(super) loaded: Loaded,
}

impl Loader<'_> {
    /// Reads the facts that `command` needs and that are not there yet.
    pub(super) fn load(&mut self, command: &Command) -> rusqlite::Result<()> {
        match command {
            Command::Open(open) => self.open(open),
            Command::Segment(put) => self.segment(put),
            Command::End(end) => self.round_and_wallet(end.round),
            Command::Verify(verify) => self.round(verify.round).map(drop),
            Command::GiveBack(give) => self.round_and_wallet(give.round),
            Command::Settle(settle) => self.settle(settle),
            Command::SetAddress(set) => self.set_address(set),
            Command::Withdraw(withdraw) => self.withdraw(withdraw),
            Command::PayDormant(pay) => self.dormant(pay.wallet),
            Command::IssueReadKey(issue) => self.read_keys(issue.request.wallet),
            Command::RevokeReadKey(revoke) => self.read_keys(revoke.request.wallet),
            Command::Delegate(delegate) => {
                self.prefix(&delegate.prefix)?;
                self.delegations(delegate.request.wallet)
            }
            Command::RevokeDelegation(revoke) => self.delegations(revoke.request.wallet),
            Command::MoveBalance(request) => self.move_balance(request.request.wallet, request.request.to),
            Command::MakeBatch(make) => self.make_batch(make),
            Command::KeepCandidate(keep) => self.batch(keep.batch),
            Command::EndBatch(end) => self.batch(end.batch),
            Command::CancelBatch(cancel) => self.batch(cancel.batch),
            Command::GiveBackWithdrawal(give) => self.withdrawal(give.withdrawal),
            Command::ImportPayout(import) => self.withdrawal(import.withdrawal),
            Command::RecordPayout(record) => {
                self.rails()?;
                self.requested(record.withdrawal.wallet, record.withdrawal.client_id).map(drop)
            }
            // What one server alone has is never divided.
            Command::Gather(_) | Command::Divide(_) => Ok(()),
            Command::Halt(halt) => {
                self.rails()?;
                halt.batch.map_or(Ok(()), |batch| self.batch(batch))
            }
            Command::Operate(operation) => {
                documents::load(self.main, &mut self.loaded.set, &operation.wanted())?;
                match operation.facts() {
                    Facts::None => Ok(()),
                    Facts::Command(command) => self.load(command),
                    Facts::Player(wallet) => self.player(wallet),
                    Facts::Withdrawal(withdrawal) => self.withdrawal(withdrawal),
                }
            }
            Command::TakeLease(_)
            | Command::SetPause(_)
            | Command::SetShort(_)
            | Command::NoteExamined(_) => self.rails(),
        }
    }

    fn open(&mut self, open: &Open) -> rusqlite::Result<()> {
        self.shared()?;
        self.prefix(&open.prefix)?;
        if let Some(hash) = open.voucher.filter(|hash| self.loaded.set.voucher(*hash).is_none())
            && let Some(voucher) = vouchers::by_hash(self.main, hash)?
        {
            let issue = Wanted::One(DocumentKind::Vouchers, Arc::clone(&voucher.issue));
            documents::load(self.main, &mut self.loaded.set, &[issue])?;
            self.loaded.set.load_voucher(voucher);
        }
        let wallet = open.request.wallet;
        if open.request.delegate.is_some() {
            self.delegations(wallet)?;
        }
        let Some(id) = self.wallet(wallet)? else { return Ok(()) };
        let key = RoundKey::Client(id, open.request.client_id);
        if let Some((number, round)) = rows::round(self.main, self.interner, key)? {
            self.loaded.rounds.insert(round.id, Some(number));
            self.loaded.set.load_round(round);
        }
        let in_play = self.loaded.set.wallet(wallet).and_then(|wallet| wallet.open_round);
        if let Some(round) = in_play {
            self.round(round)?;
            self.tail(round)?;
        }
        self.all_progress(wallet, id)
    }

    fn segment(&mut self, put: &PutSegment) -> rusqlite::Result<()> {
        self.round(put.round)?;
        self.tail(put.round)?;
        if put.number < self.loaded.set.tail(put.round).segments {
            for segment in rows::segments(self.segments, put.round, put.number, 1)? {
                self.loaded.set.load_segment(put.round, segment);
            }
        }
        Ok(())
    }

    fn round_and_wallet(&mut self, round: RoundId) -> rusqlite::Result<()> {
        self.round(round)?;
        if let Some(wallet) = self.loaded.set.round(round).map(|round| round.wallet) {
            self.wallet(wallet)?;
        }
        Ok(())
    }

    fn settle(&mut self, settle: &Settle) -> rusqlite::Result<()> {
        self.shared()?;
        self.prefix(&settle.prefix)?;
        let number = self.round(settle.round)?;
        let claimed =
            self.loaded.set.round(settle.round).is_some_and(|round| round.closing == Closing::Claimed);
        if let Some(number) = number.filter(|_| claimed)
            && let Some(claim) = rows::claim(self.main, number)?
        {
            self.loaded.set.load_claim(claim);
        }
        if settle.delegate.is_some() {
            self.delegations(settle.wallet)?;
        }
        let Some(id) = self.wallet(settle.wallet)? else { return Ok(()) };
        // Where the round is opened in the same batch, or cannot be paid for want of a level, there is nothing to read.
        let level = self.loaded.set.round(settle.round).and_then(|round| round.level.pinned().ok()).cloned();
        if let Some(level) = level.filter(|_| !self.loaded.progress.contains(&settle.wallet)) {
            for (level, progress) in rows::progress(self.main, id, Some(&level.level.id))? {
                self.loaded.set.load_progress(settle.wallet, level, progress);
            }
        }
        self.accounts(settle.wallet, id)
    }

    fn set_address(&mut self, set: &SetAddress) -> rusqlite::Result<()> {
        let wallet = set.request.wallet;
        let Some(id) = self.wallet(wallet)? else { return Ok(()) };
        for record in payouts::addresses_lately(self.main, wallet, id, &set.request.rail, ADDRESSES_MAX)? {
            self.loaded.set.load_older_address(record);
        }
        self.addresses(wallet, id, Some(set.request.client_id))
    }

    fn withdraw(&mut self, withdraw: &Withdraw) -> rusqlite::Result<()> {
        let wallet = withdraw.request.wallet;
        match self.requested(wallet, withdraw.request.client_id)? {
            Some(id) => self.addresses(wallet, id, None),
            None => Ok(()),
        }
    }

    /// What a wallet requested under a client id, and what it has. Gives its row id, if it is known.
    fn requested(&mut self, wallet: Wallet, client: ClientId) -> rusqlite::Result<Option<i64>> {
        self.shared()?;
        let Some(id) = self.wallet(wallet)? else { return Ok(None) };
        if self.loaded.set.withdrawal_of_client(wallet, client).is_none()
            && let Some(record) = payouts::withdrawal_of_client(self.main, self.interner, id, client)?
        {
            self.loaded.set.load_withdrawal(record);
        }
        self.accounts(wallet, id)?;
        Ok(Some(id))
    }

    fn dormant(&mut self, wallet: Wallet) -> rusqlite::Result<()> {
        self.shared()?;
        self.rails()?;
        self.read_keys(wallet)?;
        let Some(id) = self.wallet(wallet)? else { return Ok(()) };
        for record in payouts::withdrawals_since_last_signed(self.main, self.interner, id)? {
            if self.loaded.set.withdrawal(record.id).is_none() {
                self.loaded.set.load_withdrawal(record);
            }
        }
        self.accounts(wallet, id)?;
        self.addresses(wallet, id, None)
    }

    fn read_keys(&mut self, wallet: Wallet) -> rusqlite::Result<()> {
        let Some(id) = self.wallet(wallet)? else { return Ok(()) };
        // Of a wallet of which a key was issued in this very batch they were read before that.
        if self.loaded.read_keys.insert(wallet) {
            for record in read_keys::of_wallet(self.main, id)? {
                self.loaded.set.load_read_key(record);
            }
        }
        Ok(())
    }

    fn delegations(&mut self, wallet: Wallet) -> rusqlite::Result<()> {
        let Some(id) = self.wallet(wallet)? else { return Ok(()) };
        // As with read-only keys.
        if self.loaded.delegations.insert(wallet) {
            for record in delegations::of_wallet(self.main, id)? {
                self.loaded.set.load_delegation(record);
            }
        }
        Ok(())
    }

    /// What a guest's key has and can still claim, where it is paid, and the wallet that gets it.
    fn move_balance(&mut self, guest: Wallet, to: Wallet) -> rusqlite::Result<()> {
        self.shared()?;
        self.delegations(to)?;
        for wallet in [guest, to] {
            let Some(id) = self.wallet(wallet)? else { continue };
            self.accounts(wallet, id)?;
            self.all_progress(wallet, id)?;
        }
        let Some(id) = self.wallet(guest)? else { return Ok(()) };
        self.addresses(guest, id, None)?;
        for (number, round) in rows::unclosed_rounds(self.main, self.interner, id)? {
            let round_id = round.id;
            self.loaded.rounds.insert(round_id, Some(number));
            self.loaded.set.load_round(round);
            self.tail(round_id)?;
        }
        Ok(())
    }

    fn all_progress(&mut self, wallet: Wallet, id: i64) -> rusqlite::Result<()> {
        if self.loaded.progress.insert(wallet) {
            for (level, progress) in rows::progress(self.main, id, None)? {
                self.loaded.set.load_progress(wallet, level, progress);
            }
        }
        Ok(())
    }

    /// A wallet, and its withdrawals that wait.
    fn player(&mut self, wallet: Wallet) -> rusqlite::Result<()> {
        let Some(id) = self.wallet(wallet)? else { return Ok(()) };
        for record in players::waiting_of_wallet(self.main, self.interner, id)? {
            if self.loaded.set.withdrawal(record.id).is_none() {
                self.loaded.set.load_withdrawal(record);
            }
        }
        Ok(())
    }

    fn make_batch(&mut self, make: &MakeBatch) -> rusqlite::Result<()> {
        self.shared()?;
        self.rails()?;
        let Some(rail) = self.interner.known_rail(self.main, &make.rail)? else { return Ok(()) };
        let Some(asset) = self.interner.asset_id(self.main, &make.asset).optional()? else { return Ok(()) };
        for record in payouts::queue(self.main, self.interner, (rail, asset), make.most)? {
            self.loaded.set.load_withdrawal(record);
        }
        Ok(())
    }

    fn rails(&mut self) -> rusqlite::Result<()> {
        for record in payouts::rails(self.main)? {
            self.loaded.set.load_rail(record);
        }
        Ok(())
    }

    fn batch(&mut self, id: BatchId) -> rusqlite::Result<()> {
        self.shared()?;
        self.rails()?;
        if self.loaded.set.batch(id).is_some() {
            return Ok(());
        }
        let Some(batch) = payouts::batch(self.main, self.interner, id)? else {
            // It may be made in this very transaction, of what waits.
            return self.accounts_of_queued();
        };
        for id in &batch.withdrawals {
            if self.loaded.set.withdrawal(*id).is_none()
                && let Some(record) = payouts::withdrawal(self.main, self.interner, *id)?
            {
                self.loaded.set.load_withdrawal(record);
            }
            let wallet = self.loaded.set.withdrawal(*id).map(|record| record.wallet);
            if let Some(wallet) = wallet
                && let Some(id) = self.wallet(wallet)?
            {
                self.accounts(wallet, id)?;
            }
        }
        self.loaded.set.load_batch(batch);
        Ok(())
    }

    /// A withdrawal, what its wallet has, and the batch that it is in.
    fn withdrawal(&mut self, id: WithdrawalId) -> rusqlite::Result<()> {
        self.shared()?;
        self.rails()?;
        if self.loaded.set.withdrawal(id).is_none()
            && let Some(record) = payouts::withdrawal(self.main, self.interner, id)?
        {
            self.loaded.set.load_withdrawal(record);
        }
        let found = self.loaded.set.withdrawal(id).map(|record| (record.wallet, record.stage.clone()));
        let Some((wallet, stage)) = found else { return Ok(()) };
        if let Some(id) = self.wallet(wallet)? {
            self.accounts(wallet, id)?;
        }
        match stage {
            Stage::Batched(batch) => self.batch(batch),
            _ => Ok(()),
        }
    }

    /// What the wallets have whose withdrawals wait and were loaded.
    fn accounts_of_queued(&mut self) -> rusqlite::Result<()> {
        let queued = self.loaded.set.withdrawals().filter(|record| record.stage == Stage::Queued);
        let wallets: Vec<Wallet> = queued.map(|record| record.wallet).collect();
        for wallet in wallets {
            if let Some(id) = self.wallet(wallet)? {
                self.accounts(wallet, id)?;
            }
        }
        Ok(())
    }

    /// What a wallet holds and has pending.
    fn accounts(&mut self, wallet: Wallet, id: i64) -> rusqlite::Result<()> {
        if self.loaded.accounts.insert(wallet) {
            for (account, balance) in rows::wallet_accounts(self.main, wallet, id)? {
                self.loaded.set.load_balance(account, balance);
            }
        }
        Ok(())
    }

    /// Where a wallet is paid, and what it set under a client id.
    fn addresses(&mut self, wallet: Wallet, id: i64, client: Option<ClientId>) -> rusqlite::Result<()> {
        if self.loaded.addresses.insert(wallet) {
            for record in payouts::addresses(self.main, wallet, id)? {
                self.loaded.set.load_address(record);
            }
        }
        if let Some(client) = client
            && self.loaded.set.address_of_client(wallet, client).is_none()
            && let Some(record) = payouts::address_of_client(self.main, wallet, id, client)?
        {
            self.loaded.set.load_older_address(record);
        }
        Ok(())
    }

    fn wallet(&mut self, wallet: Wallet) -> rusqlite::Result<Option<i64>> {
        if let Some(id) = self.loaded.wallets.get(&wallet) {
            return Ok(*id);
        }
        let found = rows::wallet(self.main, wallet)?;
        let id = found.as_ref().map(|(id, _)| *id);
        if let Some((_, record)) = found {
            self.loaded.set.load_wallet(record);
        }
        self.loaded.wallets.insert(wallet, id);
        Ok(id)
    }

    fn round(&mut self, round: RoundId) -> rusqlite::Result<Option<i64>> {
        if let Some(number) = self.loaded.rounds.get(&round) {
            return Ok(*number);
        }
        let found = rows::round(self.main, self.interner, RoundKey::Id(round))?;
        let number = found.as_ref().map(|(number, _)| *number);
        if let Some((_, record)) = found {
            self.loaded.set.load_round(record);
        }
        self.loaded.rounds.insert(round, number);
        Ok(number)
    }

    fn tail(&mut self, round: RoundId) -> rusqlite::Result<()> {
        if let Some(tail) = rows::tail(self.segments, round)? {
            self.loaded.set.load_tail(round, tail);
        }
        Ok(())
    }

    fn prefix(&mut self, prefix: &str) -> rusqlite::Result<()> {
        if self.loaded.prefixes.contains(prefix) {
            return Ok(());
        }
        let mut statement = self
            .main
            .prepare_cached("SELECT opens_ms, level, remainder, at_ms FROM prefixes WHERE prefix = ?1")?;
        let record: Option<PrefixRecord> = statement.query_row([prefix], rows::prefix).optional()?;
        if let Some(record) = record {
            self.loaded.set.load_prefix(prefix.to_owned(), record);
        }
        self.loaded.prefixes.insert(prefix.to_owned());
        Ok(())
    }

    fn shared(&mut self) -> rusqlite::Result<()> {
        if std::mem::replace(&mut self.loaded.shared, true) {
            return Ok(());
        }
        for (name, bucket) in rows::buckets(self.main)? {
            self.loaded.set.load_bucket(name, bucket);
        }
        self.loaded.set.load_last_transfer(rows::last_transfer(self.main)?);
        for (account, balance) in rows::faucet_accounts(self.main)? {
            self.loaded.set.load_balance(account, balance);
        }
        Ok(())
    }
}
