//! What a chain is paid for executing payouts: set aside before anything is sent, and booked once it is final. Pure.
//!
//! The treasury pays it on the chain, in the chain's coin, which need not be what is paid out. So it is funding of an account
//! of its own, `operating`, as soon as it is needed; what may be needed for a batch is `reserved` from it; and what was not
//! needed is there for the next one.

use dripline_shared::amount::Amount;
use dripline_shared::error::Code;

use crate::ledger::{Account, Holder, Kind, Overdraft, Reference};
use crate::refusal::Refusal;
use crate::store::record::{BatchRecord, Reserve};
use crate::store::working::Moves;

/// How many times of what was set aside may be booked. Some chains take more than gas can cost, for keeping data on another
/// chain; what is more than this is nonsense that an endpoint has told.
const BOOKED_MAX: i64 = 100;

/// Sets so much aside for a batch, if that is more than before. Of another coin than before, which the rail was paid in when
/// the batch was signed first, nothing is.
pub(super) fn reserve(
    moves: &mut Moves<'_>,
    batch: &mut BatchRecord,
    wanted: &Reserve,
) -> Result<(), Refusal> {
    let before = batch.reserve.as_ref().filter(|before| before.coin == wanted.coin);
    if batch.reserve.is_some() && before.is_none() {
        return Ok(());
    }
    let before = before.map_or(Amount::ZERO, |before| before.amount);
    set_aside(moves, batch, wanted, wanted.amount.saturating_sub(before)).map_err(|_| Code::Internal)?;
    batch.reserve = Some(Reserve { amount: wanted.amount.max(before), ..wanted.clone() });
    Ok(())
}

/// Moves so much more to what is set aside for a batch, of which there is funding where the account has too little.
fn set_aside(
    moves: &mut Moves<'_>,
    batch: &BatchRecord,
    Reserve { coin, .. }: &Reserve,
    more: Amount,
) -> Result<(), Overdraft> {
    let reference = Some(Reference::Batch(batch.id));
    let there = moves.balance(&Account::new(coin, Holder::Operating)).amount();
    let missing = more.saturating_sub(there);
    moves.take(Kind::OperatingFunding, coin, (Holder::World, Holder::Operating), missing, reference)?;
    moves.take(Kind::CostReserved, coin, (Holder::Operating, Holder::Reserved), more, reference)
}

/// Books what a batch has cost, and gives back what else was set aside for it.
pub(super) fn book(moves: &mut Moves<'_>, batch: &mut BatchRecord, cost: Amount) -> Result<(), Refusal> {
    let Some(reserve) = batch.reserve.take() else { return Ok(()) };
    let most = reserve.amount.units().saturating_mul(BOOKED_MAX);
    let cost = cost.min(Amount::try_from(most).unwrap_or(Amount::MAX));
    let mut book = || {
        set_aside(moves, batch, &reserve, cost.saturating_sub(reserve.amount))?;
        let (coin, reference) = (&reserve.coin, Some(Reference::Batch(batch.id)));
        moves.take(Kind::ChainFee, coin, (Holder::Reserved, Holder::World), cost, reference)?;
        let rest = reserve.amount.saturating_sub(cost);
        moves.take(Kind::CostReleased, coin, (Holder::Reserved, Holder::Operating), rest, reference)
    };
    book().map_err(|_: Overdraft| Code::Internal.into())
}
