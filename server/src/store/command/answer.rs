//! What the store's operations are answered.

use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::api::operate::Draft;
use dripline_shared::api::{Reason, Receipt};
use dripline_shared::payout::BatchId;
use dripline_shared::round::Seed;

use crate::access::{ApiKeyRecord, InvitationRecord, OperatorRecord, SessionRecord};
use crate::site::SiteRecord;
use crate::store::record::{
    AddressRecord, BatchRecord, DelegationRecord, MoveRecord, ProposalRecord, PublicationRecord, RailRecord,
    ReadKeyRecord, RoundRecord, Stage, WithdrawalRecord,
};
use crate::voucher::IssueRecord;

#[cfg(doc)]
use super::Command;

/// The answer to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// To [`Command::Open`].
    Opened {
        /// The round, new or of the first time that this request came.
        round: RoundRecord,
        /// Whether it is new.
        new: bool,
        /// Whether another one was closed for it.
        abandoned: bool,
        /// What a claim would be told now.
        limits: Vec<Reason>,
    },
    /// To [`Command::Segment`].
    Stored {
        /// Whether it is new.
        new: bool,
        /// The seed of the segment after the next.
        seed: Option<Seed>,
    },
    /// To [`Command::End`].
    Ended {
        /// Whether this command closed it.
        new: bool,
    },
    /// To [`Command::Settle`].
    Settled {
        /// The receipt, new or as it was stored.
        receipt: Receipt,
        /// Whether it is new.
        new: bool,
    },
    /// To [`Command::Verify`].
    Verified {
        /// Whether it was not before.
        new: bool,
    },
    /// To [`Command::GiveBack`].
    GivenBack,
    /// To [`Command::SetAddress`].
    AddressSet {
        /// The address, new or of the first time that this request came.
        address: AddressRecord,
        /// Whether it is new.
        new: bool,
    },
    /// To [`Command::Withdraw`], and to [`Command::PayDormant`] where there is something to pay.
    Requested {
        /// The withdrawal, new or as it stands.
        withdrawal: Box<WithdrawalRecord>,
        /// Whether it is new.
        new: bool,
    },
    /// To [`Command::PayDormant`].
    NotDormant,
    /// To [`Command::IssueReadKey`].
    ReadKeyIssued {
        /// The key, new or of the first time that this request came.
        record: ReadKeyRecord,
        /// Whether it is new.
        new: bool,
    },
    /// To [`Command::RevokeReadKey`].
    ReadKeyRevoked,
    /// To [`Command::Delegate`].
    Delegated {
        /// The delegation, new or of the first time that this request came.
        record: DelegationRecord,
        /// Whether it is new.
        new: bool,
    },
    /// To [`Command::RevokeDelegation`].
    DelegationRevoked,
    /// To [`Command::MoveBalance`].
    BalanceMoved {
        /// Where to and when, now or the first time that this request came.
        moved: MoveRecord,
        /// Whether it is new.
        new: bool,
    },
    /// To [`Command::Gather`].
    Gathered,
    /// To [`Command::Divide`].
    Divided,
    /// To [`Command::TakeLease`].
    Leased {
        /// Its epoch; `None` where another server has it.
        epoch: Option<u64>,
    },
    /// To [`Command::MakeBatch`].
    Batched {
        /// The batch, where there is anything to settle.
        batch: Option<BatchRecord>,
    },
    /// To [`Command::KeepCandidate`].
    Kept {
        /// Whether it is new, and may be sent.
        new: bool,
    },
    /// To [`Command::CancelBatch`].
    Cancelling {
        /// Whether there is still anything to cancel: the batch has not ended.
        open: bool,
    },
    /// To [`Command::GiveBackWithdrawal`], [`Command::ImportPayout`] and [`Command::RecordPayout`].
    Corrected(Correction),
    /// To [`Command::SetPause`], [`Command::Halt`], [`Command::SetShort`] and [`Command::NoteExamined`].
    RailSet(RailRecord),
    /// To [`Command::Operate`], where nothing else is answered.
    Operated,
    /// To [`Command::Operate`] of a publication.
    Published {
        /// The publication, new or as it stands.
        publication: PublicationRecord,
        /// Whether anything has changed.
        new: bool,
    },
    /// To [`Command::Operate`] of a draft.
    DraftKept(Box<Draft>),
    /// To [`Command::Operate`] of vouchers.
    Vouchers(Box<IssueRecord>),
    /// To [`Command::Operate`] of a site.
    SiteChanged(Box<SiteRecord>),
    /// To [`Command::Operate`] of an API key.
    KeyChanged(Box<ApiKeyRecord>),
    /// To [`Command::Operate`] of an invitation that was made.
    Invited(Box<InvitationRecord>),
    /// To [`Command::Operate`] of an operator who is there.
    OperatorChanged(Box<OperatorRecord>),
    /// To [`Command::Operate`] of a session that begins.
    SignedIn(Box<(OperatorRecord, SessionRecord)>),
    /// To [`Command::Operate`] of what a second operator has to confirm, and of a proposal.
    Proposed(Box<ProposalRecord>),
    /// To [`Command::EndBatch`].
    BatchEnded {
        /// Whether this command ended it.
        new: bool,
    },
}

/// What came of an operator's word about a withdrawal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Correction {
    /// It is done.
    Done,
    /// It was so before.
    WasSo,
    /// There is no such withdrawal, or no such wallet.
    Unknown,
    /// The wallet has less.
    TooLittle {
        /// What it has.
        balance: Amount,
    },
    /// Its rail runs, and might pay it meanwhile. Nothing has changed, and so with all that follow.
    RailRuns {
        /// The rail's id.
        rail: Arc<str>,
    },
    /// It is in a batch that has not ended.
    Batched {
        /// The batch.
        batch: BatchId,
    },
    /// It is in a batch that may still be executed.
    MayBePaid {
        /// The batch.
        batch: BatchId,
    },
    /// It has ended otherwise.
    Ended {
        /// How.
        stage: Stage,
    },
}
