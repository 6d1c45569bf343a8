//! Withdrawals: whether an address may be set, and whether an amount may leave a balance.

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::api::Reason;
use dripline_shared::error::Code;
use dripline_shared::time::{DAY_MS, Timestamp};

use crate::store::record::AddressRecord;

/// Whether `address` is the one that was set, and is paid to by now.
pub fn address<'a>(
    set: Option<&'a AddressRecord>,
    address: &str,
    now: Timestamp,
) -> Result<&'a AddressRecord, Reason> {
    let Some(set) = set else {
        return Err(super::reason(
            Code::AddressNotSet,
            "address",
            "set a payout address for this rail first",
        ));
    };
    if &*set.address != address {
        let message = format!("the address that is set for this rail is {}", set.address);
        return Err(super::reason(Code::AddressDiffers, "address", message));
    }
    if now < set.usable_from {
        let message = format!("the address is new, and is paid to from {} on", set.usable_from);
        return Err(super::reason_until(Code::AddressWaiting, "address", message, set.usable_from));
    }
    Ok(set)
}

/// How long an address stays as it was set before it can be set again, in milliseconds.
pub const ADDRESS_EVERY_MS: u64 = 10_000;
/// How often a wallet can set where a rail pays it within [`ADDRESSES_WITHIN_MS`]. Each time leaves a row for good, for operators find
/// by them who was ever paid where.
pub const ADDRESSES_MAX: usize = 10;
/// See [`ADDRESSES_MAX`], in milliseconds.
pub const ADDRESSES_WITHIN_MS: u64 = DAY_MS;

/// Whether an address may be set by a wallet that has done so by the same rail at these moments, the last one first: at least the last
/// [`ADDRESSES_MAX`].
pub fn address_changes(lately: &[Timestamp], now: Timestamp) -> Result<(), Reason> {
    let last = lately.first().map(|at| at.plus(ADDRESS_EVERY_MS));
    let oldest = lately.get(ADDRESSES_MAX.saturating_sub(1)).map(|at| at.plus(ADDRESSES_WITHIN_MS));
    let Some(until) = last.max(oldest).filter(|until| now < *until) else { return Ok(()) };
    let message = if oldest == Some(until) {
        format!("the address was set {ADDRESSES_MAX} times within a day, and can be set again at {until}")
    } else {
        format!("the address was set a moment ago, and can be set again at {until}")
    };
    Err(super::reason_until(Code::RateLimited, "address", message, until))
}

/// Whether an amount is not below what can be withdrawn.
pub fn threshold(asset: &Asset, threshold: Amount, amount: Amount) -> Result<(), Reason> {
    if amount >= threshold {
        return Ok(());
    }
    let message = format!("at least {} can be withdrawn", asset.format(threshold));
    Err(super::reason(Code::BelowThreshold, "amount", message))
}

/// Whether an amount is not above what can be withdrawn at once.
pub fn maximum(asset: &Asset, maximum: Option<Amount>, amount: Amount) -> Result<(), Reason> {
    let Some(maximum) = maximum.filter(|maximum| amount > *maximum) else { return Ok(()) };
    let message = format!("at most {} can be withdrawn at once", asset.format(maximum));
    Err(super::reason(Code::AboveMaximum, "amount", message))
}

/// Whether the fee is not above what the request allows.
pub fn fee(asset: &Asset, fee: Amount, fee_max: Amount) -> Result<(), Reason> {
    if fee <= fee_max {
        return Ok(());
    }
    let message =
        format!("the fee is {}, and the request allows {}", asset.format(fee), asset.format(fee_max));
    Err(super::reason(Code::FeeAboveMaximum, "fee_max", message))
}

/// A reason that the balance is less than the amount.
pub fn balance_too_low(asset: &Asset, balance: Amount) -> Reason {
    super::reason(Code::BalanceTooLow, "amount", format!("the balance is {}", asset.format(balance)))
}
