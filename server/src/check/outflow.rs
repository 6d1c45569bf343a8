//! Outflow: ceilings on money over any window, per network prefix, for newcomers, per campaign, and over all.

use dripline_shared::amount::Amount;
use dripline_shared::api::Reason;
use dripline_shared::error::Code;
use dripline_shared::limit::{Bucket, MoneyLimit};
use dripline_shared::time::Timestamp;

use crate::store::record::WalletRecord;

/// Takes `amount` out through the ceiling called `name`. Gives the bucket to store.
pub fn take(
    name: &str,
    limit: &MoneyLimit,
    bucket: Bucket,
    amount: Amount,
    now: Timestamp,
) -> Result<Bucket, Reason> {
    // An operator may have shortened the window since this bucket was stored; a remainder of the longer one would
    // count for more than the one unit that it is less than.
    let remainder = bucket.remainder.min(limit.window_ms.saturating_sub(1));
    limit.take(Bucket { remainder, ..bucket }, amount, now).map_err(|until| {
        let message = format!("the ceiling {name} lets {amount} ledger units out at {until}");
        super::reason_until(Code::CeilingReached, name, message, until)
    })
}

/// Whether a wallet is without history: it had no drip that is at least `newcomer_ms` old.
pub fn is_newcomer(wallet: &WalletRecord, newcomer_ms: u64, now: Timestamp) -> bool {
    wallet.first_drip.is_none_or(|first| now.since(first) < newcomer_ms)
}
