//! Examining what the treasury has done, before anything is signed.

use std::sync::Arc;

use super::{Payer, Turn};
use crate::faucet::unreadable;
use crate::refusal::Refusal;
use crate::store::command::NoteExamined;
use crate::store::{BoxedReader, Command};

/// How many transactions that the store does not know are looked at in a step: whoever sends the treasury a grain of dust makes
/// one.
const EXAMINED_MAX: usize = 50;

impl Payer {
    /// Examines whether the store knows all that the treasury has signed; tells whether it does. Otherwise the rail halts, or
    /// there is more to examine in the next step.
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
        let Some(mut newest) = history.last().cloned() else { return Ok(true) };
        let (id, asked) = (Arc::clone(&self.id), history.clone());
        let read = move |reader: &mut BoxedReader| reader.are_candidates(&id, &asked).map_err(unreadable);
        let known = self.faucet.inner.readers.run(read).await??;
        let mut is_whole = true;
        // What there was before the store's first payout is nobody's business.
        if examined.is_some() || known.contains(&true) {
            let mut unknown: Vec<Arc<str>> =
                history.into_iter().zip(known).filter(|(_, known)| !known).map(|(id, _)| id).collect();
            if unknown.len() > EXAMINED_MAX {
                unknown.truncate(EXAMINED_MAX);
                is_whole = false;
                newest = unknown.last().cloned().unwrap_or(newest);
            }
            let foreign = self.ask(turn, move |rail, _| rail.signed_by_treasury(&unknown)).await?;
            if let Some(first) = foreign.first() {
                let why = format!(
                    "{} transactions that the treasury's key has signed are not in the store, the first one is {first}",
                    foreign.len()
                );
                self.stop(turn, &why).await?;
                is_whole = false;
            }
        }
        // Whoever lets the rail run again has looked at what was found until here.
        turn.record.lock().await.examined = Some(Arc::clone(&newest));
        let note = NoteExamined { rail: Arc::clone(&self.id), transaction: newest, epoch: turn.epoch };
        self.change(Command::NoteExamined(note)).await?;
        Ok(is_whole)
    }
}
