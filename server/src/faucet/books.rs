//! The books in sums, and what treasuries hold on their chains: for strangers, who may ask as often as they like.
//!
//! Adding up reads every account, so what came of it is kept for a while; asking a chain may take long, so it is done in
//! the background, and what it answered last is kept for as long as it takes to answer again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dripline_shared::amount::Asset;
use dripline_shared::api::{AssetBooks, Holding, LedgerView, OnChain, RailTreasury};
use dripline_shared::error::Code;
use dripline_shared::time::Timestamp;

use crate::faucet::flight::Flights;
use crate::faucet::{Faucet, unreadable};
use crate::ledger::books;
use crate::payout::Holdings;
use crate::refusal::Refusal;
use crate::store::BoxedReader;

/// For how long sums are kept at least, in milliseconds.
const KEEP_MS: u64 = 10_000;
/// For how many times as long as adding up took they are kept at least: it takes a twentieth of a reader's time at most.
const KEEP_PER_COST: u64 = 20;

/// See the module.
#[derive(Debug)]
pub(super) struct Books {
    sums: Mutex<Option<Sums>>,
    /// Those who find no sums that are still good wait for one who adds up.
    adding: Flights<(), Result<Sums, Refusal>>,
    /// What each rail's treasury held when its chain answered last, by the rail's id.
    treasuries: Mutex<BTreeMap<Arc<str>, (Holdings, Timestamp)>>,
}

impl Default for Books {
    fn default() -> Self {
        Self { sums: Mutex::default(), adding: Flights::new(), treasuries: Mutex::default() }
    }
}

/// What adding up came to.
#[derive(Debug, Clone)]
pub(super) struct Sums {
    pub(super) assets: Arc<[AssetBooks]>,
    read_at: Timestamp,
    /// When the answer was there.
    answered_at: Timestamp,
}

impl Sums {
    /// Whether they need not be added up again yet.
    fn are_good(&self, now: Timestamp) -> bool {
        let cost = self.answered_at.since(self.read_at);
        // A clock that was put back makes them new for no longer than they are.
        now >= self.read_at && now.since(self.answered_at) < cost.saturating_mul(KEEP_PER_COST).max(KEEP_MS)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Faucet {
    /// The books in sums, and what treasuries hold.
    pub async fn ledger(&self) -> Result<LedgerView, Refusal> {
        self.counted(self.sums().await).map(|sums| LedgerView {
            faucet: self.inner.in_force().faucet,
            assets: sums.assets.to_vec(),
            read_at_ms: sums.read_at,
            rails: self.treasuries(),
            server_time_ms: self.inner.edge.now(),
        })
    }

    /// Asks every rail what its treasury holds. To be called every minute or so.
    pub async fn refresh_holdings(&self) {
        for (id, at_work) in &self.inner.rails {
            let rail = Arc::clone(&at_work.rail);
            match tokio::task::spawn_blocking(move || rail.holdings()).await {
                Ok(Ok(Some(holdings))) => {
                    let now = self.inner.edge.now();
                    locked(&self.inner.books.treasuries).insert(Arc::clone(id), (holdings, now));
                }
                Ok(Ok(None)) => {}
                Ok(Err(error)) => {
                    tracing::warn!(rail = %id, %error, "a rail did not tell what its treasury holds");
                }
                Err(_) => tracing::error!(rail = %id, "asking a rail what its treasury holds panicked"),
            }
        }
    }

    pub(super) async fn sums(&self) -> Result<Sums, Refusal> {
        match self.good_sums() {
            Some(sums) => Ok(sums),
            None => self.inner.books.adding.join((), self.add_up()).await,
        }
    }

    fn good_sums(&self) -> Option<Sums> {
        let now = self.inner.edge.now();
        locked(&self.inner.books.sums).clone().filter(|sums| sums.are_good(now))
    }

    async fn add_up(&self) -> Result<Sums, Refusal> {
        // The one before may have landed since this one looked.
        if let Some(sums) = self.good_sums() {
            return Ok(sums);
        }
        let edge = self.inner.edge.clone();
        let read = move |reader: &mut BoxedReader| {
            let read_at = edge.now();
            let sums = reader.account_sums().map_err(unreadable)?;
            Ok::<_, Refusal>((sums, read_at, edge.now()))
        };
        let (sums, read_at, answered_at) = self.inner.readers.run(read).await??;
        let assets = books(&sums).map_err(|unsound| {
            tracing::error!(%unsound, "the ledger is damaged: see `dripline ledger verify`");
            Refusal::from(Code::Internal)
        })?;
        let sums = Sums { assets: assets.into(), read_at, answered_at };
        *locked(&self.inner.books.sums) = Some(sums.clone());
        Ok(sums)
    }

    pub(super) fn treasuries(&self) -> Vec<RailTreasury> {
        let (known, in_force) = (locked(&self.inner.books.treasuries), self.inner.in_force());
        let treasury = |id: &Arc<str>| {
            let rules = in_force.rails.get(id)?;
            let on_chain = known.get(id).map(|(holdings, read_at)| OnChain {
                address: holdings.address.clone(),
                holdings: rules
                    .assets
                    .values()
                    .map(|rules| &rules.asset)
                    .chain(rules.coin.iter().filter(|coin| !rules.assets.contains_key(coin.code.as_str())))
                    .filter_map(|asset| holding(asset, holdings))
                    .collect(),
                read_at_ms: *read_at,
            });
            Some(RailTreasury { rail: id.to_string(), kind: rules.kind, on_chain })
        };
        self.inner.rails.keys().filter_map(treasury).collect()
    }
}

fn holding(asset: &Asset, holdings: &Holdings) -> Option<Holding> {
    let amount = holdings.amounts.get(asset.code.as_str()).copied()?;
    Some(Holding { asset: asset.clone(), amount })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(read_at: u64, answered_at: u64) -> Sums {
        let (read_at, answered_at) = (Timestamp(read_at), Timestamp(answered_at));
        Sums { assets: Arc::new([]), read_at, answered_at }
    }

    #[test]
    fn sums_are_good_for_ten_seconds_or_twenty_times_what_they_cost() {
        for (cost, good_for) in [(0, 10_000), (500, 10_000), (501, 10_020), (3_000, 60_000)] {
            let sums = sums(1_000, 1_000 + cost);
            assert!(sums.are_good(Timestamp(1_000 + cost + good_for - 1)), "{cost}");
            assert!(!sums.are_good(Timestamp(1_000 + cost + good_for)), "{cost}");
        }
    }

    #[test]
    fn sums_from_the_future_are_not_good() {
        assert!(!sums(1_000, 1_001).are_good(Timestamp(999)));
    }
}
