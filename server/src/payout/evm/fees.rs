//! What a unit of gas may cost (EIP-1559), at first and where something takes the place of what does not get into a block.
//! Pure, in wei.

/// What a transaction offers for a unit of gas. Of the most, what the block's base fee leaves is paid for priority, at most
/// so much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fees {
    /// `max_fee_per_gas`.
    pub(super) most: u128,
    /// `max_priority_fee_per_gas`, at most the above.
    pub(super) priority: u128,
}

/// What the operator allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    /// The most that a unit may ever cost.
    pub(super) most: u128,
    /// The priority at first, where the operator has said it.
    pub(super) priority: Option<u128>,
}

/// What the chain says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Market {
    /// The base fee of the newest block.
    pub(super) base: u128,
    /// The priority that a node proposes.
    pub(super) priority: u128,
}

/// By how many thousandths both fees rise at least: nodes take nothing that is less than a tenth more.
const RISE_PER_MILLE: u128 = 125;

impl Market {
    /// What passes even if the base fee doubles: it rises by at most an eighth from block to block.
    fn offer(&self, limits: &Limits) -> Fees {
        let priority = limits.priority.unwrap_or(self.priority).min(limits.most);
        let most = self.base.saturating_mul(2).saturating_add(priority).min(limits.most);
        Fees { most, priority }
    }
}

/// What is offered at first. Otherwise, where the chain is dearer than the operator allows: by how much.
pub(super) fn first(market: &Market, limits: &Limits) -> Result<Fees, String> {
    if market.base > limits.most {
        return Err(format!(
            "a unit of gas costs {} wei, and the configuration allows at most {}",
            market.base, limits.most
        ));
    }
    Ok(market.offer(limits))
}

/// What is offered in the place of something that offered `before`: both fees an eighth more at least. `None` where that is
/// more than the operator allows.
pub(super) fn raised(before: &Fees, market: &Market, limits: &Limits) -> Option<Fees> {
    let offer = market.offer(limits);
    let most = rise(before.most)?.max(offer.most);
    let priority = rise(before.priority)?.max(offer.priority);
    (most <= limits.most && priority <= most).then_some(Fees { most, priority })
}

/// An eighth more, rounded up, and one at least. `None` where 128 bits do not hold it.
fn rise(fee: u128) -> Option<u128> {
    let more = fee.checked_mul(RISE_PER_MILLE)?.div_ceil(1_000);
    fee.checked_add(more.max(1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GWEI: u128 = 1_000_000_000;

    fn limits(most: u128) -> Limits {
        Limits { most, priority: None }
    }

    #[test]
    fn the_base_fee_may_double_before_it_is_too_dear() {
        let market = Market { base: 10 * GWEI, priority: 2 * GWEI };
        let fees = |limits| first(&market, &limits);
        assert_eq!(fees(limits(100 * GWEI)), Ok(Fees { most: 22 * GWEI, priority: 2 * GWEI }));
        assert_eq!(fees(limits(15 * GWEI)), Ok(Fees { most: 15 * GWEI, priority: 2 * GWEI }));
        let own = Limits { most: 100 * GWEI, priority: Some(1) };
        assert_eq!(fees(own), Ok(Fees { most: 20 * GWEI + 1, priority: 1 }));
        assert!(fees(limits(10 * GWEI - 1)).unwrap_err().contains("allows at most 9999999999"));
    }

    #[test]
    fn what_takes_the_place_of_something_offers_an_eighth_more_or_what_the_chain_costs_by_now() {
        let before = Fees { most: 20 * GWEI, priority: 2 * GWEI };
        let cheap = Market { base: GWEI, priority: GWEI };
        let raised_to = |market, most| raised(&before, &market, &limits(most));
        let eighth = Fees { most: 22_500_000_000, priority: 2_250_000_000 };
        assert_eq!(raised_to(cheap, 100 * GWEI), Some(eighth));
        assert_eq!(raised_to(cheap, 22_500_000_000), Some(eighth));
        assert_eq!(raised_to(cheap, 22_499_999_999), None);
        let dear = Market { base: 40 * GWEI, priority: 3 * GWEI };
        assert_eq!(raised_to(dear, 100 * GWEI), Some(Fees { most: 83 * GWEI, priority: 3 * GWEI }));
        assert_eq!(raised_to(dear, 50 * GWEI), Some(Fees { most: 50 * GWEI, priority: 3 * GWEI }));
        let nothing = Fees { most: 0, priority: 0 };
        let free = Market { base: 0, priority: 0 };
        assert_eq!(raised(&nothing, &free, &limits(9)), Some(Fees { most: 1, priority: 1 }));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn fees_rise_by_what_nodes_demand_until_they_are_at_the_limit_and_never_above_it(
            base in 0..u128::from(u64::MAX),
            proposed in 0..u128::from(u64::MAX),
            own in proptest::option::of(0..u128::from(u64::MAX)),
            most in 1..u128::from(u64::MAX),
        ) {
            let (market, limits) = (Market { base, priority: proposed }, Limits { most, priority: own });
            let Ok(mut fees) = first(&market, &limits) else {
                prop_assert!(base > most);
                return Ok(());
            };
            prop_assert!(fees.priority <= fees.most && fees.most <= most && fees.most >= base);
            let mut times = 0;
            while let Some(next) = raised(&fees, &market, &limits) {
                // Ten per cent, as nodes count it, and more than before.
                for (before, after) in [(fees.most, next.most), (fees.priority, next.priority)] {
                    prop_assert!(after > before && after >= before * 110 / 100);
                }
                prop_assert!(next.priority <= next.most && next.most <= most);
                fees = next;
                times += 1;
                prop_assert!(times < 1_000, "it ends");
            }
        }
    }
}
