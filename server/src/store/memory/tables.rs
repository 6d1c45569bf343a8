//! What the store in memory keeps, and what follows from it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::api::operate::webhooks::DeliveryState;
use dripline_shared::api::{AssetMoney, Direction, HistoryEntry, SignedTreeHead};
use dripline_shared::catalog::Catalog;
use dripline_shared::log::NodeHash;
use dripline_shared::round::Hash;
use dripline_shared::wallet::Wallet;

use crate::ledger::{Account, Holder, Kind, Posted, Reference, Transfer};
use crate::log::MemoryNodes;
use crate::price::Worth;
use crate::store::columns::history_kind;
use crate::store::record::{
    AddressRecord, AuditRecord, BatchRecord, DeliveryRecord, SharedBucket, SharedFacts, Stage,
    WithdrawalFacts, WithdrawalRecord,
};
use crate::store::working::WorkingSet;
use crate::store::{AHEAD_MAX, StorageError};

/// The log: the hashes of its leaves, the nodes, and the newest head.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) leaves: Vec<NodeHash>,
    pub(super) nodes: MemoryNodes,
    pub(super) head: Option<SignedTreeHead>,
}

#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) log: Log,
    pub(super) set: WorkingSet,
    pub(super) transfers: Vec<Posted>,
    pub(super) audit: Vec<AuditRecord>,
    /// Messages to webhooks, by their numbers.
    pub(super) deliveries: BTreeMap<u64, DeliveryRecord>,
    pub(super) last_delivery: u64,
    /// Wallets in the order in which they came.
    pub(super) wallets: Vec<Wallet>,
    pub(super) assets: BTreeMap<Arc<str>, u8>,
    /// The assets that campaigns were ever funded with, and the campaigns.
    pub(super) campaigns: BTreeSet<(Arc<str>, Arc<str>)>,
    pub(super) faucet: Option<Hash>,
    pub(super) catalog: Option<Catalog>,
}

impl Tables {
    /// What a campaign was funded with in an asset, less what it returned.
    pub(super) fn funded(&self, asset: &Arc<str>, campaign: &Holder) -> Amount {
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

    pub(super) fn shared(&self) -> SharedFacts {
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

    pub(super) fn money(&self, wallet: Wallet) -> BTreeMap<Arc<str>, AssetMoney> {
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

    pub(super) fn addresses(&self, wallet: Wallet) -> Vec<AddressRecord> {
        let mut found: Vec<AddressRecord> =
            self.set.addresses().filter(|address| address.wallet == wallet).cloned().collect();
        found.sort_unstable_by(|one, other| one.rail.cmp(&other.rail));
        found
    }

    /// Notes the decimals of an asset, and gives its code.
    pub(super) fn learn(&mut self, asset: &Asset) -> Result<Arc<str>, StorageError> {
        let code: Arc<str> = asset.code.as_str().into();
        let wanted = asset.decimals;
        let stored = *self.assets.entry(Arc::clone(&code)).or_insert(wanted);
        if stored != wanted {
            return Err(StorageError::AssetChanged { code: code.to_string(), stored, wanted });
        }
        Ok(code)
    }

    pub(super) fn with_place(&self, record: &WithdrawalRecord) -> WithdrawalFacts {
        let before = |other: &&WithdrawalRecord| other.asset == record.asset && other.id < record.id;
        let ahead = (record.stage == Stage::Queued)
            .then(|| self.set.queue(&record.rail).filter(before).take(AHEAD_MAX).count());
        let ahead = ahead.map(|ahead| u64::try_from(ahead).unwrap_or(u64::MAX));
        WithdrawalFacts { record: record.clone(), ahead }
    }

    pub(super) fn history_entry(&self, id: u64, posted: &Posted, player: &Holder) -> HistoryEntry {
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
    pub(super) fn waiting(&self) -> BTreeMap<Arc<str>, u64> {
        let mut waiting: BTreeMap<Arc<str>, u64> = BTreeMap::new();
        for delivery in self.deliveries.values().filter(|it| it.state == DeliveryState::Waiting) {
            let count = waiting.entry(Arc::clone(&delivery.webhook)).or_default();
            *count = count.saturating_add(1);
        }
        waiting
    }

    pub(super) fn keep_transfers(&mut self) {
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

/// A batch as readers get it: what is dead is never sent again.
pub(super) fn without_dead_bytes(batch: &BatchRecord) -> BatchRecord {
    let mut batch = batch.clone();
    for candidate in batch.candidates.iter_mut().filter(|candidate| candidate.is_dead) {
        candidate.bytes.clear();
    }
    batch
}
