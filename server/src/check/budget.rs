//! Budget: what a campaign still has.

use dripline_shared::amount::Amount;
use dripline_shared::api::Reason;
use dripline_shared::error::Code;

/// Whether a campaign that has `left` can pay `amount`. No moment: only the operator can change it.
pub fn check(campaign: &str, left: Amount, amount: Amount) -> Result<(), Reason> {
    if amount <= left {
        return Ok(());
    }
    let message =
        format!("campaign {campaign} has {left} ledger units left, and this drip would take {amount}");
    Err(super::reason(Code::BudgetUsedUp, format!("campaign:{campaign}"), message))
}
