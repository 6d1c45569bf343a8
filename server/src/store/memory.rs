//! The store in memory: everything in one working set, one command after the other.
//!
//! It is what the other stores are compared with: it has no rows, no transactions and no loading that could go wrong.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dripline_shared::amount::Amount;
use dripline_shared::api::{HistoryEntry, HistoryPage};
use dripline_shared::catalog::Catalog;
use dripline_shared::round::{Hash, RoundId};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;

use crate::ledger::{Account, FundingFacts, Kind, Posted, fund};
use crate::store::record::{Closing, RoundFacts, SharedBucket, StoredSegment, WalletFacts, WalletRecord};
use crate::store::working::{Effect, WorkingSet};
use crate::store::{Adoption, Answers, Command, Decide, Horizon, Reader, StorageError, Store};

/// See the module. Clones see the same tables; each of them reads and writes.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    tables: Arc<Mutex<Tables>>,
}

#[derive(Debug, Default)]
struct Tables {
    set: WorkingSet,
    transfers: Vec<Posted>,
    campaigns: Vec<Arc<str>>,
    faucet: Option<Hash>,
    catalog: Option<Catalog>,
}

impl MemoryStore {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    /// What a campaign was funded with, less what it returned.
    fn funded(&self, campaign: &Account) -> Amount {
        let moved = |kind: Kind, account: fn(&Posted) -> &Account| {
            let amounts = self
                .transfers
                .iter()
                .filter(|posted| posted.transfer.kind == kind && account(posted) == campaign)
                .map(|posted| posted.transfer.amount);
            amounts.fold(Amount::ZERO, |sum, amount| sum.checked_add(amount).unwrap_or(Amount::MAX))
        };
        moved(Kind::Budget, |posted| &posted.transfer.credit)
            .saturating_sub(moved(Kind::BudgetReturned, |posted| &posted.transfer.debit))
    }

    fn keep_transfers(&mut self) {
        let changes = self.set.take_changes();
        self.transfers.extend(changes.transfers);
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
        tables.catalog = Some(adoption.catalog.clone());
        for campaign in &adoption.catalog.campaigns {
            let id: Arc<str> = campaign.id.as_str().into();
            let account = Account::Campaign(Arc::clone(&id));
            let facts = FundingFacts {
                funded: tables.funded(&account),
                campaign: tables.set.balance(&account),
                treasury: tables.set.balance(&Account::Treasury),
                world: tables.set.balance(&Account::World),
            };
            let transfers = fund(&id, campaign.budget, facts, adoption.now).map_err(|_| {
                StorageError::RolledBack("the budgets are more than the ledger can hold".to_owned())
            })?;
            tables.set.apply(transfers.into_iter().map(Effect::Transfer).collect());
            tables.keep_transfers();
            if !tables.campaigns.contains(&id) {
                tables.campaigns.push(id);
            }
        }
        Ok(())
    }

    fn apply(&mut self, batch: &[Command], decide: &mut Decide<'_>) -> Result<Answers, StorageError> {
        let mut tables = self.tables();
        let answers = batch.iter().map(|command| decide(&mut tables.set, command)).collect();
        tables.keep_transfers();
        Ok(answers)
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
        tables.set.forget_prefixes(horizon.prefixes_before, horizon.now);
        Ok(false)
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
        let shared = [SharedBucket::Outflow, SharedBucket::Newcomers].into_iter();
        let buckets = shared.chain(tables.campaigns.iter().cloned().map(SharedBucket::Campaign));
        let campaigns: BTreeMap<_, _> =
            tables.campaigns.iter().map(|id| (Arc::clone(id), set.campaign_balance(id))).collect();
        Ok(WalletFacts {
            record,
            balance: set.balance(&Account::Player(wallet)).amount(),
            progress: set.progress(wallet).cloned().unwrap_or_default(),
            open_round: open_round.map(|round| (round.clone(), set.tail(round.id))),
            buckets: buckets.map(|name| (name.clone(), set.bucket(&name))).collect(),
            campaigns,
        })
    }

    fn history(
        &mut self,
        wallet: Wallet,
        before: Option<u64>,
        limit: u32,
    ) -> Result<HistoryPage, StorageError> {
        let tables = self.tables();
        let account = Account::Player(wallet);
        let numbered: Vec<(u64, &Posted)> = (1..).zip(&tables.transfers).collect();
        let mut matching = numbered
            .into_iter()
            .rev()
            .filter(|(id, posted)| {
                posted.transfer.credit == account && before.is_none_or(|before| *id < before)
            })
            .map(|(id, posted)| HistoryEntry {
                id,
                at_ms: posted.transfer.at,
                kind: posted.transfer.kind.as_str().to_owned(),
                amount: posted.transfer.amount,
                balance: posted.credit_balance.amount(),
                level: posted
                    .transfer
                    .round
                    .and_then(|round| tables.set.round(round))
                    .and_then(|round| round.level.id())
                    .map(str::to_owned),
                round: posted.transfer.round,
            });
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let entries: Vec<HistoryEntry> = matching.by_ref().take(limit).collect();
        let next_before = matching.next().and(entries.last()).map(|entry| entry.id);
        Ok(HistoryPage { entries, next_before })
    }

    fn rounds_open(&mut self, now: Timestamp) -> Result<u64, StorageError> {
        let tables = self.tables();
        let open =
            tables.set.rounds().filter(|round| round.closing == Closing::NotYet && round.expires_at >= now);
        Ok(u64::try_from(open.count()).unwrap_or(u64::MAX))
    }
}
