//! The operations of the store, with everything that their decision needs from outside, and their answers.
//!
//! Whatever is costly or needs no facts (signatures, replays, shapes) was done before a command is made. Each carries
//! the moment at which its request arrived.

mod access;
mod operation;
mod site;

use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::api::operate::Draft;
use dripline_shared::api::{
    AddressRequest, BalanceMoveRequest, DelegationRequest, DelegationRevocation, OpenRequest, OutcomeView,
    ReadKeyRequest, ReadKeyRevocation, Reason, Receipt, WithdrawalRequest,
};
use dripline_shared::payout::{BatchId, WithdrawalId};
use dripline_shared::round::{Hash, RoundId, Seed};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::{Signature, Wallet};

use crate::access::{ApiKeyRecord, InvitationRecord, OperatorRecord, SessionRecord};
use crate::price::Price;
use crate::site::SiteRecord;
use crate::store::record::{
    AddressRecord, BatchRecord, Candidate, DelegationRecord, MoveRecord, ProposalRecord, PublicationRecord,
    RailRecord, ReadKeyRecord, Reserve, RoundRecord, ServerId, Stage, WithdrawalRecord,
};
use crate::voucher::IssueRecord;

pub use access::{Accept, AccessChange, BySession, Invite, NewSession, SignIn};
pub use operation::{
    Adopt, Change, Facts, KeepDraft, MakeKey, MakeVouchers, Operation, Publish, RotateKey, Second,
};
pub use site::{MakeSite, SiteChange};

/// One operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Opens a round.
    Open(Box<Open>),
    /// Stores a segment.
    Segment(Box<PutSegment>),
    /// Closes a round without a claim.
    End(End),
    /// Settles the claim of a round that was replayed.
    Settle(Box<Settle>),
    /// Verifies a claimed round for its site's server.
    Verify(Box<Verify>),
    /// Gives the attempt of a round back, whose rules have changed.
    GiveBack(GiveBack),
    /// Sets a payout address.
    SetAddress(Box<SetAddress>),
    /// Requests a payout.
    Withdraw(Box<Withdraw>),
    /// Withdraws what lies dormant.
    PayDormant(Box<PayDormant>),
    /// Issues a read-only key.
    IssueReadKey(Box<IssueReadKey>),
    /// Revokes a read-only key.
    RevokeReadKey(Box<RevokeReadKey>),
    /// Lets the key of a browser play for a wallet.
    Delegate(Box<Delegate>),
    /// Lets it no longer.
    RevokeDelegation(Box<RevokeDelegation>),
    /// Moves all that a guest's key has to a wallet.
    MoveBalance(Box<MoveBalance>),
    /// Makes whole what is divided among servers. A store's own, before a batch.
    Gather(Gather),
    /// Divides what is whole among servers. A store's own, after a batch.
    Divide(Divide),
    /// Takes the lease of a rail, or renews it.
    TakeLease(TakeLease),
    /// Takes withdrawals that wait into a batch.
    MakeBatch(MakeBatch),
    /// Keeps something signed that settles a batch, before it is sent.
    KeepCandidate(Box<KeepCandidate>),
    /// Says what became of a batch.
    EndBatch(EndBatch),
    /// Wants a batch not to be paid any more.
    CancelBatch(CancelBatch),
    /// Gives the money of a withdrawal that waits back.
    GiveBackWithdrawal(GiveBackWithdrawal),
    /// Records that a withdrawal was paid by a transaction that the store does not have.
    ImportPayout(ImportPayout),
    /// Records a payout whose withdrawal the store does not have either.
    RecordPayout(Box<RecordPayout>),
    /// Pauses a rail, or lets it run.
    SetPause(SetPause),
    /// Halts a rail whose chain does not show what the store says.
    Halt(Halt),
    /// Pauses a rail whose treasury has too little, or lets it run once there is enough.
    SetShort(SetShort),
    /// Notes up to which transaction a treasury was examined.
    NoteExamined(NoteExamined),
    /// Changes what operators change.
    Operate(Box<Operation>),
}

/// Opens a round. That its statement is for this faucet, and its signature, have been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// When the request arrived.
    pub now: Timestamp,
    /// The id that the round gets.
    pub round: RoundId,
    /// The request.
    pub request: OpenRequest,
    /// The hash of its statement: what "the same request" is judged by.
    pub statement: Hash,
    /// The hash of the code of the voucher that the request names.
    pub voucher: Option<Hash>,
    /// The network prefix of the client.
    pub prefix: String,
}

/// Stores a segment. The token has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutSegment {
    /// When the request arrived.
    pub now: Timestamp,
    /// The round.
    pub round: RoundId,
    /// The number of the segment, from 0.
    pub number: u32,
    /// The length of the final segment; `None` where another one follows.
    pub end: Option<u32>,
    /// The encoded inputs.
    pub bytes: Vec<u8>,
}

/// Closes a round without a claim. The token has been checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// When the request arrived.
    pub now: Timestamp,
    /// The round.
    pub round: RoundId,
}

/// Settles a claim. Signature and transcript have been checked; the round is looked at again, because it may have
/// changed since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settle {
    /// When the request arrived.
    pub now: Timestamp,
    /// The round.
    pub round: RoundId,
    /// Whose round it is.
    pub wallet: Wallet,
    /// The key that plays it for the wallet, if it is not the wallet itself.
    pub delegate: Option<Wallet>,
    /// The claim's signature.
    pub signature: Signature,
    /// What the replay gave: a win.
    pub outcome: OutcomeView,
    /// The last running hash, which the signature is over.
    pub transcript_hash: Hash,
    /// The whole play, encoded for keeping.
    pub transcript: Vec<u8>,
    /// The network prefix of the client.
    pub prefix: String,
    /// What a coin costs then, if that is known.
    pub price: Option<Price>,
}

/// Verifies a round. That the token is one, and that the secret is its site's, have been checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verify {
    /// When the request arrived.
    pub now: Timestamp,
    /// The round.
    pub round: RoundId,
    /// Until when it can be verified first.
    pub expires_at: Timestamp,
    /// The hash of a request that is answered again.
    pub request: Option<Hash>,
}

/// Gives an attempt back. The claim's signature has been checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GiveBack {
    /// When the request arrived.
    pub now: Timestamp,
    /// The round.
    pub round: RoundId,
    /// Whose round it is.
    pub wallet: Wallet,
}

/// Sets a payout address. That its statement is for this faucet, and its signature, have been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAddress {
    /// When the request arrived.
    pub now: Timestamp,
    /// The request.
    pub request: AddressRequest,
    /// The hash of its statement: what "the same request" is judged by.
    pub statement: Hash,
}

/// Requests a payout. That its statement is for this faucet, and its signature, have been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdraw {
    /// When the request arrived.
    pub now: Timestamp,
    /// The id that the withdrawal gets.
    pub id: WithdrawalId,
    /// The request.
    pub request: WithdrawalRequest,
    /// The hash of its statement.
    pub statement: Hash,
    /// Whether the recipient has no account of the asset yet, where that was asked and answered.
    pub needs_account: Option<bool>,
}

/// Halts a rail until an operator has looked, since its chain does not show what the store says; or says that a batch because of
/// which it was halted is alive after all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Halt {
    /// When.
    pub now: Timestamp,
    /// The rail's id.
    pub rail: Arc<str>,
    /// Of which batch that was found, if it is of one.
    pub batch: Option<BatchId>,
    /// What was found, for the operator; nothing where the batch is alive after all.
    pub why: Option<Arc<str>>,
    /// The epoch of the lease under which it was.
    pub epoch: u64,
}

/// Pauses a rail whose treasury has too little for what is to be paid next, or lets it run once there is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetShort {
    /// When.
    pub now: Timestamp,
    /// The rail's id.
    pub rail: Arc<str>,
    /// What is missing, for the operator; nothing where there is enough.
    pub missing: Option<Arc<str>>,
    /// The epoch of the lease under which that was found.
    pub epoch: u64,
}

/// Withdraws what a wallet has, if it lies dormant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayDormant {
    /// When.
    pub now: Timestamp,
    /// The id that the withdrawal gets.
    pub id: WithdrawalId,
    /// Whose.
    pub wallet: Wallet,
    /// By this rail.
    pub rail: Arc<str>,
    /// The code of the asset.
    pub asset: Arc<str>,
    /// To this address, which the rail can pay to, if it is the one that is set.
    pub address: Arc<str>,
}

/// Issues a read-only key. That its statement is for this faucet, and its signature, have been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueReadKey {
    /// When the request arrived.
    pub now: Timestamp,
    /// The request.
    pub request: ReadKeyRequest,
    /// The hash of its statement.
    pub statement: Hash,
}

/// Revokes a read-only key. That its statement is for this faucet, and its signature, have been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokeReadKey {
    /// When the request arrived.
    pub now: Timestamp,
    /// The request.
    pub request: ReadKeyRevocation,
}

/// Lets the key of a browser play for a wallet. That the statement is for this faucet, and both signatures, have been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegate {
    /// When the request arrived.
    pub now: Timestamp,
    /// The request.
    pub request: DelegationRequest,
    /// The hash of its statement.
    pub statement: Hash,
    /// The network prefix of the client.
    pub prefix: String,
}

/// Revokes a delegation. That its statement is for this faucet, and its signature, have been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokeDelegation {
    /// When the request arrived.
    pub now: Timestamp,
    /// The request.
    pub request: DelegationRevocation,
}

/// Moves all that a guest's key has to a wallet. That its statement is for this faucet, and its signature, have been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveBalance {
    /// When the request arrived.
    pub now: Timestamp,
    /// The request.
    pub request: BalanceMoveRequest,
    /// The hash of its statement.
    pub statement: Hash,
}

/// Notes up to which transaction a treasury was examined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteExamined {
    /// The rail's id.
    pub rail: Arc<str>,
    /// The transaction.
    pub transaction: Arc<str>,
    /// The epoch of the lease under which it was.
    pub epoch: u64,
}

/// Makes whole what is divided among servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gather {
    /// When.
    pub now: Timestamp,
}

/// Divides what is whole among servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Divide {
    /// When.
    pub now: Timestamp,
    /// The one whose batch it was.
    pub server: ServerId,
}

/// Takes the lease of a rail for a server, or renews it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakeLease {
    /// When.
    pub now: Timestamp,
    /// The rail's id.
    pub rail: Arc<str>,
    /// The server.
    pub owner: ServerId,
    /// Until when; `now` gives it back.
    pub until: Timestamp,
}

/// Takes the withdrawals of an asset that wait longest into a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MakeBatch {
    /// When.
    pub now: Timestamp,
    /// The rail's id.
    pub rail: Arc<str>,
    /// The code of the asset.
    pub asset: Arc<str>,
    /// The id that the batch gets.
    pub id: BatchId,
    /// How many it takes at most.
    pub most: usize,
    /// The epoch of the rail's lease that this is wanted under.
    pub epoch: u64,
}

/// Keeps a candidate of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeepCandidate {
    /// The batch.
    pub batch: BatchId,
    /// The candidate. It is stored as alive, and now.
    pub candidate: Candidate,
    /// What executing it may cost at most: it is set aside. Nothing where nobody is to be paid for that.
    pub reserve: Option<Reserve>,
    /// The epoch of the rail's lease that it was signed under.
    pub epoch: u64,
}

/// Says what became of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndBatch {
    /// When.
    pub now: Timestamp,
    /// The batch.
    pub batch: BatchId,
    /// What became of it.
    pub ending: Ending,
    /// What the chain was paid for executing what was signed for it, in ledger units of the coin that was set aside.
    pub cost: Amount,
    /// The epoch of the rail's lease that it was found out under.
    pub epoch: u64,
}

/// Wants a batch not to be paid any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CancelBatch {
    /// When.
    pub now: Timestamp,
    /// The batch.
    pub batch: BatchId,
}

/// Gives the money of a withdrawal that waits, in no batch, back whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiveBackWithdrawal {
    /// When.
    pub now: Timestamp,
    /// The withdrawal.
    pub withdrawal: WithdrawalId,
    /// Why, for the player.
    pub reason: Arc<str>,
}

/// Records that a withdrawal was paid by a transaction that the store does not have, as after a restore from a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportPayout {
    /// When.
    pub now: Timestamp,
    /// The withdrawal.
    pub withdrawal: WithdrawalId,
    /// The id of the batch that is made of it, and has ended.
    pub batch: BatchId,
    /// The transaction, as the rail writes it.
    pub transaction: Arc<str>,
    /// The nonce that it has by the chain's word, on rails that know nonces: no candidate with this nonce can be executed any
    /// more.
    pub nonce: Option<u64>,
}

/// Records a payout whose withdrawal the store does not have: it was requested after the backup that the store was restored
/// from, and its money is still the player's there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPayout {
    /// The withdrawal as it is to be stored. Its client id is made of the transaction and the address, so that the same payout
    /// is recorded once.
    pub withdrawal: WithdrawalRecord,
    /// The id of the batch that is made of it, and has ended.
    pub batch: BatchId,
    /// The transaction, as the rail writes it.
    pub transaction: Arc<str>,
    /// The nonce that it has by the chain's word, on rails that know nonces.
    pub nonce: Option<u64>,
}

/// Pauses a rail, or lets it run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetPause {
    /// When.
    pub now: Timestamp,
    /// The rail's id.
    pub rail: Arc<str>,
    /// Why it is paused; nothing lets it run.
    pub why: Option<Arc<str>>,
    /// What whoever has looked at the chain says of it.
    pub known: Known,
}

/// What an operator knows of a chain, where the store does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The nonce that the next batch is signed with.
    pub next_nonce: Option<u64>,
    /// The transaction of the treasury up to which it need not be examined.
    pub examined: Option<Arc<str>>,
}

/// What became of a batch, finally.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// It is settled.
    Settled {
        /// By this transaction, as the rail writes it.
        transaction: Arc<str>,
    },
    /// No candidate of it was executed, and none ever can be: it may be signed anew.
    Expired,
    /// It was executed and failed: nobody was paid.
    Failed {
        /// Why, for the player of a withdrawal that failed alone.
        reason: Arc<str>,
        /// Whether something may be wrong with all of the rail: too many of these in a row, of one withdrawal each, pause it.
        /// Otherwise it was found that the recipients alone cannot be paid.
        counts: bool,
        /// The ids of the batches that it is divided into.
        parts: [BatchId; 2],
    },
    /// It was cancelled, and no candidate of it was executed, and none ever can be: the money goes back.
    Cancelled,
}

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
