//! Accounts, transfers, and the one rule of double entry: what one account loses another one gains.

use std::fmt;
use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::log::{LogEntry, NodeHash, NotAnEntry, leaf_hash};
use dripline_shared::payout::{BatchId, WithdrawalId};
use dripline_shared::round::{Hash, RoundId};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;

use crate::price::Worth;

/// An account: who holds what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account {
    /// The code of the asset that it counts.
    pub asset: Arc<str>,
    /// Whose it is.
    pub holder: Holder,
}

/// Whose an account is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holder {
    /// Where funding comes from and payouts go. The only one that may be negative.
    World,
    /// What funds campaigns.
    Treasury,
    /// What players paid for their payouts.
    Fees,
    /// What chains are paid with for executing payouts, in the coin that they take.
    Operating,
    /// What of that is set aside for what was signed and is not final.
    Reserved,
    /// A campaign's budget, by the campaign's id.
    Campaign(Arc<str>),
    /// What one of several servers has of a campaign's budget to pay from, by the number of its slot and the campaign's id.
    Slice(u32, Arc<str>),
    /// What a player may spend.
    Player(Wallet),
    /// What a player asked to be paid, and is neither paid nor back yet.
    Pending(Wallet),
}

impl Account {
    /// The account of `holder` in the asset of this code.
    pub fn new(asset: &Arc<str>, holder: Holder) -> Self {
        Self { asset: Arc::clone(asset), holder }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.asset, self.holder)
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::World => formatter.write_str("world"),
            Self::Treasury => formatter.write_str("treasury"),
            Self::Fees => formatter.write_str("fees"),
            Self::Operating => formatter.write_str("operating"),
            Self::Reserved => formatter.write_str("reserved"),
            Self::Campaign(id) => write!(formatter, "campaign:{id}"),
            Self::Slice(slot, id) => write!(formatter, "slice:{slot}:{id}"),
            Self::Player(wallet) => write!(formatter, "player:{wallet}"),
            Self::Pending(wallet) => write!(formatter, "pending:{wallet}"),
        }
    }
}

/// A balance in ledger units. Only that of [`Holder::World`] may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Balance(pub i64);

impl Balance {
    /// What can be spent of it.
    pub fn amount(self) -> Amount {
        Amount::try_from(self.0).unwrap_or(Amount::ZERO)
    }
}

/// What a transfer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// World to treasury.
    Funding,
    /// Treasury to campaign.
    Budget,
    /// Campaign to treasury: its budget was lowered.
    BudgetReturned,
    /// Treasury to world.
    FundingReturned,
    /// Campaign to a server's slice of it.
    Slice,
    /// Slice to its campaign.
    SliceReturned,
    /// Campaign, or a slice of it, to player.
    Drip,
    /// Player to pending: a payout was requested.
    Withdrawal,
    /// Pending to world: it was paid.
    Payout,
    /// Pending to fees: what that cost.
    Fee,
    /// Pending to player: it could not be paid.
    Returned,
    /// Player to player: what a guest's key had is a wallet's.
    Move,
    /// World to operating: the treasury has to pay a chain for executing something.
    OperatingFunding,
    /// Operating to reserved: what that may cost is set aside before it is sent.
    CostReserved,
    /// Reserved to world: what it really cost.
    ChainFee,
    /// Reserved to operating: what of it was not needed.
    CostReleased,
}

/// What a transfer belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// The round that earned it.
    Round(RoundId),
    /// The withdrawal that it is a step of.
    Withdrawal(WithdrawalId),
    /// The batch of withdrawals whose execution it pays a chain for.
    Batch(BatchId),
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 16] = [
        Self::Funding,
        Self::Budget,
        Self::BudgetReturned,
        Self::FundingReturned,
        Self::Slice,
        Self::SliceReturned,
        Self::Drip,
        Self::Withdrawal,
        Self::Payout,
        Self::Fee,
        Self::Returned,
        Self::Move,
        Self::OperatingFunding,
        Self::CostReserved,
        Self::ChainFee,
        Self::CostReleased,
    ];

    /// As stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Funding => "funding",
            Self::Budget => "budget",
            Self::BudgetReturned => "budget_returned",
            Self::FundingReturned => "funding_returned",
            Self::Slice => "slice",
            Self::SliceReturned => "slice_returned",
            Self::Drip => "drip",
            Self::Withdrawal => "withdrawal",
            Self::Payout => "payout",
            Self::Fee => "fee",
            Self::Returned => "returned",
            Self::Move => "move",
            Self::OperatingFunding => "operating_funding",
            Self::CostReserved => "cost_reserved",
            Self::ChainFee => "chain_fee",
            Self::CostReleased => "cost_released",
        }
    }

    /// The kind that is stored under this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Round(round) => write!(formatter, "round:{round}"),
            Self::Withdrawal(withdrawal) => write!(formatter, "withdrawal:{withdrawal}"),
            Self::Batch(batch) => write!(formatter, "batch:{batch}"),
        }
    }
}

/// An immutable movement of money between two accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Its id: ids rise from transfer to transfer.
    pub id: u64,
    /// When.
    pub at: Timestamp,
    /// What for.
    pub kind: Kind,
    /// The code of the asset that moves.
    pub asset: Arc<str>,
    /// Who loses.
    pub debit: Holder,
    /// Who gains.
    pub credit: Holder,
    /// How much.
    pub amount: Amount,
    /// What it belongs to; nothing where an operator's catalog moves budgets.
    pub reference: Option<Reference>,
    /// What it was worth then, where it was received and that was known.
    pub worth: Option<Worth>,
}

impl Transfer {
    /// The account that loses.
    pub fn debit_account(&self) -> Account {
        Account::new(&self.asset, self.debit.clone())
    }

    /// The leaf of the log that it is, of the faucet of this fingerprint: its text and its hash.
    pub fn leaf(&self, faucet: Hash) -> Result<(String, NodeHash), NotAnEntry> {
        let (from, to) = (self.debit.to_string(), self.credit.to_string());
        let reference = self.reference.map(|reference| reference.to_string());
        let entry = LogEntry {
            faucet,
            id: self.id,
            at: self.at,
            kind: self.kind.as_str(),
            asset: &self.asset,
            from: &from,
            to: &to,
            amount: self.amount,
            reference: reference.as_deref(),
            worth: self.worth.as_ref().map(|worth| (worth.millionths, &*worth.currency)),
        };
        let text = entry.text()?;
        let hash = leaf_hash(text.as_bytes());
        Ok((text, hash))
    }

    /// The account that gains.
    pub fn credit_account(&self) -> Account {
        Account::new(&self.asset, self.credit.clone())
    }
}

/// A transfer with the balances that both accounts have after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// The transfer.
    pub transfer: Transfer,
    /// The loser's balance.
    pub debit_balance: Balance,
    /// The gainer's balance.
    pub credit_balance: Balance,
}

/// Why a transfer cannot be: the account that loses has less, or a balance would leave `i64`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the account has less than the transfer moves")]
pub struct Overdraft;

impl Transfer {
    /// Posts it to accounts with these balances, of which the first loses.
    pub fn post(self, debit: Balance, credit: Balance) -> Result<Posted, Overdraft> {
        let units = self.amount.units();
        let debit_balance = debit.0.checked_sub(units).ok_or(Overdraft)?;
        let credit_balance = credit.0.checked_add(units).ok_or(Overdraft)?;
        if debit_balance < 0 && self.debit != Holder::World {
            return Err(Overdraft);
        }
        Ok(Posted {
            transfer: self,
            debit_balance: Balance(debit_balance),
            credit_balance: Balance(credit_balance),
        })
    }
}
