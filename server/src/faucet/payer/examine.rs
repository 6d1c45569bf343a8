//! Examining what the treasury has done, before anything is signed.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError};

use dripline_shared::time::MINUTE_MS;

use super::{Payer, Turn, is_due};
use crate::faucet::unreadable;
use crate::refusal::Refusal;
use crate::store::command::NoteExamined;
use crate::store::record::BatchFacts;
use crate::store::{BoxedReader, Command};

/// How many transactions that the store does not know are looked at in a step: whoever sends the treasury a grain of dust makes
/// one.
const EXAMINED_MAX: usize = 50;
/// How often it is examined while nothing is to be signed, in milliseconds.
const EXAMINE_EVERY_MS: u64 = MINUTE_MS;

impl Payer {
    /// Examines whether the store knows all that the treasury has signed; tells whether anything may be signed. Otherwise the
    /// rail halts, or there is more to examine in the next step. What was examined is noted also where an endpoint fails in the
    /// midst of it, so that no amount of dust keeps it from coming to an end.
    pub(super) async fn examine(&self, turn: &Turn) -> Result<bool, Refusal> {
        let (examined, may_send) = {
            let record = turn.record.lock().await;
            (record.examined.clone(), self.may_send(&record))
        };
        if !may_send {
            return Ok(true);
        }
        let since = examined.clone();
        let history = self.ask(turn, move |rail, _| rail.history(since.as_deref())).await?;
        let has_waited = self.has_waited(turn, history.height);
        let Some(newest) = history.transactions.last().cloned() else { return Ok(has_waited) };
        let known = self.are_known(history.transactions.clone()).await?;
        // What there was before the store's first payout is nobody's business.
        if examined.is_none() && !known.contains(&true) {
            self.note_examined(turn, newest).await?;
            return Ok(has_waited);
        }
        let found = self.foreign(turn, history.transactions.into_iter().zip(known)).await;
        if let Some(first) = found.foreign.first() {
            let why = format!(
                "{} transactions that the treasury's key has signed are not in the store, the first one is {first}",
                found.foreign.len()
            );
            self.halt(turn, None, &why).await?;
        }
        let is_whole = found.last.as_ref() == Some(&newest);
        if !is_whole {
            tracing::info!(rail = %self.id, "there is more to examine of what the treasury has done: nothing is signed yet");
        }
        // Whoever lets the rail run again has looked at what was found until here.
        if let Some(last) = found.last {
            self.note_examined(turn, last).await?;
        }
        found.failure.map_or(Ok(()), Err)?;
        Ok(has_waited && is_whole && found.foreign.is_empty())
    }

    /// Examines now and then while nothing is to be signed, so that there never is too much to examine. What keeps it from that
    /// will be told once something is.
    pub(super) async fn examine_idly(&self, turn: &Turn) {
        let now = self.faucet.inner.edge.now();
        let is_time = {
            let mut examined = self.at_work.examined.lock().unwrap_or_else(PoisonError::into_inner);
            let is_time = is_due(*examined, now, EXAMINE_EVERY_MS);
            if is_time {
                *examined = Some(now);
            }
            is_time
        };
        if is_time && let Err(refusal) = self.examine(turn).await {
            tracing::debug!(rail = %self.id, code = refusal.code().as_str(), "could not examine the treasury");
        }
    }

    /// Which of these transactions, the oldest first, the treasury has signed though the store does not know them.
    async fn foreign(&self, turn: &Turn, history: impl Iterator<Item = (Arc<str>, bool)>) -> Found {
        let mut found = Found::default();
        let mut looked_at = 0_usize;
        for (id, is_known) in history {
            if !is_known {
                if looked_at >= EXAMINED_MAX {
                    break;
                }
                looked_at = looked_at.saturating_add(1);
                let asked = Arc::clone(&id);
                match self.ask(turn, move |rail, _| rail.is_signed_by_treasury(&asked)).await {
                    Ok(true) => found.foreign.push(Arc::clone(&id)),
                    Ok(false) => {}
                    Err(refusal) => {
                        found.failure = Some(refusal);
                        break;
                    }
                }
            }
            found.last = Some(id);
        }
        found
    }

    /// Which of these the store has kept as candidates of the rail.
    async fn are_known(&self, ids: Vec<Arc<str>>) -> Result<Vec<bool>, Refusal> {
        let rail = Arc::clone(&self.id);
        let read = move |reader: &mut BoxedReader| reader.are_candidates(&rail, &ids).map_err(unreadable);
        self.faucet.inner.readers.run(read).await?
    }

    async fn note_examined(&self, turn: &Turn, transaction: Arc<str>) -> Result<(), Refusal> {
        turn.record.lock().await.examined = Some(Arc::clone(&transaction));
        let note = NoteExamined { rail: Arc::clone(&self.id), transaction, epoch: turn.epoch };
        self.change(Command::NoteExamined(note)).await.map(drop)
    }

    /// Forgets when it has sent candidates of batches that have ended. Where the store has forgotten some of them, it is not what
    /// it was: a database that has failed over may have lost its last moments. Then the rail halts.
    pub(super) async fn forget_sent(&self, batches: &[BatchFacts], turn: &Turn) -> Result<(), Refusal> {
        let gone: Vec<Arc<str>> = {
            let candidates = batches.iter().flat_map(|batch| &batch.record.candidates);
            let open: HashSet<&str> = candidates.map(|candidate| &*candidate.id).collect();
            self.sent().keys().filter(|id| !open.contains(&***id)).map(Arc::clone).collect()
        };
        if gone.is_empty() {
            return Ok(());
        }
        let known = self.are_known(gone.clone()).await?;
        if let Some((first, _)) = gone.iter().zip(known).find(|(_, is_known)| !is_known) {
            let why =
                format!("the store does not know {first} any more, which was sent: has it been restored?");
            self.halt(turn, None, &why).await?;
        }
        self.sent().retain(|id, _| !gone.contains(id));
        Ok(())
    }
}

/// What an examination has found.
#[derive(Debug, Default)]
struct Found {
    /// What the treasury has signed and the store does not know.
    foreign: Vec<Arc<str>>,
    /// Up to which transaction it has come.
    last: Option<Arc<str>>,
    /// Why it has not come further, where an endpoint has failed.
    failure: Option<Refusal>,
}
