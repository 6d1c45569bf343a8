//! What a batch is to a rail: which asset it pays, and how much of the chain's units to whom. Pure.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;

use crate::payout::{RailError, units};
use crate::store::record::{BatchFacts, WithdrawalRecord};

/// What a rail knows of the asset that a batch pays.
pub(super) fn asset_of<'a, A>(
    assets: &'a BTreeMap<Arc<str>, A>,
    batch: &BatchFacts,
) -> Result<&'a A, RailError> {
    asset_named(assets, &batch.record.asset)
}

/// The same of the asset with this code.
pub(super) fn asset_named<'a, A>(
    assets: &'a BTreeMap<Arc<str>, A>,
    code: &Arc<str>,
) -> Result<&'a A, RailError> {
    assets.get(code).ok_or_else(|| RailError::Later(format!("{code} is not paid by this rail")))
}

/// To whom a batch pays how much, in its order: as [`transfer`].
pub(super) fn transfers<Address, Units: TryFrom<u128>, Expected: Display>(
    batch: &BatchFacts,
    scale: u128,
    payable: impl Fn(&str) -> Result<Address, Expected>,
) -> Result<Vec<(Address, Units)>, RailError> {
    batch.withdrawals.iter().map(|withdrawal| transfer(withdrawal, scale, &payable)).collect()
}

/// To whom a withdrawal is paid how much. `scale` is how many of the chain's units a ledger unit is; `payable` reads an address,
/// or tells what it expects.
pub(super) fn transfer<Address, Units: TryFrom<u128>, Expected: Display>(
    withdrawal: &WithdrawalRecord,
    scale: u128,
    payable: impl Fn(&str) -> Result<Address, Expected>,
) -> Result<(Address, Units), RailError> {
    let refused = |why: String| RailError::Later(format!("withdrawal {}: {why}", withdrawal.id));
    let to = payable(&withdrawal.address).map_err(|expected| refused(format!("expected {expected}")))?;
    let amount = units::chain_units(withdrawal.arrives(), scale);
    let amount = amount.and_then(|amount| Units::try_from(amount).ok());
    Ok((to, amount.ok_or_else(|| refused("the chain cannot count it".to_owned()))?))
}
