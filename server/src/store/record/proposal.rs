//! What is stored of what waits for a second operator.

use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::api::operate::By;
use dripline_shared::api::operate::proposals::{Proposal, ProposalStage, ProposedAction};
use dripline_shared::round::Hash;
use dripline_shared::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::store::record::{DocumentKind, Stored};

/// A proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposalRecord {
    /// Its id.
    pub id: String,
    /// What is proposed: what was asked for, word for word.
    pub proposed: ProposedAction,
    /// How much it moves, where that is known before.
    pub amount: Option<Amount>,
    /// Of which asset.
    pub asset: Option<String>,
    /// The version of the catalog that is to be published, where that is proposed: a draft can be another one by then.
    pub catalog: Option<Hash>,
    /// Who has proposed it.
    pub by: By,
    /// When.
    pub at: Timestamp,
    /// Until when it can be confirmed.
    pub until: Timestamp,
    /// How it ended: whether it was confirmed and done, by whom, and when.
    pub ended: Option<(bool, By, Timestamp)>,
}

impl ProposalRecord {
    /// How it stands at `now`.
    pub fn stage(&self, now: Timestamp) -> ProposalStage {
        match &self.ended {
            Some((true, ..)) => ProposalStage::Confirmed,
            Some((false, ..)) => ProposalStage::Withdrawn,
            None if self.until <= now => ProposalStage::Expired,
            None => ProposalStage::Open,
        }
    }

    /// As operators see it.
    pub fn view(&self, now: Timestamp) -> Proposal {
        let ended = self.ended.clone();
        Proposal {
            id: self.id.clone(),
            proposed: self.proposed.clone(),
            amount: self.amount,
            asset: self.asset.clone(),
            by: self.by.clone(),
            at_ms: self.at,
            until_ms: self.until,
            stage: self.stage(now),
            ended_by: ended.as_ref().map(|(_, by, _)| by.clone()),
            ended_at_ms: ended.map(|(_, _, at)| at),
        }
    }
}

impl Stored for ProposalRecord {
    const KIND: DocumentKind = DocumentKind::Proposal;

    fn id(&self) -> Arc<str> {
        self.id.as_str().into()
    }
}
