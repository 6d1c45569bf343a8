//! What is stored of payouts.

use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::payout::{BatchId, WithdrawalId, WithdrawalState};
use dripline_shared::round::{ClientId, Hash, hash};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::{Signature, Wallet};

/// Where a wallet is paid by a rail. The one that was set last counts; older ones are kept, so that their requests can be
/// recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressRecord {
    /// Whose.
    pub wallet: Wallet,
    /// The rail's id.
    pub rail: Arc<str>,
    /// The address.
    pub address: Arc<str>,
    /// The client's id of the request that set it.
    pub client_id: ClientId,
    /// The hash of the statement of that request.
    pub request: Hash,
    /// When it was set.
    pub set_at: Timestamp,
    /// From when it is paid to.
    pub usable_from: Timestamp,
}

/// What a player has signed, word for word: whoever has it needs nothing else to see that the player wanted it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedStatement {
    /// The text of the statement.
    pub text: Arc<str>,
    /// By the player's wallet.
    pub signature: Signature,
}

/// The hash of a request's statement: what "the same request" is judged by.
pub fn request_hash(text: &str) -> Hash {
    hash(b"dripline/reque/1", &[text.as_bytes()])
}

/// A withdrawal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawalRecord {
    /// Its id.
    pub id: WithdrawalId,
    /// Whose.
    pub wallet: Wallet,
    /// The rail's id.
    pub rail: Arc<str>,
    /// The asset's code.
    pub asset: Arc<str>,
    /// How much left the balance.
    pub amount: Amount,
    /// What of it is the fee: less than the amount.
    pub fee: Amount,
    /// Where the rest is paid to.
    pub address: Arc<str>,
    /// The client's id of the request.
    pub client_id: ClientId,
    /// The hash of the statement of the request.
    pub request: Hash,
    /// What the player has signed to request it; nothing where nobody has: it lay dormant, or an operator has recorded it.
    pub signed: Option<SignedStatement>,
    /// When it was requested.
    pub requested_at: Timestamp,
    /// How often it failed alone.
    pub failures: u32,
    /// How it stands.
    pub stage: Stage,
}

impl WithdrawalRecord {
    /// Whether nobody has signed for it: it was made because the balance lay dormant. Its client id is the beginning of what
    /// stands for its request; of what somebody signs the hash depends on the client id, so that nobody can have it so.
    pub fn is_dormant(&self) -> bool {
        Self::dormant_client(self.request) == self.client_id.0
    }

    /// The client id of one that stands for this.
    pub(crate) fn dormant_client(request: Hash) -> [u8; 16] {
        let mut client = [0; 16];
        client.copy_from_slice(request.0.split_at(16).0);
        client
    }

    /// What arrives at the address.
    pub fn arrives(&self) -> Amount {
        self.amount.saturating_sub(self.fee)
    }
}

/// How a withdrawal stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// It waits for its turn.
    Queued,
    /// It waits for its wallet to be released.
    Held,
    /// It waits for an operator's approval.
    Unapproved,
    /// It is in this batch.
    Batched(BatchId),
    /// It was paid.
    Paid {
        /// When.
        at: Timestamp,
        /// The batch that it was in.
        batch: BatchId,
        /// By which transaction, as the rail writes it.
        transaction: Arc<str>,
    },
    /// Its money is back, less the fee.
    Returned {
        /// When.
        at: Timestamp,
        /// Why, for the player.
        reason: Arc<str>,
    },
    /// The operator has cancelled its batch, or given it back while it waited, and its money is back whole.
    Cancelled {
        /// When.
        at: Timestamp,
        /// Why, for the player, where the operator has said it.
        reason: Option<Arc<str>>,
    },
}

impl Stage {
    /// As players see it.
    pub fn state(&self) -> WithdrawalState {
        match self {
            Self::Queued => WithdrawalState::Queued,
            Self::Held | Self::Unapproved => WithdrawalState::Review,
            Self::Batched(_) => WithdrawalState::Sending,
            Self::Paid { .. } => WithdrawalState::Paid,
            Self::Returned { .. } | Self::Cancelled { .. } => WithdrawalState::Returned,
        }
    }
}

/// Withdrawals that are settled together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRecord {
    /// Its id.
    pub id: BatchId,
    /// The rail's id.
    pub rail: Arc<str>,
    /// The code of the asset that all of them pay.
    pub asset: Arc<str>,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it ended: all of it is paid, or finally dead and in other batches or returned.
    pub ended_at: Option<Timestamp>,
    /// When the operator wanted it not to be paid any more. What was sent before may be paid all the same.
    pub cancelled_at: Option<Timestamp>,
    /// When the rail was halted because of this batch, and the operator told to look. Whoever cancels it later has looked.
    pub halted_at: Option<Timestamp>,
    /// What is set aside to pay the chain for executing it. Nothing where nothing is signed, or nobody is to be paid for that.
    pub reserve: Option<Reserve>,
    /// What it settles, in the order in which it was requested.
    pub withdrawals: Vec<WithdrawalId>,
    /// What was signed for it, the oldest first.
    pub candidates: Vec<Candidate>,
}

impl BatchRecord {
    /// A batch of which nothing was signed yet.
    pub fn new(
        id: BatchId,
        rail: Arc<str>,
        asset: Arc<str>,
        made_at: Timestamp,
        withdrawals: Vec<WithdrawalId>,
    ) -> Self {
        Self {
            id,
            rail,
            asset,
            made_at,
            ended_at: None,
            cancelled_at: None,
            halted_at: None,
            reserve: None,
            withdrawals,
            candidates: Vec::new(),
        }
    }

    /// The candidates that may still be executed, the oldest first.
    pub fn alive(&self) -> impl DoubleEndedIterator<Item = &Candidate> {
        self.candidates.iter().filter(|candidate| !candidate.is_dead)
    }
}

/// So much of the coin that a chain is paid in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reserve {
    /// The coin's code.
    pub coin: Arc<str>,
    /// How much of it, in ledger units.
    pub amount: Amount,
}

/// Something signed that settles a batch. Only what is stored is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its id on the rail, unique there: a signature, the hash of a transaction.
    pub id: Arc<str>,
    /// What is sent. Of one that is dead it stays in the store, and is not read any more.
    pub bytes: Vec<u8>,
    /// Of all candidates of a rail with the same nonce at most one can ever be executed. Rails that know no nonces have
    /// none.
    pub nonce: Option<u64>,
    /// When it was stored.
    pub stored_at: Timestamp,
    /// Whether it can never be executed any more.
    pub is_dead: bool,
}

/// How a rail stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RailRecord {
    /// Its id.
    pub id: Arc<str>,
    /// How many batches failed since the last one that was settled.
    pub failures: u32,
    /// Why it signs nothing new, if that is so.
    pub pause: Option<Pause>,
    /// The nonce that the next batch is signed with: one above the last that was kept. `None` before the first, and of rails
    /// that know no nonces.
    pub next_nonce: Option<u64>,
    /// The transaction of the treasury up to which it was examined whether the store knows all of them; `None` before the
    /// first, and of rails that need not be examined.
    pub examined: Option<Arc<str>>,
    /// Which server pays by it; `None` before the first.
    pub lease: Option<Lease>,
}

/// That a server pays by a rail, and no other one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// Which one.
    pub owner: ServerId,
    /// How often it went from one server to another. The first is 1.
    pub epoch: u64,
    /// Until when, unless it is renewed.
    pub until: Timestamp,
}

/// A server: a process, by a random id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerId(pub [u8; 16]);

impl ServerId {
    /// Whatever process has the data directory: of one whose store is there, no other can be at work.
    pub const OF_THE_DIRECTORY: Self = Self([0; 16]);
}

impl RailRecord {
    /// A rail that nothing happened to yet.
    pub fn new(id: Arc<str>) -> Self {
        Self { id, failures: 0, pause: None, next_nonce: None, examined: None, lease: None }
    }
}

/// That a rail signs nothing new until an operator lets it, or until its treasury has enough (`payout::pause`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Since when.
    pub at: Timestamp,
    /// Why, for the operator; players are told the same, unless the treasury has too little.
    pub why: Arc<str>,
}

/// A withdrawal as reads give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawalFacts {
    /// The withdrawal.
    pub record: WithdrawalRecord,
    /// While it is queued: how many of its rail and asset were requested before it and are queued, too; at most
    /// [`AHEAD_MAX`](crate::store::AHEAD_MAX) are counted.
    pub ahead: Option<u64>,
}

/// A batch with the withdrawals that it settles, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchFacts {
    /// The batch.
    pub record: BatchRecord,
    /// Its withdrawals.
    pub withdrawals: Vec<WithdrawalRecord>,
}
