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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use dripline_shared::payout::BatchId;
    use dripline_shared::time::Timestamp;

    use super::*;
    use crate::store::working::{Effect, WorkingSet};

    fn reserve_of(coin: &str, units: u32) -> Reserve {
        Reserve { coin: coin.into(), amount: Amount::from_units(units) }
    }

    fn batch(reserve: Option<Reserve>) -> BatchRecord {
        BatchRecord {
            reserve,
            ..BatchRecord::new(BatchId([1; 16]), "rail".into(), "DRIP".into(), Timestamp(0), Vec::new())
        }
    }

    /// What moves: the kinds, and how much.
    fn moved(change: impl FnOnce(&mut Moves<'_>)) -> Vec<(Kind, i64)> {
        let set = WorkingSet::default();
        let mut moves = Moves::new(&set, Timestamp(0));
        // What is set aside was moved there before.
        let (coin, all) = (Arc::from("COIN"), Amount::from_units(100));
        moves.take(Kind::OperatingFunding, &coin, (Holder::World, Holder::Reserved), all, None).unwrap();
        change(&mut moves);
        let effects = moves.into_effects().skip(1);
        let kind_of = |effect| match effect {
            Effect::Transfer(posted) => Some((posted.transfer.kind, posted.transfer.amount.units())),
            _ => None,
        };
        effects.filter_map(kind_of).collect()
    }

    #[test]
    fn what_is_booked_is_what_was_told_up_to_a_hundred_times_of_what_was_set_aside() {
        for (told, expected) in [
            (0, vec![(Kind::CostReleased, 100)]),
            (40, vec![(Kind::ChainFee, 40), (Kind::CostReleased, 60)]),
            (100, vec![(Kind::ChainFee, 100)]),
            (250, vec![(Kind::OperatingFunding, 150), (Kind::CostReserved, 150), (Kind::ChainFee, 250)]),
            (
                u32::MAX,
                vec![(Kind::OperatingFunding, 9_900), (Kind::CostReserved, 9_900), (Kind::ChainFee, 10_000)],
            ),
        ] {
            let mut batch = batch(Some(reserve_of("COIN", 100)));
            assert_eq!(moved(|moves| book(moves, &mut batch, Amount::from_units(told)).unwrap()), expected);
            assert_eq!(batch.reserve, None);
        }
        assert_eq!(moved(|moves| book(moves, &mut batch(None), Amount::MAX).unwrap()), []);
    }

    #[test]
    fn only_what_is_more_than_before_is_set_aside_and_nothing_of_another_coin() {
        let set_aside = |before: Option<Reserve>, wanted: Reserve| {
            let mut batch = batch(before);
            let moved = moved(|moves| reserve(moves, &mut batch, &wanted).unwrap());
            (moved, batch.reserve.unwrap())
        };
        let more = |units| vec![(Kind::OperatingFunding, units), (Kind::CostReserved, units)];
        assert_eq!(set_aside(None, reserve_of("COIN", 70)), (more(70), reserve_of("COIN", 70)));
        let before = || Some(reserve_of("COIN", 100));
        assert_eq!(set_aside(before(), reserve_of("COIN", 130)), (more(30), reserve_of("COIN", 130)));
        assert_eq!(set_aside(before(), reserve_of("COIN", 20)), (vec![], reserve_of("COIN", 100)));
        assert_eq!(set_aside(before(), reserve_of("OTHER", 900)), (vec![], reserve_of("COIN", 100)));
    }
}
