//! The steps of withdrawals: whether the transfers of each are those that its state says.

use std::collections::BTreeMap;

use crate::ledger::Kind;
use crate::ledger::verify::{HolderRow, RequestRow, TransferRow};

/// How a stored withdrawal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StageRow {
    /// It waits, in a batch or out of one, for its turn or for an operator.
    Waits,
    /// It was paid.
    Paid,
    /// Its money is back, less the fee.
    Returned,
    /// Its money is back whole.
    Cancelled,
    /// As none can.
    Unknown,
}

impl StageRow {
    /// What is stored as this number.
    pub fn parse(stage: i64) -> Self {
        match stage {
            0 | 1 | 5 | 6 => Self::Waits,
            2 => Self::Paid,
            3 => Self::Returned,
            4 => Self::Cancelled,
            _ => Self::Unknown,
        }
    }
}

/// A stored withdrawal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawalRow {
    /// Its row id.
    pub id: i64,
    /// The row id of its wallet.
    pub wallet: i64,
    /// The row id of its asset.
    pub asset: i64,
    /// How much left the balance.
    pub amount: i64,
    /// What of it is the fee.
    pub fee: i64,
    /// How it stands.
    pub stage: StageRow,
    /// When it ended, in milliseconds since the epoch.
    pub ended_ms: Option<i64>,
    /// What its player asked for.
    pub request: RequestRow,
}

/// What the transfers of a withdrawal moved, by their kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Moved {
    wallet: i64,
    asset: i64,
    /// Transfers of each kind, and what they moved.
    withdrawn: (u32, i64),
    paid: (u32, i64),
    fee: (u32, i64),
    returned: (u32, i64),
    /// When money was moved first, and last.
    at: (i64, i64),
}

/// Takes transfers, and then withdrawals.
#[derive(Debug, Default)]
pub(super) struct Steps {
    moved: BTreeMap<i64, Moved>,
    pub(super) checked: u64,
}

impl Steps {
    /// Takes a transfer. Gives what is wrong with it.
    pub(super) fn take(&mut self, kind: Option<Kind>, row: &TransferRow) -> Option<String> {
        let id = row.id;
        let is_step = matches!(kind, Some(Kind::Withdrawal | Kind::Payout | Kind::Fee | Kind::Returned));
        let withdrawal = match row.withdrawal {
            Some(withdrawal) if is_step => withdrawal,
            None if !is_step => return None,
            None => return Some(format!("transfer {id}: a {} of no withdrawal", row.kind)),
            Some(_) => return Some(format!("transfer {id}: names a withdrawal but is no step of one")),
        };
        let pending = if row.debit.holder == HolderRow::Pending { row.debit } else { row.credit };
        let moved = self.moved.entry(withdrawal).or_insert(Moved {
            wallet: pending.owner,
            asset: pending.asset,
            at: (row.at_ms, row.at_ms),
            ..Moved::default()
        });
        moved.at.1 = row.at_ms;
        let (count, sum) = match kind {
            Some(Kind::Withdrawal) => &mut moved.withdrawn,
            Some(Kind::Payout) => &mut moved.paid,
            Some(Kind::Fee) => &mut moved.fee,
            _ => &mut moved.returned,
        };
        *count = count.saturating_add(1);
        *sum = sum.saturating_add(row.amount);
        let (wallet, asset) = (moved.wallet, moved.asset);
        let other = if row.debit.holder == HolderRow::Pending { row.credit } else { row.debit };
        let is_same = pending.owner == wallet
            && pending.asset == asset
            && (other.holder != HolderRow::Player || other.owner == wallet);
        (!is_same)
            .then(|| format!("transfer {id}: of another wallet or asset than the rest of its withdrawal"))
    }

    /// Takes a withdrawal, all of whose transfers were taken. Gives what is wrong with it.
    pub(super) fn check(&mut self, row: &WithdrawalRow) -> Option<String> {
        self.checked = self.checked.saturating_add(1);
        let id = row.id;
        if row.stage == StageRow::Unknown {
            return Some(format!("withdrawal {id}: it stands as no withdrawal can"));
        }
        let Some(moved) = self.moved.remove(&id) else {
            return Some(format!("withdrawal {id}: there are no transfers for it"));
        };
        let once = |amount: i64| if amount == 0 { (0, 0) } else { (1, amount) };
        let arrives = row.amount.saturating_sub(row.fee);
        let is_ended = matches!(row.stage, StageRow::Paid | StageRow::Returned);
        let requested = row.request.requested_ms;
        let has_left = row.stage != StageRow::Waits;
        let expected = Moved {
            wallet: row.wallet,
            asset: row.asset,
            withdrawn: once(row.amount),
            paid: if row.stage == StageRow::Paid { once(arrives) } else { (0, 0) },
            fee: if is_ended { once(row.fee) } else { (0, 0) },
            returned: match row.stage {
                StageRow::Returned => once(arrives),
                StageRow::Cancelled => once(row.amount),
                _ => (0, 0),
            },
            // It is requested when its money leaves the balance, and has ended when that leaves what is pending.
            at: (requested, if has_left { row.ended_ms.unwrap_or_default() } else { requested }),
        };
        (moved != expected)
            .then(|| format!("withdrawal {id}: {expected:?} is stored, and {moved:?} was moved"))
    }

    /// Withdrawals that have transfers, and are not stored.
    pub(super) fn left_over(self) -> impl Iterator<Item = String> {
        self.moved.into_keys().map(|id| format!("withdrawal {id}: has transfers, and is not stored"))
    }
}
