//! A treasury that has too little: the rail pauses itself, and runs again as soon as there is enough.
//!
//! It is tried by the batch that waits longest, so that a small one does not get ahead of it for ever, and what is tried is
//! signing it: where there is enough, that is what is sent. So a pause ends with a payout, and nothing is stored meanwhile.

use std::sync::{Arc, PoisonError};

use dripline_shared::error::Code;
use dripline_shared::payout::BatchId;

use super::batch::is_to_be_signed;
use super::{Payer, Turn, is_due};
use crate::payout::pause;
use crate::refusal::Refusal;
use crate::store::command::SetShort;
use crate::store::record::{BatchFacts, RailRecord};
use crate::store::{Answer, Command};

/// How often it is tried whether there is enough, in milliseconds.
const TRY_EVERY_MS: u64 = 10_000;

impl Payer {
    /// By which batch it is tried in this step whether the treasury has enough; none where it is not said to have too little, or
    /// was tried just now.
    pub(super) fn to_try(&self, record: &RailRecord, batches: &[BatchFacts]) -> Option<BatchId> {
        record.pause.as_ref().filter(|pause| pause::is_short(pause))?;
        let now = self.faucet.inner.edge.now();
        let mut tried = self.at_work.tried.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_due(*tried, now, TRY_EVERY_MS) {
            return None;
        }
        *tried = Some(now);
        batches.iter().find(|batch| is_to_be_signed(batch)).map(|batch| batch.record.id)
    }

    /// Which of these are signed in this step, if the rail may sign. While the treasury has too little, that is the one by which it
    /// is tried. Once nothing is left for which it has too little, because that was cancelled, the rail runs again.
    pub(super) async fn within_means(
        &self,
        unsigned: Vec<BatchFacts>,
        turn: &Turn,
    ) -> Result<Vec<BatchFacts>, Refusal> {
        let is_short = turn.record.lock().await.pause.as_ref().is_some_and(pause::is_short);
        if !is_short {
            return Ok(unsigned);
        }
        if unsigned.is_empty() {
            self.is_refilled(turn).await?;
        }
        Ok(unsigned.into_iter().filter(|batch| turn.tried == Some(batch.record.id)).collect())
    }

    /// Notes that the treasury has too little.
    pub(super) async fn is_short(&self, turn: &Turn, missing: &str) -> Result<(), Refusal> {
        self.tell_short(missing);
        if turn.record.lock().await.pause.is_some() {
            return Ok(());
        }
        let now = self.faucet.inner.edge.now();
        *self.at_work.tried.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
        self.set_short(turn, Some(missing.into())).await
    }

    /// Notes that the treasury does not have too little any more.
    pub(super) async fn is_refilled(&self, turn: &Turn) -> Result<(), Refusal> {
        tracing::info!(rail = %self.id, "the treasury has enough again: the rail goes on");
        self.set_short(turn, None).await
    }

    async fn set_short(&self, turn: &Turn, missing: Option<Arc<str>>) -> Result<(), Refusal> {
        let (now, rail) = (self.faucet.inner.edge.now(), Arc::clone(&self.id));
        let short = SetShort { now, rail, missing, epoch: turn.epoch };
        let Answer::RailSet(rail) = self.change(Command::SetShort(short)).await? else {
            return Err(Code::Internal.into());
        };
        *turn.record.lock().await = rail;
        Ok(())
    }
}
