//! The operations of the store, with everything that their decision needs from outside, and their answers.
//!
//! Whatever is costly or needs no facts (signatures, replays, shapes) was done before a command is made. Each carries
//! the moment at which its request arrived.

mod access;
mod answer;
mod correction;
mod keys;
mod operation;
mod payout;
mod play;
mod site;
mod webhook;

use dripline_shared::time::Timestamp;

use crate::store::record::ServerId;

pub use access::{Accept, AccessChange, BySession, Invite, NewSession, SignIn};
pub use answer::{Answer, Correction};
pub use correction::{
    GiveBackWithdrawal, Halt, ImportPayout, Known, NoteExamined, RecordPayout, SetPause, SetShort,
};
pub use keys::{Delegate, IssueReadKey, MoveBalance, RevokeDelegation, RevokeReadKey};
pub use operation::{
    Adopt, Change, Facts, KeepDraft, MakeKey, MakeVouchers, Operation, Publish, RotateKey, Second,
};
pub use payout::{
    CancelBatch, EndBatch, Ending, KeepCandidate, MakeBatch, PayDormant, SetAddress, TakeLease, Withdraw,
};
pub use play::{End, GiveBack, Open, PutSegment, Settle, Verify};
pub use site::{MakeSite, SiteChange};
pub use webhook::WebhookChange;

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
