//! When a site's campaign has little left. Pure.

use std::sync::Arc;

use dripline_shared::amount::Amount;

use crate::site::WebhookRecord;

/// What of its budget a campaign has left where its sites are told, in per cent, the most first.
const LOW_PERCENT: [u32; 2] = [20, 5];

/// That a campaign has little left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Low {
    /// The campaign.
    pub campaign: Arc<str>,
    /// Its budget.
    pub budget: Amount,
    /// What it has left of it.
    pub left: Amount,
    /// At most so many per cent are left: the least of those of which sites are told.
    pub percent: u32,
}

/// What is to be told of a campaign that has so much left; nothing where that is not little.
pub(crate) fn of_budget(campaign: &Arc<str>, budget: Amount, left: Amount) -> Option<Low> {
    let (of, is) = (i128::from(budget.units()), i128::from(left.units()).saturating_mul(100));
    let is_low = |percent: &u32| is <= of.saturating_mul(i128::from(*percent));
    let percent = LOW_PERCENT.into_iter().rev().find(is_low).filter(|_| of > 0)?;
    Some(Low { campaign: Arc::clone(campaign), budget, left, percent })
}

/// Whether a webhook was told that, or that even less is left, of the same budget.
pub(crate) fn is_told(webhook: &WebhookRecord, low: &Low) -> bool {
    webhook.told.as_ref().is_some_and(|told| {
        told.campaign == *low.campaign && told.budget == low.budget && told.percent <= low.percent
    })
}

/// Whether what a webhook was told last was of another budget of the campaign: of this one it is told anew, also if it is one that there
/// was before.
pub(crate) fn is_of_another_budget(webhook: &WebhookRecord, campaign: &str, budget: Amount) -> bool {
    webhook.told.as_ref().is_some_and(|told| told.campaign == campaign && told.budget != budget)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn percent(budget: u32, left: u32) -> Option<u32> {
        let low = of_budget(&"spring".into(), Amount::from_units(budget), Amount::from_units(left));
        low.map(|low| low.percent)
    }

    #[test]
    fn a_fifth_is_little_and_a_twentieth_is_less() {
        for (left, expected) in [
            (1_000, None),
            (201, None),
            (200, Some(20)),
            (51, Some(20)),
            (50, Some(5)),
            (1, Some(5)),
            (0, Some(5)),
        ] {
            assert_eq!(percent(1_000, left), expected, "{left}");
        }
        assert_eq!(percent(0, 0), None);
    }

    proptest! {
        #[test]
        fn the_less_is_left_the_less_is_told(budget in 1_u32.., one in any::<u32>(), other in any::<u32>()) {
            let (less, more) = (one.min(other).min(budget), one.max(other).min(budget));
            let told = |left| percent(budget, left).unwrap_or(100);
            prop_assert!(told(less) <= told(more));
            prop_assert!(u64::from(less) * 100 <= u64::from(budget) * u64::from(told(less)));
        }
    }
}
