//! What chains were paid for executing payouts: whether the transfers of each batch are those that its state says.

use std::collections::BTreeMap;

use crate::ledger::Kind;
use crate::ledger::verify::TransferRow;

/// What is stored of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchRow {
    /// Its row id.
    pub id: i64,
    /// The row id of the coin of which something is set aside for it, and how much.
    pub reserved: Option<(i64, i64)>,
    /// Whether it has ended.
    pub has_ended: bool,
}

/// Takes transfers, then accounts and batches.
#[derive(Debug, Default)]
pub(super) struct Costs {
    /// What is set aside by the transfers: by batch, of which coin and how much.
    moved: BTreeMap<i64, (i64, i64)>,
    /// What is set aside by the batches, by the coin.
    batches: BTreeMap<i64, i64>,
    /// What is set aside by the accounts, by the coin.
    accounts: BTreeMap<i64, i64>,
}

impl Costs {
    /// Takes a transfer. Gives what is wrong with it.
    pub(super) fn take(&mut self, kind: Option<Kind>, row: &TransferRow) -> Option<String> {
        let id = row.id;
        let change = match kind {
            Some(Kind::OperatingFunding) => 0,
            Some(Kind::CostReserved) => row.amount,
            Some(Kind::ChainFee | Kind::CostReleased) => row.amount.saturating_neg(),
            _ if row.batch.is_some() => {
                return Some(format!("transfer {id}: names a batch but pays no chain"));
            }
            _ => return None,
        };
        let Some(batch) = row.batch else {
            return Some(format!("transfer {id}: a {} of no batch", row.kind));
        };
        let asset = row.debit.asset;
        let (coin, reserved) = self.moved.entry(batch).or_insert((asset, 0));
        *reserved = reserved.saturating_add(change);
        if *coin != asset || *reserved < 0 {
            return Some(format!("transfer {id}: more than was set aside for its batch, or of another coin"));
        }
        None
    }

    /// Takes the balance of an account of what is set aside, of a coin.
    pub(super) fn account(&mut self, coin: i64, balance: i64) {
        let sum = self.accounts.entry(coin).or_default();
        *sum = sum.saturating_add(balance);
    }

    /// Takes a batch. Gives what is wrong with it.
    pub(super) fn check(&mut self, row: &BatchRow) -> Option<String> {
        let moved = self.moved.remove(&row.id).filter(|(_, reserved)| *reserved != 0);
        let stored = row.reserved.filter(|(_, reserved)| *reserved != 0);
        if let Some((coin, reserved)) = stored {
            let sum = self.batches.entry(coin).or_default();
            *sum = sum.saturating_add(reserved);
        }
        let id = row.id;
        if moved != stored {
            return Some(format!(
                "batch {id}: the transfers set aside {moved:?} for it, and {stored:?} is stored"
            ));
        }
        (row.has_ended && stored.is_some())
            .then(|| format!("batch {id}: has ended, and something is set aside for it"))
    }

    /// What has transfers and no batch, and coins of which another sum is set aside than batches say.
    pub(super) fn left_over(self) -> Vec<String> {
        let unknown =
            self.moved.keys().map(|batch| format!("batch {batch}: has transfers, and is not stored"));
        let mut findings: Vec<String> = unknown.collect();
        for coin in self.accounts.keys().chain(self.batches.keys()) {
            let (account, batches) = (self.accounts.get(coin), self.batches.get(coin));
            if account.unwrap_or(&0) != batches.unwrap_or(&0) {
                findings
                    .push(format!("asset {coin}: {account:?} is set aside, and the batches say {batches:?}"));
            }
        }
        findings.dedup();
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{AccountRow, HolderRow};

    fn row(kind: Kind, amount: i64, batch: Option<i64>, asset: i64) -> TransferRow {
        let account = AccountRow { id: 1, asset, holder: HolderRow::Reserved, owner: 0 };
        TransferRow {
            id: 9,
            at_ms: 0,
            kind: kind.as_str().to_owned(),
            debit: account,
            credit: account,
            amount,
            debit_balance: 0,
            credit_balance: 0,
            claim: None,
            withdrawal: None,
            batch,
            leaf: None,
            worth: (None, None),
        }
    }

    /// What is found in a ledger in which 100 of coin 5 were set aside for batch 1, of which 30 were paid to a chain, and
    /// nothing was given back.
    fn found(batch: BatchRow, account: i64) -> Vec<String> {
        let mut costs = Costs::default();
        let kinds = [(Kind::OperatingFunding, 100), (Kind::CostReserved, 100), (Kind::ChainFee, 30)];
        let mut found: Vec<String> = kinds
            .into_iter()
            .filter_map(|(kind, amount)| costs.take(Some(kind), &row(kind, amount, Some(1), 5)))
            .collect();
        costs.account(5, account);
        found.extend(costs.check(&batch));
        found.extend(costs.left_over());
        found
    }

    #[test]
    fn what_is_set_aside_is_what_transfers_batches_and_accounts_say() {
        let good = BatchRow { id: 1, reserved: Some((5, 70)), has_ended: false };
        assert_eq!(found(good, 70), Vec::<String>::new());
        for batch in [
            BatchRow { id: 2, ..good },
            BatchRow { reserved: None, ..good },
            BatchRow { reserved: Some((5, 71)), ..good },
            BatchRow { reserved: Some((6, 70)), ..good },
            BatchRow { has_ended: true, ..good },
        ] {
            assert!(!found(batch, 70).is_empty(), "{batch:?}");
        }
        assert!(!found(good, 69).is_empty());
    }

    #[test]
    fn a_transfer_that_pays_a_chain_names_a_batch_and_no_other_one_does() {
        let mut costs = Costs::default();
        for kind in Kind::ALL {
            let is_cost = matches!(kind, Kind::OperatingFunding | Kind::CostReserved);
            let is_payment = matches!(kind, Kind::ChainFee | Kind::CostReleased);
            assert_eq!(
                costs.take(Some(kind), &row(kind, 1, None, 5)).is_some(),
                is_cost || is_payment,
                "{kind:?}"
            );
            // Of what was not set aside nothing can be paid.
            assert_eq!(costs.take(Some(kind), &row(kind, 1, Some(100), 5)).is_none(), is_cost, "{kind:?}");
            costs.moved.clear();
        }
        assert_eq!(costs.take(None, &row(Kind::Fee, 1, None, 5)), None);
    }
}
