//! The store in memory: everything in one working set, one command after the other.
//!
//! It is what the other stores are compared with: it has no rows, no transactions and no loading that could go wrong.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::api::operate::webhooks::DeliveryState;
use dripline_shared::api::{AssetMoney, Direction, HistoryEntry, HistoryPage, SignedTreeHead};
use dripline_shared::catalog::Catalog;
use dripline_shared::log::{NodeHash, TreeHead};
use dripline_shared::payout::WithdrawalId;
use dripline_shared::round::{Hash, RoundId};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;

use crate::ledger::{
    Account, AccountSum, FundingFacts, Holder, HolderRow, Kind, Posted, Reference, Transfer, fund,
};
use crate::log::{Frontier, MemoryNodes, NodeId, Nodes};
use crate::price::Worth;
use crate::store::columns::history_kind;
use crate::store::record::{
    AddressRecord, AuditRecord, BatchFacts, BatchRecord, CampaignAmounts, Closing, DelegationRecord,
    DeliveryRecord, DeliveryStep, Document, DocumentKind, RailRecord, ReadKeyRecord, RoundFacts, RoundRecord,
    SharedBucket, SharedFacts, SiteDayKey, SiteTally, Stage, StoredSegment, VoucherRecord, WalletFacts,
    WalletRecord, WithdrawalFacts, WithdrawalRecord,
};
use crate::store::working::{Effect, WorkingSet};
use crate::store::{
    AHEAD_MAX, Adoption, Answers, BoxedReader, Command, Decide, DormantPage, DormantQuery, Horizon, Reader,
    Sequence, StorageError, Store,
};

/// See the module. Clones see the same tables; each of them reads and writes.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    tables: Arc<Mutex<Tables>>,
}

/// A batch as readers get it: what is dead is never sent again.
fn without_dead_bytes(batch: &BatchRecord) -> BatchRecord {
    let mut batch = batch.clone();
    for candidate in batch.candidates.iter_mut().filter(|candidate| candidate.is_dead) {
        candidate.bytes.clear();
    }
    batch
}

/// The log: the hashes of its leaves, the nodes, and the newest head.
#[derive(Debug, Default)]
struct Log {
    leaves: Vec<NodeHash>,
    nodes: MemoryNodes,
    head: Option<SignedTreeHead>,
}

#[derive(Debug, Default)]
struct Tables {
    log: Log,
    set: WorkingSet,
    transfers: Vec<Posted>,
    audit: Vec<AuditRecord>,
    /// Messages to webhooks, by their numbers.
    deliveries: BTreeMap<u64, DeliveryRecord>,
    last_delivery: u64,
    /// Wallets in the order in which they came.
    wallets: Vec<Wallet>,
    assets: BTreeMap<Arc<str>, u8>,
    /// The assets that campaigns were ever funded with, and the campaigns.
    campaigns: BTreeSet<(Arc<str>, Arc<str>)>,
    faucet: Option<Hash>,
    catalog: Option<Catalog>,
}

impl MemoryStore {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    /// What a campaign was funded with in an asset, less what it returned.
    fn funded(&self, asset: &Arc<str>, campaign: &Holder) -> Amount {
        let moved = |kind: Kind, holder: fn(&Transfer) -> &Holder| {
            let transfers = self.transfers.iter().map(|posted| &posted.transfer);
            let amounts = transfers
                .filter(|transfer| {
                    transfer.kind == kind && transfer.asset == *asset && holder(transfer) == campaign
                })
                .map(|transfer| transfer.amount);
            amounts.fold(Amount::ZERO, |sum, amount| sum.checked_add(amount).unwrap_or(Amount::MAX))
        };
        moved(Kind::Budget, |transfer| &transfer.credit)
            .saturating_sub(moved(Kind::BudgetReturned, |transfer| &transfer.debit))
    }

    fn shared(&self) -> SharedFacts {
        let set = &self.set;
        let shared = [SharedBucket::Outflow, SharedBucket::Newcomers].into_iter();
        let buckets =
            shared.chain(self.campaigns.iter().map(|(_, id)| SharedBucket::Campaign(Arc::clone(id))));
        let buckets = buckets.chain(set.buckets_of_some().cloned());
        let left = |(asset, id): &(Arc<str>, Arc<str>)| {
            ((Arc::clone(asset), Arc::clone(id)), set.campaign_balance(asset, id))
        };
        SharedFacts {
            buckets: buckets.map(|name| (name.clone(), set.bucket(&name))).collect(),
            campaigns: self.campaigns.iter().map(left).collect(),
            slots: Vec::new(),
        }
    }

    fn money(&self, wallet: Wallet) -> BTreeMap<Arc<str>, AssetMoney> {
        let mut money: BTreeMap<Arc<str>, AssetMoney> = BTreeMap::new();
        for posted in &self.transfers {
            let transfer = &posted.transfer;
            for holder in [&transfer.debit, &transfer.credit] {
                if [Holder::Player(wallet), Holder::Pending(wallet)].contains(holder) {
                    money.entry(Arc::clone(&transfer.asset)).or_default();
                }
            }
        }
        for (asset, money) in &mut money {
            let balance = |holder| self.set.balance(&Account::new(asset, holder)).amount();
            money.balance = balance(Holder::Player(wallet));
            money.pending = balance(Holder::Pending(wallet));
            let paid = self.set.withdrawals().filter(|record| {
                record.wallet == wallet
                    && record.asset == *asset
                    && matches!(record.stage, Stage::Paid { .. })
            });
            money.paid =
                paid.fold(Amount::ZERO, |sum, record| sum.checked_add(record.amount).unwrap_or(Amount::MAX));
        }
        money
    }

    fn addresses(&self, wallet: Wallet) -> Vec<AddressRecord> {
        let mut found: Vec<AddressRecord> =
            self.set.addresses().filter(|address| address.wallet == wallet).cloned().collect();
        found.sort_unstable_by(|one, other| one.rail.cmp(&other.rail));
        found
    }

    /// Notes the decimals of an asset, and gives its code.
    fn learn(&mut self, asset: &Asset) -> Result<Arc<str>, StorageError> {
        let code: Arc<str> = asset.code.as_str().into();
        let wanted = asset.decimals;
        let stored = *self.assets.entry(Arc::clone(&code)).or_insert(wanted);
        if stored != wanted {
            return Err(StorageError::AssetChanged { code: code.to_string(), stored, wanted });
        }
        Ok(code)
    }

    fn with_place(&self, record: &WithdrawalRecord) -> WithdrawalFacts {
        let before = |other: &&WithdrawalRecord| other.asset == record.asset && other.id < record.id;
        let ahead = (record.stage == Stage::Queued)
            .then(|| self.set.queue(&record.rail).filter(before).take(AHEAD_MAX).count());
        let ahead = ahead.map(|ahead| u64::try_from(ahead).unwrap_or(u64::MAX));
        WithdrawalFacts { record: record.clone(), ahead }
    }

    fn history_entry(&self, id: u64, posted: &Posted, player: &Holder) -> HistoryEntry {
        let transfer = &posted.transfer;
        let (direction, balance) = if transfer.credit == *player {
            (Direction::In, posted.credit_balance)
        } else {
            (Direction::Out, posted.debit_balance)
        };
        let (round, withdrawal) = match transfer.reference {
            Some(Reference::Round(round)) => (Some(round), None),
            Some(Reference::Withdrawal(withdrawal)) => (None, Some(withdrawal)),
            Some(Reference::Batch(_)) | None => (None, None),
        };
        let is_dormant =
            || withdrawal.and_then(|id| self.set.withdrawal(id)).is_some_and(WithdrawalRecord::is_dormant);
        let kind = history_kind(transfer.kind.as_str(), is_dormant());
        let level = round.and_then(|round| self.set.round(round)).and_then(|round| round.level.id());
        HistoryEntry {
            id,
            at_ms: transfer.at,
            kind: kind.to_owned(),
            asset: transfer.asset.to_string(),
            direction,
            amount: transfer.amount,
            balance: balance.amount(),
            level: level.map(str::to_owned),
            round,
            withdrawal,
            transaction: None,
            worth: transfer.worth.as_ref().map(Worth::view),
        }
    }

    /// How many messages wait for webhooks.
    fn waiting(&self) -> BTreeMap<Arc<str>, u64> {
        let mut waiting: BTreeMap<Arc<str>, u64> = BTreeMap::new();
        for delivery in self.deliveries.values().filter(|it| it.state == DeliveryState::Waiting) {
            let count = waiting.entry(Arc::clone(&delivery.webhook)).or_default();
            *count = count.saturating_add(1);
        }
        waiting
    }

    fn keep_transfers(&mut self) {
        let changes = self.set.take_changes();
        self.transfers.extend(changes.transfers);
        self.audit.extend(changes.audit);
        for new in changes.deliveries {
            let is_same = |it: &DeliveryRecord| it.webhook == new.webhook && it.message == new.message;
            if !self.deliveries.values().any(is_same) {
                self.last_delivery = self.last_delivery.saturating_add(1);
                self.deliveries.insert(self.last_delivery, DeliveryRecord::new(self.last_delivery, &new));
            }
        }
        for again in changes.sent_again {
            let found = self.deliveries.get_mut(&again.number).filter(|it| it.webhook == again.webhook);
            if let Some(found) = found {
                found.again(again.now);
            }
        }
        for wallet in changes.wallets {
            if !self.wallets.contains(&wallet) {
                self.wallets.push(wallet);
            }
        }
    }
}

impl Store for MemoryStore {
    fn adopted(&mut self) -> Result<Option<Catalog>, StorageError> {
        Ok(self.tables().catalog.clone())
    }

    fn adopt(&mut self, adoption: &Adoption<'_>) -> Result<(), StorageError> {
        let mut tables = self.tables();
        if tables.faucet.get_or_insert(adoption.faucet) != &adoption.faucet {
            return Err(StorageError::OtherFaucet);
        }
        let asset = tables.learn(&adoption.catalog.asset)?;
        tables.catalog = Some(adoption.catalog.clone());
        for campaign in &adoption.catalog.campaigns {
            let id: Arc<str> = campaign.id.as_str().into();
            let holder = Holder::Campaign(Arc::clone(&id));
            let balance = |holder: Holder| tables.set.balance(&Account::new(&asset, holder));
            let facts = FundingFacts {
                next_id: tables.set.next_transfer_id(),
                funded: tables.funded(&asset, &holder),
                campaign: balance(holder),
                treasury: balance(Holder::Treasury),
                world: balance(Holder::World),
            };
            let transfers = fund(&asset, campaign, facts, adoption.now).map_err(|_| {
                StorageError::RolledBack("the budgets are more than the ledger can hold".to_owned())
            })?;
            tables.set.apply(transfers.into_iter().map(Effect::Transfer).collect());
            tables.keep_transfers();
            tables.campaigns.insert((Arc::clone(&asset), id));
        }
        Ok(())
    }

    fn reader(&self) -> Result<BoxedReader, StorageError> {
        Ok(Box::new(self.clone()))
    }

    fn assets(&mut self) -> Result<Vec<Asset>, StorageError> {
        let assets = &self.tables().assets;
        Ok(assets
            .iter()
            .map(|(code, decimals)| Asset { code: code.to_string(), decimals: *decimals })
            .collect())
    }

    fn learn_assets(&mut self, assets: &[Asset]) -> Result<(), StorageError> {
        assets.iter().try_for_each(|asset| self.tables().learn(asset).map(drop))
    }

    fn apply(&mut self, batch: &[Command], decide: &mut Decide<'_>) -> Result<Answers, StorageError> {
        let mut tables = self.tables();
        let answers = batch.iter().map(|command| decide(&mut tables.set, command)).collect();
        tables.keep_transfers();
        Ok(answers)
    }

    fn sequence(&mut self, sequence: &Sequence<'_>) -> Result<bool, StorageError> {
        let mut tables = self.tables();
        let tables = &mut *tables;
        let damaged = |error: &dyn std::fmt::Display| StorageError::Log(error.to_string());
        let logged = tables.log.leaves.len();
        let new = tables.transfers.iter().skip(logged).take(sequence.most);
        let hashes: Vec<NodeHash> = new
            .map(|posted| posted.transfer.leaf(sequence.faucet).map(|(_, hash)| hash))
            .collect::<Result<_, _>>()
            .map_err(|error| damaged(&error))?;
        if hashes.is_empty() && tables.log.head.is_some() {
            return Ok(false);
        }
        let size = u64::try_from(logged).unwrap_or(u64::MAX);
        let mut frontier = Frontier::read(&mut tables.log.nodes, size).map_err(|error| damaged(&error))?;
        tables.log.nodes.extend(frontier.append(&hashes).map_err(|error| damaged(&error))?);
        let head = TreeHead { size: frontier.size(), root: frontier.root(), at_ms: sequence.now };
        tables.log.head = (sequence.sign)(head).or_else(|| tables.log.head.take());
        let count = hashes.len();
        tables.log.leaves.extend(hashes);
        Ok(count >= sequence.most)
    }

    fn sweep(&mut self, horizon: Horizon) -> Result<bool, StorageError> {
        let mut tables = self.tables();
        let old: Vec<RoundId> = tables
            .set
            .rounds()
            .filter(|round| round.closing != Closing::Claimed && round.claim_until < horizon.now)
            .map(|round| round.id)
            .collect();
        for round in old {
            tables.set.forget_round(round);
        }
        let before = horizon.unpaid_before();
        let unpaid = |round: &&RoundRecord| {
            round.closing == Closing::Claimed && !round.is_paid() && round.claim_until < before
        };
        let unpaid: Vec<RoundId> = tables.set.rounds().filter(unpaid).map(|round| round.id).collect();
        for round in unpaid {
            tables.set.forget_round(round);
        }
        tables.set.forget_read_keys(horizon.keys_before());
        tables.set.forget_delegations(horizon.delegations_before());
        tables.set.forget_prefixes(horizon.prefixes_before, horizon.now);
        tables.deliveries.retain(|_, it| it.ends_at >= horizon.deliveries_before());
        for (webhook, waiting) in tables.waiting() {
            let most = usize::try_from(waiting.saturating_sub(horizon.waiting_max)).unwrap_or(usize::MAX);
            let of_webhook =
                |it: &&mut DeliveryRecord| it.webhook == webhook && it.state == DeliveryState::Waiting;
            tables
                .deliveries
                .values_mut()
                .filter(of_webhook)
                .take(most)
                .for_each(|it| it.drop_out(horizon.now));
        }
        Ok(false)
    }

    fn deliver(&mut self, step: &DeliveryStep) -> Result<Vec<DeliveryRecord>, StorageError> {
        let mut tables = self.tables();
        for tried in &step.tried {
            if let Some(delivery) = tables.deliveries.get_mut(&tried.number) {
                delivery.note(tried);
            }
        }
        let mut taken = Vec::new();
        for (webhook, room) in &step.room {
            let is_due = |it: &&mut DeliveryRecord| it.is_due(webhook, step.now);
            let mut due: Vec<&mut DeliveryRecord> = tables.deliveries.values_mut().filter(is_due).collect();
            due.sort_by_key(|it| it.next_at);
            for delivery in due.into_iter().take(*room) {
                delivery.take(step.until);
                taken.push(delivery.clone());
            }
        }
        taken.sort_unstable_by_key(|it| it.number);
        Ok(taken)
    }

    fn forget_plays(&mut self, wallet: Wallet) -> Result<u64, StorageError> {
        let mut tables = self.tables();
        let claimed = |round: &&RoundRecord| round.wallet == wallet && round.closing == Closing::Claimed;
        let rounds: Vec<RoundId> = tables.set.rounds().filter(claimed).map(|round| round.id).collect();
        let forgotten = rounds.into_iter().filter(|round| tables.set.forget_play(*round)).count();
        Ok(u64::try_from(forgotten).unwrap_or(u64::MAX))
    }

    fn tidy(&mut self) -> Result<(), StorageError> {
        Ok(())
    }

    fn close(self: Box<Self>) -> Result<(), StorageError> {
        Ok(())
    }
}

impl Reader for MemoryStore {
    fn round(&mut self, round: RoundId) -> Result<Option<RoundFacts>, StorageError> {
        let tables = self.tables();
        let facts = tables
            .set
            .round(round)
            .map(|record| RoundFacts { record: record.clone(), claim: tables.set.claim(round).cloned() });
        Ok(facts)
    }

    fn segments(&mut self, round: RoundId) -> Result<Vec<StoredSegment>, StorageError> {
        let tables = self.tables();
        Ok((0..).map_while(|number| tables.set.segment(round, number).cloned()).collect())
    }

    fn wallet(&mut self, wallet: Wallet) -> Result<WalletFacts, StorageError> {
        let tables = self.tables();
        let set = &tables.set;
        let record = set.wallet(wallet).copied().unwrap_or_else(|| WalletRecord::new(wallet));
        let open_round = record.open_round.and_then(|round| set.round(round));
        let SharedFacts { buckets, campaigns, slots } = tables.shared();
        Ok(WalletFacts {
            record,
            money: tables.money(wallet),
            addresses: tables.addresses(wallet),
            progress: set.progress(wallet).cloned().unwrap_or_default(),
            open_round: open_round.map(|round| (round.clone(), set.tail(round.id))),
            buckets,
            campaigns,
            slots,
        })
    }

    fn shared(&mut self) -> Result<SharedFacts, StorageError> {
        Ok(self.tables().shared())
    }

    fn history(
        &mut self,
        wallet: Wallet,
        before: Option<u64>,
        limit: u32,
    ) -> Result<HistoryPage, StorageError> {
        let tables = self.tables();
        let player = Holder::Player(wallet);
        let numbered = tables.transfers.iter().rev().map(|posted| (posted.transfer.id, posted));
        let mut matching = numbered
            .filter(|(id, posted)| {
                let of_player = [&posted.transfer.credit, &posted.transfer.debit].contains(&&player);
                of_player && before.is_none_or(|before| *id < before)
            })
            .map(|(id, posted)| tables.history_entry(id, posted, &player));
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let entries: Vec<HistoryEntry> = matching.by_ref().take(limit).collect();
        let next_before = matching.next().and(entries.last()).map(|entry| entry.id);
        Ok(HistoryPage { entries, next_before })
    }

    fn withdrawal(&mut self, id: WithdrawalId) -> Result<Option<WithdrawalFacts>, StorageError> {
        let tables = self.tables();
        Ok(tables.set.withdrawal(id).map(|record| tables.with_place(record)))
    }

    fn withdrawals(
        &mut self,
        wallet: Wallet,
        before: Option<WithdrawalId>,
        limit: usize,
    ) -> Result<Vec<WithdrawalFacts>, StorageError> {
        let tables = self.tables();
        let mut found: Vec<&WithdrawalRecord> = tables
            .set
            .withdrawals()
            .filter(|record| record.wallet == wallet && before.is_none_or(|before| record.id < before))
            .collect();
        found.sort_unstable_by_key(|record| Reverse(record.id));
        Ok(found.into_iter().take(limit).map(|record| tables.with_place(record)).collect())
    }

    fn of_operators(
        &mut self,
        after: Option<WithdrawalId>,
        limit: usize,
    ) -> Result<Vec<WithdrawalRecord>, StorageError> {
        let tables = self.tables();
        let waits = |record: &&WithdrawalRecord| {
            matches!(record.stage, Stage::Held | Stage::Unapproved)
                && after.is_none_or(|after| record.id > after)
        };
        let mut found: Vec<&WithdrawalRecord> = tables.set.withdrawals().filter(waits).collect();
        found.sort_unstable_by_key(|record| record.id);
        Ok(found.into_iter().take(limit).cloned().collect())
    }

    fn newest_wallets(
        &mut self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<(u64, WalletRecord)>, StorageError> {
        let tables = self.tables();
        let numbered: Vec<(u64, &Wallet)> = (1_u64..).zip(&tables.wallets).collect();
        let numbered = numbered.into_iter().rev();
        let found = numbered.filter(|(number, _)| before.is_none_or(|before| *number < before));
        let found = found.filter_map(|(number, wallet)| Some((number, *tables.set.wallet(*wallet)?)));
        Ok(found.take(limit).collect())
    }

    fn wallets_between(
        &mut self,
        from: Wallet,
        to: Wallet,
        limit: usize,
    ) -> Result<Vec<WalletRecord>, StorageError> {
        let tables = self.tables();
        let between: BTreeSet<&Wallet> =
            tables.wallets.iter().filter(|wallet| (from..=to).contains(wallet)).collect();
        Ok(between.into_iter().filter_map(|wallet| tables.set.wallet(*wallet).copied()).take(limit).collect())
    }

    fn rounds_of(
        &mut self,
        wallet: Wallet,
        before: Option<RoundId>,
        limit: usize,
    ) -> Result<Vec<RoundFacts>, StorageError> {
        let tables = self.tables();
        let of_wallet =
            |round: &&RoundRecord| round.wallet == wallet && before.is_none_or(|before| round.id < before);
        let mut found: Vec<&RoundRecord> = tables.set.rounds().filter(of_wallet).collect();
        found.sort_unstable_by_key(|round| Reverse(round.id));
        let facts = |record: &RoundRecord| RoundFacts {
            record: record.clone(),
            claim: tables.set.claim(record.id).cloned(),
        };
        Ok(found.into_iter().take(limit).map(facts).collect())
    }

    fn dormant(&mut self, query: &DormantQuery) -> Result<DormantPage, StorageError> {
        let tables = self.tables();
        let set = &tables.set;
        let is_old = |at: Option<Timestamp>| at.is_none_or(|at| at < query.active_before);
        let addresses = set.addresses().filter(|address| address.rail == query.rail);
        let found = addresses.filter(|address| {
            let account = Account::new(&query.asset, Holder::Player(address.wallet));
            set.balance(&account).amount() >= query.threshold
                && set.wallet(address.wallet).is_some_and(|it| is_old(it.attempts) && is_old(it.last_drip))
        });
        let found = found.map(|address| (address.wallet, Arc::clone(&address.address))).collect();
        Ok(DormantPage { found, next: None })
    }

    fn read_key(&mut self, hash: Hash) -> Result<Option<ReadKeyRecord>, StorageError> {
        Ok(self.tables().set.all_read_keys().find(|key| key.hash == hash).copied())
    }

    fn delegations(&mut self, wallet: Wallet) -> Result<Vec<DelegationRecord>, StorageError> {
        Ok(self.tables().set.delegations(wallet).cloned().collect())
    }

    fn read_keys(&mut self, wallet: Wallet) -> Result<Vec<ReadKeyRecord>, StorageError> {
        Ok(self.tables().set.read_keys(wallet).copied().collect())
    }

    fn documents(
        &mut self,
        kind: DocumentKind,
        from: &str,
        limit: usize,
    ) -> Result<Vec<Document>, StorageError> {
        let tables = self.tables();
        let found = tables.set.all_documents().filter(|it| it.kind == kind && &*it.id >= from);
        Ok(found.take(limit).collect())
    }

    fn document(&mut self, kind: DocumentKind, id: &str) -> Result<Option<Document>, StorageError> {
        Ok(self.tables().set.all_documents().find(|it| it.kind == kind && &*it.id == id))
    }

    fn audit(&mut self, before: Option<u64>, limit: usize) -> Result<Vec<AuditRecord>, StorageError> {
        let tables = self.tables();
        let found = tables.audit.iter().rev().filter(|it| before.is_none_or(|before| it.number < before));
        Ok(found.take(limit).cloned().collect())
    }

    fn rails(&mut self) -> Result<Vec<RailRecord>, StorageError> {
        let tables = self.tables();
        let mut found: Vec<RailRecord> = tables.set.rails().cloned().collect();
        found.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        Ok(found)
    }

    fn queues(&mut self) -> Result<Vec<(String, u64)>, StorageError> {
        let tables = self.tables();
        let mut found: BTreeMap<String, u64> = BTreeMap::new();
        for withdrawal in tables.set.withdrawals().filter(|record| record.stage == Stage::Queued) {
            let waiting = found.entry(withdrawal.rail.to_string()).or_default();
            *waiting = waiting.saturating_add(1);
        }
        for batch in tables.set.batches().filter(|batch| batch.ended_at.is_none()) {
            found.entry(batch.rail.to_string()).or_default();
        }
        Ok(found.into_iter().collect())
    }

    fn waiting(
        &mut self,
        rail: &str,
        after: Option<WithdrawalId>,
        limit: usize,
    ) -> Result<Vec<WithdrawalRecord>, StorageError> {
        let tables = self.tables();
        let waiting = tables.set.queue(rail).filter(|record| after.is_none_or(|after| record.id > after));
        Ok(waiting.take(limit).cloned().collect())
    }

    fn wallets_at(&mut self, rail: &str, address: &str) -> Result<Vec<Wallet>, StorageError> {
        let tables = self.tables();
        let there = tables.set.addresses_ever().filter(|it| &*it.rail == rail && &*it.address == address);
        let wallets: BTreeSet<Wallet> = there.map(|it| it.wallet).collect();
        Ok(wallets.into_iter().collect())
    }

    fn assets(&mut self) -> Result<Vec<Asset>, StorageError> {
        Store::assets(self)
    }

    fn are_candidates(&mut self, rail: &str, ids: &[Arc<str>]) -> Result<Vec<bool>, StorageError> {
        let tables = self.tables();
        let of_rail = || tables.set.batches().filter(|batch| &*batch.rail == rail);
        let is_known = |id: &Arc<str>| {
            of_rail().any(|batch| batch.candidates.iter().any(|candidate| candidate.id == *id))
        };
        Ok(ids.iter().map(is_known).collect())
    }

    fn batches(&mut self, rail: &str) -> Result<Vec<BatchFacts>, StorageError> {
        let tables = self.tables();
        let mut found: Vec<BatchFacts> = tables
            .set
            .batches()
            .filter(|batch| &*batch.rail == rail && batch.ended_at.is_none())
            .map(|batch| BatchFacts {
                withdrawals: batch
                    .withdrawals
                    .iter()
                    .filter_map(|id| tables.set.withdrawal(*id).cloned())
                    .collect(),
                record: without_dead_bytes(batch),
            })
            .collect();
        found.sort_unstable_by_key(|batch| batch.record.id);
        Ok(found)
    }

    fn account_sums(&mut self) -> Result<Vec<AccountSum>, StorageError> {
        let tables = self.tables();
        // From the transfers, as nothing else here does it.
        let mut sums: BTreeMap<(Arc<str>, HolderRow), i64> = BTreeMap::new();
        for Posted { transfer, .. } in &tables.transfers {
            let units = transfer.amount.units();
            for (holder, units) in [(&transfer.debit, -units), (&transfer.credit, units)] {
                let sum = sums.entry((Arc::clone(&transfer.asset), holder.into())).or_default();
                *sum = sum.saturating_add(units);
            }
        }
        let sum = |((code, holder), balance): ((Arc<str>, HolderRow), i64)| {
            let decimals = tables.assets.get(&code).copied()?;
            Some(AccountSum { asset: Asset { code: code.to_string(), decimals }, holder, balance })
        };
        Ok(sums.into_iter().filter_map(sum).collect())
    }

    fn log_head(&mut self) -> Result<Option<SignedTreeHead>, StorageError> {
        Ok(self.tables().log.head.clone())
    }

    fn log_leaf(&mut self, leaf: u64) -> Result<Option<Transfer>, StorageError> {
        let tables = self.tables();
        let Ok(leaf) = usize::try_from(leaf) else { return Ok(None) };
        let found = tables.transfers.iter().take(tables.log.leaves.len()).nth(leaf);
        Ok(found.map(|posted| posted.transfer.clone()))
    }

    fn log_leaf_of(&mut self, hash: NodeHash) -> Result<Option<u64>, StorageError> {
        let found = self.tables().log.leaves.iter().position(|leaf| *leaf == hash);
        Ok(found.and_then(|leaf| u64::try_from(leaf).ok()))
    }

    fn log_nodes(&mut self, ids: &[NodeId]) -> Result<Vec<Option<NodeHash>>, StorageError> {
        match self.tables().log.nodes.read(ids) {
            Ok(nodes) => Ok(nodes),
            Err(never) => match never {},
        }
    }

    fn voucher(&mut self, hash: Hash) -> Result<Option<VoucherRecord>, StorageError> {
        Ok(self.tables().set.voucher(hash).cloned())
    }

    fn vouchers_used(&mut self) -> Result<Vec<(Arc<str>, u64)>, StorageError> {
        let mut used: BTreeMap<Arc<str>, u64> = BTreeMap::new();
        for voucher in self.tables().set.vouchers().filter(|voucher| voucher.used.is_some()) {
            let count = used.entry(Arc::clone(&voucher.issue)).or_default();
            *count = count.saturating_add(1);
        }
        Ok(used.into_iter().collect())
    }

    fn site_days(
        &mut self,
        site: &str,
        asset: &str,
        from_day: u64,
    ) -> Result<Vec<(u64, SiteTally)>, StorageError> {
        let tables = self.tables();
        let is_asked = |key: &SiteDayKey| *key.site == *site && *key.asset == *asset && key.day >= from_day;
        let days = tables.set.site_days().iter().rev().filter(|(key, _)| is_asked(key));
        Ok(days.map(|(key, tally)| (key.day, *tally)).collect())
    }

    fn deliveries(
        &mut self,
        webhook: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<DeliveryRecord>, StorageError> {
        let tables = self.tables();
        let is_asked =
            |it: &&DeliveryRecord| &*it.webhook == webhook && before.is_none_or(|before| it.number < before);
        Ok(tables.deliveries.values().rev().filter(is_asked).take(limit).cloned().collect())
    }

    fn deliveries_due(
        &mut self,
        webhooks: &[Arc<str>],
        now: Timestamp,
    ) -> Result<Vec<Arc<str>>, StorageError> {
        let tables = self.tables();
        let is_due = |webhook: &&Arc<str>| tables.deliveries.values().any(|it| it.is_due(webhook, now));
        Ok(webhooks.iter().filter(is_due).cloned().collect())
    }

    fn deliveries_waiting(&mut self) -> Result<Vec<(Arc<str>, u64)>, StorageError> {
        Ok(self.tables().waiting().into_iter().collect())
    }

    fn funded(&mut self) -> Result<CampaignAmounts, StorageError> {
        let tables = self.tables();
        let was_funded = |(asset, id): &&(Arc<str>, Arc<str>)| {
            let holder = Holder::Campaign(Arc::clone(id));
            tables.transfers.iter().any(|posted| {
                let transfer = &posted.transfer;
                transfer.kind == Kind::Budget && transfer.asset == *asset && transfer.credit == holder
            })
        };
        let funded =
            |key: &(Arc<str>, Arc<str>)| tables.funded(&key.0, &Holder::Campaign(Arc::clone(&key.1)));
        Ok(tables.campaigns.iter().filter(was_funded).map(|key| (key.clone(), funded(key))).collect())
    }

    fn rounds_open(&mut self, now: Timestamp) -> Result<u64, StorageError> {
        let tables = self.tables();
        let open =
            tables.set.rounds().filter(|round| round.closing == Closing::NotYet && round.expires_at >= now);
        Ok(u64::try_from(open.count()).unwrap_or(u64::MAX))
    }
}
