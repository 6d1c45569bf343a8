//! Proposals: what one operator has asked for and another one has to confirm.

use std::sync::Arc;

use dripline_shared::api::operate::proposals::{Proposal, Proposals, ProposedAction};
use dripline_shared::error::Code;
use dripline_shared::time::Timestamp;

use crate::faucet::{Faucet, Inner, Operator};
use crate::refusal::Refusal;
use crate::store::Answer;
use crate::store::command::{Change, Second};
use crate::store::record::ProposalRecord;

/// What came of something that may need a second operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acted<T> {
    /// It is done.
    Done(T),
    /// It waits for another operator.
    Proposed(Box<Proposal>),
}

impl<T> Acted<T> {
    /// That this waits, as it stands at `now`.
    pub(super) fn proposed(record: &ProposalRecord, now: Timestamp) -> Self {
        Self::Proposed(Box::new(record.view(now)))
    }

    /// The same, with something else that was done.
    pub(super) fn map<U>(self, with: impl FnOnce(T) -> U) -> Acted<U> {
        match self {
            Self::Done(done) => Acted::Done(with(done)),
            Self::Proposed(proposal) => Acted::Proposed(proposal),
        }
    }
}

impl Faucet {
    /// All proposals that are kept, the newest first.
    pub async fn proposals(&self) -> Result<Proposals, Refusal> {
        let now = self.inner.edge.now();
        let records: Result<Vec<ProposalRecord>, Refusal> = self.inner.all_stored("".into()).await;
        let mut records = self.counted(records)?;
        records.sort_by(|one, other| (other.at, &other.id).cmp(&(one.at, &one.id)));
        Ok(Proposals { proposals: records.iter().map(|record| record.view(now)).collect() })
    }

    /// Confirms a proposal: what was asked for is found out and decided anew, and done.
    pub async fn confirm_proposal(&self, who: Operator, id: &str) -> Result<Proposal, Refusal> {
        let record = self.inner.proposal(id).await;
        let record = self.counted(record)?;
        let second = Second::Confirms { id: record.id.as_str().into() };
        let done = match record.proposed {
            ProposedAction::Approve { withdrawal } => {
                self.inner.approve(who, withdrawal, second).await.map(drop)
            }
            ProposedAction::Import { withdrawal, request } => {
                self.inner.import(who, withdrawal, request, second).await.map(drop)
            }
            ProposedAction::Record { rail, request } => {
                self.inner.record(who, &rail, request, second).await.map(drop)
            }
            ProposedAction::Resume { rail, request } => {
                self.inner.resume(who, &rail, request, second).await.map(drop)
            }
            ProposedAction::Publish { request } => {
                self.publish_uncounted(who, request, second).await.map(drop)
            }
        };
        self.counted(done)?;
        self.counted(self.inner.proposal(id).await.map(|record| record.view(self.inner.edge.now())))
    }

    /// Withdraws a proposal.
    pub async fn withdraw_proposal(&self, who: Operator, id: Arc<str>) -> Result<Proposal, Refusal> {
        let answer = self.inner.operate(who, Change::WithdrawProposal { id }).await;
        self.counted(answer.and_then(|answer| match answer {
            Answer::Proposed(record) => Ok(record.view(self.inner.edge.now())),
            _ => Err(Code::Internal.into()),
        }))
    }
}

impl Inner {
    /// That this is proposed, where one operator is not enough.
    pub(super) fn asks(&self, proposed: ProposedAction) -> Second {
        let random: [u8; 8] = self.edge.random();
        Second::Ask { id: format!("{:016x}", u64::from_be_bytes(random)), proposed: Box::new(proposed) }
    }

    async fn proposal(&self, id: &str) -> Result<ProposalRecord, Refusal> {
        self.stored(id, Code::ProposalUnknown).await
    }
}
