//! What goes wrong in a step, and telling the operator: of an outage, a line now and then, however many batches wait in it.

use std::sync::PoisonError;

use dripline_shared::payout::BatchId;
use dripline_shared::time::{MINUTE_MS, Timestamp};

use super::{Payer, is_due};
use crate::refusal::Refusal;

/// How long nothing of a kind is told again, in milliseconds.
const TELL_EVERY_MS: u64 = MINUTE_MS;

/// When what was told last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::faucet) struct Told {
    unknown: Option<Timestamp>,
    failed: Option<Timestamp>,
    short: Option<Timestamp>,
}

impl Payer {
    /// Tells that it cannot be told what became of these batches, for these reasons.
    pub(super) fn tell_unknown(&self, batches: &[(BatchId, String)]) {
        let Some((batch, why)) = batches.first() else { return };
        if self.is_time(|told| &mut told.unknown) {
            let batches = batches.len();
            tracing::error!(rail = %self.id, batches, %batch, why, "cannot tell what became of a payout");
        }
    }

    /// Tells that a step has failed, for so many batches, the first one for this reason.
    pub(super) fn tell_failed(&self, batches: usize, first: &Refusal) {
        if self.is_time(|told| &mut told.failed) {
            let why = first.reasons.first().map_or("", |reason| &*reason.message);
            tracing::warn!(rail = %self.id, code = first.code().as_str(), batches, why, "could not pay out");
        }
    }

    /// Tells that the treasury has too little.
    pub(super) fn tell_short(&self, missing: &str) {
        if self.is_time(|told| &mut told.short) {
            tracing::warn!(rail = %self.id, missing, "the treasury has too little: nothing new is paid until it has more");
        }
    }

    /// Whether it is time to tell something again.
    fn is_time(&self, kind: impl FnOnce(&mut Told) -> &mut Option<Timestamp>) -> bool {
        let now = self.faucet.inner.edge.now();
        let mut told = self.at_work.told.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kind(&mut told);
        let is_time = is_due(*at, now, TELL_EVERY_MS);
        if is_time {
            *at = Some(now);
        }
        is_time
    }
}
