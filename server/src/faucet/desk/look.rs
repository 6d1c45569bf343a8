//! How payouts stand, for operators: rails, what waits, what is under way.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dripline_shared::api::operate::payouts::{
    BatchView, CandidateView, PauseKind, Payouts, RailAssetDesk, RailDesk, RailPause, WaitingPage,
    WaitingWithdrawal, WaitsFor,
};
use dripline_shared::api::{RailTreasury, WithdrawalView};
use dripline_shared::payout::WithdrawalId;
use dripline_shared::time::Timestamp;

use crate::check;
use crate::faucet::{Faucet, unreadable};
use crate::in_force::InForce;
use crate::payout::pause::{is_in_recovery, is_short};
use crate::payout::{AssetRules, view};
use crate::refusal::Refusal;
use crate::store::record::{BatchFacts, Candidate, Pause, RailRecord, Stage, WithdrawalRecord};
use crate::store::{BoxedReader, StorageError, WithdrawalFacts};

/// The most withdrawals of a page of those that wait.
pub const QUEUE_MAX: usize = 100;

/// Which withdrawals that wait are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaitingFor {
    /// Those that wait for their turn by this rail.
    Rail(Arc<str>),
    /// Those that wait for an operator: for approval, or for their wallets to be released.
    Operators,
}

impl Faucet {
    /// How payouts stand.
    pub async fn payouts(&self) -> Result<Payouts, Refusal> {
        let (in_force, now) = (self.inner.in_force(), self.inner.edge.now());
        let treasuries: BTreeMap<String, RailTreasury> =
            self.treasuries().into_iter().map(|treasury| (treasury.rail.clone(), treasury)).collect();
        let unknown: BTreeMap<String, u64> =
            self.payout_figures().map(|(rail, figures)| (rail.to_owned(), figures.unknown)).collect();
        let read = move |reader: &mut BoxedReader| rails(reader, &in_force, now).map_err(unreadable);
        let mut rails = self.counted(self.inner.readers.run(read).await.and_then(|rails| rails))?;
        for rail in &mut rails {
            rail.unknown = unknown.get(&rail.rail).copied().unwrap_or_default();
            rail.treasury = treasuries.get(&rail.rail).and_then(|treasury| treasury.on_chain.clone());
        }
        Ok(Payouts { rails, server_time_ms: now })
    }

    /// A page of withdrawals that wait, those that wait longest first: those with ids above `after`, at most `limit`, which is
    /// taken as 1 to [`QUEUE_MAX`].
    pub async fn waiting(
        &self,
        of: WaitingFor,
        after: Option<WithdrawalId>,
        limit: usize,
    ) -> Result<WaitingPage, Refusal> {
        let (limit, now) = (limit.clamp(1, QUEUE_MAX), self.inner.edge.now());
        let read = move |reader: &mut BoxedReader| {
            // One more than asked for tells whether there is another page.
            let most = limit.saturating_add(1);
            let mut found = match of {
                WaitingFor::Rail(rail) => reader.waiting(&rail, after, most),
                WaitingFor::Operators => reader.of_operators(after, most),
            }
            .map_err(unreadable)?;
            let more = found.len() > limit;
            found.truncate(limit);
            let next_after = found.last().filter(|_| more).map(|record| record.id);
            let withdrawals = found.into_iter().map(|record| waiting(record, now)).collect();
            Ok(WaitingPage { withdrawals, next_after })
        };
        self.counted(self.inner.readers.run(read).await.and_then(|page| page))
    }
}

fn waiting(record: WithdrawalRecord, now: Timestamp) -> WaitingWithdrawal {
    let waits_for = match record.stage {
        Stage::Unapproved => WaitsFor::Approval,
        Stage::Held => WaitsFor::Release,
        _ => WaitsFor::Turn,
    };
    WaitingWithdrawal { waits_for, withdrawal: shown(record, now) }
}

fn shown(record: WithdrawalRecord, now: Timestamp) -> WithdrawalView {
    view::withdrawal(WithdrawalFacts { record, ahead: None }, now)
}

/// The rails that are configured, or to which anything has happened, by their ids.
fn rails(
    reader: &mut BoxedReader,
    in_force: &InForce,
    now: Timestamp,
) -> Result<Vec<RailDesk>, StorageError> {
    let mut records: BTreeMap<Arc<str>, RailRecord> =
        reader.rails()?.into_iter().map(|record| (Arc::clone(&record.id), record)).collect();
    let queues: BTreeMap<Arc<str>, u64> =
        reader.queues()?.into_iter().map(|(rail, queued)| (rail.into(), queued)).collect();
    let ids: BTreeSet<Arc<str>> =
        in_force.rails.keys().chain(records.keys()).chain(queues.keys()).cloned().collect();
    let mut rails = Vec::new();
    for id in ids {
        let record = records.remove(&id).unwrap_or_else(|| RailRecord::new(Arc::clone(&id)));
        let rules = in_force.rails.get(&id);
        let asset = |code: &str, rules: &AssetRules| RailAssetDesk {
            asset: rules.asset.clone(),
            approve_above: rules.approve_above,
            second_operator_above: in_force.second_operator_above.get(code).copied(),
        };
        let assets = rules.into_iter().flat_map(|rules| &rules.assets);
        rails.push(RailDesk {
            rail: id.to_string(),
            kind: rules.map(|rules| rules.kind),
            assets: assets.map(|(code, rules)| asset(code, rules)).collect(),
            is_stopped: !check::rail::is_running(&in_force.stopped, &id),
            pause: record.pause.as_ref().map(paused),
            failures: record.failures,
            next_nonce: record.next_nonce,
            queued: queues.get(&id).copied().unwrap_or_default(),
            unknown: 0,
            batches: reader.batches(&id)?.into_iter().map(|facts| batch(facts, now)).collect(),
            treasury: None,
        });
    }
    Ok(rails)
}

fn paused(pause: &Pause) -> RailPause {
    let kind = match pause {
        pause if is_in_recovery(pause) => PauseKind::Recovery,
        pause if is_short(pause) => PauseKind::TreasuryLow,
        _ => PauseKind::Halted,
    };
    RailPause { kind, since_ms: pause.at, why: pause.why.to_string() }
}

fn batch(facts: BatchFacts, now: Timestamp) -> BatchView {
    let BatchFacts { record, withdrawals } = facts;
    let candidate = |candidate: &Candidate| CandidateView {
        transaction: candidate.id.to_string(),
        nonce: candidate.nonce,
        kept_at_ms: candidate.stored_at,
        is_dead: candidate.is_dead,
    };
    BatchView {
        id: record.id,
        asset: record.asset.to_string(),
        made_at_ms: record.made_at,
        cancelled_at_ms: record.cancelled_at,
        halted_at_ms: record.halted_at,
        withdrawals: withdrawals.into_iter().map(|record| shown(record, now)).collect(),
        candidates: record.candidates.iter().map(candidate).collect(),
    }
}
