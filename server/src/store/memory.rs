//! The store in memory: everything in one working set, one command after the other.
//!
//! It is what the other stores are compared with: it has no rows, no transactions and no loading that could go wrong.

mod read;
mod tables;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dripline_shared::amount::Asset;
use dripline_shared::api::operate::webhooks::DeliveryState;
use dripline_shared::catalog::Catalog;
use dripline_shared::log::{NodeHash, TreeHead};
use dripline_shared::round::RoundId;
use dripline_shared::wallet::Wallet;

use crate::ledger::{Account, FundingFacts, Holder, fund};
use crate::log::Frontier;
use crate::store::record::{Closing, DeliveryRecord, DeliveryStep, NOT_IN_TIME, RoundRecord, TOO_MANY};
use crate::store::working::Effect;
use crate::store::{Adoption, Answers, BoxedReader, Command, Decide, Horizon, Sequence, StorageError, Store};
use tables::Tables;

/// See the module. Clones see the same tables; each of them reads and writes.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    tables: Arc<Mutex<Tables>>,
}

impl MemoryStore {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
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
        for (webhook, waiting) in tables.waiting() {
            let most = usize::try_from(waiting.saturating_sub(horizon.waiting_max)).unwrap_or(usize::MAX);
            let of_webhook =
                |it: &&mut DeliveryRecord| it.webhook == webhook && it.state == DeliveryState::Waiting;
            tables
                .deliveries
                .values_mut()
                .filter(of_webhook)
                .take(most)
                .for_each(|it| it.give_up(TOO_MANY, horizon.now));
        }
        let before = horizon.deliveries_before();
        for delivery in tables.deliveries.values_mut().filter(|it| it.state == DeliveryState::Waiting) {
            delivery.set_right(horizon.now);
            if delivery.ends_at < before {
                delivery.give_up(NOT_IN_TIME, horizon.now);
            }
        }
        tables.deliveries.retain(|_, it| it.ends_at >= before);
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
