//! Accounts, transfers, and the one rule of double entry: what one account loses another one gains.

use std::fmt;
use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::round::RoundId;
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// Where funding comes from and payouts go. The only one that may be negative.
    World,
    /// What funds campaigns.
    Treasury,
    /// A campaign's budget, by the campaign's id.
    Campaign(Arc<str>),
    /// What a player holds.
    Player(Wallet),
}

impl fmt::Display for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::World => formatter.write_str("world"),
            Self::Treasury => formatter.write_str("treasury"),
            Self::Campaign(id) => write!(formatter, "campaign:{id}"),
            Self::Player(wallet) => write!(formatter, "player:{wallet}"),
        }
    }
}

/// A balance in ledger units. Only [`Account::World`]'s may be negative.
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
    /// Campaign to player.
    Drip,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 5] =
        [Self::Funding, Self::Budget, Self::BudgetReturned, Self::FundingReturned, Self::Drip];

    /// As stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Funding => "funding",
            Self::Budget => "budget",
            Self::BudgetReturned => "budget_returned",
            Self::FundingReturned => "funding_returned",
            Self::Drip => "drip",
        }
    }
}

/// An immutable movement of money between two accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// When.
    pub at: Timestamp,
    /// What for.
    pub kind: Kind,
    /// Which account loses.
    pub debit: Account,
    /// Which account gains.
    pub credit: Account,
    /// How much.
    pub amount: Amount,
    /// The round that earned it.
    pub round: Option<RoundId>,
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
        if debit_balance < 0 && self.debit != Account::World {
            return Err(Overdraft);
        }
        Ok(Posted {
            transfer: self,
            debit_balance: Balance(debit_balance),
            credit_balance: Balance(credit_balance),
        })
    }
}
