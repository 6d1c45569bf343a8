//! Transfers that are decided together.

use std::collections::HashMap;
use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::time::Timestamp;

use super::{Effect, WorkingSet};
use crate::ledger::{Account, Balance, Holder, Kind, Overdraft, Posted, Reference, Transfer};

/// Transfers that are decided together: each sees the balances that the ones before it left.
#[derive(Debug)]
pub(crate) struct Moves<'a> {
    set: &'a WorkingSet,
    at: Timestamp,
    after: HashMap<Account, Balance>,
    posted: Vec<Posted>,
}

impl<'a> Moves<'a> {
    /// None yet, from the balances of `set`.
    pub(crate) fn new(set: &'a WorkingSet, at: Timestamp) -> Self {
        Self { set, at, after: HashMap::new(), posted: Vec::new() }
    }

    /// Moves money of an asset from one holder to another; nothing where it is nothing.
    pub(crate) fn take(
        &mut self,
        kind: Kind,
        asset: &Arc<str>,
        (debit, credit): (Holder, Holder),
        amount: Amount,
        reference: Option<Reference>,
    ) -> Result<(), Overdraft> {
        if amount.is_zero() {
            return Ok(());
        }
        let later = u64::try_from(self.posted.len()).unwrap_or(u64::MAX);
        let (id, asset) = (self.set.next_transfer_id().saturating_add(later), Arc::clone(asset));
        let transfer =
            Transfer { id, at: self.at, kind, asset, debit, credit, amount, reference, worth: None };
        let (loser, gainer) = (transfer.debit_account(), transfer.credit_account());
        let posted = transfer.post(self.balance(&loser), self.balance(&gainer))?;
        self.after.insert(loser, posted.debit_balance);
        self.after.insert(gainer, posted.credit_balance);
        self.posted.push(posted);
        Ok(())
    }

    /// What an account has after what was moved until now.
    pub(crate) fn balance(&self, account: &Account) -> Balance {
        self.after.get(account).copied().unwrap_or_else(|| self.set.balance(account))
    }

    /// All of them, as effects.
    pub(crate) fn into_effects(self) -> impl Iterator<Item = Effect> {
        self.posted.into_iter().map(Effect::Transfer)
    }
}
