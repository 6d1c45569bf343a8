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
        let Some(until) = until else {
            let message = format!("the ceiling {name} never lets {amount} ledger units out at once");
            return super::reason(Code::CeilingReached, name, message);
        };
        let message = format!("the ceiling {name} lets {amount} ledger units out at {until}");
        super::reason_until(Code::CeilingReached, name, message, until)
    })
}

/// Whether a wallet is without history: it had no drip that is at least `newcomer_ms` old.
pub fn is_newcomer(wallet: &WalletRecord, newcomer_ms: u64, now: Timestamp) -> bool {
    wallet.first_drip.is_none_or(|first| now.since(first) < newcomer_ms)
}

#[cfg(test)]
mod tests {
    use dripline_shared::time::{DAY_MS, SECOND_MS};

    use super::*;

    #[test]
    fn a_remainder_of_a_longer_window_is_worth_less_than_one_unit_in_a_shorter_one() {
        let full = Amount::from_units(25);
        let limit = |window_ms| MoneyLimit { ceiling: Amount::from_units(100), window_ms };
        let at = Timestamp(DAY_MS);
        let of_a_day = Bucket { level: full, remainder: DAY_MS - 1, at };
        let second = limit(SECOND_MS);
        let until =
            take("outflow", &second, of_a_day, Amount::from_units(1), at).unwrap_err().until_ms.unwrap();
        assert!(until > at);
        let bucket = take("outflow", &second, of_a_day, Amount::from_units(1), until).unwrap();
        assert_eq!(bucket.level, full);
    }
}
