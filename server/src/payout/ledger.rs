//! The transfers that a withdrawal's steps are.

use std::collections::HashMap;

use dripline_shared::amount::Amount;
use dripline_shared::time::Timestamp;

use crate::ledger::{Account, Balance, Holder, Kind, Overdraft, Posted, Reference, Transfer};
use crate::store::WorkingSet;
use crate::store::record::WithdrawalRecord;
use crate::store::working::Effect;

/// Transfers that are decided together: each sees the balances that the ones before it left.
#[derive(Debug)]
pub(super) struct Steps<'a> {
    set: &'a WorkingSet,
    at: Timestamp,
    after: HashMap<Account, Balance>,
    posted: Vec<Posted>,
}

impl<'a> Steps<'a> {
    /// None yet, from the balances of `set`.
    pub(super) fn new(set: &'a WorkingSet, at: Timestamp) -> Self {
        Self { set, at, after: HashMap::new(), posted: Vec::new() }
    }

    /// Moves money of a withdrawal from one holder to another; nothing where it is nothing.
    pub(super) fn take(
        &mut self,
        withdrawal: &WithdrawalRecord,
        kind: Kind,
        (debit, credit): (Holder, Holder),
        amount: Amount,
    ) -> Result<(), Overdraft> {
        if amount.is_zero() {
            return Ok(());
        }
        let later = u64::try_from(self.posted.len()).unwrap_or(u64::MAX);
        let (id, asset) = (self.set.next_transfer_id().saturating_add(later), withdrawal.asset.clone());
        let reference = Some(Reference::Withdrawal(withdrawal.id));
        let transfer =
            Transfer { id, at: self.at, kind, asset, debit, credit, amount, reference, worth: None };
        let (loser, gainer) = (transfer.debit_account(), transfer.credit_account());
        let posted = transfer.post(self.balance(&loser), self.balance(&gainer))?;
        self.after.insert(loser, posted.debit_balance);
        self.after.insert(gainer, posted.credit_balance);
        self.posted.push(posted);
        Ok(())
    }

    fn balance(&self, account: &Account) -> Balance {
        self.after.get(account).copied().unwrap_or_else(|| self.set.balance(account))
    }

    /// All of them, as effects.
    pub(super) fn into_effects(self) -> impl Iterator<Item = Effect> {
        self.posted.into_iter().map(Effect::Transfer)
    }
}
