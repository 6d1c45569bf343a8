//! The transfers that a withdrawal's steps are.

use dripline_shared::amount::Amount;

use crate::ledger::{Holder, Kind, Overdraft, Reference};
use crate::store::record::WithdrawalRecord;
use crate::store::working::Moves;

/// Moves money of a withdrawal from one holder to another.
pub(super) fn take(
    moves: &mut Moves<'_>,
    withdrawal: &WithdrawalRecord,
    kind: Kind,
    holders: (Holder, Holder),
    amount: Amount,
) -> Result<(), Overdraft> {
    moves.take(kind, &withdrawal.asset, holders, amount, Some(Reference::Withdrawal(withdrawal.id)))
}
