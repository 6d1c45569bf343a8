//! A treasury that has too little: the rail pauses itself, and runs again as soon as there is enough.
//!
//! It is tried by the batch that waits longest, so that a small one does not get ahead of it for ever, and what is tried is
//! signing it: where there is enough, that is what is sent. So a pause ends with a payout, and nothing is stored meanwhile.

use std::sync::{Arc, PoisonError};

use dripline_shared::error::Code;
use dripline_shared::payout::BatchId;
use dripline_shared::time::Timestamp;

use super::batch::is_to_be_signed;
use super::{Payer, Turn, is_due};
use crate::payout::pause;
use crate::refusal::Refusal;
use crate::store::command::SetShort;
use crate::store::record::{BatchFacts, RailRecord};
use crate::store::{Answer, Command};

/// How often it is tried whether there is enough, in milliseconds.
const TRY_EVERY_MS: u64 = 10_000;

/// When it was tried last, and by what.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::faucet) struct Tried {
    at: Option<Timestamp>,
    batch: Option<BatchId>,
    /// Whether it was found that the treasury has too little, and not something else.
    was_short: bool,
}

impl Payer {
    /// By which batch it is tried in this step whether the treasury has enough; none where it is not said to have too little, or
    /// was tried just now.
    pub(super) fn to_try(&self, record: &RailRecord, batches: &[BatchFacts]) -> Option<BatchId> {
        record.pause.as_ref().filter(|pause| pause::is_short(pause))?;
        let now = self.faucet.inner.edge.now();
        let mut tried = self.at_work.tried.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_due(tried.at, now, TRY_EVERY_MS) {
            return None;
        }
        let mut waiting = batches.iter().filter(|batch| is_to_be_signed(batch)).map(|batch| batch.record.id);
        let first = waiting.clone().next();
        // One that cannot be signed for another reason tells nothing of the treasury: then it is tried by the one after it.
        let last = tried.batch.filter(|_| !tried.was_short);
        let after = last.and_then(|last| waiting.find(|batch| *batch > last));
        let batch = after.or(first);
        *tried = Tried { at: Some(now), batch, was_short: false };
        batch
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
        let now = self.faucet.inner.edge.now();
        {
            let mut tried = self.at_work.tried.lock().unwrap_or_else(PoisonError::into_inner);
            *tried = Tried { at: Some(now), was_short: true, ..*tried };
        }
        if turn.record.lock().await.pause.is_some() {
            return Ok(());
        }
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
