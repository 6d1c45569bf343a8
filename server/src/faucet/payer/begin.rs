//! What a server waits for that begins to pay by a rail.
//!
//! Whoever paid before may have signed something that this store does not know: it was restored from a backup, or a database
//! that has failed over has lost its last moments. On some chains that leaves no trace until it is final. So nothing is signed
//! until all that was signed before the beginning is final or dead, and was examined.

use std::sync::{MutexGuard, PoisonError};

use super::{Payer, Turn};
use crate::refusal::Refusal;
use crate::store::record::BatchFacts;

/// That this server has begun to pay by a rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::faucet) struct Began {
    /// Under this epoch of its lease.
    epoch: u64,
    /// It signs once the chain's final blocks have come to this height; at once where there is none.
    horizon: Option<u64>,
}

impl Payer {
    /// Notes that it begins, if it does so in this turn.
    pub(super) async fn begin(&self, turn: &Turn) -> Result<(), Refusal> {
        if self.began().is_some_and(|began| began.epoch == turn.epoch) {
            return Ok(());
        }
        let horizon = self.ask(turn, |rail, _| rail.horizon()).await?;
        if let Some(height) = horizon {
            tracing::info!(rail = %self.id, height, "nothing is signed until the chain's final blocks are at this height");
        }
        *self.began() = Some(Began { epoch: turn.epoch, horizon });
        Ok(())
    }

    /// Checks that the nonces of what is under way are not above a gap.
    pub(super) async fn check_nonces(&self, turn: &Turn, batches: &[BatchFacts]) -> Result<(), Refusal> {
        if !self.at_work.rail.has_nonces() {
            return Ok(());
        }
        let used =
            batches.iter().flat_map(|batch| batch.record.alive()).filter_map(|candidate| candidate.nonce);
        let Some(lowest) = used.chain(turn.record.lock().await.next_nonce).min() else { return Ok(()) };
        self.ask(turn, move |rail, _| rail.check_lowest_nonce(lowest)).await
    }

    /// Whether all that was signed before the beginning is final or dead, where the chain's final blocks are at this height.
    pub(super) fn has_waited(&self, turn: &Turn, height: Option<u64>) -> bool {
        let mut began = self.began();
        let Some(Began { horizon, .. }) = began.as_mut().filter(|began| began.epoch == turn.epoch) else {
            return false;
        };
        if horizon.is_some_and(|horizon| height.is_some_and(|height| height >= horizon)) {
            *horizon = None;
        }
        horizon.is_none()
    }

    fn began(&self) -> MutexGuard<'_, Option<Began>> {
        self.at_work.began.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
