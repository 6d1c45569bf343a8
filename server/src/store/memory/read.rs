//! What the store in memory answers to readers.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dripline_shared::amount::Asset;
use dripline_shared::api::{HistoryEntry, HistoryPage, SignedTreeHead};
use dripline_shared::log::NodeHash;
use dripline_shared::payout::WithdrawalId;
use dripline_shared::round::{Hash, RoundId};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;

use super::MemoryStore;
use super::tables::without_dead_bytes;
use crate::ledger::{Account, AccountSum, Holder, HolderRow, Kind, Posted, Transfer};
use crate::log::{NodeId, Nodes};
use crate::store::record::{
    AuditRecord, BatchFacts, CampaignAmounts, Closing, DelegationRecord, DeliveryRecord, Document,
    DocumentKind, RailRecord, ReadKeyRecord, RoundFacts, RoundRecord, SharedFacts, SiteDayKey, SiteTally,
    Stage, StoredSegment, VoucherRecord, WalletFacts, WalletRecord, WithdrawalFacts, WithdrawalRecord,
};
use crate::store::{DormantPage, DormantQuery, Reader, StorageError, Store};

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

    fn moved_to(&mut self, wallet: Wallet, limit: usize) -> Result<Vec<WalletRecord>, StorageError> {
        let tables = self.tables();
        let came = tables.wallets.iter().filter_map(|it| tables.set.wallet(*it)).rev();
        let is_there = |record: &&WalletRecord| record.moved.is_some_and(|moved| moved.to == wallet);
        let mut found: Vec<WalletRecord> = came.filter(is_there).copied().collect();
        // Of those that moved at once, those that came last stay first.
        found.sort_by_key(|record| Reverse(record.moved.map(|moved| moved.at)));
        found.truncate(limit);
        Ok(found)
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
