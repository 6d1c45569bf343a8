//! What moves more money than one operator may move alone: it waits until another one has confirmed it.

use serde::{Deserialize, Serialize};

use super::payouts::{ImportRequest, RecordRequest, ResumeRequest};
use super::{By, PublicationRequest};
use crate::amount::Amount;
use crate::payout::WithdrawalId;
use crate::time::Timestamp;

/// What is proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum ProposedAction {
    /// To approve a withdrawal.
    Approve {
        /// Which.
        withdrawal: WithdrawalId,
    },
    /// To record by which transaction a withdrawal was paid.
    Import {
        /// Which.
        withdrawal: WithdrawalId,
        /// What is said of it.
        request: ImportRequest,
    },
    /// To record a payout whose withdrawal the store does not have.
    Record {
        /// By which rail.
        rail: String,
        /// What is said of it.
        request: RecordRequest,
    },
    /// To let a rail run again whose chain shows what the store does not.
    Resume {
        /// Which.
        rail: String,
        /// What is said of it.
        request: ResumeRequest,
    },
    /// To publish a catalog that raises budgets.
    Publish {
        /// What.
        request: PublicationRequest,
    },
}

/// How a proposal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProposalStage {
    /// It waits for another operator.
    Open,
    /// Another operator has confirmed it, and it was done.
    Confirmed,
    /// An operator has withdrawn it.
    Withdrawn,
    /// Nobody has confirmed it in time.
    Expired,
}

/// A proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Proposal {
    /// Its id.
    pub id: String,
    /// What is proposed.
    pub proposed: ProposedAction,
    /// How much it moves, in ledger units; nothing where that is not known before: a rail is resumed.
    pub amount: Option<Amount>,
    /// The code of the asset that it moves, where it is one.
    pub asset: Option<String>,
    /// Who has proposed it.
    pub by: By,
    /// When.
    pub at_ms: Timestamp,
    /// Until when it can be confirmed.
    pub until_ms: Timestamp,
    /// How it stands.
    pub stage: ProposalStage,
    /// Who has confirmed or withdrawn it.
    pub ended_by: Option<By>,
    /// When.
    pub ended_at_ms: Option<Timestamp>,
}

/// Proposals, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Proposals {
    /// They.
    pub proposals: Vec<Proposal>,
}
